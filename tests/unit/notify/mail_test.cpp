// A mail stays one mail to one person, whatever anybody typed.
#include <gtest/gtest.h>

#include "notify/notify.hpp"

namespace quittance::notify {
namespace {

using base::Secret;

TEST(Mail, OnlyPlainMailboxesAreWrittenTo) {
  for (const char* good : {"a@b", "sok@mail.example", "first.last+tag@sub.mail.example",
                           "o'neil@x-y.example", "1@2.example"}) {
    EXPECT_TRUE(is_mailbox(good)) << good;
  }
  for (const char* bad : {"",
                          "@",
                          "a@",
                          "@b",
                          "a",
                          "a@b@c",
                          "a b@c",
                          "a@b c",
                          "a@b\r\nBcc: x@y",
                          "a\n@b",
                          "<a@b>",
                          "a@b>",
                          "a@b,c@d",
                          "a@b;c",
                          "\"a\"@b",
                          "a(c)@b",
                          ".a@b",
                          "a.@b",
                          "a..b@c",
                          "-a@b",
                          "a@-b",
                          "a@b-",
                          "a@b.",
                          "a@.b",
                          "a@[127.0.0.1]",
                          "សុខ@b",
                          "a@b\t",
                          "a:b@c"}) {
    EXPECT_FALSE(is_mailbox(bad)) << bad;
  }
  EXPECT_FALSE(is_mailbox(std::string("a@b\0c", 5)));
  EXPECT_TRUE(is_mailbox(std::string(64, 'a') + "@b"));
  EXPECT_FALSE(is_mailbox(std::string(65, 'a') + "@b"));
  EXPECT_FALSE(is_mailbox("a@" + std::string(191, 'b')));
}

TEST(Mail, AHeaderNeverEndsBeforeItsLine) {
  EXPECT_EQ(header_text("Silk and Sons 1"), "Silk and Sons 1");
  const std::string nasty = header_text("Shop\r\nBcc: everybody@example.com");
  EXPECT_EQ(nasty, "=?UTF-8?B?" + base::to_base64("Shop\r\nBcc: everybody@example.com") + "?=");
  EXPECT_TRUE(header_text("=?UTF-8?B?c3Bvb2Y=?=").starts_with("=?UTF-8?B?PT9V"));
  EXPECT_EQ(header_text(""), "");
}

TEST(Mail, LongAndForeignTextIsFoldedBetweenCharacters) {
  std::string khmer;
  for (int i = 0; i < 40; ++i)
    khmer += "ក";
  const std::string folded = header_text(khmer);
  std::string joined;
  std::string_view rest = folded;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find("\r\n "), rest.size());
    std::string_view word = rest.substr(0, end);
    EXPECT_LE(word.size(), 75U);
    ASSERT_TRUE(word.starts_with("=?UTF-8?B?") && word.ends_with("?="));
    const auto bytes = base::from_base64(word.substr(10, word.size() - 12));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(bytes->size() % 3, 0U) << "each word is whole characters";
    joined += *bytes;
    rest.remove_prefix(std::min(rest.size(), end + 3));
  }
  EXPECT_EQ(joined, khmer);
  // Bytes that are no UTF-8 come to an end too.
  EXPECT_FALSE(header_text(std::string(200, '\x80')).empty());
}

TEST(Mail, DatesAreThoseOfRfc5322) {
  EXPECT_EQ(header_date(base::from_ms(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(header_date(base::from_ms(1'795'000'000'999)), "Wed, 18 Nov 2026 11:06:40 +0000");
  EXPECT_EQ(header_date(base::from_ms(1'709'208'000'000)), "Thu, 29 Feb 2024 12:00:00 +0000");
}

TEST(Mail, TheServerIsCheckedAtTheStart) {
  const auto relay = read_smtp("smtp://127.0.0.1:2525", "", Secret());
  ASSERT_TRUE(relay.has_value());
  EXPECT_FALSE(relay->tls);
  EXPECT_TRUE(read_smtp("smtps://127.0.0.1", "", Secret())->tls);
  const auto outside = read_smtp("smtp://mail.example:587/", "shop", Secret("word"));
  ASSERT_TRUE(outside.has_value());
  EXPECT_TRUE(outside->tls) << "S4.49";
  EXPECT_EQ(outside->url, "smtp://mail.example:587");
  EXPECT_TRUE(read_smtp("smtp://127.evil.com", "", Secret())->tls);
  EXPECT_TRUE(read_smtp("smtp://localhost.evil.com", "", Secret())->tls);
  for (const char* url : {"", "mail.example", "http://mail.example", "smtp://u:p@mail.example",
                          "smtp://mail.example/x", "smtp://mail.example?a=b", "smtp://a b"}) {
    const auto refused = read_smtp(url, "", Secret());
    ASSERT_FALSE(refused.has_value()) << url;
    EXPECT_EQ(refused.error().param, "url");
  }
  EXPECT_EQ(read_smtp("smtp://a.example", "shop", Secret()).error().param, "password");
  EXPECT_EQ(read_smtp("smtp://a.example", "", Secret("word")).error().param, "username");
}

}  // namespace
}  // namespace quittance::notify
