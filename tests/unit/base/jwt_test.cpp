// Bearer tokens (S4.8): nothing but HS256 under our key, unexpired, is accepted.
#include <gtest/gtest.h>

#include "base/crypto.hpp"

namespace quittance::base {
namespace {

const Secret& key() {
  static const Secret held("a key of the tests, thirty-two b");
  return held;
}

// The same claims (sub u-1, role cashier, iat 1000, exp 2000) under key(), made by another program.
constexpr std::string_view kClaims =
    "eyJleHAiOjIwMDAsImlhdCI6MTAwMCwicm9sZSI6ImNhc2hpZXIiLCJzdWIiOiJ1LTEifQ";
constexpr const char* kHs256 =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJleHAiOjIwMDAsImlhdCI6MTAwMCwicm9sZSI6ImNhc2hpZXIiLCJzdWIiOiJ1LTEifQ."
    "mfoNG8gUKtrAeg3UxnPo6vPpxiv3xxZ9saOY21nBYSk";
constexpr const char* kHs384 =
    "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9."
    "eyJleHAiOjIwMDAsImlhdCI6MTAwMCwicm9sZSI6ImNhc2hpZXIiLCJzdWIiOiJ1LTEifQ."
    "cz4MRwfgk1vLpkqdfN_i7naYGxlOytZ69IjpiXfdOZUqXxXQhaaTQHlOyknqOt0w";
constexpr const char* kHs512 =
    "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9."
    "eyJleHAiOjIwMDAsImlhdCI6MTAwMCwicm9sZSI6ImNhc2hpZXIiLCJzdWIiOiJ1LTEifQ."
    "o2-JzSZoObNT4rTmMl570v8el7dvlr4dBvJayVgUD7vcYCPP8pnlh0YRPXAhxjUg8cHr4cgIzHGRj2J8LdTM1g";

TEST(Jwt, ReadsATokenOfAnotherProgram) {
  const auto claims = read_jwt(key(), kHs256, 1'500);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, "u-1");
  EXPECT_EQ(claims->role, "cashier");
  EXPECT_EQ(claims->issued_at_s, 1'000);
  EXPECT_EQ(claims->expires_at_s, 2'000);
}

TEST(Jwt, ReadsItsOwn) {
  const std::string token = sign_jwt(key(), {"ពិសាខ", "admin", 10, 20});
  const auto claims = read_jwt(key(), token, 19);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, "ពិសាខ");
  EXPECT_EQ(claims->role, "admin");
}

TEST(Jwt, ExpiresToTheSecond) {
  EXPECT_TRUE(read_jwt(key(), kHs256, 1'999));
  EXPECT_FALSE(read_jwt(key(), kHs256, 2'000));
  EXPECT_FALSE(read_jwt(key(), kHs256, 9'999));
}

TEST(Jwt, RefusesOtherAlgorithmsUnderTheRightKey) {
  EXPECT_FALSE(read_jwt(key(), kHs384, 1'500));
  EXPECT_FALSE(read_jwt(key(), kHs512, 1'500));
}

TEST(Jwt, RefusesUnsignedTokens) {
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"none","typ":"JWT"})", R"({"alg":"None"})", R"({"alg":""})",
        R"({"typ":"JWT"})", R"({"alg":"HS256","typ":"JWT"})"}) {
    const std::string start = to_base64url(header) + "." + std::string(kClaims);
    EXPECT_FALSE(read_jwt(key(), start + ".", 1'500)) << header;
    EXPECT_FALSE(read_jwt(key(), start, 1'500)) << header;
    EXPECT_FALSE(read_jwt(Secret(), start + ".", 1'500)) << header << " with an empty key";
  }
}

TEST(Jwt, RefusesAnotherKey) {
  EXPECT_FALSE(read_jwt(Secret("a key of the tests, thirty-two c"), kHs256, 1'500));
  EXPECT_FALSE(read_jwt(Secret(), kHs256, 1'500));
  EXPECT_THROW(sign_jwt(Secret(), {"u", "r", 1, 2}), std::invalid_argument);
}

TEST(Jwt, RefusesATokenWithAnyByteChanged) {
  const std::string token = kHs256;
  for (std::size_t i = 0; i < token.size(); ++i) {
    // The last digit of each part may carry bits that decode to nothing, but our text is compared.
    std::string bent = token;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_jwt(key(), bent, 1'500)) << i;
  }
  EXPECT_FALSE(read_jwt(key(), token + "A", 1'500));
  EXPECT_FALSE(read_jwt(key(), token + ".x", 1'500));
  EXPECT_FALSE(read_jwt(key(), token + std::string("\0x", 2), 1'500));
  EXPECT_FALSE(read_jwt(key(), "", 1'500));
}

TEST(Jwt, NeedsAllItsClaims) {
  const std::string header = to_base64url(R"({"alg":"HS256","typ":"JWT"})");
  const auto signed_with = [&](std::string_view claims) {
    const std::string start = header + "." + to_base64url(claims);
    const std::string mac = from_hex(hmac_sha256_hex(key(), start)).value();
    return start + "." + to_base64url(mac);
  };
  EXPECT_TRUE(read_jwt(key(), signed_with(R"({"sub":"u","role":"r","iat":1,"exp":2000})"), 5));
  for (const char* claims :
       {R"({"role":"r","iat":1,"exp":2000})", R"({"sub":"u","iat":1,"exp":2000})",
        R"({"sub":"u","role":"r","exp":2000})", R"({"sub":"u","role":"r","iat":1})",
        R"({"sub":7,"role":"r","iat":1,"exp":2000})",
        R"({"sub":"u","role":"r","iat":1,"exp":"2000"})", "[]", "null", ""}) {
    EXPECT_FALSE(read_jwt(key(), signed_with(claims), 5)) << claims;
  }
}

}  // namespace
}  // namespace quittance::base
