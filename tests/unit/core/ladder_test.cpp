// When to ask again: C1, C2, S1.8, laws 3 and 4, N14.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "core/core.hpp"

namespace quittance::core {
namespace {

using base::Duration;
using base::Time;
using namespace std::chrono_literals;

const Time kBirth = base::from_ms(1'795'000'000'000);
const CheckPolicy kPolicy;

/// The pause until the next question of an answered session of this age.
std::optional<Duration> pause_at(Duration age) {
  const Time now = kBirth + age;
  const auto next = next_check(kPolicy, {.created_at = kBirth, .hot_until{}}, now);
  return next ? std::optional(*next - now) : std::nullopt;
}

TEST(Ladder, S1_8_NobodyIsAskedAboutInTheFirstMinute) {
  EXPECT_EQ(pause_at(0ms), 60s);
  EXPECT_EQ(pause_at(1s), 59s);
  EXPECT_EQ(pause_at(59'999ms), 1ms);
  EXPECT_EQ(pause_at(60s), 2s);
}

TEST(Ladder, C2_AHotSessionIsAskedAboutAtEachTickWhateverItsAge) {
  for (const Duration age : {Duration(0ms), Duration(30s), Duration(5min), Duration(3h),
                             Duration(48h), Duration(24h * 30)}) {
    const Time now = kBirth + age;
    EXPECT_EQ(next_check(kPolicy, {.created_at = kBirth, .hot_until = now + 1ms}, now), now + 2s);
    // Over at that very moment: cold.
    const auto cold = next_check(kPolicy, {.created_at = kBirth, .hot_until = now}, now);
    EXPECT_EQ(cold, next_check(kPolicy, {.created_at = kBirth, .hot_until{}}, now));
  }
}

TEST(Ladder, SlowsWithAgeStepByStep) {
  EXPECT_EQ(pause_at(2h - 1ms), 2s);
  EXPECT_EQ(pause_at(2h), 10s);
  EXPECT_EQ(pause_at(24h - 1ms), 10s);
  EXPECT_EQ(pause_at(24h), 60s);
  EXPECT_EQ(pause_at(24h * 7 - 1ms), 60s);
  EXPECT_EQ(pause_at(24h * 7), 10min);
  EXPECT_EQ(pause_at(24h * 45 - 1ms), 10min);
}

TEST(Ladder, C6_EndsAfterFortyFiveDaysOnceTheProviderHasAnswered) {
  EXPECT_EQ(kPolicy.retention(), 24h * 45);
  EXPECT_EQ(pause_at(24h * 45), std::nullopt);
  EXPECT_EQ(pause_at(24h * 400), std::nullopt);
  const Time now = kBirth + 24h * 46;
  EXPECT_EQ(next_check(kPolicy, {.created_at = kBirth, .hot_until = now + 1min}, now),
            std::nullopt);
}

TEST(Ladder, Law3_UnknownNeverEndsTheLooking) {
  for (const Duration age : {Duration(24h * 45), Duration(24h * 46), Duration(24h * 4000)}) {
    const Time now = kBirth + age;
    const auto next = next_check(kPolicy, {.created_at = kBirth, .hot_until{}, .unknowns = 1}, now);
    EXPECT_EQ(next, now + 10min);
  }
}

TEST(Ladder, C1_UnknownBacksOffFromTheTickToTheOutageInterval) {
  const Time now = kBirth + 5min;
  const std::vector<Duration> wanted{2s, 4s, 8s, 16s, 30s, 30s, 30s};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const CheckState state{
        .created_at = kBirth, .hot_until{}, .unknowns = static_cast<std::int64_t>(i) + 1};
    EXPECT_EQ(next_check(kPolicy, state, now), now + wanted[i]) << i + 1 << " unknowns";
  }
  const CheckState many{.created_at = kBirth, .hot_until{}, .unknowns = INT64_MAX};
  EXPECT_EQ(next_check(kPolicy, many, now), now + 30s);
}

TEST(Ladder, SessionsThatFailTogetherAreSpreadByUpToAQuarter) {
  const Time now = kBirth + 5min;
  std::set<Time> moments;
  for (std::int64_t salt = 0; salt < 100; ++salt) {
    const CheckState state{
        .created_at = kBirth, .hot_until = now + 1min, .unknowns = 9, .salt = salt};
    const auto next = next_check(kPolicy, state, now);
    ASSERT_TRUE(next);
    EXPECT_LE(*next, now + 30s);
    EXPECT_GE(*next, now + 22'500ms);
    moments.insert(*next);
  }
  EXPECT_GT(moments.size(), 90U);
}

TEST(Ladder, AnUnknownIsNeverAskedAboutSoonerThanItsAgeAllows) {
  const Time now = kBirth + 24h * 10;
  EXPECT_EQ(next_check(kPolicy, {.created_at = kBirth, .hot_until{}, .unknowns = 1}, now),
            now + 10min);
  // But somebody waits at an open page.
  EXPECT_EQ(next_check(kPolicy, {.created_at = kBirth, .hot_until = now + 1s, .unknowns = 1}, now),
            now + 2s);
}

TEST(Ladder, N14_AClockSetBackAnHourCostsOneIntervalAtMost) {
  const Time set_back = kBirth - 1h;
  const CheckState answered{.created_at = kBirth, .hot_until{}};
  EXPECT_EQ(next_check(kPolicy, answered, set_back), set_back + 60s);
  const CheckState hot{.created_at = kBirth, .hot_until = kBirth + 2min};
  EXPECT_EQ(next_check(kPolicy, hot, set_back), set_back + 2s);
  const CheckState failing{.created_at = kBirth, .hot_until{}, .unknowns = 1};
  EXPECT_EQ(next_check(kPolicy, failing, set_back), set_back + 2s);
}

RC_GTEST_PROP(LadderProperty, TheNextQuestionLiesAheadAndWithinTenMinutes, ()) {
  const std::int64_t day = 86'400'000;
  const auto age = Duration{*rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-day, day),
                                            rc::gen::inRange<std::int64_t>(0, 60 * day),
                                            rc::gen::inRange<std::int64_t>(0, 200'000))};
  const Time now = kBirth + age;
  CheckState state{.created_at = kBirth, .hot_until{}};
  if (*rc::gen::arbitrary<bool>()) {
    state.hot_until = now + Duration{*rc::gen::inRange<std::int64_t>(-200'000, 200'000)};
  }
  state.unknowns = *rc::gen::inRange<std::int64_t>(0, 100);
  state.salt = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000);
  const auto next = next_check(kPolicy, state, now);
  if (!next) {
    RC_ASSERT(state.unknowns == 0 && age >= kPolicy.retention());
    return;
  }
  RC_ASSERT(*next > now);
  RC_ASSERT(*next <= now + 10min);
}

}  // namespace
}  // namespace quittance::core
