// The poller: who is asked about when, in how many calls, and after which crash.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using core::OrderStatus;
using storage::WritableBooks;
using testing::Shop;
using testing::usd;
using namespace std::chrono_literals;

/// Runs the poller for a while, then lets it end.
void poll_for(Shop& shop, base::Duration time) {
  base::spawn(shop.executor, shop.poller->run());
  shop.advance(time);
}

/// Many sessions without an order, all due at once.
std::vector<core::Session> open_many(Shop& shop, int count) {
  std::vector<core::Session> sessions;
  for (int i = 0; i < count; ++i) {
    sessions.push_back(shop.draft(std::nullopt, usd(100), std::to_string(i)));
  }
  shop.write<bool>([&](WritableBooks& books) -> base::Result<bool> {
    for (const core::Session& session : sessions)
      TRY_VOID(books.insert_session(session));
    return true;
  });
  return sessions;
}

TEST(Poller, T1_2_S1_8_ASessionYoungerThanAMinuteIsNotAskedAbout) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  base::spawn(shop.executor, shop.poller->run());
  shop.advance(59'999ms);
  EXPECT_TRUE(shop.bank->questions.empty());
  shop.advance(1'001ms);
  EXPECT_EQ(shop.bank->questions.size(), 1U);
  EXPECT_EQ(shop.queries(placed.order).at(0).source, "poll");
}

TEST(Poller, S1_4_ThenItIsAskedAboutEveryTwoSeconds) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  poll_for(shop, 2min);
  const auto asked = shop.session(placed.session).checks;
  EXPECT_GE(asked, 20);
  EXPECT_LE(asked, 31);
}

TEST(Poller, T1_1_MoneyIsSeenWithinAMinuteAndATickWithoutAnybodyLooking) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  base::spawn(shop.executor, shop.poller->run());
  shop.advance(5s);
  shop.bank_has_money(placed.session, "hash-1");
  shop.advance(57s);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.product(product).stock, 4);
  // What is settled is asked about no more.
  const auto questions = shop.bank->questions.size();
  shop.advance(1h);
  EXPECT_EQ(shop.bank->questions.size(), questions);
}

TEST(Poller, T1_1_AHotSessionIsSeenWithinFourSeconds) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  base::spawn(shop.executor, shop.poller->run());
  shop.write<storage::Rows>([&](WritableBooks& books) {
    return books.heat_session(placed.session, shop.clock.now(), shop.clock.now() + 2min);
  });
  shop.advance(5s);
  EXPECT_GE(shop.bank->questions.size(), 2U);
  shop.bank_has_money(placed.session, "hash-1");
  shop.advance(4s);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

TEST(Poller, S1_19_S1_48_AnOutageIsOutlived) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.bank->otherwise = providers::Unknown{.reason = providers::UnknownReason::timeout};
  base::spawn(shop.executor, shop.poller->run());
  shop.advance(8h);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(shop.session(placed.session).status, core::SessionStatus::open);
  const auto failures = shop.session(placed.session).checks;
  EXPECT_LE(failures, 8 * 60 * 3) << "it backs off to half a minute";
  EXPECT_GE(failures, 8 * 60);
  shop.bank_has_money(placed.session, "hash-1");
  shop.advance(33s);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

TEST(Poller, T1_7_TenThousandPendingKeepTheIntervalInCallsOfFifty) {
  Shop shop({.calls_per_second = 10, .burst = 10});
  shop.bank->latency = 200ms;
  const auto sessions = open_many(shop, 10'000);
  const auto placed = shop.place(shop.add_product(5));
  shop.advance(60s);
  shop.write<storage::Rows>([&](WritableBooks& books) {
    return books.heat_session(placed.session, shop.clock.now(), shop.clock.now() + 10min);
  });
  const auto start = shop.clock.now();
  poll_for(shop, 40s);

  std::map<std::string, std::int64_t> times;
  for (const auto& question : shop.bank->questions) {
    EXPECT_LE(question.size(), 50U);
    for (const std::string& md5 : question)
      ++times[md5];
  }
  // Ten calls a second and the burst; 500 sessions a second make two rounds, and the queue is
  // fair: nobody is asked about a third time while others wait for their second.
  EXPECT_LE(shop.bank->questions.size(), 410U);
  std::map<std::int64_t, int> sessions_by_times;
  for (const core::Session& session : sessions)
    ++sessions_by_times[times[session.md5_hash]];
  EXPECT_GE(sessions_by_times.begin()->first, 1);
  EXPECT_LE(sessions_by_times.rbegin()->first - sessions_by_times.begin()->first, 1);
  // The one with an open page is asked about a tick after each answer all the same.
  const auto hot = shop.session(placed.session);
  EXPECT_GE(hot.checks, 15);
  EXPECT_GE(*hot.last_checked_at, start + 37s);
}

TEST(Poller, OneCallAtATimeWhereTheBankTakesNoLists) {
  Shop shop;
  shop.bank->bulk_limit = 1;
  open_many(shop, 4);
  shop.advance(60s);
  EXPECT_EQ(shop.run(shop.poller->tick()), 4);
  shop.settle_down();
  EXPECT_EQ(shop.bank->questions.size(), 4U);
  for (const auto& question : shop.bank->questions)
    EXPECT_EQ(question.size(), 1U);
}

TEST(Poller, NoMoreThanEightQuestionsAreUnderWay) {
  Shop shop({.calls_per_second = 100, .burst = 100});
  shop.bank->bulk_limit = 1;
  shop.bank->latency = 10s;
  open_many(shop, 20);
  shop.advance(60s);
  EXPECT_EQ(shop.run(shop.poller->tick()), 8);
  EXPECT_EQ(shop.asker->gate("bakong").calls_under_way(), 8);
  EXPECT_EQ(shop.run(shop.poller->tick()), 0);
  shop.advance(11s);
  EXPECT_EQ(shop.asker->gate("bakong").calls_under_way(), 0);
  EXPECT_EQ(shop.run(shop.poller->tick()), 8);
}

TEST(Poller, WhatACrashLeftClaimedIsDueAgainAfterTheLease) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.advance(60s);
  const auto now = shop.clock.now();
  const auto claimed = shop.write<std::vector<core::Session>>([&](WritableBooks& books) {
    return books.claim_due_sessions("bakong", {.now = now, .lease_until = now + 30s}, 50);
  });
  ASSERT_EQ(claimed.size(), 1U);
  // The process that claimed it is gone.
  shop.advance(29'999ms);
  EXPECT_EQ(shop.run(shop.poller->tick()), 0);
  shop.advance(1ms);
  EXPECT_EQ(shop.run(shop.poller->tick()), 1);
  shop.settle_down();
  EXPECT_EQ(shop.session(placed.session).checks, 1);
}

TEST(Poller, S0_63_WhatSomebodyLooksAtDoesNotWaitForTheLeaseOfAServerThatWasKilled) {
  Shop shop;
  const auto seen = shop.place(shop.add_product(5));
  const auto unseen = shop.place(shop.add_product(5));
  const auto later = shop.place(shop.add_product(5));
  shop.advance(60s);
  const auto now = shop.clock.now();
  shop.write<storage::Rows>([&](WritableBooks& books) -> base::Result<storage::Rows> {
    TRY_VOID(books.heat_session(seen.session, now, now + 2min));
    TRY_VOID(books.heat_session(later.session, now, now + 2min));
    // As the provider asked for.
    return books.note_check(later.session, "unknown", now, now + 31s);
  });
  const auto claimed = shop.write<std::vector<core::Session>>([&](WritableBooks& books) {
    return books.claim_due_sessions("bakong", {.now = now, .lease_until = now + 30s}, 50);
  });
  ASSERT_EQ(claimed.size(), 2U);
  // It is gone, and the next one begins.
  shop.bank_has_money(seen.session, "hash-1");
  poll_for(shop, 2s);
  EXPECT_EQ(shop.order(seen.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.session(unseen.session).checks, 0) << "whoever does not look can wait";
  EXPECT_EQ(shop.session(later.session).checks, 1) << "what was planned stays planned";
}

TEST(Poller, A429StopsAllQuestionsUntilTheBankTakesThemAgain) {
  Shop shop;
  open_many(shop, 120);
  shop.advance(60s);
  shop.bank->otherwise =
      providers::Unknown{.reason = providers::UnknownReason::throttled, .retry_after = 20s};
  base::spawn(shop.executor, shop.poller->run());
  shop.advance(1s);
  const auto before = shop.bank->questions.size();
  EXPECT_LE(before, 3U);
  shop.bank->otherwise = providers::NotYet{};
  shop.advance(18s);
  EXPECT_EQ(shop.bank->questions.size(), before);
  shop.advance(6s);
  EXPECT_GT(shop.bank->questions.size(), before);
}

TEST(Poller, N14_AClockSetBackAnHourOrMoreStopsNoQuestions) {
  for (const base::Duration back : {base::Duration(1h), base::Duration(24h)}) {
    Shop shop;
    const auto placed = shop.place(shop.add_product(5));
    shop.advance(5min);
    shop.ask(placed.session);
    ASSERT_GT(*shop.session(placed.session).next_check_at, shop.clock.now());
    shop.bank_has_money(placed.session, "hash-1");
    shop.clock.advance(-back);
    EXPECT_EQ(shop.run(shop.poller->tick()), 1) << "its next question is planned for far ahead";
    shop.settle_down();
    EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  }
}

// The poller looks a while after the clock was set back, when what it had planned for the next two
// seconds is less than an hour ahead.
TEST(Poller, N14_AClockSetBackIsNoticedByWhoeverLookedBefore) {
  for (const base::Duration back :
       {base::Duration(30min), base::Duration(1h), base::Duration(3h)}) {
    Shop shop;
    const auto placed = shop.place(shop.add_product(5));
    shop.advance(5min);
    shop.ask(placed.session);
    EXPECT_EQ(shop.run(shop.poller->tick()), 0);
    shop.bank_has_money(placed.session, "hash-1");
    shop.clock.advance(2'100ms - back);
    EXPECT_EQ(shop.run(shop.poller->tick()), 1);
    shop.settle_down();
    EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
    EXPECT_EQ(shop.run(shop.poller->tick()), 0) << "once, and not at every look";
  }
}

// What the provider itself wants to wait for is not asked at every look until the clock has caught
// up.
TEST(Poller, N14_AClockSetBackIsOverOnceAllWereAsked) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.advance(24h * 10);
  shop.ask(placed.session);
  EXPECT_EQ(shop.run(shop.poller->tick()), 0);
  shop.bank->otherwise =
      providers::Unknown{.reason = providers::UnknownReason::unreadable, .retry_after = 50min};
  shop.clock.advance(-1h);
  const auto before = shop.bank->questions.size();
  for (int look = 0; look < 200; ++look) {
    shop.run(shop.poller->tick());
    shop.settle_down();
    shop.clock.advance(500ms);
  }
  EXPECT_EQ(shop.bank->questions.size(), before + 1);
}

// Paid a minute before the window ended; by then the goods had been given back.
TEST(Poller, N3_WhatTheBankShowsThreeDaysLaterIsFound) {
  Shop shop;
  const auto product = shop.add_product(2);
  const auto placed = shop.place(product, 2);
  shop.advance(24h * 3);
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::not_yet);
  EXPECT_EQ(shop.order(placed.order).stock_state, core::StockState::released);
  shop.bank_has_money(placed.session, "hash-1");
  std::get<providers::Paid>(shop.bank->answers.begin()->second).paid_at =
      shop.session(placed.session).expires_at - 1min;
  shop.advance(11min);
  EXPECT_EQ(shop.run(shop.poller->tick()), 1);
  shop.settle_down();
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  ASSERT_EQ(shop.settlements(placed.order).size(), 1U);
  EXPECT_EQ(shop.settlements(placed.order)[0].outcome, core::Outcome::settled) << "not late";
  EXPECT_EQ(shop.product(product).stock, 0);
}

TEST(Poller, StopEndsItsLoop) {
  Shop shop;
  shop.place(shop.add_product(5));
  bool ended = false;
  base::spawn(shop.executor, shop.poller->run(), [&ended] { ended = true; });
  shop.advance(10s);
  EXPECT_FALSE(ended);
  shop.poller->stop();
  shop.advance(2s);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(shop.bank->questions.empty());
}

}  // namespace
}  // namespace quittance::detect
