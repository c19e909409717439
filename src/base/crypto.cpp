#include "base/crypto.hpp"

#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/sodium.hpp"

namespace quittance::base {
namespace {

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::span<const std::uint8_t> octets(std::string_view text) { return {raw(text), text.size()}; }

/// Raw digest. The algorithms asked for are compiled in, so a failure means no memory.
std::string digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
  if (EVP_Digest(bytes.data(), bytes.size(), raw(out), nullptr, algorithm, nullptr) != 1) {
    throw std::runtime_error("EVP_Digest failed");
  }
  return out;
}

std::string encode_base64(std::string_view bytes, int variant) {
  ready_sodium();
  // libsodium's figure counts the terminating zero, which is not part of our text.
  std::string out(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(out.data(), out.size(), raw(bytes), bytes.size(), variant);
  out.pop_back();
  return out;
}

std::optional<std::string> decode_base64(std::string_view text, int variant) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const int result = sodium_base642bin(raw(out), out.size(), text.data(), text.size(), nullptr,
                                       &length, nullptr, variant);
  if (result != 0) return std::nullopt;
  out.resize(length);
  return out;
}

struct FreeJwt {
  void operator()(jwt_t* token) const { jwt_free(token); }
};
using JwtPointer = std::unique_ptr<jwt_t, FreeJwt>;

/// A text claim; nullopt when it is missing or no text.
std::optional<std::string> text_claim(jwt_t* token, const char* name) {
  const char* value = jwt_get_grant(token, name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

/// An integer claim; libjwt tells a missing one from zero by errno only.
std::optional<std::int64_t> integer_claim(jwt_t* token, const char* name) {
  errno = 0;
  const long value = jwt_get_grant_int(token, name);
  if (errno != 0) return std::nullopt;
  return value;
}

}  // namespace

void ready_sodium() {
  static const int result = sodium_init();
  if (result < 0) throw std::runtime_error("libsodium cannot start");
}

bool Secret::operator==(const Secret& other) const {
  return constant_time_equal(text_, other.text_);
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out(hex.size() / 2, '\0');
  std::size_t length = 0;
  const int result =
      sodium_hex2bin(raw(out), out.size(), hex.data(), hex.size(), nullptr, &length, nullptr);
  if (result != 0 || length != out.size()) return std::nullopt;
  return out;
}

std::string to_base64url(std::string_view bytes) {
  return encode_base64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::optional<std::string> from_base64url(std::string_view text) {
  return decode_base64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string to_base64(std::string_view bytes) {
  return encode_base64(bytes, sodium_base64_VARIANT_ORIGINAL);
}

std::optional<std::string> from_base64(std::string_view text) {
  return decode_base64(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string md5_hex(std::string_view bytes) { return to_hex(octets(digest(EVP_md5(), bytes))); }

std::string sha256_hex(std::string_view bytes) { return to_hex(octets(sha256(bytes))); }

std::string sha256(std::string_view bytes) { return digest(EVP_sha256(), bytes); }

std::string hmac_sha256_hex(const Secret& key, std::string_view message) {
  std::array<unsigned char, 32> out{};
  unsigned int length = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()), raw(message),
           message.size(), out.data(), &length);
  if (done == nullptr || length != out.size()) throw std::runtime_error("HMAC failed");
  return to_hex(out);
}

std::string hash_password(const Secret& password) {
  ready_sodium();
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const std::string& text = password.reveal();
  if (crypto_pwhash_str(out.data(), text.data(), text.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    throw std::runtime_error("argon2id has not enough memory");
  }
  return out.data();
}

bool verify_password(const std::string& stored_hash, const Secret& password) {
  ready_sodium();
  // libsodium reads up to the terminating zero; more than its own length cannot be a hash of ours.
  if (stored_hash.size() >= crypto_pwhash_STRBYTES) return false;
  const std::string& text = password.reveal();
  return crypto_pwhash_str_verify(stored_hash.c_str(), text.data(), text.size()) == 0;
}

Result<SigningKey> SigningKey::from_seed(const Secret& seed) {
  ready_sodium();
  if (seed.reveal().size() != crypto_sign_SEEDBYTES) {
    return fail(ErrorCode::invalid_request, "a signing key is made from exactly 32 bytes", "seed");
  }
  std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  std::string secret_key(crypto_sign_SECRETKEYBYTES, '\0');
  if (crypto_sign_seed_keypair(raw(public_key), raw(secret_key), raw(seed.reveal())) != 0) {
    return fail(ErrorCode::internal, "the signing key could not be made");
  }
  SigningKey key;
  key.public_key_ = std::move(public_key);
  key.secret_key_ = Secret(std::move(secret_key));
  return key;
}

std::string SigningKey::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  if (crypto_sign_detached(raw(signature), nullptr, raw(message), message.size(),
                           raw(secret_key_.reveal())) != 0) {
    throw std::runtime_error("Ed25519 signing failed");
  }
  return signature;
}

std::string SigningKey::key_id() const { return sha256_hex(public_key_).substr(0, 8); }

bool verify_signature(std::string_view public_key, std::string_view message,
                      std::string_view signature) {
  ready_sodium();
  return public_key.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(raw(signature), raw(message), message.size(),
                                     raw(public_key)) == 0;
}

std::string sign_jwt(const Secret& key, const JwtClaims& claims) {
  jwt_t* made = nullptr;
  if (jwt_new(&made) != 0) throw std::runtime_error("jwt_new failed");
  const JwtPointer token(made);
  const std::string& bytes = key.reveal();
  const bool filled =
      jwt_add_grant(made, "sub", claims.subject.c_str()) == 0 &&
      jwt_add_grant(made, "role", claims.role.c_str()) == 0 &&
      jwt_add_grant_int(made, "iat", claims.issued_at_s) == 0 &&
      jwt_add_grant_int(made, "exp", claims.expires_at_s) == 0 &&
      jwt_set_alg(made, JWT_ALG_HS256, raw(bytes), static_cast<int>(bytes.size())) == 0;
  if (!filled) throw std::invalid_argument("a JWT needs a key and claims in UTF-8");
  char* text = jwt_encode_str(made);
  if (text == nullptr) throw std::runtime_error("jwt_encode_str failed");
  std::string out(text);
  std::free(text);  // libjwt 1.10 allocates with malloc
  return out;
}

std::optional<JwtClaims> read_jwt(const Secret& key, std::string_view token, std::int64_t now_s) {
  // Without a key libjwt would take an unsigned token for a good one.
  if (key.empty() || token.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string& bytes = key.reveal();
  jwt_t* made = nullptr;
  if (jwt_decode(&made, std::string(token).c_str(), raw(bytes), static_cast<int>(bytes.size())) !=
      0) {
    return std::nullopt;
  }
  const JwtPointer decoded(made);
  if (jwt_get_alg(made) != JWT_ALG_HS256) return std::nullopt;
  const auto subject = text_claim(made, "sub");
  const auto role = text_claim(made, "role");
  const auto issued = integer_claim(made, "iat");
  const auto expires = integer_claim(made, "exp");
  if (!subject || !role || !issued || !expires || now_s >= *expires) return std::nullopt;
  return JwtClaims{*subject, *role, *issued, *expires};
}

}  // namespace quittance::base
