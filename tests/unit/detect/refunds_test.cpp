// Money that a provider is asked to send back: a wish is sent once, whatever is lost on the way,
// and the books follow what the provider then says (N4, C16).
#include <gtest/gtest.h>

#include <algorithm>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::Result;
using base::Task;
using core::OrderStatus;
using core::Outcome;
using providers::RefundState;
using testing::Placed;
using testing::usd;
using namespace std::chrono_literals;

/// A shop whose provider sends money back, once for each key.
struct Counter : testing::Shop {
  Counter() {
    bank->on_refund = [this](const providers::RefundDraft& draft) { return send_back(draft); };
    placed = place(add_product(10));
    settle(money(placed.session, "pay-1"));
    tell();
  }
  Result<providers::RefundRef> send_back(const providers::RefundDraft& draft) {
    if (refuses) return base::fail(ErrorCode::provider_refused, "Bank refused: too old.");
    if (never_arrives) return base::fail(ErrorCode::provider_unavailable, "Not reached.");
    const bool is_new = std::ranges::find(keys, draft.idempotency_key) == keys.end();
    if (is_new) {
      keys.push_back(draft.idempotency_key);
      gone = *gone.plus(draft.amount);
      if (shows) tell();
    }
    if (answer_lost) return base::fail(ErrorCode::provider_unavailable, "No answer in time.");
    return providers::RefundRef{.provider_ref = "re_" + std::to_string(keys.size()),
                                .state = state,
                                .amount = draft.amount};
  }
  /// From now on it says of the payment how it is.
  void tell() {
    providers::ListedPayment payment{.payment_ref = "pay-1",
                                     .provider_ref = "",
                                     .merchant_reference = "",
                                     .state = providers::PaymentState::paid,
                                     .amount = usd(1'000),
                                     .refunded = gone,
                                     .payer = "payer",
                                     .created_at = clock.now(),
                                     .raw = "{}"};
    bank->payments.insert_or_assign("pay-1", std::optional(std::move(payment)));
  }
  Task<Result<SentBack>> wishing(core::Money amount, const std::string& request,
                                 const std::string& actor) {
    RefundWish wish{.order_id = placed.order,
                    .settlement_id = settlements(placed.order).front().id,
                    .amount = amount,
                    .request = request};
    Hand hand{.actor = actor, .reason = "customer brought it back"};
    return refunds->send(std::move(wish), std::move(hand));
  }
  Result<SentBack> wish(core::Money amount, const std::string& request = "",
                        const std::string& actor = "sokha") {
    return run(wishing(amount, request, actor));
  }
  core::Money refunded() { return order(placed.order).refunded; }
  /// What the log says of the wishes, in order.
  std::vector<std::string> told() {
    std::vector<std::string> words;
    for (const storage::AuditEntry& entry : audit(placed.order)) {
      if (entry.action == "refund.recorded" || !entry.action.starts_with("refund.")) continue;
      const auto details = base::Json::parse(entry.details).value();
      const std::string answer = details["answer"].text_or_empty();
      words.push_back(answer.empty() ? entry.action : answer);
    }
    return words;
  }
  using Words = std::vector<std::string>;

  Placed placed;
  std::vector<std::string> keys;
  core::Money gone = usd(0);
  RefundState state = RefundState::succeeded;
  bool refuses = false;
  bool never_arrives = false;
  bool answer_lost = false;
  bool shows = true;
};

TEST(Refunds, N4_AllOfItGoesBackAndTheBooksSayWhatTheProviderSays) {
  Counter shop;
  EXPECT_EQ(shop.wish(usd(1'000))->outcome, Outcome::refunded);
  EXPECT_EQ(shop.order(shop.placed.order).status, OrderStatus::refunded);
  EXPECT_EQ(shop.refunded(), usd(1'000));
  ASSERT_EQ(shop.bank->refund_drafts.size(), 1U);
  const providers::RefundDraft& draft = shop.bank->refund_drafts[0];
  EXPECT_EQ(draft.payment_ref, "pay-1");
  EXPECT_EQ(draft.amount, usd(1'000));
  EXPECT_EQ(draft.reason, "customer brought it back");
  EXPECT_EQ(shop.told(), (Counter::Words{"refund.asked", "accepted"}));
  const auto entries = shop.audit(shop.placed.order);
  const auto asked = std::ranges::find(entries, "refund.asked", &storage::AuditEntry::action);
  EXPECT_EQ(asked->actor, "sokha");
  EXPECT_EQ(shop.wish(usd(1)).error().code, ErrorCode::conflict) << "nothing is left of it";
  EXPECT_EQ(shop.bank->refund_drafts.size(), 1U);
}

TEST(Refunds, PartByPartNeverMoreThanIsHeld) {
  Counter shop;
  EXPECT_EQ(shop.wish(usd(0)).error().code, ErrorCode::invalid_request);
  EXPECT_EQ(shop.wish(usd(1'001)).error().code, ErrorCode::conflict);
  EXPECT_TRUE(shop.told().empty()) << "what cannot be is not even written down";
  EXPECT_EQ(shop.wish(usd(400))->outcome, Outcome::refunded_partly);
  EXPECT_EQ(shop.order(shop.placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.wish(usd(601)).error().code, ErrorCode::conflict);
  EXPECT_EQ(shop.wish(usd(400))->outcome, Outcome::refunded_partly) << "another wish";
  EXPECT_EQ(shop.keys.size(), 2U);
  EXPECT_EQ(shop.wish(usd(200))->outcome, Outcome::refunded);
  EXPECT_EQ(shop.refunded(), usd(1'000));
}

TEST(Refunds, ARefusalLeavesTheMoneyCountedAndSaysWhy) {
  Counter shop;
  shop.refuses = true;
  const auto refused = shop.wish(usd(1'000));
  EXPECT_EQ(refused.error().code, ErrorCode::provider_refused);
  EXPECT_EQ(refused.error().message, "Bank refused: too old.");
  EXPECT_EQ(shop.order(shop.placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.refunded(), usd(0));
  EXPECT_EQ(shop.told(), (Counter::Words{"refund.asked", "refused"}));
  shop.refuses = false;
  EXPECT_EQ(shop.wish(usd(500))->outcome, Outcome::refunded_partly) << "a new wish, another sum";
  shop.state = RefundState::failed;
  shop.shows = false;
  EXPECT_EQ(shop.wish(usd(500)).error().code, ErrorCode::provider_refused);
  EXPECT_EQ(shop.refunded(), usd(500));
}

TEST(Refunds, C16_ALostAnswerThenTheSameWishSendsOnce) {
  Counter shop;
  shop.answer_lost = true;
  shop.shows = false;
  EXPECT_EQ(shop.wish(usd(400), "r-1").error().code, ErrorCode::provider_unavailable);
  EXPECT_EQ(shop.refunded(), usd(0)) << "unknown is not given back";
  EXPECT_EQ(shop.wish(usd(300), "r-2").error().code, ErrorCode::conflict) << "one is under way";
  shop.answer_lost = false;
  shop.shows = true;
  shop.tell();
  // Another request for the same sum is the same wish, as long as it is in doubt.
  EXPECT_EQ(shop.wish(usd(400), "r-3")->outcome, Outcome::already_refunded);
  EXPECT_EQ(shop.refunded(), usd(400));
  EXPECT_EQ(shop.keys.size(), 1U);
  EXPECT_EQ(shop.bank->refund_drafts.size(), 1U) << "it had gone back: nothing was sent again";
  EXPECT_EQ(shop.wish(usd(400), "r-1")->outcome, Outcome::already_refunded) << "much later";
  EXPECT_EQ(shop.wish(usd(300), "r-1").error().code, ErrorCode::idempotency_mismatch);
  EXPECT_EQ(shop.keys.size(), 1U);
  EXPECT_EQ(shop.refunded(), usd(400));
}

TEST(Refunds, C16_WhatNeverReachedTheProviderIsSentUnderItsFirstKey) {
  Counter shop;
  shop.never_arrives = true;
  EXPECT_EQ(shop.wish(usd(400)).error().code, ErrorCode::provider_unavailable);
  shop.never_arrives = false;
  EXPECT_EQ(shop.wish(usd(400), "", "dara")->outcome, Outcome::refunded_partly);
  ASSERT_EQ(shop.bank->refund_drafts.size(), 2U);
  EXPECT_EQ(shop.bank->refund_drafts[0].idempotency_key,
            shop.bank->refund_drafts[1].idempotency_key);
  EXPECT_EQ(shop.bank->refund_drafts[0].reason, shop.bank->refund_drafts[1].reason);
  EXPECT_EQ(shop.refunded(), usd(400));
}

TEST(Refunds, ALostAnswerThatThePaymentItselfGivesIsNoDoubt) {
  Counter shop;
  shop.answer_lost = true;
  EXPECT_EQ(shop.wish(usd(1'000))->outcome, Outcome::refunded);
  EXPECT_EQ(shop.told(), (Counter::Words{"refund.asked", "seen"}));
}

TEST(Refunds, C16_ClicksInOneBreathAreOneWish) {
  Counter shop;
  shop.bank->latency = 300ms;
  std::vector<Task<Result<SentBack>>> clicks;
  for (int i = 0; i < 5; ++i)
    clicks.push_back(shop.wishing(usd(400), "click-" + std::to_string(i), "sokha"));
  const auto answers = shop.run(base::gather(std::move(clicks)));
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->outcome, Outcome::refunded_partly);
  }
  EXPECT_EQ(shop.bank->refund_drafts.size(), 1U);
  EXPECT_EQ(shop.refunded(), usd(400));
}

TEST(Refunds, WhatIsTakenOnButNotShownYetIsFoundLaterAndNotSentAgain) {
  Counter shop;
  shop.state = RefundState::pending;
  shop.shows = false;
  EXPECT_EQ(shop.wish(usd(400))->outcome, std::nullopt);
  EXPECT_EQ(shop.refunded(), usd(0));
  EXPECT_EQ(shop.wish(usd(400))->outcome, std::nullopt);
  EXPECT_EQ(shop.keys.size(), 1U) << "the same key";
  shop.tell();
  providers::RawNotice raw;
  raw.body = "signed r-1 refund.processed - pay-1 " + shop.session(shop.placed.session).session_id;
  ASSERT_TRUE(shop.run(shop.notices->receive(*shop.bank, std::move(raw))));
  shop.run(shop.notices->process_due());
  EXPECT_EQ(shop.refunded(), usd(400));
}

TEST(Refunds, WhatSomebodySentInTheDashboardMeanwhileIsNotSentAgain) {
  Counter shop;
  shop.gone = usd(1'000);
  shop.tell();
  EXPECT_EQ(shop.wish(usd(1'000))->outcome, Outcome::already_refunded);
  EXPECT_TRUE(shop.bank->refund_drafts.empty());
  EXPECT_EQ(shop.order(shop.placed.order).status, OrderStatus::refunded);
}

TEST(Refunds, C13_FromTheThresholdOnNothingIsSentOnOneWord) {
  Counter shop;
  shop.context.policy.second_approver_from.push_back(usd(500));
  shop.refunds = std::make_unique<Refunds>(
      RefundParts{*shop.store, shop.registry, shop.context, shop.bulletin, shop.log});
  EXPECT_EQ(shop.wish(usd(499))->outcome, Outcome::refunded_partly);
  EXPECT_EQ(shop.wish(usd(1))->outcome, Outcome::awaiting_approval) << "and not in parts";
  EXPECT_EQ(shop.wish(usd(500))->outcome, Outcome::awaiting_approval);
  EXPECT_EQ(shop.wish(usd(500))->outcome, Outcome::awaiting_approval) << "the same person twice";
  EXPECT_EQ(shop.bank->refund_drafts.size(), 1U);
  EXPECT_EQ(shop.wish(usd(500), "", "dara")->outcome, Outcome::refunded_partly);
  EXPECT_EQ(shop.bank->refund_drafts.size(), 2U);
  EXPECT_EQ(shop.told(), (Counter::Words{"refund.asked", "accepted", "refund.asked", "refund.asked",
                                         "refund.confirmed", "accepted"}));
}

TEST(Refunds, WhoCannotSendAnythingBackIsNotAsked) {
  Counter shop;
  shop.bank->on_refund = nullptr;
  EXPECT_EQ(shop.wish(usd(400)).error().code, ErrorCode::unsupported);
  EXPECT_TRUE(shop.told().empty());
  RefundWish stray{
      .order_id = shop.placed.order, .settlement_id = core::SettlementId(99), .amount = usd(1)};
  Hand hand{.actor = "sokha", .reason = "customer brought it back"};
  EXPECT_EQ(shop.run(shop.refunds->send(std::move(stray), std::move(hand))).error().code,
            ErrorCode::not_found);
  RefundWish wish{.order_id = shop.placed.order,
                  .settlement_id = shop.settlements(shop.placed.order).front().id,
                  .amount = usd(1)};
  Hand silent{.actor = "sokha", .reason = "why"};
  EXPECT_EQ(shop.run(shop.refunds->send(std::move(wish), std::move(silent))).error().code,
            ErrorCode::invalid_request);
}

}  // namespace
}  // namespace quittance::detect
