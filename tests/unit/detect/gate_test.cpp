// The gate to a provider: budget, Retry-After, breaker and alarms, in virtual time (N5, N11).
#include "detect/gate.hpp"

#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using providers::Answer;
using providers::NotYet;
using providers::Unknown;
using providers::UnknownReason;
using testing::Placed;
using testing::Shop;
using namespace std::chrono_literals;

const Answer kSilence = Unknown{.reason = UnknownReason::timeout};
const Answer kTooMany = Unknown{.reason = UnknownReason::throttled};

/// A gate that is asked for by hand.
struct Street : testing::VirtualWorld {
  testing::ScriptedProvider provider;
  Gate gate{provider, 30s, clock, log};

  Admission call(const Answer& answer) {
    const Admission admission = gate.enter();
    if (admission == Admission::admitted) gate.leave(std::span(&answer, 1));
    return admission;
  }
  void fail(std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) {
      clock.advance(1s);
      ASSERT_EQ(call(kSilence), Admission::admitted);
    }
  }
};

TEST(Gate, N5_FailuresInARowOpenItAndOneAnswerBetweenDoesNot) {
  Street street;
  street.fail(Breaker::kFailures - 1);
  EXPECT_EQ(street.call(NotYet{}), Admission::admitted);
  street.fail(Breaker::kFailures - 1);
  EXPECT_EQ(street.gate.state().breaker, BreakerState::closed);
  street.fail(1);
  EXPECT_EQ(street.gate.state().breaker, BreakerState::open);
  EXPECT_EQ(street.call(NotYet{}), Admission::broken);
  EXPECT_EQ(street.gate.state().opened_at, street.clock.now());
  EXPECT_EQ(street.gate.state().probe_at, street.clock.now() + 30s);
}

TEST(Gate, HalfOpenItLetsOneProbeThroughAtATime) {
  Street street;
  street.fail(Breaker::kFailures);
  street.clock.advance(29'999ms);
  EXPECT_EQ(street.gate.enter(), Admission::broken);
  street.clock.advance(1ms);
  EXPECT_EQ(street.gate.enter(), Admission::admitted);
  EXPECT_EQ(street.gate.state().breaker, BreakerState::half_open);
  EXPECT_EQ(street.gate.enter(), Admission::broken) << "one is enough to know";
  street.gate.leave(std::span(&kSilence, 1));
  EXPECT_EQ(street.gate.state().breaker, BreakerState::open);
  street.clock.advance(30s);
  EXPECT_EQ(street.call(NotYet{}), Admission::admitted);
  EXPECT_EQ(street.gate.state().breaker, BreakerState::closed);
  EXPECT_EQ(street.gate.state().probe_at, std::nullopt);
  EXPECT_EQ(street.call(NotYet{}), Admission::admitted);
}

TEST(Gate, AProbeThatIsNotMadeOrNeverEndsKeepsNobodyOut) {
  Street street;
  street.fail(Breaker::kFailures);
  street.clock.advance(30s);
  EXPECT_EQ(street.gate.enter(), Admission::admitted);
  street.gate.leave_unused();
  EXPECT_EQ(street.gate.state().calls_under_way, 0);
  EXPECT_EQ(street.gate.enter(), Admission::admitted) << "nothing was due; the next may be";
  street.clock.advance(30s);
  EXPECT_EQ(street.gate.enter(), Admission::admitted) << "that one never came back";
}

TEST(Gate, WhatBeganBeforeItOpenedDoesNotPutTheProbeOff) {
  Street street;
  ASSERT_EQ(street.gate.enter(), Admission::admitted);
  street.fail(Breaker::kFailures);
  const auto probe_at = street.gate.state().probe_at;
  street.clock.advance(20s);
  street.gate.leave(std::span(&kSilence, 1));
  EXPECT_EQ(street.gate.state().probe_at, probe_at);
}

TEST(Gate, A429ClosesTheBudgetForAsLongAsItSaysAndIsNoFailure) {
  Street street;
  for (int i = 0; i < 20; ++i) {
    const Answer answer = Unknown{.reason = UnknownReason::throttled, .retry_after = 20s};
    EXPECT_EQ(street.call(answer), Admission::admitted);
    EXPECT_EQ(street.gate.state().calls_left, 0);
    EXPECT_EQ(street.gate.state().closed_until, street.clock.now() + 20s);
    street.clock.advance(19'999ms);
    EXPECT_EQ(street.gate.enter(), Admission::used_up);
    street.clock.advance(1ms);
  }
  EXPECT_EQ(street.gate.state().breaker, BreakerState::closed);
  EXPECT_EQ(street.call(kTooMany), Admission::admitted);
  EXPECT_EQ(street.gate.state().closed_until, street.clock.now() + 30s) << "it names no time";
}

TEST(Gate, ATimeToWaitIsKeptWithEveryErrorOfAWholeCallAndOnlyThere) {
  Street street;
  const Answer down = Unknown{.reason = UnknownReason::server_error, .retry_after = 60s};
  const std::vector<Answer> partly{NotYet{}, down};
  ASSERT_EQ(street.gate.enter(), Admission::admitted);
  street.gate.leave(partly);
  EXPECT_EQ(street.gate.state().closed_until, std::nullopt);
  EXPECT_EQ(street.call(down), Admission::admitted);
  EXPECT_EQ(street.gate.state().closed_until, street.clock.now() + 60s);
}

TEST(Gate, N14_AClockSetBackKeepsNobodyOut) {
  Street street;
  street.fail(Breaker::kFailures);
  street.clock.advance(-24h);
  EXPECT_EQ(street.gate.enter(), Admission::admitted);
  EXPECT_EQ(street.gate.state().probe_at, street.clock.now() + 30s);
}

TEST(Gate, N11_AnAlarmIsRaisedOnceAndRememberedWhenItIsOver) {
  Street street;
  EXPECT_FALSE(street.gate.state().last_alarm);
  street.provider.said_health.alarm = "Renew the token.";
  street.call(Unknown{.reason = UnknownReason::unauthorized});
  const base::Time raised_at = street.clock.now();
  street.fail(2);
  ASSERT_TRUE(street.gate.state().last_alarm);
  EXPECT_EQ(street.gate.state().last_alarm->message, "Renew the token.");
  EXPECT_EQ(street.gate.state().last_alarm->raised_at, raised_at);
  street.provider.said_health.alarm.clear();
  street.call(NotYet{});
  EXPECT_EQ(street.gate.state().last_alarm->raised_at, raised_at);
  street.clock.advance(1h);
  street.provider.said_health.alarm = "Renew the token.";
  street.call(Unknown{.reason = UnknownReason::unauthorized});
  EXPECT_EQ(street.gate.state().last_alarm->raised_at, street.clock.now()) << "it came again";
}

TEST(Gate, N5_N11_ABrokenProviderFailsNothingAndIsFoundAgain) {
  Shop shop;
  const Placed placed = shop.place(shop.add_product(5));
  shop.bank->otherwise = Unknown{.reason = UnknownReason::forbidden};
  base::spawn(shop.executor, shop.poller->run());
  shop.advance(10min);
  EXPECT_NE(shop.asker->gate("bakong").state().breaker, BreakerState::closed);
  const auto questions = shop.bank->questions.size();
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::unknown);
  EXPECT_EQ(shop.bank->questions.size(), questions) << "nobody is asked meanwhile";
  EXPECT_TRUE(shop.session(placed.session).hot_until) << "but as soon as it is back";
  EXPECT_EQ(shop.order(placed.order).status, core::OrderStatus::pending);
  EXPECT_EQ(shop.session(placed.session).status, core::SessionStatus::open);
  shop.bank_has_money(placed.session, "hash-1");
  shop.advance(31s);
  EXPECT_EQ(shop.order(placed.order).status, core::OrderStatus::completed);
  EXPECT_EQ(shop.asker->gate("bakong").state().breaker, BreakerState::closed);
}

TEST(Gate, EachProviderHasItsOwnAndOneThatIsDeadDelaysNoOther) {
  Shop shop;
  auto made = std::make_unique<testing::ScriptedProvider>("other");
  testing::ScriptedProvider* other = made.get();
  other->budget = {.calls_per_second = 1, .burst = 1};
  other->bulk_limit = 1;
  other->latency = 1h;
  other->otherwise = Unknown{.reason = UnknownReason::timeout};
  shop.add_rail(std::move(made));
  for (int i = 0; i < 20; ++i) {
    core::Session session = shop.draft(std::nullopt, testing::usd(100), std::to_string(i));
    session.provider = "other";
    shop.write<core::SessionId>(
        [&session](storage::WritableBooks& books) { return books.insert_session(session); });
  }
  base::spawn(shop.executor, shop.poller->run());
  shop.advance(3min);
  EXPECT_EQ(shop.asker->gate("other").calls_under_way(), 8) << "as many as it may have";
  const Placed placed = shop.place(shop.add_product(5));
  shop.bank_has_money(placed.session, "hash-1");
  shop.advance(62s);
  EXPECT_EQ(shop.order(placed.order).status, core::OrderStatus::completed);
  EXPECT_EQ(shop.asker->gate("bakong").state().calls_per_second, 5);
  EXPECT_EQ(shop.asker->gate("other").state().calls_per_second, 1);
}

}  // namespace
}  // namespace quittance::detect
