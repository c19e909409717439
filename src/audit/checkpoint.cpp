#include "audit/checkpoint.hpp"

#include <charconv>
#include <vector>

namespace quittance::audit {
namespace {

using base::Digest;

constexpr char kEd25519 = 0x01;
constexpr std::string_view kTime = "time ";
/// An em dash and a blank begin a line of signature.
constexpr std::string_view kDash = "\xE2\x80\x94 ";

/// Four bytes that tell keys of one name apart.
std::string key_hash(std::string_view name, std::string_view public_key) {
  std::string bytes(name);
  bytes += '\n';
  bytes += kEd25519;
  bytes += public_key;
  return base::sha256(bytes).substr(0, 4);
}

std::string bytes_of(const Digest& digest) { return {digest.begin(), digest.end()}; }

/// A decimal number without sign or leading zeros.
std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::to_string(value) == text ? std::optional(value) : std::nullopt;
}

/// The lines of a text that ends with a line feed; empty when it does not.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::optional<Checkpoint> read_body(std::string_view body) {
  const auto lines = lines_of(body);
  if (lines.size() != 4 || lines[0].empty() || !lines[3].starts_with(kTime)) return std::nullopt;
  const auto size = read_number(lines[1]);
  const auto bytes = base::from_base64(lines[2]);
  const auto root = bytes ? base::digest_from_bytes(*bytes) : std::nullopt;
  const auto signed_at = read_number(lines[3].substr(kTime.size()));
  if (!size || !root || !signed_at || *signed_at > INT64_MAX) return std::nullopt;
  return Checkpoint{.origin = std::string(lines[0]),
                    .size = *size,
                    .root = *root,
                    .signed_at = base::from_ms(static_cast<std::int64_t>(*signed_at))};
}

std::string body_of(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         base::to_base64(bytes_of(checkpoint.root)) + "\n" + std::string(kTime) +
         std::to_string(base::to_ms(checkpoint.signed_at)) + "\n";
}

}  // namespace

std::string sign_checkpoint(const base::SigningKey& key, const Checkpoint& checkpoint) {
  const std::string body = body_of(checkpoint);
  return body + "\n" + std::string(kDash) + checkpoint.origin + " " +
         base::to_base64(key_hash(checkpoint.origin, key.public_key()) + key.sign(body)) + "\n";
}

std::optional<Checkpoint> open_checkpoint(std::string_view public_key, std::string_view note) {
  if (note.size() > kNoteLimit) return std::nullopt;
  const std::size_t blank = note.find("\n\n");
  if (blank == std::string_view::npos) return std::nullopt;
  const std::string_view body = note.substr(0, blank + 1);
  auto checkpoint = read_body(body);
  if (!checkpoint) return std::nullopt;
  // Others may have signed it too; one line of ours is what counts.
  const std::string begin = std::string(kDash) + checkpoint->origin + " ";
  for (const std::string_view line : lines_of(note.substr(blank + 2))) {
    if (!line.starts_with(begin)) continue;
    const auto signature = base::from_base64(line.substr(begin.size()));
    if (signature && signature->size() == 68 &&
        signature->starts_with(key_hash(checkpoint->origin, public_key)) &&
        base::verify_signature(public_key, body, std::string_view(*signature).substr(4))) {
      return checkpoint;
    }
  }
  return std::nullopt;
}

std::string verifier_key(std::string_view origin, std::string_view public_key) {
  const std::string hash = key_hash(origin, public_key);
  return std::string(origin) + "+" +
         base::to_hex({reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size()}) + "+" +
         base::to_base64(std::string(1, kEd25519) + std::string(public_key));
}

std::optional<std::string> public_key_of(std::string_view text) {
  // Base64 may hold a plus sign, so the ends are looked for from the front.
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos) return std::nullopt;
  const auto bytes = base::from_base64(text.substr(second + 1));
  if (!bytes || bytes->size() != 33 || bytes->front() != kEd25519) return std::nullopt;
  std::string key = bytes->substr(1);
  if (verifier_key(text.substr(0, first), key) != text) return std::nullopt;
  return key;
}

}  // namespace quittance::audit
