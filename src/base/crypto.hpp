// Hashes, signatures and secrets. OpenSSL and libsodium do the work; this names our uses of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"

namespace quittance::base {

/// A text that must not be shown: it has no stream, format or JSON, and compares in constant time.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  /// The only way out; grep for it to see who reads secrets.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret& other) const;

 private:
  std::string text_;
};

/// Length and content compared without an early exit on content.
bool constant_time_equal(std::string_view a, std::string_view b);

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<std::string> from_hex(std::string_view hex);
/// URL-safe alphabet, no padding (RFC 4648 section 5).
std::string to_base64url(std::string_view bytes);
/// Strict: nothing but the alphabet, no padding.
std::optional<std::string> from_base64url(std::string_view text);
/// Ordinary alphabet with padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);
/// Strict: the alphabet and the right padding.
std::optional<std::string> from_base64(std::string_view text);

/// Lower-case hex.
std::string md5_hex(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
/// Raw 32 bytes.
std::string sha256(std::string_view bytes);
std::string hmac_sha256_hex(const Secret& key, std::string_view message);

/// argon2id at libsodium's interactive limits (64 MiB, some 50 ms): never on an I/O thread.
std::string hash_password(const Secret& password);
bool verify_password(const std::string& stored_hash, const Secret& password);

/// An Ed25519 key pair (RFC 8032).
class SigningKey {
 public:
  /// From a 32-byte seed.
  static Result<SigningKey> from_seed(const Secret& seed);
  /// 64 raw bytes.
  std::string sign(std::string_view message) const;
  /// 32 raw bytes.
  const std::string& public_key() const { return public_key_; }
  /// First 8 hex digits of the SHA-256 of the public key: names the key inside a pass.
  std::string key_id() const;

 private:
  std::string public_key_;
  Secret secret_key_;
};

bool verify_signature(std::string_view public_key, std::string_view message,
                      std::string_view signature);

/// HS256 JSON Web Token (RFC 7519) with `sub`, `role`, `iat`, `exp`.
struct JwtClaims {
  std::string subject;
  std::string role;
  std::int64_t issued_at_s = 0;
  std::int64_t expires_at_s = 0;
};
std::string sign_jwt(const Secret& key, const JwtClaims& claims);
/// Nothing but HS256 under our key and unexpired at `now_s` is accepted.
std::optional<JwtClaims> read_jwt(const Secret& key, std::string_view token, std::int64_t now_s);

}  // namespace quittance::base
