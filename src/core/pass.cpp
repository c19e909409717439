#include "core/pass.hpp"

#include <cstdint>

namespace quittance::core {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kHeadBytes = 1 + 1 + kKeyIdBytes + 8 + kNonceBytes + 1;

std::optional<PassKind> kind_from_byte(char byte) {
  switch (byte) {
    case 1:
      return PassKind::receipt;
    case 2:
      return PassKind::vehicle_tax;
    case 3:
      return PassKind::ticket;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view to_text(PassKind kind) {
  switch (kind) {
    case PassKind::receipt:
      return "receipt";
    case PassKind::vehicle_tax:
      return "vehicle_tax";
    case PassKind::ticket:
      return "ticket";
  }
  return "";
}

std::optional<PassKind> pass_kind_from(std::string_view text) {
  for (PassKind kind : {PassKind::receipt, PassKind::vehicle_tax, PassKind::ticket}) {
    if (to_text(kind) == text) return kind;
  }
  return std::nullopt;
}

std::string sign_pass(const base::SigningKey& key, const PassStatement& statement) {
  std::string bytes;
  bytes += kVersion;
  bytes += static_cast<char>(statement.kind);
  bytes += base::from_hex(key.key_id()).value_or(std::string(kKeyIdBytes, '\0'));
  const auto until = static_cast<std::uint64_t>(base::to_ms(statement.valid_until));
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((until >> shift) & 0xFF);
  }
  bytes += statement.nonce;
  bytes += static_cast<char>(statement.subject.size());
  bytes += statement.subject;
  bytes += statement.period;
  return base::to_base64url(bytes + key.sign(bytes));
}

std::optional<PassStatement> open_pass(std::string_view public_key, std::string_view token) {
  if (token.size() > kPassTokenLimit) return std::nullopt;
  const auto bytes = base::from_base64url(token);
  if (!bytes || bytes->size() < kHeadBytes + kSignatureBytes) return std::nullopt;
  const std::string_view all = *bytes;
  const std::string_view said = all.substr(0, all.size() - kSignatureBytes);
  if (!base::verify_signature(public_key, said, all.substr(said.size()))) return std::nullopt;
  const auto kind = kind_from_byte(said[1]);
  const auto subject_size = static_cast<std::size_t>(static_cast<unsigned char>(said[26]));
  if (said[0] != kVersion || !kind || said.size() < kHeadBytes + subject_size) {
    return std::nullopt;
  }
  PassStatement statement;
  statement.kind = *kind;
  std::uint64_t until = 0;
  for (char c : said.substr(2 + kKeyIdBytes, 8)) {
    until = (until << 8) | static_cast<unsigned char>(c);
  }
  statement.valid_until = base::from_ms(static_cast<std::int64_t>(until));
  statement.nonce = said.substr(2 + kKeyIdBytes + 8, kNonceBytes);
  statement.subject = said.substr(kHeadBytes, subject_size);
  statement.period = said.substr(kHeadBytes + subject_size);
  return statement;
}

std::string pass_token_from(std::string_view scanned) {
  while (!scanned.empty() && (scanned.front() == ' ' || scanned.front() == '\n')) {
    scanned.remove_prefix(1);
  }
  while (!scanned.empty() &&
         (scanned.back() == ' ' || scanned.back() == '\n' || scanned.back() == '\r')) {
    scanned.remove_suffix(1);
  }
  const std::size_t code = scanned.find("code=");
  if (code == std::string_view::npos) return std::string(scanned);
  std::string_view rest = scanned.substr(code + 5);
  return std::string(rest.substr(0, rest.find_first_of("&#")));
}

std::string verification_url(const std::string& public_url, const std::string& token) {
  return public_url + "/app/qr-verification/?code=" + token;
}

}  // namespace quittance::core
