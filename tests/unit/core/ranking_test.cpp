// The order among due sessions: weights by age, the cap, and FIFO as the alternative.
#include "core/ranking.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quittance::core {
namespace {

using base::Duration;
using namespace std::chrono_literals;

const base::Time kNow = base::from_ms(1'795'000'000'000);

DueSession due(std::int64_t id, Duration waited, Duration age) {
  return {.id = SessionId(id), .due_at = kNow - waited, .age_band = age_band(age)};
}

std::vector<std::int64_t> ranked(std::vector<DueSession> sessions, Ranking ranking) {
  rank(sessions, ranking, kNow);
  std::vector<std::int64_t> ids;
  for (const DueSession& session : sessions)
    ids.push_back(session.id.value());
  return ids;
}

using Ids = std::vector<std::int64_t>;

TEST(Ranking, S1_32_S1_35_AgesFallIntoBandsAtTheirEdges) {
  EXPECT_EQ(age_band(-1h), 0U) << "a clock that was set back";
  EXPECT_EQ(age_band(1h - 1ms), 0U);
  EXPECT_EQ(age_band(1h), 1U);
  EXPECT_EQ(age_band(24h * 30 - 1ms), 1U);
  EXPECT_EQ(age_band(24h * 30), 2U);
  EXPECT_EQ(age_band(24h * 400), 2U);
}

TEST(Ranking, WaitingCountsByTheChanceThatMoneyIsThere) {
  const std::vector<DueSession> sessions{due(1, 11s, 1min), due(2, 30s, 24h),
                                         due(3, 50s, 24h * 31)};
  EXPECT_EQ(ranked(sessions, Ranking::expected_delay), (Ids{1, 2, 3}));
  EXPECT_EQ(ranked(sessions, Ranking::fifo), (Ids{3, 2, 1}));
}

TEST(Ranking, ItIsWeighedAndNotAbsolute) {
  EXPECT_EQ(ranked({due(1, 10s, 1min), due(2, 31s, 24h)}, Ranking::expected_delay), (Ids{2, 1}));
  EXPECT_EQ(ranked({due(1, 10s, 24h), due(2, 21s, 24h * 31)}, Ranking::expected_delay),
            (Ids{2, 1}));
}

TEST(Ranking, Law4_WhoeverHasWaitedForADayComesFirst) {
  EXPECT_EQ(ranked({due(1, 23h, 1min), due(2, 24h, 24h * 31)}, Ranking::expected_delay),
            (Ids{2, 1}));
  EXPECT_EQ(ranked({due(1, 25h, 1min), due(2, 26h, 24h * 31)}, Ranking::expected_delay),
            (Ids{2, 1}))
      << "among these by waiting time alone";
}

TEST(Ranking, TheSameInAnyOrderOfTheInput) {
  std::vector<DueSession> sessions;
  for (std::int64_t id = 1; id <= 6; ++id)
    sessions.push_back(due(id, id % 2 == 0 ? 5s : 7s, id < 4 ? Duration(1min) : Duration(48h)));
  const Ids expected = ranked(sessions, Ranking::expected_delay);
  for (int i = 0; i < 100; ++i) {
    std::ranges::next_permutation(sessions, {}, &DueSession::id);
    EXPECT_EQ(ranked(sessions, Ranking::expected_delay), expected);
  }
}

TEST(Ranking, WhatIsNotDueYetClaimsNothing) {
  EXPECT_EQ(ranked({due(1, -1h, 1min), due(2, 1ms, 24h * 31)}, Ranking::expected_delay),
            (Ids{2, 1}));
}

}  // namespace
}  // namespace quittance::core
