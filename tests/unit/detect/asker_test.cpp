// The asker: every answer of a provider, the budget of calls, and one question at a time.
#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using core::OrderStatus;
using core::SessionStatus;
using providers::Unknown;
using providers::UnknownReason;
using testing::Shop;
using testing::usd;
using namespace std::chrono_literals;

TEST(Asker, S1_21_PaidSettlesInTheSameBreath) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.bank_has_money(placed.session, "hash-1");
  const Asked asked = shop.ask(placed.session);
  EXPECT_EQ(asked.result, AskResult::paid);
  ASSERT_TRUE(asked.settled);
  EXPECT_EQ(asked.settled->outcome, core::Outcome::settled);
  EXPECT_EQ(asked.settled->order_status, OrderStatus::completed);
  EXPECT_EQ(shop.evidence_of(placed.order).at(0).evidence.source, core::EvidenceSource::poll);
  EXPECT_EQ(shop.evidence_of(placed.order).at(0).evidence.actor, "system");
}

TEST(Asker, S1_50_EveryAttemptIsLoggedWithItsAnswer) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.ask(placed.session, AskReason::poll);
  shop.bank->otherwise = Unknown{.reason = UnknownReason::server_error};
  shop.ask(placed.session, AskReason::verify_instantly);
  shop.bank->otherwise = providers::FinalNo{.reason = "refused by the payer's bank"};
  shop.ask(placed.session, AskReason::cancel);
  shop.bank_has_money(placed.session, "hash-1");
  shop.ask(placed.session, AskReason::recovery);
  const auto queries = shop.queries(placed.order);
  ASSERT_EQ(queries.size(), 4U);
  const std::array<std::array<std::string, 3>, 4> newest_first{
      {{"recovery", "paid", "hash-1"},
       {"cancel", "final_no", "refused by the payer's bank"},
       {"verify_instantly", "unknown", "server_error"},
       {"poll", "not_yet", ""}}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(queries[i].source, newest_first[i][0]);
    EXPECT_EQ(queries[i].answer, newest_first[i][1]);
    EXPECT_EQ(queries[i].reason, newest_first[i][2]);
    EXPECT_EQ(queries[i].session_id, placed.session);
    EXPECT_EQ(queries[i].asked_at, shop.clock.now());
  }
  EXPECT_EQ(shop.evidence_of(placed.order).at(0).evidence.source, core::EvidenceSource::recovery);
}

TEST(Asker, N5_NoKindOfUnknownChangesAnyState) {
  for (const auto reason :
       {UnknownReason::timeout, UnknownReason::forbidden, UnknownReason::unauthorized,
        UnknownReason::throttled, UnknownReason::server_error, UnknownReason::unreadable}) {
    Shop shop;
    const auto product = shop.add_product(5);
    const auto placed = shop.place(product);
    // Long after the window, the hold and even the retention are over.
    shop.advance(24h * 46);
    shop.bank->otherwise = Unknown{.reason = reason};
    const auto order = shop.order(placed.order);
    const auto now = shop.clock.now();
    EXPECT_EQ(shop.ask(placed.session).result, AskResult::unknown);
    const auto session = shop.session(placed.session);
    EXPECT_EQ(session.status, SessionStatus::open) << to_text(reason);
    EXPECT_EQ(session.last_answer, "unknown");
    EXPECT_EQ(session.unknowns, 1);
    ASSERT_TRUE(session.next_check_at) << "it is asked about again";
    EXPECT_GT(*session.next_check_at, now);
    EXPECT_EQ(shop.order(placed.order).status, order.status);
    EXPECT_EQ(shop.order(placed.order).stock_state, order.stock_state);
    EXPECT_EQ(shop.product(product).reserved, 1);
    EXPECT_TRUE(shop.settlements(placed.order).empty());
    EXPECT_TRUE(shop.evidence_of(placed.order).empty());
    EXPECT_TRUE(shop.audit(placed.order).empty());
  }
}

TEST(Asker, UnknownsAreCountedUntilARealAnswer) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.bank->otherwise = Unknown{};
  for (int i = 1; i <= 3; ++i) {
    shop.ask(placed.session);
    EXPECT_EQ(shop.session(placed.session).unknowns, i);
  }
  EXPECT_EQ(shop.session(placed.session).checks, 3);
  shop.bank->otherwise = providers::NotYet{};
  shop.ask(placed.session);
  EXPECT_EQ(shop.session(placed.session).unknowns, 0);
  EXPECT_EQ(shop.session(placed.session).last_answer, "not_yet");
  EXPECT_EQ(shop.session(placed.session).last_checked_at, shop.clock.now());
}

TEST(Asker, AFinalNoIsNotTheEndMoneyMayComeByAnotherAttempt) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.advance(5min);
  shop.bank->otherwise = providers::FinalNo{.reason = "failed"};
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::not_yet);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::open);
  EXPECT_EQ(shop.session(placed.session).next_check_at, shop.clock.now() + 2s);
}

TEST(Asker, N13_MoneyThatDoesNotFitIsLookedBeyond) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.advance(5min);
  auto wrong = providers::Paid{.provider_ref = "hash-1",
                               .amount = usd(1'000),
                               .receiver = "thief@bank",
                               .payer = "",
                               .paid_at = shop.clock.now(),
                               .raw = ""};
  shop.bank->otherwise = wrong;
  const Asked asked = shop.ask(placed.session);
  EXPECT_EQ(asked.result, AskResult::paid);
  EXPECT_EQ(asked.settled->outcome, core::Outcome::receiver_mismatch);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::open);
  EXPECT_EQ(shop.session(placed.session).last_answer, "receiver_mismatch");
  EXPECT_EQ(shop.session(placed.session).next_check_at, shop.clock.now() + 2s);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
}

TEST(Asker, QuestionsAboutOneSessionAtOnceShareOneCallAndOneAnswer) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.bank_has_money(placed.session, "hash-1");
  shop.bank->latency = 300ms;
  const auto session = shop.session(placed.session);
  std::array<std::optional<base::Result<Asked>>, 5> answers;
  for (auto& answer : answers) {
    shop.start(shop.asker->ask_now(session, AskReason::verify_instantly), answer);
  }
  shop.advance(1s);
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer && answer->has_value());
    EXPECT_EQ((*answer)->result, AskResult::paid);
    EXPECT_EQ((*answer)->settled.value().outcome, core::Outcome::settled);
  }
  EXPECT_EQ(shop.bank->questions.size(), 1U);
  // The flight has landed: the next one asks anew.
  const auto other = shop.place(shop.add_product(5));
  shop.ask(other.session);
  shop.ask(other.session);
  EXPECT_EQ(shop.bank->questions.size(), 3U);
}

TEST(Asker, ASettledSessionIsNotAskedAbout) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.settle(shop.money(placed.session, "hash-1"));
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::paid);
  EXPECT_TRUE(shop.bank->questions.empty());
}

TEST(Asker, ASessionOfAnUnknownProviderIsUnknown) {
  Shop shop;
  auto session = shop.session(shop.open_session(std::nullopt, usd(100)));
  session.provider = "gone";
  const auto asked = shop.run(shop.asker->ask_now(session, AskReason::poll));
  EXPECT_EQ(asked.value().result, AskResult::unknown);
}

TEST(Asker, WithoutBudgetTheQuestionIsPostponedAndTheSessionHot) {
  Shop shop({.calls_per_second = 1, .burst = 2});
  const auto placed = shop.place(shop.add_product(5));
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::not_yet);
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::not_yet);
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::postponed);
  EXPECT_EQ(shop.bank->questions.size(), 2U);
  const auto session = shop.session(placed.session);
  EXPECT_EQ(session.next_check_at, shop.clock.now());
  EXPECT_EQ(session.hot_until, shop.clock.now() + 2min);
  // A second later there is a call again, and the poller has it.
  shop.bank_has_money(placed.session, "hash-1");
  shop.advance(1s);
  EXPECT_EQ(shop.run(shop.poller->tick()), 1);
  shop.settle_down();
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

TEST(Asker, AThrottledAnswerClosesTheBucketForAsLongAsTheBankSays) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  const auto other = shop.place(shop.add_product(5));
  shop.bank->otherwise = Unknown{.reason = UnknownReason::throttled, .retry_after = 7s};
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::unknown);
  EXPECT_EQ(shop.session(placed.session).next_check_at, shop.clock.now() + 7s);
  shop.bank->otherwise = providers::NotYet{};
  shop.advance(6'999ms);
  EXPECT_EQ(shop.ask(other.session).result, AskResult::postponed);
  EXPECT_EQ(shop.bank->questions.size(), 1U);
  shop.advance(1ms);
  EXPECT_EQ(shop.ask(other.session).result, AskResult::not_yet);
}

TEST(Asker, C1_AThrottledAnswerWithoutRetryAfterClosesForTheOutageInterval) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.bank->otherwise = Unknown{.reason = UnknownReason::throttled};
  shop.ask(placed.session);
  shop.advance(29'999ms);
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::postponed);
  shop.advance(1ms);
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::unknown);
}

// S1.50 without a row every two seconds for 45 days.
TEST(Asker, S1_50_ThePollersNotYetIsOneRowThatCounts) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(1), 1);
  const auto start = shop.clock.now();
  for (int i = 0; i < 3; ++i) {
    shop.ask(placed.session, AskReason::poll);
    shop.advance(std::chrono::seconds(2));
  }
  shop.ask(placed.session, AskReason::verify_instantly);
  shop.ask(placed.session, AskReason::poll);
  const auto queries = shop.queries(placed.order);
  ASSERT_EQ(queries.size(), 3U);
  EXPECT_EQ(queries[2].times, 3);
  EXPECT_EQ(queries[2].first_asked_at, start);
  EXPECT_EQ(queries[2].asked_at, start + std::chrono::seconds(4));
  EXPECT_EQ(queries[1].source, "verify_instantly");
  EXPECT_EQ(queries[0].times, 1);
}

}  // namespace
}  // namespace quittance::detect
