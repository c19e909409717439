// The funnel end to end: what one piece of evidence writes, and what it must never write twice.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using core::Attention;
using core::EvidenceSource;
using core::OrderStatus;
using core::Outcome;
using core::SessionStatus;
using core::StockState;
using storage::Sql;
using testing::khr;
using testing::Shop;
using testing::usd;
using namespace std::chrono_literals;

constexpr Sql kSettlements{"SELECT COUNT(*) AS n FROM settlements"};
constexpr Sql kEvidence{"SELECT COUNT(*) AS n FROM evidence"};
constexpr Sql kPasses{"SELECT COUNT(*) AS n FROM passes"};
constexpr Sql kApprovals{"SELECT COUNT(*) AS n FROM approvals"};
constexpr Sql kOutbox{"SELECT COUNT(*) AS n FROM outbox"};
constexpr Sql kAudit{"SELECT COUNT(*) AS n FROM audit"};

TEST(Settle, WritesTheMoneyTheSessionTheOrderAndTheStock) {
  Shop shop;
  const auto product = shop.add_product(10);
  const auto placed = shop.place(product, 3);
  EXPECT_EQ(shop.product(product).reserved, 3);
  shop.advance(5min);
  const Settled settled = shop.settle(shop.money(placed.session, "hash-1"));
  EXPECT_EQ(settled.outcome, Outcome::settled);
  EXPECT_EQ(settled.order_id, placed.order);
  EXPECT_EQ(settled.order_status, OrderStatus::completed);

  const auto settlements = shop.settlements(placed.order);
  ASSERT_EQ(settlements.size(), 1U);
  EXPECT_EQ(settlements[0].provider_ref, "hash-1");
  EXPECT_EQ(settlements[0].counted, usd(3'000));
  EXPECT_EQ(settlements[0].excess, usd(0));
  EXPECT_EQ(settlements[0].verification_method, "automatic");
  EXPECT_EQ(settlements[0].paid_at, shop.clock.now());
  EXPECT_EQ(settlements[0].settled_at, shop.clock.now());
  ASSERT_EQ(shop.evidence_of(placed.order).size(), 1U);
  EXPECT_EQ(shop.evidence_of(placed.order)[0].id, settlements[0].evidence_id);

  const auto session = shop.session(placed.session);
  EXPECT_EQ(session.status, SessionStatus::settled);
  EXPECT_EQ(session.completed_at, shop.clock.now());
  EXPECT_EQ(session.payment_verification_status, core::VerificationStatus::verified);
  EXPECT_EQ(session.next_check_at, std::nullopt);

  const auto order = shop.order(placed.order);
  EXPECT_EQ(order.status, OrderStatus::completed);
  EXPECT_EQ(order.paid, usd(3'000));
  EXPECT_EQ(order.completed_at, shop.clock.now());
  EXPECT_EQ(order.stock_state, StockState::committed);
  EXPECT_EQ(order.attention, Attention::none);
  EXPECT_EQ(shop.product(product).stock, 7);
  EXPECT_EQ(shop.product(product).reserved, 0);
}

TEST(Settle, C14_WritesPassApprovalAuditAndOutbox) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(10));
  shop.advance(5min);
  const auto paid_at = shop.clock.now() - 1min;
  auto evidence = shop.money(placed.session, "hash-1");
  evidence.paid_at = paid_at;
  shop.settle(evidence);

  const auto pass = shop.pass(placed.order);
  ASSERT_TRUE(pass);
  EXPECT_TRUE(pass->active);
  EXPECT_EQ(pass->valid_from, paid_at);
  EXPECT_EQ(pass->valid_until, paid_at + 24h * 365);  // C25
  const auto opened = core::open_pass(shop.key.public_key(), pass->token);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->subject, "Order " + std::to_string(placed.order.value()));
  EXPECT_EQ(opened->valid_until, pass->valid_until);

  const auto approvals = shop.read<std::vector<storage::Approval>>(
      [&](auto& books) { return books.approvals_of_order(placed.order); });
  ASSERT_EQ(approvals.size(), 1U);
  EXPECT_EQ(approvals[0].approver, "system");
  EXPECT_EQ(approvals[0].decision, "approved");
  EXPECT_EQ(approvals[0].evidence_id, shop.evidence_of(placed.order)[0].id);

  const auto audit = shop.audit(placed.order);
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit[0].action, "settlement.recorded");
  EXPECT_EQ(audit[0].actor, "system");
  const auto details = base::Json::parse(audit[0].details);
  ASSERT_TRUE(details);
  EXPECT_EQ((*details)["outcome"].text_or_empty(), "settled");
  EXPECT_EQ((*details)["provider_ref"].text_or_empty(), "hash-1");
  EXPECT_EQ((*details)["counted_minor"].integer(), 1'000);
  EXPECT_EQ(shop.number(kOutbox), 1);
}

TEST(Settle, Law2_TheSameEvidenceAgainAnswersAndWritesNothing) {
  Shop shop;
  const auto product = shop.add_product(10);
  const auto placed = shop.place(product);
  const auto evidence = shop.money(placed.session, "hash-1");
  shop.settle(evidence);
  for (int i = 0; i < 3; ++i) {
    const Settled again = shop.settle(evidence);
    EXPECT_EQ(again.outcome, Outcome::already_settled);
    EXPECT_EQ(again.order_status, OrderStatus::completed);
  }
  for (const Sql* sql : {&kSettlements, &kEvidence, &kPasses, &kApprovals, &kOutbox, &kAudit}) {
    EXPECT_EQ(shop.number(*sql), 1) << sql->text;
  }
  EXPECT_EQ(shop.product(product).stock, 9);
}

TEST(Settle, C16_EvidenceOfOneSessionIsNotTakenForAnother) {
  Shop shop;
  const auto product = shop.add_product(10);
  const auto first = shop.place(product);
  const auto second = shop.place(product);
  shop.settle(shop.money(first.session, "hash-1"));
  EXPECT_EQ(shop.settle(shop.money(second.session, "hash-1")).outcome, Outcome::evidence_reused);
  EXPECT_EQ(shop.order(second.order).status, OrderStatus::pending);
  EXPECT_EQ(shop.session(second.session).status, SessionStatus::open);
  EXPECT_EQ(shop.product(product).stock, 9);
  EXPECT_EQ(shop.number(kSettlements), 1);
  EXPECT_EQ(shop.audit(second.order).at(0).action, "evidence.refused");
}

TEST(Settle, N6_C33_TwoQrsOfOneOrderBothPaid) {
  Shop shop;
  const auto product = shop.add_product(10);
  const auto placed = shop.place(product);
  const auto second = shop.open_session(placed.order, usd(1'000));
  EXPECT_EQ(shop.settle(shop.money(second, "hash-2")).outcome, Outcome::settled);
  const Settled other = shop.settle(shop.money(placed.session, "hash-1"));
  EXPECT_EQ(other.outcome, Outcome::excess);
  EXPECT_EQ(other.order_status, OrderStatus::completed);

  const auto settlements = shop.settlements(placed.order);
  ASSERT_EQ(settlements.size(), 2U);
  EXPECT_EQ(settlements[0].counted, usd(1'000));
  EXPECT_EQ(settlements[1].counted, usd(0));
  EXPECT_EQ(settlements[1].excess, usd(1'000));
  const auto order = shop.order(placed.order);
  EXPECT_EQ(order.paid, usd(1'000));
  EXPECT_EQ(order.attention, Attention::excess);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::settled);
  EXPECT_EQ(shop.product(product).stock, 9);
  EXPECT_EQ(shop.number(kPasses), 1);
  EXPECT_EQ(shop.number(kOutbox), 1);
}

TEST(Settle, N13_PartThenTheRest) {
  Shop shop;
  const auto product = shop.add_product(10);
  const auto placed = shop.place(product);
  auto part = shop.money(placed.session, "hash-1");
  part.amount = usd(400);
  EXPECT_EQ(shop.settle(part).outcome, Outcome::underpaid);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(shop.order(placed.order).paid, usd(400));
  EXPECT_EQ(shop.order(placed.order).attention, Attention::underpaid);
  EXPECT_EQ(shop.product(product).stock, 10);
  EXPECT_FALSE(shop.pass(placed.order));

  const auto top_up = shop.open_session(placed.order, usd(600));
  EXPECT_EQ(shop.settle(shop.money(top_up, "hash-2")).outcome, Outcome::settled);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.order(placed.order).paid, usd(1'000));
  EXPECT_EQ(shop.order(placed.order).attention, Attention::none) << "nothing is missing any more";
  EXPECT_EQ(shop.product(product).stock, 9);
  EXPECT_TRUE(shop.pass(placed.order));
}

TEST(Settle, N13_MoreThanIsOwed) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(10));
  auto evidence = shop.money(placed.session, "hash-1");
  evidence.amount = usd(1'250);
  EXPECT_EQ(shop.settle(evidence).outcome, Outcome::overpaid);
  const auto settlement = shop.settlements(placed.order).at(0);
  EXPECT_EQ(settlement.counted, usd(1'000));
  EXPECT_EQ(settlement.excess, usd(250));
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.order(placed.order).paid, usd(1'000));
  EXPECT_EQ(shop.order(placed.order).attention, Attention::excess);
}

TEST(Settle, N13_MoneyThatDoesNotFitChangesNothingAndIsRemembered) {
  const auto changed = [](auto change) {
    Shop shop;
    const auto product = shop.add_product(10);
    const auto placed = shop.place(product);
    auto evidence = shop.money(placed.session, "hash-1");
    change(evidence);
    const Settled settled = shop.settle(evidence);
    EXPECT_FALSE(core::counts_money(settled.outcome));
    EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
    EXPECT_EQ(shop.order(placed.order).paid, usd(0));
    EXPECT_EQ(shop.session(placed.session).status, SessionStatus::open);
    EXPECT_TRUE(shop.session(placed.session).next_check_at);
    EXPECT_EQ(shop.product(product).stock, 10);
    EXPECT_EQ(shop.number(kSettlements), 0);
    EXPECT_EQ(shop.evidence_of(placed.order).at(0).outcome, settled.outcome);
    EXPECT_EQ(shop.audit(placed.order).at(0).action, "evidence.refused");
    // The right money, later, is still taken.
    EXPECT_EQ(shop.settle(shop.money(placed.session, "hash-2")).outcome, Outcome::settled);
    return settled.outcome;
  };
  EXPECT_EQ(changed([](auto& e) { e.amount = khr(1'000); }), Outcome::currency_mismatch);
  EXPECT_EQ(changed([](auto& e) { e.receiver = "thief@bank"; }), Outcome::receiver_mismatch);
  EXPECT_EQ(changed([](auto& e) { e.paid_at -= 3h; }), Outcome::older_than_session);
  EXPECT_EQ(changed([](auto& e) { e.amount = usd(0); }), Outcome::no_amount);
}

TEST(Settle, Law5_ACanceledOrderThatIsPaidLaterIsHonoured) {
  Shop shop;
  const auto product = shop.add_product(1);
  const auto placed = shop.place(product);
  ASSERT_EQ(shop.cancel(placed.order), CancelResult::canceled);
  EXPECT_EQ(shop.product(product).available(), 1);
  shop.advance(1h);
  EXPECT_EQ(shop.settle(shop.money(placed.session, "hash-1")).outcome, Outcome::paid_late_accepted);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::settled);
  EXPECT_EQ(shop.product(product).stock, 0);
  EXPECT_TRUE(shop.pass(placed.order));
}

TEST(Settle, AFreeStandingSessionIsSettledAlone) {
  Shop shop;
  const auto session = shop.open_session(std::nullopt, usd(700));
  const Settled settled = shop.settle(shop.money(session, "hash-1"));
  EXPECT_EQ(settled.outcome, Outcome::settled);
  EXPECT_EQ(settled.order_id, std::nullopt);
  EXPECT_EQ(settled.order_status, std::nullopt);
  EXPECT_EQ(shop.session(session).status, SessionStatus::settled);
  EXPECT_EQ(shop.settle(shop.money(session, "hash-2")).outcome, Outcome::excess);
  EXPECT_EQ(shop.number(kSettlements), 2);
  EXPECT_EQ(shop.number(kPasses), 0);
}

TEST(Settle, EvidenceForASessionThatIsNotThereIsAnErrorAndLeavesNothing) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(1));
  auto evidence = shop.money(placed.session, "hash-1");
  evidence.session_id = core::SessionId(999);
  const auto settled = shop.run(shop.settling(evidence));
  ASSERT_FALSE(settled.has_value());
  EXPECT_EQ(settled.error().code, base::ErrorCode::not_found);
  EXPECT_EQ(shop.number(kEvidence), 0);
}

// A provider that corrects what it said is believed: a refusal is no last word on money.
TEST(Settle, MoneyThatWasRefusedAndIsThenRightCounts) {
  Shop shop;
  const auto product = shop.add_product(2);
  const auto placed = shop.place(product, 1);
  auto money = shop.money(placed.session, "hash-1");
  money.receiver = "somebody@else";
  EXPECT_EQ(shop.settle(money).outcome, Outcome::receiver_mismatch);
  EXPECT_TRUE(shop.settlements(placed.order).empty());
  money.receiver = shop.session(placed.session).receiver;
  EXPECT_EQ(shop.settle(money).outcome, Outcome::settled);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.settlements(placed.order).size(), 1U);
  EXPECT_EQ(shop.evidence_of(placed.order).size(), 1U) << "evidence is append-only";
}

}  // namespace
}  // namespace quittance::detect
