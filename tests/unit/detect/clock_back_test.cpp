// N14: our clock is set back an hour in the midst of an order; the bank's clock is right.
#include <gtest/gtest.h>

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
using namespace std::chrono_literals;

/// Money that the bank dates by its own clock.
void bank_has_money(Shop& shop, const Placed& placed, base::Time paid_at) {
  shop.bank_has_money(placed.session, "hash-1");
  std::get<providers::Paid>(shop.bank->answers.begin()->second).paid_at = paid_at;
}

void expect_completed(Shop& shop, core::ProductId product, const Placed& placed) {
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.order(placed.order).attention, Attention::none);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::settled);
  ASSERT_EQ(shop.settlements(placed.order).size(), 1U);
  EXPECT_EQ(shop.settlements(placed.order)[0].outcome, Outcome::settled);
  EXPECT_EQ(shop.product(product).stock, 4);
  EXPECT_EQ(shop.product(product).reserved, 0);
  EXPECT_TRUE(shop.pass(placed.order));
}

TEST(ClockSetBack, N14_BeforeThePaymentItLooksOlderThanItsSession) {
  Shop shop;
  const auto product = shop.add_product(5);
  // The session is of a clock that is an hour fast: whatever is paid now was paid "before" it.
  const auto placed = shop.place(product);
  shop.clock.advance(-1h);
  bank_has_money(shop, placed, shop.clock.now());
  EXPECT_EQ(shop.run(shop.poller->tick()), 1);
  shop.settle_down();
  expect_completed(shop, product, placed);
}

TEST(ClockSetBack, N14_BetweenThePaymentAndOurLookItIsPaidInTheFuture) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  shop.advance(5min);
  shop.ask(placed.session);
  bank_has_money(shop, placed, shop.clock.now());
  shop.clock.advance(-1h);
  EXPECT_EQ(shop.run(shop.poller->tick()), 1);
  shop.settle_down();
  expect_completed(shop, product, placed);
}

TEST(ClockSetBack, N14_NothingEndsBeforeItsTimeAndNothingBeginsAnew) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  const base::Time window_end = shop.session(placed.session).expires_at;
  const base::Time hold_end = shop.order(placed.order).reserved_until;
  shop.clock.set(window_end + 1min);
  shop.ask(placed.session);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::expired);
  shop.clock.advance(-1h);
  shop.ask(placed.session);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::expired) << "it does not reopen";
  shop.clock.set(hold_end + 1min);
  shop.clock.advance(-1h);
  shop.ask(placed.session);
  EXPECT_EQ(shop.order(placed.order).stock_state, StockState::reserved);
  shop.clock.set(hold_end);
  shop.ask(placed.session);
  shop.clock.advance(-1h);
  shop.ask(placed.session);
  EXPECT_EQ(shop.order(placed.order).stock_state, StockState::released);
  EXPECT_EQ(shop.product(product).reserved, 0) << "given back once";
  EXPECT_EQ(shop.product(product).stock, 5);
  EXPECT_TRUE(shop.session(placed.session).next_check_at) << "still asked about";
}

}  // namespace
}  // namespace quittance::detect
