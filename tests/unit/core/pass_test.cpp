// Pass tokens: what is signed is what is read, and nothing else is.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/core.hpp"

namespace quittance::core {
namespace {

base::SigningKey key_from(char seed) {
  return *base::SigningKey::from_seed(base::Secret(std::string(32, seed)));
}

PassStatement usual() {
  return {.kind = PassKind::receipt,
          .subject = "Order 123",
          .period = "2026",
          .valid_until = base::from_ms(1'826'536'000'123),
          .nonce = std::string("\0\1\2\3\4\5\6\7\10\11\12\377", 12)};
}

TEST(Pass, IsReadBackAsItWasSigned) {
  const auto key = key_from('a');
  for (const PassKind kind : {PassKind::receipt, PassKind::vehicle_tax, PassKind::ticket}) {
    PassStatement statement = usual();
    statement.kind = kind;
    const auto opened = open_pass(key.public_key(), sign_pass(key, statement));
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(*opened, statement);
  }
}

TEST(Pass, NoByteOfItCanBeChanged) {
  const auto key = key_from('a');
  const std::string bytes = *base::from_base64url(sign_pass(key, usual()));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_FALSE(open_pass(key.public_key(), base::to_base64url(changed))) << "byte " << i;
    }
  }
}

TEST(Pass, IsNotReadWhenCutLengthenedOrForeign) {
  const auto key = key_from('a');
  const std::string token = sign_pass(key, usual());
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(open_pass(key.public_key(), token.substr(0, size))) << size;
  }
  for (const std::string& foreign :
       {token + "A", token + "=", " " + token, std::string(kPassTokenLimit + 1, 'A'),
        std::string("not a token"), std::string()}) {
    EXPECT_FALSE(open_pass(key.public_key(), foreign)) << foreign;
  }
}

TEST(Pass, AnotherKeyOpensNothing) {
  const std::string token = sign_pass(key_from('a'), usual());
  EXPECT_FALSE(open_pass(key_from('b').public_key(), token));
  EXPECT_FALSE(open_pass("", token));
  EXPECT_FALSE(open_pass(std::string(32, '\0'), token));
}

TEST(Pass, AStatementOfAnotherVersionOrKindIsNotReadEvenIfSigned) {
  const auto key = key_from('a');
  const std::string bytes = *base::from_base64url(sign_pass(key, usual()));
  const auto resigned = [&](std::size_t at, char value) {
    std::string said = bytes.substr(0, bytes.size() - 64);
    said[at] = value;
    return base::to_base64url(said + key.sign(said));
  };
  EXPECT_TRUE(open_pass(key.public_key(), resigned(0, 1)));
  EXPECT_FALSE(open_pass(key.public_key(), resigned(0, 2)));
  EXPECT_FALSE(open_pass(key.public_key(), resigned(1, 0)));
  EXPECT_FALSE(open_pass(key.public_key(), resigned(1, 4)));
  EXPECT_FALSE(open_pass(key.public_key(), resigned(26, '\xFF')));  // subject beyond the end
}

TEST(Pass, FitsASmallQrAndAUrl) {
  PassStatement largest = usual();
  largest.subject = std::string(64, 's');
  largest.period = std::string(16, 'p');
  PassStatement smallest = usual();
  smallest.subject = "x";
  smallest.period = "";
  const auto key = key_from('a');
  for (const PassStatement& statement : {largest, smallest}) {
    const std::string token = sign_pass(key, statement);
    EXPECT_GE(token.size(), 32U);
    EXPECT_LT(token.size(), kPassTokenLimit);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
              std::string::npos);
    EXPECT_EQ(open_pass(key.public_key(), token), statement);
  }
}

TEST(Pass, C26_ABareTokenOrTheWholeUrlIsPasted) {
  const std::string token = sign_pass(key_from('a'), usual());
  for (const std::string& scanned :
       {token, "  " + token + "\r\n", "https://shop.example/app/qr-verification/?code=" + token,
        "/app/qr-verification/?code=" + token, "?lang=km&code=" + token + "&x=1#top",
        "http://127.0.0.1:8000/app/qr-verification/?code=" + token + "#proof\n"}) {
    EXPECT_EQ(pass_token_from(scanned), token) << scanned;
  }
  EXPECT_EQ(pass_token_from(""), "");
}

RC_GTEST_PROP(PassProperty, EveryStatementSurvivesItsToken, ()) {
  const auto text = [](std::size_t least, std::size_t most) {
    std::string bytes;
    const auto size = *rc::gen::inRange<std::size_t>(least, most + 1);
    for (std::size_t i = 0; i < size; ++i) {
      bytes += static_cast<char>(*rc::gen::inRange(0, 256));
    }
    return bytes;
  };
  const PassStatement statement{
      .kind = *rc::gen::element(PassKind::receipt, PassKind::vehicle_tax, PassKind::ticket),
      .subject = text(1, 64),
      .period = text(0, 16),
      .valid_until = base::from_ms(*rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000)),
      .nonce = text(12, 12)};
  const auto key = key_from('k');
  const std::string token = sign_pass(key, statement);
  RC_ASSERT(token.size() < kPassTokenLimit);
  RC_ASSERT(open_pass(key.public_key(), token) == statement);
}

}  // namespace
}  // namespace quittance::core
