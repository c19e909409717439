// A pass: the QR proof that a debt was paid. Its token is a compact statement signed with Ed25519,
// so that the server's page can look it up and anybody with the public key can check it offline.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/base.hpp"
#include "core/ids.hpp"

namespace quittance::core {

enum class PassKind { receipt = 1, vehicle_tax = 2, ticket = 3 };
std::string_view to_text(PassKind kind);
std::optional<PassKind> pass_kind_from(std::string_view text);

/// What a token says. `subject` is shown to whoever scans it: nothing private belongs there.
struct PassStatement {
  PassKind kind = PassKind::receipt;
  std::string subject;  ///< 1–64 bytes, e.g. `Order 123`
  std::string period;   ///< 0–16 bytes, e.g. a tax year
  base::Time valid_until;
  std::string nonce;  ///< 12 random bytes

  bool operator==(const PassStatement&) const = default;
};

/// A token is longer than the shortest statement and shorter than this.
inline constexpr std::size_t kPassTokenLimit = 300;

/// URL-safe text: base64url of `version | kind | key id | valid_until | nonce | subject | period |
/// signature`.
std::string sign_pass(const base::SigningKey& key, const PassStatement& statement);

/// The statement, when the signature is good under `public_key`; nullopt for anything else.
std::optional<PassStatement> open_pass(std::string_view public_key, std::string_view token);

/// The address inside a pass QR; `public_url` is the server's, without a slash at its end.
std::string verification_url(const std::string& public_url, const std::string& token);

/// What a scanner hands in may be the bare token or the whole verification URL: the token.
std::string pass_token_from(std::string_view scanned);

}  // namespace quittance::core
