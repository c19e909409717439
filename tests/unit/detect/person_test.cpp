// What people do: mark as paid (C13), cancel (law 4), clean up (C6).
#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using core::Attention;
using core::OrderStatus;
using core::Outcome;
using core::SessionStatus;
using core::StockState;
using storage::WritableBooks;
using testing::Shop;
using testing::usd;
using namespace std::chrono_literals;

/// Empty when it was not refused.
template <class T>
std::optional<ErrorCode> refusal(const base::Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

TEST(MarkPaid, T1_6_CompletesWithNameReasonAndTrace) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  const auto settled = shop.mark_paid(placed.order, "counted the cash myself");
  ASSERT_TRUE(settled.has_value());
  EXPECT_EQ(settled->outcome, Outcome::settled);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.product(product).stock, 4);
  const auto settlement = shop.settlements(placed.order).at(0);
  EXPECT_EQ(settlement.verification_method, "manual");
  EXPECT_EQ(settlement.reason, "counted the cash myself");
  const auto evidence = shop.evidence_of(placed.order).at(0).evidence;
  EXPECT_EQ(evidence.source, core::EvidenceSource::manual);
  EXPECT_EQ(evidence.actor, "sokha");
  EXPECT_EQ(shop.audit(placed.order).at(0).actor, "sokha");
  const auto approvals = shop.read<std::vector<storage::Approval>>(
      [&](auto& books) { return books.approvals_of_order(placed.order); });
  EXPECT_EQ(approvals.at(0).approver, "sokha");
  EXPECT_TRUE(shop.bank->questions.empty());
  // The bank's own money may still come: its QR is asked about as before.
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::open);
  EXPECT_TRUE(shop.session(placed.session).next_check_at);
}

TEST(MarkPaid, C13_AReasonOfFiveToFiveHundredCharactersIsMandatory) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  for (const std::size_t size : {0U, 1U, 4U, 501U, 5'000U}) {
    const auto refused = shop.mark_paid(placed.order, std::string(size, 'x'));
    ASSERT_FALSE(refused.has_value()) << size;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
    EXPECT_EQ(refused.error().param, "reason");
    EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  }
  EXPECT_TRUE(shop.mark_paid(placed.order, std::string(5, 'x')).has_value());
  const auto other = shop.place(shop.add_product(5));
  EXPECT_TRUE(shop.mark_paid(other.order, std::string(500, 'x')).has_value());
}

TEST(MarkPaid, ADoubleClickIsOnePayment) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  std::optional<base::Result<Settled>> first;
  std::optional<base::Result<Settled>> second;
  for (auto* answer : {&first, &second}) {
    shop.start(shop.manual->mark_paid(placed.order, {.actor = "sokha", .reason = "clicked twice"}),
               *answer);
  }
  shop.settle_down();
  ASSERT_TRUE(first && second && first->has_value());
  EXPECT_EQ((*first)->outcome, Outcome::settled);
  ASSERT_FALSE(second->has_value());
  EXPECT_EQ(second->error().code, ErrorCode::conflict);
  EXPECT_EQ(shop.settlements(placed.order).size(), 1U);
  EXPECT_EQ(shop.product(product).stock, 4);
}

TEST(MarkPaid, BankMoneyThatComesAfterwardsIsExcess) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  ASSERT_TRUE(shop.mark_paid(placed.order).has_value());
  EXPECT_EQ(shop.settle(shop.money(placed.session, "hash-1")).outcome, Outcome::excess);
  EXPECT_EQ(shop.order(placed.order).attention, Attention::excess);
  EXPECT_EQ(shop.order(placed.order).paid, usd(1'000));
  EXPECT_EQ(shop.settlements(placed.order).at(1).excess, usd(1'000));
  EXPECT_EQ(shop.product(product).stock, 4);
}

TEST(MarkPaid, OnlyWhatIsStillOwed) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  auto part = shop.money(placed.session, "hash-1");
  part.amount = usd(300);
  shop.settle(part);
  ASSERT_TRUE(shop.mark_paid(placed.order).has_value());
  EXPECT_EQ(shop.settlements(placed.order).at(1).counted, usd(700));
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(refusal(shop.mark_paid(placed.order)), ErrorCode::conflict);
  EXPECT_EQ(refusal(shop.mark_paid(core::OrderId(999))), ErrorCode::not_found);
}

TEST(Cancel, Law4_AsksFirstThenGivesTheGoodsBack) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product, 2);
  const auto second = shop.open_session(placed.order, usd(2'000));
  EXPECT_EQ(shop.cancel(placed.order), CancelResult::canceled);
  EXPECT_EQ(shop.bank->times_asked(shop.session(placed.session).md5_hash), 1);
  EXPECT_EQ(shop.bank->times_asked(shop.session(second).md5_hash), 1);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::canceled);
  EXPECT_EQ(shop.order(placed.order).stock_state, StockState::released);
  EXPECT_EQ(shop.product(product).reserved, 0);
  EXPECT_EQ(shop.product(product).stock, 5);
  for (const auto id : {placed.session, second}) {
    EXPECT_EQ(shop.session(id).status, SessionStatus::canceled);
    EXPECT_TRUE(shop.session(id).next_check_at) << "it is still asked about";
  }
  const auto entry = shop.audit(placed.order).back();
  EXPECT_EQ(entry.action, "order.canceled");
  const auto details = *base::Json::parse(entry.details);
  EXPECT_EQ(details["order"]["status"], base::Json("canceled"));
  EXPECT_EQ(details["stock"].array().size(), 1U);
  EXPECT_EQ(entry.actor, "customer 1");
  // Once more is no news, and worth no call to the bank.
  EXPECT_EQ(shop.cancel(placed.order), CancelResult::canceled);
  EXPECT_EQ(shop.bank->times_asked(shop.session(second).md5_hash), 1);
  EXPECT_EQ(shop.product(product).reserved, 0);
  EXPECT_EQ(shop.audit(placed.order).size(), 1U);
}

TEST(Cancel, IsRefusedWhileTheBankCannotSay) {
  Shop shop({.calls_per_second = 1, .burst = 1});
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  shop.bank->otherwise = providers::Unknown{};
  EXPECT_EQ(refusal(shop.cancel(placed.order)), ErrorCode::provider_unavailable);
  // Nor when the budget of calls is used up.
  shop.bank->otherwise = providers::NotYet{};
  EXPECT_EQ(refusal(shop.cancel(placed.order)), ErrorCode::provider_unavailable);
  EXPECT_EQ(shop.bank->questions.size(), 1U);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::open);
  EXPECT_EQ(shop.product(product).reserved, 1);
}

TEST(Cancel, FindsThatItIsPaidAndCompletes) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  shop.bank_has_money(placed.session, "hash-1");
  EXPECT_EQ(shop.cancel(placed.order), CancelResult::completed);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.product(product).stock, 4);
  EXPECT_EQ(shop.cancel(placed.order), CancelResult::completed);
}

TEST(Cancel, IsRefusedWhilePartOfTheMoneyIsHere) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  auto part = shop.money(placed.session, "hash-1");
  part.amount = usd(300);
  shop.settle(part);
  EXPECT_EQ(refusal(shop.cancel(placed.order)), ErrorCode::conflict);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(refusal(shop.cancel(core::OrderId(999))), ErrorCode::not_found);
}

TEST(CleanUp, S0_56_C6_ExpiresOnlyWhatTheBankHasDenied) {
  Shop shop;
  const auto denied = shop.place(shop.add_product(5));
  const auto unasked = shop.place(shop.add_product(5));
  const auto failing = shop.place(shop.add_product(5));
  shop.advance(16min);
  shop.write<storage::Rows>([&](WritableBooks& books) {
    return books.note_check(denied.session, "not_yet", shop.clock.now(), shop.clock.now() + 1h);
  });
  shop.bank->otherwise = providers::Unknown{};
  shop.ask(failing.session);
  const auto cleaned = shop.run(clean_up(*shop.store, shop.clock, 24h * 45, "boss"));
  EXPECT_EQ(cleaned, 1);
  EXPECT_EQ(shop.session(denied.session).status, SessionStatus::expired);
  EXPECT_EQ(shop.session(unasked.session).status, SessionStatus::open);
  EXPECT_EQ(shop.session(failing.session).status, SessionStatus::open);
  EXPECT_LE(*shop.session(failing.session).next_check_at, shop.clock.now()) << "asked once more";
  const auto audit = shop.read<std::vector<storage::AuditEntry>>(
      [](auto& books) { return books.audit_of("system", 0); });
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit[0].actor, "boss");
  EXPECT_EQ(audit[0].action, "sessions.cleaned");
}

TEST(CleanUp, S0_61_S0_70_RunsDailyByItself) {
  Shop shop;
  base::spawn(shop.executor, clean_up_daily(*shop.store, shop.clock, 24h * 45, shop.log));
  const auto runs = [&] {
    return shop
        .read<std::vector<storage::AuditEntry>>(
            [](auto& books) { return books.audit_of("system", 0); })
        .size();
  };
  shop.advance(1min);
  EXPECT_EQ(runs(), 1U);
  shop.advance(24h * 3);
  EXPECT_EQ(runs(), 4U);
}

TEST(CleanUp, T0_9_WhatIsPaidAfterExpiryStillCompletes) {
  Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  shop.advance(20min);
  shop.ask(placed.session);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::expired);
  shop.run(clean_up(*shop.store, shop.clock, 24h * 45, "system")).value();
  shop.bank_has_money(placed.session, "hash-1");
  shop.ask(placed.session, AskReason::poll);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

}  // namespace
}  // namespace quittance::detect
