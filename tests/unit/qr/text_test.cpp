#include <gtest/gtest.h>

#include "qr/decimal.hpp"
#include "qr/link.hpp"
#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

std::string plain(std::string_view text) {
  const auto number = parse_decimal(text);
  return number ? plain_text(*number).value_or("too long") : "no number";
}

TEST(Decimal, prints_numbers_plainly) {
  EXPECT_EQ(plain("1.50"), "1.5");
  EXPECT_EQ(plain("1e2"), "100");
  EXPECT_EQ(plain("125E-2"), "1.25");
  EXPECT_EQ(plain("+007"), "7");
  EXPECT_EQ(plain("-0.50"), "-0.5");
  EXPECT_EQ(plain(".05"), "0.05");
  EXPECT_EQ(plain("5."), "5");
  EXPECT_EQ(plain("0e9999"), "0");
  EXPECT_EQ(plain("-0"), "0");
  EXPECT_EQ(plain("1e41"), "too long");
  EXPECT_EQ(plain("1e-41"), "too long");
}

TEST(Decimal, refuses_what_is_no_number) {
  for (const std::string_view text :
       {"", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1 ", "--1", "1e99999", "NaN", "1,5"}) {
    EXPECT_EQ(plain(text), "no number") << text;
  }
}

TEST(Decimal, whole_numbers_that_fit) {
  EXPECT_EQ(whole_number(*parse_decimal("9223372036854775807")), 9223372036854775807);
  EXPECT_EQ(whole_number(*parse_decimal("9223372036854775808")), std::nullopt);
  EXPECT_EQ(whole_number(*parse_decimal("-12.0")), -12);
  EXPECT_EQ(whole_number(*parse_decimal("1.5")), std::nullopt);
}

TEST(Unicode, counts_units_of_utf16) {
  EXPECT_EQ(utf16_length("abc"), 3U);
  EXPECT_EQ(utf16_length("ខ្មែរ"), 5U);
  EXPECT_EQ(utf16_length("🍜"), 2U);
  EXPECT_EQ(utf16_length(""), 0U);
}

TEST(Unicode, refuses_malformed_utf8) {
  for (const std::string_view text :
       {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xE1\x80", "\xC3(", "a\xFF"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Link, a_plus_is_a_plus_and_percent_is_decoded) {
  const auto parameters = read_parameters("a=1%202&when=10:00+05:30&flag&&%C3%A9=%E1%9E%80");
  ASSERT_TRUE(parameters.has_value());
  const LinkParameters wanted{{"a", "1 2"}, {"when", "10:00+05:30"}, {"flag", ""}, {"é", "ក"}};
  EXPECT_EQ(*parameters, wanted);
}

TEST(Link, names_what_is_damaged) {
  EXPECT_EQ(read_parameters("a=%2").error(), LinkFault::bad_escape);
  EXPECT_EQ(read_parameters("a=%zz").error(), LinkFault::bad_escape);
  EXPECT_EQ(read_parameters("a=%ff").error(), LinkFault::invalid_utf8);
  EXPECT_EQ(read_parameters("a=1&a=2").error(), LinkFault::duplicate_parameter);
  std::string many;
  for (std::size_t i = 0; i <= kMaxLinkParameters; ++i)
    many += "k" + std::to_string(i) + "=&";
  EXPECT_EQ(read_parameters(many).error(), LinkFault::too_many_parameters);
}

}  // namespace
}  // namespace quittance::qr
