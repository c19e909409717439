// The curve of simulated payers (C3, T1.9).
#include <gtest/gtest.h>

#include "sandbox/sandbox.hpp"

namespace quittance::sandbox {
namespace {

TEST(Payers, pay_by_the_curve_of_C3_T1_9_S1_32_S1_33_S1_34_S1_35) {
  base::SeededRandom random(7);
  constexpr int kPayers = 20'000;
  constexpr std::int64_t kHourMs = 3'600'000;
  int hour = 0, day = 0, week = 0, month = 0, never = 0;
  for (int i = 0; i < kPayers; ++i) {
    const auto delay = draw_pay_delay(random);
    if (!delay) {
      ++never;
      continue;
    }
    EXPECT_GT(delay->count(), 0);
    EXPECT_LE(delay->count(), 720 * kHourMs);
    hour += delay->count() <= kHourMs;
    day += delay->count() <= 24 * kHourMs;
    week += delay->count() <= 168 * kHourMs;
    month += delay->count() <= 720 * kHourMs;
  }
  const auto percent = [](int count) { return static_cast<double>(count) * 100.0 / kPayers; };
  EXPECT_NEAR(percent(hour), 30.0, 1.0);
  EXPECT_NEAR(percent(day), 50.0, 1.0);
  EXPECT_NEAR(percent(week), 80.0, 1.0);
  EXPECT_NEAR(percent(month), 95.0, 1.0);
  EXPECT_NEAR(percent(never), 5.0, 1.0);
}

}  // namespace
}  // namespace quittance::sandbox
