#include "sandbox/token.hpp"

namespace quittance::sandbox {
namespace {

using base::Json;

std::string signature_of(const base::Secret& key, std::string_view signed_part) {
  const auto raw = base::from_hex(base::hmac_sha256_hex(key, signed_part));
  return base::to_base64url(raw.value_or(std::string()));
}

std::optional<Json> decoded(std::string_view part) {
  const auto bytes = base::from_base64url(part);
  if (!bytes) return std::nullopt;
  auto json = Json::parse(*bytes);
  if (!json) return std::nullopt;
  return std::move(*json);
}

}  // namespace

std::string sign_token(const base::Secret& key, std::string_view id, std::int64_t issued_at_s,
                       std::int64_t lifetime_s) {
  const std::string header = Json::object({{"alg", "HS256"}, {"typ", "JWT"}}).dump();
  const std::string claims = Json::object({{"data", Json::object({{"id", id}})},
                                           {"iat", issued_at_s},
                                           {"exp", issued_at_s + lifetime_s}})
                                 .dump();
  const std::string signed_part = base::to_base64url(header) + "." + base::to_base64url(claims);
  return signed_part + "." + signature_of(key, signed_part);
}

TokenState read_token(const base::Secret& key, std::string_view token, std::int64_t now_s) {
  if (token.size() > kTokenLimitBytes) return TokenState::refused;
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return TokenState::refused;
  const std::string_view signed_part = token.substr(0, last);
  if (!base::constant_time_equal(signature_of(key, signed_part), token.substr(last + 1))) {
    return TokenState::refused;
  }
  const auto header = decoded(token.substr(0, first));
  const auto claims = decoded(token.substr(first + 1, last - first - 1));
  if (!header || (*header)["alg"].text_or_empty() != "HS256") return TokenState::refused;
  if (!claims || !(*claims)["data"]["id"].is_string()) return TokenState::refused;
  const auto expires_at_s = (*claims)["exp"].integer();
  if (!expires_at_s) return TokenState::refused;
  return *expires_at_s > now_s ? TokenState::good : TokenState::expired;
}

}  // namespace quittance::sandbox
