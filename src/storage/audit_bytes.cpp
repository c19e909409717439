#include "storage/audit_bytes.hpp"

namespace quittance::storage {
namespace {

/// Version 1 of this layout; another one would begin with another byte.
constexpr char kVersion = 0x01;

void add_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
}

void add_text(std::string& out, std::string_view text) {
  add_number(out, text.size(), 4);
  out.append(text);
}

}  // namespace

std::string audit_bytes(const AuditEntry& entry) {
  std::string out;
  out.reserve(64 + entry.actor.size() + entry.action.size() + entry.details.size());
  out.push_back(kVersion);
  add_number(out, static_cast<std::uint64_t>(entry.seq), 8);
  add_number(out, static_cast<std::uint64_t>(base::to_ms(entry.created_at)), 8);
  add_text(out, entry.actor);
  add_text(out, entry.action);
  add_text(out, entry.subject_type);
  add_number(out, static_cast<std::uint64_t>(entry.subject_id), 8);
  add_text(out, entry.details);
  return out;
}

}  // namespace quittance::storage
