// Money that goes back: refunds in full and in part, reversals by the provider, voids of what a
// person said; and what comes after them (N4, C33).
#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using core::Attention;
using core::EvidenceKind;
using core::OrderStatus;
using core::Outcome;
using core::StockState;
using storage::Sql;
using testing::Placed;
using testing::Shop;
using testing::usd;
using namespace std::chrono_literals;

class GiveBack : public Shop, public ::testing::Test {
 protected:
  /// An order of 10.00 that the bank's money completed, unless it is another sum.
  Placed paid(core::Money amount = usd(1'000), const std::string& ref = "hash-1") {
    silk = add_product(10);
    const Placed placed = place(silk);
    auto evidence = money(placed.session, ref);
    evidence.amount = amount;
    settle(evidence);
    return placed;
  }
  core::Evidence back(const Placed& placed, core::Money amount, std::string ref,
                      EvidenceKind kind = EvidenceKind::refund, std::string against = "hash-1") {
    auto evidence = money(placed.session, std::move(ref));
    evidence.kind = kind;
    evidence.amount = amount;
    evidence.against = std::move(against);
    return evidence;
  }
  std::vector<storage::Refund> refunds(core::OrderId id) {
    return read<std::vector<storage::Refund>>([id](auto& b) { return b.refunds_of_order(id); });
  }
  base::Result<Settled> give(const Placed& placed, core::Money amount, std::string ref = "") {
    return run(manual->refund(placed.order,
                              {.settlement_id = settlements(placed.order).front().id,
                               .amount = amount,
                               .provider_ref = std::move(ref)},
                              {.actor = "sokha", .reason = "customer brought it back"}));
  }

  core::ProductId silk;
};

TEST_F(GiveBack, N4_AFullRefundEndsTheOrderAndALateNoticeChangesNothing) {
  const Placed placed = paid();
  const Settled refunded = settle(back(placed, usd(1'000), "re-1"));
  EXPECT_EQ(refunded.outcome, Outcome::refunded);
  EXPECT_EQ(refunded.order_status, OrderStatus::refunded);
  const auto order = this->order(placed.order);
  EXPECT_EQ(order.refunded, usd(1'000));
  EXPECT_EQ(order.paid, usd(1'000)) << "facts stay";
  EXPECT_EQ(order.due(), usd(0));
  EXPECT_FALSE(pass(placed.order)->active);
  ASSERT_EQ(refunds(placed.order).size(), 1U);
  EXPECT_EQ(refunds(placed.order)[0].from_counted, usd(1'000));

  // The webhook of the payment comes once more, late.
  EXPECT_EQ(settle(money(placed.session, "hash-1")).outcome, Outcome::already_settled);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::refunded);
  EXPECT_EQ(this->product(silk).stock, 9) << "goods leave once and come back by hand only";
  EXPECT_EQ(settlements(placed.order).size(), 1U);
}

TEST_F(GiveBack, TheSameRefundTwiceIsOne) {
  const Placed placed = paid();
  settle(back(placed, usd(400), "re-1"));
  EXPECT_EQ(settle(back(placed, usd(400), "re-1")).outcome, Outcome::already_refunded);
  EXPECT_EQ(this->order(placed.order).refunded, usd(400));
}

TEST_F(GiveBack, PartByPartNeverMoreThanCame) {
  const Placed placed = paid();
  EXPECT_EQ(settle(back(placed, usd(400), "re-1")).outcome, Outcome::refunded_partly);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::completed);
  EXPECT_TRUE(pass(placed.order)->active);
  EXPECT_EQ(settle(back(placed, usd(601), "re-2")).outcome, Outcome::more_than_held);
  EXPECT_EQ(settle(back(placed, usd(600), "re-3")).outcome, Outcome::refunded);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::refunded);
  EXPECT_EQ(settle(back(placed, usd(1), "re-4")).outcome, Outcome::more_than_held);
}

TEST_F(GiveBack, C33_ExcessGoesBackFirstAndThenNobodyNeedsToLook) {
  const Placed placed = paid(usd(1'300));
  EXPECT_EQ(this->order(placed.order).attention, Attention::excess);
  EXPECT_EQ(settle(back(placed, usd(100), "re-1")).outcome, Outcome::excess_returned);
  EXPECT_EQ(this->order(placed.order).attention, Attention::excess);
  EXPECT_EQ(settle(back(placed, usd(200), "re-2")).outcome, Outcome::excess_returned);
  const auto order = this->order(placed.order);
  EXPECT_EQ(order.attention, Attention::none);
  EXPECT_EQ(order.status, OrderStatus::completed);
  EXPECT_EQ(order.refunded, usd(0));
}

TEST_F(GiveBack, N6_TheSecondQrsMoneyIsGivenBackAndTheFirstStays) {
  const Placed placed = paid();
  const auto second = open_session(placed.order, usd(1'000));
  EXPECT_EQ(settle(money(second, "hash-2")).outcome, Outcome::excess);
  auto evidence = back({placed.order, second}, usd(1'000), "re-1", EvidenceKind::refund, "hash-2");
  EXPECT_EQ(settle(evidence).outcome, Outcome::excess_returned);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(this->order(placed.order).attention, Attention::none);
}

TEST_F(GiveBack, AReversalByTheProviderIsFlagged) {
  const Placed placed = paid();
  EXPECT_EQ(settle(back(placed, usd(1'000), "hash-1", EvidenceKind::reversal)).outcome,
            Outcome::refunded);
  EXPECT_EQ(this->order(placed.order).attention, Attention::reversed);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::refunded);
}

TEST_F(GiveBack, NewMoneyForARefundedOrderIsExcess) {
  const Placed placed = paid();
  settle(back(placed, usd(1'000), "re-1"));
  EXPECT_EQ(settle(money(placed.session, "hash-9")).outcome, Outcome::refunded_before);
  const auto order = this->order(placed.order);
  EXPECT_EQ(order.status, OrderStatus::refunded);
  EXPECT_EQ(order.attention, Attention::excess);
  EXPECT_EQ(settlements(placed.order)[1].excess, usd(1'000));
}

TEST_F(GiveBack, MoneyOfAnotherOrderOrNeverCountedIsRefused) {
  const Placed placed = paid();
  const Placed other = place(silk);
  EXPECT_EQ(settle(back(placed, usd(1), "re-1", EvidenceKind::refund, "hash-7")).outcome,
            Outcome::unknown_original);
  EXPECT_EQ(settle(back(other, usd(1), "re-2")).outcome, Outcome::unknown_original);
  EXPECT_EQ(settle(back(placed, testing::khr(1), "re-3")).outcome, Outcome::currency_mismatch);
  EXPECT_TRUE(refunds(placed.order).empty());
}

TEST_F(GiveBack, PaymentAndItsRefundInOneGroup) {
  const Placed placed = paid(usd(400));
  std::optional<base::Result<Settled>> first;
  std::optional<base::Result<Settled>> second;
  start(settling(money(placed.session, "hash-2")), first);
  start(settling(back(placed, usd(400), "re-1")), second);
  settle_down();
  EXPECT_EQ((*first)->outcome, Outcome::overpaid);
  EXPECT_EQ((*second)->outcome, Outcome::refunded_partly);
  EXPECT_EQ(this->order(placed.order).refunded, usd(400));
}

TEST_F(GiveBack, N13_APartPaymentThatGoesBackIsOwedAgain) {
  const Placed placed = paid(usd(400));
  EXPECT_EQ(this->order(placed.order).attention, Attention::underpaid);
  EXPECT_EQ(give(placed, usd(400))->outcome, Outcome::refunded);
  const auto order = this->order(placed.order);
  EXPECT_EQ(order.status, OrderStatus::pending);
  EXPECT_EQ(order.due(), usd(1'000));
  EXPECT_EQ(order.attention, Attention::none);
  const auto session = open_session(placed.order, usd(1'000));
  EXPECT_EQ(settle(money(session, "hash-2")).outcome, Outcome::settled);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::completed);
}

TEST_F(GiveBack, StaffGiveBackWithReasonAndNeverMoreThanIsHeld) {
  const Placed placed = paid();
  EXPECT_EQ(give(placed, usd(1'001)).error().code, ErrorCode::conflict);
  EXPECT_TRUE(refunds(placed.order).empty());
  EXPECT_EQ(give(placed, usd(300), "bank slip 17")->outcome, Outcome::refunded_partly);
  EXPECT_EQ(refunds(placed.order)[0].provider_ref, "bank slip 17");
  EXPECT_EQ(refunds(placed.order)[0].actor, "sokha");
  EXPECT_EQ(give(placed, usd(700))->outcome, Outcome::refunded);
  const auto unknown =
      run(manual->refund(placed.order, {.settlement_id = core::SettlementId(99), .amount = usd(1)},
                         {.actor = "sokha", .reason = "no such money"}));
  EXPECT_EQ(unknown.error().code, ErrorCode::not_found);
}

class Void : public GiveBack {
 protected:
  base::Result<Settled> take_back(core::OrderId id) {
    return run(manual->take_back(id, settlements(id).front().id,
                                 {.actor = "sokha", .reason = "wrong customer"}));
  }
};

TEST_F(Void, TheOrderOwesAgainAndItsGoodsAreSetAside) {
  silk = add_product(10);
  const Placed placed = place(silk, 2);
  ASSERT_TRUE(mark_paid(placed.order));
  const std::string token = pass(placed.order)->token;
  EXPECT_EQ(this->product(silk).stock, 8);
  EXPECT_EQ(take_back(placed.order)->outcome, Outcome::voided);
  auto order = this->order(placed.order);
  EXPECT_EQ(order.status, OrderStatus::pending);
  EXPECT_EQ(order.stock_state, StockState::reserved);
  EXPECT_EQ(order.due(), usd(2'000));
  EXPECT_EQ(order.completed_at, std::nullopt);
  EXPECT_EQ(this->product(silk).stock, 10);
  EXPECT_EQ(this->product(silk).reserved, 2);
  EXPECT_FALSE(pass(placed.order)->active);

  // The bank's money comes after all: the same pass, alive again.
  EXPECT_EQ(settle(money(placed.session, "hash-1")).outcome, Outcome::settled);
  order = this->order(placed.order);
  EXPECT_EQ(order.status, OrderStatus::completed);
  EXPECT_EQ(this->product(silk).stock, 8);
  EXPECT_EQ(this->product(silk).reserved, 0);
  EXPECT_TRUE(pass(placed.order)->active);
  EXPECT_EQ(pass(placed.order)->token, token);
  const auto told = base::Json::parse(audit(placed.order).back().details);
  EXPECT_EQ((*told)["pass"]["token_sha256"].text_or_empty(), base::sha256_hex(token));
}

TEST_F(Void, OnlyOncePersonsWordsAndOnlyForAWhile) {
  const Placed by_bank = paid();
  EXPECT_EQ(take_back(by_bank.order).error().code, ErrorCode::conflict);
  const Placed late = place(silk);
  ASSERT_TRUE(mark_paid(late.order));
  advance(30min + 1ms);
  EXPECT_EQ(take_back(late.order).error().code, ErrorCode::conflict);
  EXPECT_EQ(this->order(late.order).status, OrderStatus::completed);
  const Placed twice = place(silk);
  ASSERT_TRUE(mark_paid(twice.order));
  EXPECT_EQ(take_back(twice.order)->outcome, Outcome::voided);
  EXPECT_EQ(take_back(twice.order)->outcome, Outcome::already_refunded);
  EXPECT_EQ(refunds(twice.order).size(), 1U);
}

TEST_F(Void, GoodsThatWereMissingDoNotComeBack) {
  silk = add_product(1);
  const Placed first = place(silk);
  advance(25h);
  ask(first.session);  // the hold ends
  const Placed second = place(silk);
  settle(money(second.session, "hash-2"));
  settle(money(first.session, "hash-1"));
  EXPECT_EQ(this->order(first.order).attention, Attention::paid_late);
  ASSERT_TRUE(mark_paid(first.order));
  EXPECT_EQ(this->order(first.order).attention, Attention::shortage);
  EXPECT_EQ(this->product(silk).stock, 0);
}

TEST_F(Void, C12_NoMoreIsSetAsideAgainThanThereIs) {
  silk = add_product(1);
  const Placed first = place(silk);
  advance(25h);
  ask(first.session);  // the hold ends
  const Placed second = place(silk);
  settle(money(second.session, "hash-2"));
  EXPECT_EQ(mark_paid(first.order)->outcome, Outcome::paid_late_needs_staff);
  ASSERT_TRUE(mark_paid(first.order));  // handed over, though nothing is left
  ASSERT_EQ(this->order(first.order).attention, Attention::shortage);
  EXPECT_EQ(take_back(first.order)->outcome, Outcome::voided);
  EXPECT_EQ(this->product(silk).stock, 0);
  EXPECT_EQ(this->product(silk).reserved, 0);
  EXPECT_EQ(this->order(first.order).status, OrderStatus::pending);
  EXPECT_EQ(this->order(first.order).stock_state, StockState::released);
  EXPECT_EQ(this->order(first.order).attention, Attention::none);
  EXPECT_EQ(settle(money(first.session, "hash-1")).outcome, Outcome::paid_late_needs_staff);
}

TEST_F(GiveBack, C33_TheReferenceThatStaffGaveMakesTheBanksMoneyNoSecondPayment) {
  silk = add_product(10);
  const Placed placed = place(silk);
  const auto said = run(manual->mark_paid(
      placed.order, {.actor = "sokha", .reason = "seen on the statement"}, "hash-1"));
  EXPECT_EQ(said->outcome, Outcome::settled);
  EXPECT_EQ(settle(money(placed.session, "hash-1")).outcome, Outcome::already_settled);
  EXPECT_EQ(this->order(placed.order).attention, Attention::none);
  EXPECT_EQ(session(placed.session).status, core::SessionStatus::settled) << "asked no more";
  EXPECT_EQ(settlements(placed.order).size(), 1U);
  const Placed other = place(silk);
  const auto again = run(manual->mark_paid(
      other.order, {.actor = "sokha", .reason = "the same line read twice"}, "hash-1"));
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_EQ(this->order(other.order).status, OrderStatus::pending);
}

TEST_F(GiveBack, N3_ThisMerchantDecidesAboutLateMoneyInPerson) {
  context.policy.late = core::LatePolicy::staff;
  silk = add_product(10);
  const Placed placed = place(silk);
  advance(16min);
  EXPECT_EQ(settle(money(placed.session, "hash-1")).outcome, Outcome::paid_late_needs_staff);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(this->order(placed.order).attention, Attention::paid_late);
  EXPECT_EQ(mark_paid(placed.order)->order_status, OrderStatus::completed);
  EXPECT_EQ(this->product(silk).stock, 9);
  EXPECT_EQ(this->product(silk).reserved, 0);
}

TEST_F(GiveBack, MoneyInAnotherCurrencyAtOurAccountIsShownToStaff) {
  silk = add_product(10);
  const Placed placed = place(silk);
  auto evidence = money(placed.session, "hash-1");
  evidence.amount = testing::khr(41'000);
  EXPECT_EQ(settle(evidence).outcome, Outcome::currency_mismatch);
  EXPECT_EQ(this->order(placed.order).attention, Attention::mismatch);
  EXPECT_EQ(this->order(placed.order).paid, usd(0));
}

// Found by the simulation: its QR is settled, so nobody asks about it any more, and no answer would
// ever end it.
TEST_F(GiveBack, C12_APartThatWentBackLeavesNoOrderWaitingNorGoodsHeldForEver) {
  const Placed placed = paid(usd(400));
  settle(back(placed, usd(400), "re-1"));
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::pending);
  run(clean_up(*store, clock, 24h * 45, "system")).value();
  EXPECT_EQ(this->product(silk).reserved, 1) << "the hold is not over yet";
  clock.advance(24h);
  run(clean_up(*store, clock, 24h * 45, "system")).value();
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::canceled);
  EXPECT_EQ(this->order(placed.order).stock_state, StockState::released);
  EXPECT_EQ(this->product(silk).reserved, 0);
  EXPECT_EQ(this->product(silk).stock, 10);
  // Law 5: even now its QR is honoured.
  EXPECT_EQ(settle(money(placed.session, "hash-2")).outcome, Outcome::paid_late_accepted);
}

TEST_F(GiveBack, C12_ARefundedOrderThatWaitedForAPersonHoldsNoGoods) {
  context.policy.late = core::LatePolicy::staff;
  silk = add_product(10);
  const Placed placed = place(silk);
  auto evidence = money(placed.session, "hash-1");
  evidence.paid_at = clock.now() + 1h;
  settle(evidence);
  EXPECT_EQ(this->order(placed.order).stock_state, StockState::reserved);
  settle(back(placed, usd(1'000), "re-1"));
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::refunded);
  clock.advance(24h);
  run(clean_up(*store, clock, 24h * 45, "system")).value();
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::refunded);
  EXPECT_EQ(this->product(silk).reserved, 0);
  EXPECT_EQ(this->product(silk).stock, 10);
}

TEST_F(GiveBack, WhoseOtherQrIsStillAskedAboutIsNotAbandoned) {
  const Placed placed = paid(usd(400));
  settle(back(placed, usd(400), "re-1"));
  open_session(placed.order, usd(1'000));
  clock.advance(24h);
  run(clean_up(*store, clock, 24h * 45, "system")).value();
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::pending);
}

}  // namespace
}  // namespace quittance::detect
