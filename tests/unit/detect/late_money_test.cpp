// Money that comes late: N3, the hold on the goods (C12), and the end after 45 days (law 4).
#include <gtest/gtest.h>

#include <algorithm>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using core::Attention;
using core::OrderStatus;
using core::Outcome;
using core::SessionStatus;
using core::StockState;
using testing::Placed;
using testing::Shop;
using testing::usd;
using namespace std::chrono_literals;

/// An order that was paid a minute before its window ended, and of which nobody knows: three days
/// later its goods were given back.
struct Forgotten {
  Shop shop;
  core::ProductId product = shop.add_product(2);
  Placed placed = shop.place(product, 2);
  core::Evidence money = paid_in_time();

  Forgotten() {
    shop.advance(24h * 3);
    EXPECT_EQ(shop.ask(placed.session).result, AskResult::not_yet);
    EXPECT_EQ(shop.order(placed.order).stock_state, StockState::released);
    EXPECT_EQ(shop.session(placed.session).status, SessionStatus::expired);
    EXPECT_EQ(shop.product(product).reserved, 0);
  }
  core::Evidence paid_in_time() {
    core::Evidence evidence = shop.money(placed.session, "hash-1");
    evidence.paid_at = shop.session(placed.session).expires_at - 1min;
    return evidence;
  }
};

TEST(LateMoney, N3_SeenThreeDaysLaterWithStockLeft) {
  Forgotten forgotten;
  Shop& shop = forgotten.shop;
  EXPECT_EQ(shop.settle(forgotten.money).outcome, Outcome::settled);
  EXPECT_EQ(shop.order(forgotten.placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.order(forgotten.placed.order).stock_state, StockState::committed);
  EXPECT_EQ(shop.order(forgotten.placed.order).attention, Attention::none);
  EXPECT_EQ(shop.session(forgotten.placed.session).status, SessionStatus::settled);
  EXPECT_EQ(shop.product(forgotten.product).stock, 0);
  EXPECT_EQ(shop.product(forgotten.product).reserved, 0);
}

TEST(LateMoney, N3_SeenThreeDaysLaterWithStockGone) {
  Forgotten forgotten;
  Shop& shop = forgotten.shop;
  const auto faster = shop.place(forgotten.product, 1);
  shop.settle(shop.money(faster.session, "hash-2"));
  EXPECT_EQ(shop.settle(forgotten.money).outcome, Outcome::paid_late_needs_staff);
  const auto order = shop.order(forgotten.placed.order);
  EXPECT_EQ(order.status, OrderStatus::pending);
  EXPECT_EQ(order.paid, usd(2'000));
  EXPECT_EQ(order.attention, Attention::paid_late);
  EXPECT_EQ(order.stock_state, StockState::released);
  EXPECT_EQ(shop.session(forgotten.placed.session).status, SessionStatus::settled);
  EXPECT_EQ(shop.settlements(forgotten.placed.order).at(0).counted, usd(2'000));
  EXPECT_FALSE(shop.pass(forgotten.placed.order));
  EXPECT_EQ(shop.product(forgotten.product).stock, 1);
}

// N3: what is paid but could not be handed over waits for a person, who ends it with a reason.
TEST(LateMoney, N3_APersonHandsOverWhatWasPaidLate) {
  Forgotten forgotten;
  Shop& shop = forgotten.shop;
  const auto faster = shop.place(forgotten.product, 1);
  shop.settle(shop.money(faster.session, "hash-2"));
  shop.settle(forgotten.money);
  const auto handed = shop.mark_paid(forgotten.placed.order, "one now, one from the next delivery");
  ASSERT_TRUE(handed.has_value());
  const auto order = shop.order(forgotten.placed.order);
  EXPECT_EQ(order.status, OrderStatus::completed);
  EXPECT_EQ(order.attention, Attention::shortage) << "two were sold, one was left";
  EXPECT_EQ(order.paid, usd(2'000));
  EXPECT_EQ(shop.settlements(forgotten.placed.order).size(), 1U) << "no money moved";
  ASSERT_TRUE(shop.pass(forgotten.placed.order));
  EXPECT_EQ(shop.pass(forgotten.placed.order)->valid_from, forgotten.money.paid_at);
  EXPECT_EQ(shop.audit(forgotten.placed.order).back().action, "order.handed_over");
  EXPECT_FALSE(shop.mark_paid(forgotten.placed.order, "a second time").has_value());
}

TEST(LateMoney, HandedOverASecondTimeIsAnnouncedASecondTime) {
  static constexpr storage::Sql kAnnounced{
      "SELECT COUNT(*) AS n FROM outbox WHERE topic = 'order.completed'"};
  Forgotten forgotten;
  Shop& shop = forgotten.shop;
  const core::OrderId id = forgotten.placed.order;
  shop.settle(shop.money(shop.place(forgotten.product, 2).session, "hash-2"));
  const std::int64_t before = shop.number(kAnnounced);
  EXPECT_EQ(shop.mark_paid(id)->outcome, Outcome::paid_late_needs_staff);
  EXPECT_EQ(shop.mark_paid(id)->order_status, OrderStatus::completed);
  EXPECT_EQ(shop.number(kAnnounced), before + 1);
  EXPECT_TRUE(shop.run(shop.manual->take_back(id, shop.settlements(id).back().id,
                                              {.actor = "sokha", .reason = "miscounted"})));
  shop.context.policy.late = core::LatePolicy::staff;
  core::Evidence late = shop.money(forgotten.placed.session, "hash-3");
  late.paid_at = shop.clock.now();
  EXPECT_EQ(shop.settle(late).outcome, Outcome::paid_late_needs_staff);
  EXPECT_EQ(shop.mark_paid(id)->order_status, OrderStatus::completed);
  EXPECT_EQ(shop.number(kAnnounced), before + 2);
}

TEST(LateMoney, WhatIsBeyondTheOrderIsNotForgottenByHandingOver) {
  Forgotten forgotten;
  Shop& shop = forgotten.shop;
  const auto faster = shop.place(forgotten.product, 2);
  shop.settle(shop.money(faster.session, "hash-2"));
  forgotten.money.amount = usd(2'500);
  EXPECT_EQ(shop.settle(forgotten.money).outcome, Outcome::paid_late_needs_staff);
  ASSERT_TRUE(shop.mark_paid(forgotten.placed.order, "from the other shop's shelf").has_value());
  EXPECT_EQ(shop.order(forgotten.placed.order).attention, Attention::excess | Attention::shortage);
}

TEST(LateMoney, GoodsThatAreSetAsideForSomebodyElseAreGone) {
  Forgotten forgotten;
  Shop& shop = forgotten.shop;
  const auto waiting = shop.place(forgotten.product, 1);
  EXPECT_EQ(shop.settle(forgotten.money).outcome, Outcome::paid_late_needs_staff);
  EXPECT_EQ(shop.settle(shop.money(waiting.session, "hash-2")).outcome, Outcome::settled);
  EXPECT_EQ(shop.product(forgotten.product).stock, 1);
}

TEST(LateMoney, PaidAfterTheWindowWhileTheGoodsAreStillSetAside) {
  Shop shop;
  const auto product = shop.add_product(1);
  const auto placed = shop.place(product);
  shop.advance(20min);
  EXPECT_EQ(shop.settle(shop.money(placed.session, "hash-1")).outcome, Outcome::paid_late_accepted);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.product(product).stock, 0);
}

TEST(Hold, C12_GoodsAreGivenBackWhenTheHoldEndsAndTheBankHasSaidNo) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product, 2);
  shop.advance(24h - 1ms);
  shop.ask(placed.session);
  EXPECT_EQ(shop.product(product).reserved, 2);
  shop.advance(1ms);
  shop.ask(placed.session);
  EXPECT_EQ(shop.product(product).reserved, 0);
  EXPECT_EQ(shop.product(product).stock, 5);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(shop.audit(placed.order).back().action, "order.hold_ended");
  const auto details = *base::Json::parse(shop.audit(placed.order).back().details);
  EXPECT_EQ(details["order"]["status"], base::Json("pending"));
  EXPECT_EQ(details["order"]["stock_state"], base::Json("released"));
  ASSERT_EQ(details["stock"].array().size(), 1U);
  EXPECT_EQ(details["stock"].array()[0]["stock"], base::Json(0));
  EXPECT_LT(*details["stock"].array()[0]["reserved"].integer(), 0);
  // Only once.
  shop.advance(1h);
  shop.ask(placed.session);
  EXPECT_EQ(shop.product(product).reserved, 0);
  EXPECT_EQ(shop.audit(placed.order).size(), 1U);
}

TEST(Hold, N5_NothingEndsWhileTheBankCannotBeAsked) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product, 2);
  shop.bank->otherwise = providers::Unknown{};
  shop.advance(24h * 50);
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::unknown);
  EXPECT_EQ(shop.product(product).reserved, 2);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::open);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_TRUE(shop.session(placed.session).next_check_at);
}

TEST(Lapse, AfterFortyFiveDaysAndALastNoTheOrderIsOver) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product, 2);
  shop.advance(24h * 45 - 1ms);
  shop.ask(placed.session);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_TRUE(shop.session(placed.session).next_check_at);
  shop.advance(1ms);
  shop.ask(placed.session);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::canceled);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::expired);
  EXPECT_EQ(shop.session(placed.session).next_check_at, std::nullopt);
  EXPECT_EQ(shop.audit(placed.order).back().action, "order.lapsed");
  EXPECT_EQ((*base::Json::parse(shop.audit(placed.order).back().details))["order"]["status"],
            base::Json("canceled"));
  // Law 5: even so, money that comes is honoured.
  shop.bank_has_money(placed.session, "hash-1");
  const Asked asked = shop.ask(placed.session, AskReason::recovery);
  EXPECT_EQ(asked.settled.value().outcome, Outcome::paid_late_accepted);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

TEST(Lapse, TheOrderLivesOnWhileAnotherQrOfItIsAskedAbout) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5), 1);
  shop.advance(24h * 30);
  const auto second = shop.open_session(placed.order, usd(1'000));
  shop.advance(24h * 15);
  shop.ask(placed.session);
  EXPECT_EQ(shop.session(placed.session).next_check_at, std::nullopt);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  shop.advance(24h * 30);
  shop.ask(second);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::canceled);
}

TEST(Hold, MoneyThatDoesNotFitHoldsTheGoodsNoLongerThanNone) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product, 2);
  shop.bank_has_money(placed.session, "hash-1");
  std::get<providers::Paid>(shop.bank->answers.begin()->second).receiver = "thief@bank";
  shop.advance(24h);
  EXPECT_EQ(shop.ask(placed.session).settled.value().outcome, Outcome::receiver_mismatch);
  EXPECT_EQ(shop.product(product).reserved, 0);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::expired);
  EXPECT_TRUE(shop.session(placed.session).next_check_at);
}

TEST(Lapse, AnOrderThatHoldsMoneyIsNeverCanceledByTime) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5), 1);
  const auto rest = shop.open_session(placed.order, usd(600));
  auto part = shop.money(placed.session, "hash-1");
  part.amount = usd(400);
  shop.settle(part);
  shop.advance(24h * 46);
  shop.ask(rest);
  EXPECT_EQ(shop.session(rest).next_check_at, std::nullopt);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(shop.order(placed.order).paid, usd(400));
}

}  // namespace
}  // namespace quittance::detect
