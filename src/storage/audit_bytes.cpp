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

/// Takes fields from the front; empty for ever after the first one that is not there.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const char byte : take(bytes))
      value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  }
  std::string text() { return std::string(take(number(4))); }
  bool good() const { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t bytes) {
    if (bytes > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::optional<AuditEntry> read_audit_bytes(std::string_view bytes) {
  Fields fields(bytes);
  if (fields.number(1) != static_cast<std::uint64_t>(kVersion)) return std::nullopt;
  AuditEntry entry;
  entry.seq = static_cast<std::int64_t>(fields.number(8));
  entry.created_at = base::from_ms(static_cast<std::int64_t>(fields.number(8)));
  entry.actor = fields.text();
  entry.action = fields.text();
  entry.subject_type = fields.text();
  entry.subject_id = static_cast<std::int64_t>(fields.number(8));
  entry.details = fields.text();
  return fields.good() ? std::optional(std::move(entry)) : std::nullopt;
}

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
