// Known answers from the algorithms' own documents.
#include "base/crypto.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace quittance::base {
namespace {

std::string bytes_of(std::string_view hex) { return from_hex(hex).value(); }

std::string hex_of(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

TEST(Hash, Md5OfRfc1321AppendixA5) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Hash, Sha256OfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(sha256("abc")), sha256_hex("abc"));
}

TEST(Hash, HmacSha256OfRfc4231) {
  EXPECT_EQ(hmac_sha256_hex(Secret(std::string(20, '\x0b')), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256_hex(Secret("Jefe"), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256_hex(Secret(std::string(131, '\xaa')),
                            "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hex, BothWaysAndStrict) {
  EXPECT_EQ(hex_of(std::string("\x00\xff\x10", 3)), "00ff10");
  EXPECT_EQ(from_hex("00FF10"), std::string("\x00\xff\x10", 3));
  EXPECT_EQ(from_hex(""), std::string());
  for (const char* bad : {"0", "0g", "00 ", " 00", "0x00", "00:ff"}) {
    EXPECT_EQ(from_hex(bad), std::nullopt) << bad;
  }
}

TEST(Base64, Rfc4648Section10) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("f"), "Zg");
  EXPECT_EQ(to_base64url("\xfb\xff\xfe"), "-__-");
}

TEST(Base64, UrlFormGoesBackAndIsStrict) {
  std::string text;
  for (int length = 0; length < 70; ++length) {
    EXPECT_EQ(from_base64url(to_base64url(text)), text) << length;
    text += static_cast<char>(length * 37);
  }
  // Padding, the other alphabet, blanks, an impossible length, and bits that encode nothing.
  for (const std::string bad : {"Zg==", "-/_-", "+__-", "Z g", "Zg\n", "Z", "Zh"}) {
    EXPECT_EQ(from_base64url(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(from_base64url(std::string("Zg\0Zg", 5)), std::nullopt);
}

TEST(Secret, ComparesByContent) {
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "abcd"));
  EXPECT_EQ(Secret("one"), Secret("one"));
  EXPECT_FALSE(Secret("one") == Secret("two"));
}

TEST(Password, VerifiesOnlyItsOwn) {
  const std::string stored = hash_password(Secret("correct horse"));
  EXPECT_TRUE(stored.starts_with("$argon2id$v=19$m=65536,t=2,p=1$")) << stored;
  EXPECT_NE(stored, hash_password(Secret("correct horse"))) << "every hash has its own salt";
  EXPECT_TRUE(verify_password(stored, Secret("correct horse")));
  EXPECT_FALSE(verify_password(stored, Secret("correct horsf")));
  EXPECT_FALSE(verify_password("", Secret("correct horse")));
  EXPECT_FALSE(verify_password("correct horse", Secret("correct horse")));
  EXPECT_FALSE(verify_password(std::string(5'000, '$'), Secret("correct horse")));
}

struct Ed25519Case {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

class Ed25519 : public testing::TestWithParam<Ed25519Case> {};

TEST_P(Ed25519, Rfc8032Section71) {
  const Ed25519Case& known = GetParam();
  const auto key = SigningKey::from_seed(Secret(bytes_of(known.seed)));
  ASSERT_TRUE(key);
  EXPECT_EQ(hex_of(key->public_key()), known.public_key);
  const std::string message = bytes_of(known.message);
  const std::string signature = key->sign(message);
  EXPECT_EQ(hex_of(signature), known.signature);
  EXPECT_TRUE(verify_signature(key->public_key(), message, signature));
  EXPECT_FALSE(verify_signature(key->public_key(), message + "x", signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string bent = signature;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    EXPECT_FALSE(verify_signature(key->public_key(), message, bent)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Known, Ed25519,
    testing::Values(
        Ed25519Case{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33b"
                    "acc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        Ed25519Case{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e1599"
                    "6e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"}));

TEST(SigningKey, NeedsA32ByteSeedAndNamesItself) {
  EXPECT_FALSE(SigningKey::from_seed(Secret(std::string(31, 's'))));
  EXPECT_FALSE(SigningKey::from_seed(Secret(std::string(33, 's'))));
  const auto key = SigningKey::from_seed(Secret(std::string(32, 's')));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->key_id(), sha256_hex(key->public_key()).substr(0, 8));
  EXPECT_FALSE(verify_signature("short", "message", key->sign("message")));
  EXPECT_FALSE(verify_signature(key->public_key(), "message", "short"));
}

}  // namespace
}  // namespace quittance::base
