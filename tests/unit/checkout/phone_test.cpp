// When two numbers are one phone, and how often a phone is rung.
#include "checkout/phone.hpp"

#include <gtest/gtest.h>

#include "support/virtual_world.hpp"

namespace quittance::checkout {
namespace {

using base::ErrorCode;
using testing::kStart;
using namespace std::chrono_literals;

TEST(SamePhone, HoweverItsNumberIsWritten) {
  for (const char* written : {"0343500004", "034 35 000 04", "+261343500004", "+261 34 35 000 04",
                              "261343500004", "00261 34 35 000 04"}) {
    EXPECT_TRUE(same_phone("0343500004", written)) << written;
    EXPECT_TRUE(same_phone(written, "034 35 000 04")) << written;
    EXPECT_TRUE(same_phone(written, "+261 343500004")) << written;
  }
}

TEST(SamePhone, ADigitMakesAnother) {
  for (const char* other : {"0343500003", "0383500004", "+261 38 35 000 04", "034350000", "3500004",
                            "0", "", "call me", "03435000041"}) {
    EXPECT_FALSE(same_phone("0343500004", other)) << other;
    EXPECT_FALSE(same_phone(other, "0343500004")) << other;
  }
  EXPECT_FALSE(same_phone("+261343500004", "+250343500004")) << "of two countries";
  EXPECT_FALSE(same_phone("0343500004", "12345343500004")) << "no country has so long a code";
  EXPECT_FALSE(same_phone("01", "261343500001")) << "too short for a number";
  EXPECT_FALSE(same_phone("", ""));
}

struct Bell {
  bool may_ring(std::string_view phone) { return limit.check(phone).has_value(); }
  bool rings(std::string_view phone) { return limit.count(phone).has_value(); }
  base::ManualClock clock{kStart};
  RingLimit limit{clock};
};

TEST(RingLimit, Law9_APhoneIsRungThreeTimesInTenMinutes) {
  Bell bell;
  for (std::size_t i = 0; i < kRingsMost; ++i) {
    EXPECT_TRUE(bell.may_ring("0343500004"));
    EXPECT_TRUE(bell.may_ring("0343500004")) << "asking counts nothing";
    EXPECT_TRUE(bell.rings("0343500004"));
    bell.clock.advance(1min);
  }
  const auto refused = bell.limit.count("0343500004");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::rate_limited);
  EXPECT_EQ(refused.error().param, "payer_phone");
  EXPECT_EQ(bell.limit.check("0343500004").error(), refused.error());
  EXPECT_FALSE(bell.may_ring("+261 34 35 000 04")) << "the same phone";
  EXPECT_TRUE(bell.rings("0343500003")) << "another";
  EXPECT_TRUE(bell.rings("0383500004")) << "another";
  // The first was three minutes ago.
  bell.clock.advance(kRingsWithin - 3min - 1ms);
  EXPECT_FALSE(bell.rings("0343500004"));
  bell.clock.advance(1ms);
  EXPECT_TRUE(bell.rings("0343500004")) << "what was refused did not count";
  EXPECT_FALSE(bell.rings("0343500004")) << "the second and third still do";
  bell.clock.advance(1min);
  EXPECT_TRUE(bell.rings("0343500004"));
}

TEST(RingLimit, N14_AClockThatWentBackBlocksNobody) {
  Bell bell;
  for (std::size_t i = 0; i < kRingsMost; ++i)
    EXPECT_TRUE(bell.rings("0343500004"));
  EXPECT_FALSE(bell.rings("0343500004"));
  bell.clock.advance(-1h);
  EXPECT_TRUE(bell.rings("0343500004"));
}

TEST(RingLimit, Law9_RemembersABoundedNumberOfPhones) {
  constexpr int kRemembered = 100'000;
  Bell bell;
  for (std::size_t i = 0; i < kRingsMost; ++i)
    EXPECT_TRUE(bell.rings("0343500004"));
  for (int i = 2; i < kRemembered; ++i)
    bell.rings(std::to_string(10'000'000 + i));
  EXPECT_FALSE(bell.rings("0343500004"));
  EXPECT_TRUE(bell.rings("0343500003")) << "the last for which there is room";
  EXPECT_TRUE(bell.rings("0343500004")) << "it started afresh";
}

TEST(RingLimit, Law9_MakesRoomByForgettingWhatIsLongAgo) {
  constexpr int kRemembered = 100'000;
  Bell bell;
  for (int i = 1; i < kRemembered; ++i)
    bell.rings(std::to_string(10'000'000 + i));
  bell.clock.advance(kRingsWithin);
  for (std::size_t i = 0; i < kRingsMost; ++i)
    EXPECT_TRUE(bell.rings("0343500004"));
  EXPECT_TRUE(bell.rings("0343500003"));
  EXPECT_FALSE(bell.rings("0343500004")) << "what still counts is not forgotten";
}

}  // namespace
}  // namespace quittance::checkout
