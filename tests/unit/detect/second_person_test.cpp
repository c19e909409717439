// A sum that takes the word of two persons (C13).
#include <gtest/gtest.h>

#include <algorithm>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using core::Attention;
using core::OrderStatus;
using core::Outcome;
using testing::Placed;
using testing::Shop;
using testing::usd;

class SecondPerson : public Shop, public ::testing::Test {
 protected:
  SecondPerson() {
    context.policy.second_approver_from.push_back(usd(1'000));
    manual = std::make_unique<Manual>(*store, context, bulletin);
  }
  core::EvidenceId waiting(core::OrderId id) { return evidence_of(id).back().id; }
  base::Result<Settled> confirm(core::OrderId id, const std::string& actor) {
    return run(manual->confirm(id, waiting(id), {.actor = actor, .reason = "counted it too"}));
  }

  core::ProductId silk;
};

TEST_F(SecondPerson, C13_FromTheThresholdOnOneWordIsNotEnough) {
  silk = add_product(10);
  const Placed placed = place(silk);
  EXPECT_EQ(mark_paid(placed.order)->outcome, Outcome::awaiting_approval);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(this->order(placed.order).attention, Attention::approval);
  EXPECT_TRUE(settlements(placed.order).empty());
  EXPECT_EQ(confirm(placed.order, "sokha").error().code, ErrorCode::forbidden);
  EXPECT_EQ(confirm(placed.order, "dara")->outcome, Outcome::settled);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(this->order(placed.order).attention, Attention::none);
  const auto approvals = read<std::vector<storage::Approval>>(
      [&](auto& books) { return books.approvals_of_order(placed.order); });
  ASSERT_EQ(approvals.size(), 1U);
  EXPECT_EQ(approvals[0].approver, "dara");
  EXPECT_EQ(confirm(placed.order, "dara").error().code, ErrorCode::conflict);
}

TEST_F(SecondPerson, BelowItOneIsEnough) {
  silk = add_product(10, usd(999));
  const Placed placed = place(silk);
  EXPECT_EQ(mark_paid(placed.order)->outcome, Outcome::settled);
}

TEST_F(SecondPerson, ARefusalLeavesTheOrderAsItWas) {
  silk = add_product(10);
  const Placed placed = place(silk);
  ASSERT_TRUE(mark_paid(placed.order));
  const auto refused = run(manual->reject(placed.order, waiting(placed.order),
                                          {.actor = "dara", .reason = "not in the drawer"}));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(this->order(placed.order).attention, Attention::none);
  EXPECT_EQ(this->order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(confirm(placed.order, "dara").error().code, ErrorCode::conflict);
}

// Found by the simulation: the second claim was the same evidence as the first, so that nothing was
// written of it, and whoever made it could have confirmed it as if it were the other's.
TEST_F(SecondPerson, C13_AClaimAfterARefusalIsANewOneOfWhoeverMakesIt) {
  silk = add_product(10);
  const Placed placed = place(silk);
  ASSERT_TRUE(mark_paid(placed.order));
  const core::EvidenceId first = waiting(placed.order);
  ASSERT_TRUE(
      run(manual->reject(placed.order, first, {.actor = "dara", .reason = "not in the drawer"})));
  const auto again =
      run(manual->mark_paid(placed.order, {.actor = "dara", .reason = "found it after all"}));
  EXPECT_EQ(again->outcome, Outcome::awaiting_approval);
  EXPECT_EQ(this->order(placed.order).attention, Attention::approval);
  EXPECT_NE(waiting(placed.order), first);
  EXPECT_EQ(
      std::ranges::count(audit(placed.order), "approval.requested", &storage::AuditEntry::action),
      2);
  EXPECT_EQ(confirm(placed.order, "dara").error().code, ErrorCode::forbidden);
  EXPECT_EQ(run(manual->confirm(placed.order, first, {.actor = "dara", .reason = "as I said"}))
                .error()
                .code,
            ErrorCode::conflict)
      << "what was refused stays refused";
  EXPECT_EQ(confirm(placed.order, "sokha")->outcome, Outcome::settled);
}

TEST_F(SecondPerson, C13_AReferenceThatWasRefusedCannotBeSaidAgain) {
  silk = add_product(10);
  const Placed placed = place(silk);
  const Hand sokha{.actor = "sokha", .reason = "seen on the statement"};
  ASSERT_TRUE(run(manual->mark_paid(placed.order, sokha, "hash-1")));
  ASSERT_TRUE(run(manual->reject(placed.order, waiting(placed.order),
                                 {.actor = "dara", .reason = "that is another customer's"})));
  EXPECT_EQ(run(manual->mark_paid(placed.order, sokha, "hash-1")).error().code,
            ErrorCode::conflict);
  EXPECT_EQ(this->order(placed.order).attention, Attention::none);
  // The bank itself may still say so.
  EXPECT_EQ(settle(money(placed.session, "hash-1")).outcome, Outcome::settled);
}

TEST_F(SecondPerson, TheBanksMoneyMakesTheClaimIdle) {
  silk = add_product(10);
  const Placed placed = place(silk);
  ASSERT_TRUE(mark_paid(placed.order));
  settle(money(placed.session, "hash-1"));
  EXPECT_EQ(this->order(placed.order).attention, Attention::none);
  EXPECT_EQ(confirm(placed.order, "dara").error().code, ErrorCode::conflict);
  EXPECT_EQ(settlements(placed.order).size(), 1U);
}

}  // namespace
}  // namespace quittance::detect
