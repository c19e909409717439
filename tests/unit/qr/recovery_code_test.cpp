#include "qr/recovery_code.hpp"

#include <gtest/gtest.h>

namespace quittance::qr {
namespace {

std::string wrong_part(std::string_view text) {
  const auto code = parse_recovery_code(text);
  return code ? "nothing" : code.error().param;
}

TEST(RecoveryCode, reads_the_khqr_style_S0_47) {
  const auto code =
      parse_recovery_code("KHQR:order_id=123:transaction_id=abc123def456789:amount=50.00");
  ASSERT_TRUE(code.has_value());
  EXPECT_EQ(*code, (RecoveryCode{123, "abc123def456789", "50.00"}));
}

TEST(RecoveryCode, reads_the_simple_style_S0_48) {
  const auto code = parse_recovery_code("ORDER_123_abc123def456_50.00");
  ASSERT_TRUE(code.has_value());
  EXPECT_EQ(*code, (RecoveryCode{123, "abc123def456", "50.00"}));
}

TEST(RecoveryCode, writes_what_the_sources_print_S0_6) {
  const RecoveryCode code{123, "abc123", "50.00"};
  EXPECT_EQ(*make_recovery_code(code, RecoveryStyle::khqr),
            "KHQR:order_id=123:transaction_id=abc123:amount=50.00");
  EXPECT_EQ(*make_recovery_code(code, RecoveryStyle::simple), "ORDER_123_abc123_50.00");
}

TEST(RecoveryCode, names_the_part_that_is_wrong) {
  EXPECT_EQ(wrong_part("ORDER_123"), "transaction_id");
  EXPECT_EQ(wrong_part("ORDER_x_abc_1"), "order_id");
  EXPECT_EQ(wrong_part("ORDER_0_abc_1"), "order_id");
  EXPECT_EQ(wrong_part("ORDER_-4_abc_1"), "order_id");
  EXPECT_EQ(wrong_part("ORDER_99999999999999999999_abc_1"), "order_id");
  EXPECT_EQ(wrong_part("ORDER_123_abc_50."), "amount");
  EXPECT_EQ(wrong_part("ORDER_123_abc_-50"), "amount");
  EXPECT_EQ(wrong_part("ORDER_123_abc_5e3"), "amount");
  EXPECT_EQ(wrong_part("ORDER_123_a b_50"), "transaction_id");
  EXPECT_EQ(wrong_part("KHQR:order_id=1:transaction_id=a"), "amount");
  EXPECT_EQ(wrong_part("KHQR:order_id=1:order_id=2:amount=1"), "");
  EXPECT_EQ(wrong_part("KHQR:order_id=1:transaction_id=a:amount=1:x=2"), "");
  EXPECT_EQ(wrong_part("ORDER_1_a_1_2"), "");
  EXPECT_EQ(wrong_part(""), "");
  EXPECT_EQ(wrong_part("ORDER_1_" + std::string(200, 'a') + "_1"), "");
}

TEST(RecoveryCode, does_not_write_what_it_would_not_read) {
  EXPECT_FALSE(make_recovery_code({0, "abc", "1"}, RecoveryStyle::khqr).has_value());
  EXPECT_FALSE(make_recovery_code({1, "a_b", "1"}, RecoveryStyle::simple).has_value());
  EXPECT_FALSE(make_recovery_code({1, "", "1"}, RecoveryStyle::simple).has_value());
  EXPECT_FALSE(make_recovery_code({1, "abc", "1,50"}, RecoveryStyle::khqr).has_value());
}

TEST(RecoveryCode, finds_the_order_of_a_damaged_code) {
  EXPECT_EQ(recovery_order_id("ORDER_77"), 77);
  EXPECT_EQ(recovery_order_id("KHQR:order_id=78:amo"), 0);
  EXPECT_EQ(recovery_order_id("KHQR:order_id=78"), 78);
  EXPECT_EQ(recovery_order_id("ORDER_"), 0);
  EXPECT_EQ(recovery_order_id("something else"), 0);
}

}  // namespace
}  // namespace quittance::qr
