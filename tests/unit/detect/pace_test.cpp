// Each provider is asked as its own rule demands.
#include "detect/pace.hpp"

#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using core::CheckPolicy;
using providers::PollingRule;
using testing::kStart;
using testing::usd;
using namespace std::chrono_literals;

/// How many questions a session gets in its life when nobody looks and nothing comes.
std::int64_t questions(PollingRule rule) {
  const CheckPolicy policy = paced({}, rule);
  std::int64_t count = 0;
  std::optional<base::Time> next = kStart + policy.first_check_after;
  while (next && count < 1'000'000) {
    ++count;
    next = core::next_check(policy, {.created_at = kStart}, *next);
  }
  return count;
}

TEST(Pace, WhereAskingIsAllThereIsNothingChanges) {
  const CheckPolicy set;
  const CheckPolicy got = paced(set, PollingRule::everything);
  EXPECT_EQ(got.tick, set.tick);
  EXPECT_EQ(got.ladder.size(), set.ladder.size());
  EXPECT_EQ(got.first_check_after, set.first_check_after);
}

TEST(Pace, EveryRuleLooksForFortyFiveDaysAndNoneLonger) {
  for (const auto rule : {PollingRule::everything, PollingRule::webhook_first,
                          PollingRule::while_pending_then_list, PollingRule::rare_bounded_sweep}) {
    const CheckPolicy policy = paced({}, rule);
    EXPECT_EQ(policy.retention(), 24h * 45);
    for (std::size_t i = 1; i < policy.ladder.size(); ++i) {
      EXPECT_LT(policy.ladder[i - 1].until, policy.ladder[i].until);
    }
    CheckPolicy brief;
    brief.ladder = {{1h, 2s}};
    EXPECT_EQ(paced(brief, rule).retention(), 1h) << "retention is a setting";
  }
}

TEST(Pace, QpayIsAskedRarelyAndABoundedNumberOfTimes) {
  EXPECT_LE(questions(PollingRule::rare_bounded_sweep), 100);
  EXPECT_GE(questions(PollingRule::rare_bounded_sweep), 45) << "and never less than daily";
}

TEST(Pace, ANetUnderNoticesIsWideMeshed) {
  EXPECT_LE(questions(PollingRule::webhook_first), 700);
  EXPECT_LE(questions(PollingRule::while_pending_then_list), 700);
  EXPECT_GE(questions(PollingRule::everything), 10'000);
}

TEST(Pace, AnOpenPageIsAReasonToAskUnderEveryRule) {
  for (const auto rule : {PollingRule::webhook_first, PollingRule::while_pending_then_list,
                          PollingRule::rare_bounded_sweep}) {
    const CheckPolicy policy = paced({}, rule);
    const auto next =
        core::next_check(policy, {.created_at = kStart, .hot_until = kStart + 5min}, kStart + 2min);
    ASSERT_TRUE(next);
    EXPECT_LE(*next - (kStart + 2min), 5s);
  }
}

TEST(Pace, N14_APauseOfADayIsNoClockThatWasSetBack) {
  testing::Shop shop;
  const CheckPolicy policy = paced({}, PollingRule::rare_bounded_sweep);
  EXPECT_EQ(policy.longest_pause(), 24h);
  const core::Session draft = [&shop] {
    core::Session session = shop.draft(std::nullopt, usd(500), "BILL_X");
    session.next_check_at = kStart + 20h;
    return session;
  }();
  shop.write<core::SessionId>(
      [&draft](storage::WritableBooks& books) { return books.insert_session(draft); });
  const auto claimed = [&shop](base::Duration longest) {
    return shop
        .write<std::vector<core::Session>>([longest](storage::WritableBooks& books) {
          return books.claim_due_sessions(
              "bakong", {.now = kStart, .lease_until = kStart + 30s, .longest_pause = longest}, 10);
        })
        .size();
  };
  EXPECT_EQ(claimed(24h), 0U);
  EXPECT_EQ(claimed(1h), 1U);
}

TEST(Pace, TheAskerAndThePollerKeepToIt) {
  testing::Shop shop;
  auto rare = std::make_unique<testing::ScriptedProvider>("rare");
  testing::ScriptedProvider* provider = rare.get();
  provider->polling = PollingRule::rare_bounded_sweep;
  shop.registry.add(std::move(rare));
  Asker asker(
      AskerParts{*shop.store, shop.registry, shop.context, CheckPolicy{}, shop.bulletin, shop.log});
  Poller poller(*shop.store, shop.registry, asker, shop.clock, shop.log, PollerOptions{});
  core::Session session = shop.draft(std::nullopt, usd(500), "BILL_R");
  session.provider = "rare";
  shop.write<core::SessionId>(
      [&session](storage::WritableBooks& books) { return books.insert_session(session); });
  base::spawn(shop.executor, poller.run());
  shop.advance(24h);
  poller.stop();
  shop.advance(1min);
  EXPECT_GE(provider->questions.size(), 20U);
  EXPECT_LE(provider->questions.size(), 30U);
}

}  // namespace
}  // namespace quittance::detect
