// Pulled lists in virtual time: nothing is missed, nothing is counted twice, and one run goes on at
// a time (S4.1 to S4.11, C29, C30, T4).
#include <gtest/gtest.h>

#include <set>

#include "unit/detect/sync_fixture.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using core::EvidenceSource;
using core::OrderStatus;
using providers::PaymentState;
using storage::Sql;
using storage::SyncRun;
using testing::Placed;
using testing::usd;
using namespace std::chrono_literals;

constexpr Sql kSettlements{"SELECT COUNT(*) AS n FROM settlements"};
constexpr Sql kRefunds{"SELECT COUNT(*) AS n FROM refunds"};
constexpr Sql kPayments{"SELECT COUNT(*) AS n FROM provider_payments"};
constexpr Sql kUnreadable{"SELECT COUNT(*) AS n FROM unreadable_payments"};

TEST(Sync, S4_4_APaidPaymentOfTheListClosesItsOrderOnce) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  shop.list("pay-1", placed.session);
  const SyncRun first = shop.pull();
  EXPECT_EQ(first.state, "done");
  EXPECT_EQ(first.fetched, 1);
  EXPECT_EQ(first.created, 1);
  EXPECT_EQ(first.settled, 1);
  EXPECT_EQ(first.actor, "sokha");
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.evidence_of(placed.order).at(0).evidence.source, EvidenceSource::sync);
  EXPECT_EQ(shop.record("pay-1").session_id, placed.session);
  for (int i = 0; i < 3; ++i) {
    const SyncRun again = shop.pull();
    EXPECT_EQ(again.fetched, 1);
    EXPECT_EQ(again.created + again.updated + again.settled, 0);
  }
  EXPECT_EQ(shop.number(kSettlements), 1);
  EXPECT_EQ(shop.evidence_of(placed.order).size(), 1U);
}

TEST(Sync, C30_TwoHundredAndFiftyPaymentsOverPagesToTheEnd) {
  Puller shop;
  const auto silk = shop.add_product(300);
  std::vector<Placed> all;
  for (int i = 0; i < 250; ++i) {
    all.push_back(shop.place(silk));
    shop.list("pay-" + std::to_string(i), all.back().session);
  }
  const SyncRun run = shop.pull();
  EXPECT_EQ(shop.bank->windows.size(), 3U);
  EXPECT_EQ(shop.bank->windows.front().until, shop.bank->windows.back().until) << "it stands still";
  EXPECT_EQ(run.fetched, 250);
  EXPECT_EQ(run.settled, 250);
  EXPECT_EQ(shop.number(kSettlements), 250);
}

TEST(Sync, N1_WhatTheQuestionCountedIsOnlyMatched) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  shop.bank_has_money(placed.session, "pay-1");
  shop.ask(placed.session);
  shop.list("pay-1", "", usd(1'000));
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.settled, 0);
  EXPECT_EQ(run.unmatched, 0);
  EXPECT_EQ(shop.record("pay-1").session_id, placed.session) << "by its settlement";
  EXPECT_EQ(shop.record("pay-1").outcome, "counted");
  EXPECT_EQ(shop.number(kSettlements), 1);
}

TEST(Sync, N1_AQuestionAfterwardsCountsNothingMore) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  shop.list("pay-1", placed.session);
  shop.pull();
  shop.bank_has_money(placed.session, "pay-1");
  shop.ask(placed.session);
  EXPECT_EQ(shop.number(kSettlements), 1);
  EXPECT_EQ(shop.order(placed.order).paid, usd(1'000));
}

/// A payment of whoever registered for an event, as a page of its own, asked for by itself.
PageWritten write_registration(Puller& shop, const providers::ListedPayment& payment,
                               const Admit& admit, const std::string& actor = "system") {
  return shop.write<PageWritten>([&](storage::WritableBooks& books) {
    SeenPage page{.payments = {{.payment = payment, .looked_up = true}}, .actor = actor};
    return write_listed(books, shop.context, "bakong", page, admit);
  });
}

providers::ListedPayment registration(Puller& shop) {
  providers::ListedPayment payment =
      shop.list("pay-1", "", usd(1'000), providers::PaymentState::paid);
  payment.registration = providers::Registration{.name = "Asha", .roll_number = "7"};
  return payment;
}

TEST(Sync, S4_5_AnOlderWordAdmitsNobody) {
  Puller shop;
  std::set<providers::PaymentState> seen;
  const Admit admit = [&seen](storage::WritableBooks&, const std::string&,
                              const providers::ListedPayment& payment, const std::string&) {
    seen.insert(payment.state);
    return base::Result<Admitted>(Admitted{.outcome = "no_event"});
  };
  const providers::ListedPayment payment = registration(shop);
  providers::ListedPayment returned = payment;
  returned.state = providers::PaymentState::refunded;
  returned.refunded = payment.amount;
  write_registration(shop, returned, admit);
  seen.clear();
  write_registration(shop, payment, admit);  // read before the money went back, written after
  EXPECT_EQ(seen, std::set{providers::PaymentState::refunded});
}

TEST(Sync, S4_38_WhatAPersonHasToDecideIsNotDecidedByTheNextRun) {
  Puller shop;
  bool asked = false;
  std::string outcome = "event_full";
  const Admit admit = [&](storage::WritableBooks&, const std::string&,
                          const providers::ListedPayment&, const std::string&) {
    asked = true;
    return base::Result<Admitted>(Admitted{.outcome = outcome});
  };
  const providers::ListedPayment payment = registration(shop);
  const auto asks = [&](const std::string& actor) {
    asked = false;
    write_registration(shop, payment, admit, actor);
    return asked;
  };
  EXPECT_TRUE(asks("system"));
  EXPECT_FALSE(asks("system")) << "the money waits to be given back";
  outcome = "no_event";
  EXPECT_TRUE(asks("sokha")) << "a person may";
  EXPECT_TRUE(asks("system")) << "an event may be made yet";
}

TEST(Sync, T4_AuthorizedIsNoMoneyUntilItIsCaptured) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  auto& payment = shop.list("pay-1", placed.session);
  payment.state = PaymentState::authorized;
  payment.paid_at.reset();
  EXPECT_EQ(shop.pull().settled, 0);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  payment.state = PaymentState::paid;
  payment.paid_at = shop.clock.now();
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.updated, 1);
  EXPECT_EQ(run.settled, 1);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

TEST(Sync, T4_AuthorizedThatLeftTheWindowIsAskedForByItself) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  auto& payment = shop.list("pay-1", placed.session);
  payment.state = PaymentState::authorized;
  payment.paid_at.reset();
  shop.pull();
  shop.clock.advance(50h);
  payment.state = PaymentState::paid;
  payment.paid_at = shop.clock.now();
  shop.bank->payments.insert_or_assign("pay-1", std::optional(payment));
  shop.pull();
  shop.clock.advance(30h);
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.fetched, 0) << "no list has it any more";
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.number(kSettlements), 1);
}

TEST(Sync, T4_C30_AnOutageOfThreeDaysThenAllIsFound) {
  Puller shop;
  const auto silk = shop.add_product(300);
  EXPECT_EQ(shop.pull().state, "done");
  const auto watermark = shop.head().watermark_at;
  shop.bank->cannot_list = base::Error{.code = ErrorCode::timeout, .message = "No answer in time."};
  base::spawn(shop.executor, shop.sync->run());
  for (int i = 0; i < 72; ++i) {
    const Placed placed = shop.place(silk);
    shop.list("pay-" + std::to_string(i), placed.session);
    shop.advance(1h);
  }
  EXPECT_EQ(shop.head().watermark_at, watermark) << "what was not read is not passed over";
  EXPECT_EQ(shop.runs().front().state, "failed");
  EXPECT_EQ(shop.runs().front().error, "No answer in time.");
  EXPECT_EQ(shop.number(kSettlements), 0);
  shop.bank->cannot_list.reset();
  shop.advance(31min);
  EXPECT_EQ(shop.number(kSettlements), 72);
  EXPECT_EQ(shop.runs().front().state, "done");
  EXPECT_EQ(shop.head().watermark_at, shop.runs().front().until_at);
  shop.sync->stop();
  shop.advance(10s);
}

TEST(Sync, C30_AFailureThatPassesIsTriedAgainWithinTheRun) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  shop.list("pay-1", placed.session);
  int asked = 0;
  shop.bank->on_page = [&] {
    shop.bank->cannot_list.reset();
    if (++asked <= 2) shop.bank->cannot_list = base::Error{.code = ErrorCode::timeout};
  };
  const auto started_at = shop.clock.now();
  EXPECT_EQ(shop.pull().state, "done");
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(shop.clock.now() - started_at, 10s) << "pauses of 2 and 8 seconds";
  EXPECT_EQ(shop.number(kSettlements), 1);
}

TEST(Sync, ARefusalIsNotTriedAgainAndSaysSo) {
  Puller shop;
  shop.bank->cannot_list =
      base::Error{.code = ErrorCode::provider_refused, .message = "The bank refused it."};
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.state, "failed");
  EXPECT_EQ(run.error, "The bank refused it.");
  EXPECT_EQ(run.failed, 1);
  EXPECT_EQ(shop.bank->windows.size(), 1U);
  EXPECT_FALSE(shop.head().watermark_at.has_value());
  EXPECT_FALSE(shop.head().run_id.has_value()) << "the next one need not wait";
}

TEST(Sync, C30_AFailureOnALaterPageKeepsTheEarlierOnesAndRepeatsAll) {
  Puller shop;
  const auto silk = shop.add_product(30);
  shop.bank->page_size = 2;
  for (int i = 0; i < 5; ++i)
    shop.list("pay-" + std::to_string(i), shop.place(silk).session);
  int asked = 0;
  shop.bank->on_page = [&] {
    if (++asked == 2) shop.bank->cannot_list = base::Error{.code = ErrorCode::provider_refused};
  };
  EXPECT_EQ(shop.pull().state, "partial");
  EXPECT_EQ(shop.number(kSettlements), 2);
  EXPECT_FALSE(shop.head().watermark_at.has_value());
  shop.bank->cannot_list.reset();
  shop.bank->on_page = [] {};
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.settled, 3);
  EXPECT_EQ(shop.number(kSettlements), 5);
}

TEST(Sync, T4_S4_3_NotesThatAreAnEmptyListAndNoReferenceFitNoSessionAndStaffSeesIt) {
  Puller shop;
  shop.list("pay-1", "", usd(700));
  shop.list("pay-2", "somebody else's", usd(900), PaymentState::failed);
  shop.bank->unreadable = {R"({"id":7,"amount":"many"})"};
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.fetched, 3);
  EXPECT_EQ(run.unmatched, 1) << "what failed is no money";
  EXPECT_EQ(run.unreadable, 1);
  EXPECT_EQ(run.state, "done");
  const auto unmatched =
      shop.read<std::vector<storage::ProviderPayment>>([](storage::Books& books) {
        return books.provider_payments({.provider = "", .unmatched = true, .before = {}});
      });
  ASSERT_EQ(unmatched.size(), 1U);
  EXPECT_EQ(unmatched.at(0).payment_ref, "pay-1");
  EXPECT_EQ(shop.number(kSettlements), 0);
  shop.pull();
  EXPECT_EQ(shop.number(kUnreadable), 1) << "kept once";
  EXPECT_EQ(shop.number(kPayments), 2);
}

TEST(Sync, APaymentWithoutAReferenceIsLookedUpOnce) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  auto detail = shop.list("pay-1", "", usd(1'000));
  detail.merchant_reference = shop.session(placed.session).session_id;
  shop.bank->payments.insert_or_assign("pay-1", std::optional(detail));
  EXPECT_EQ(shop.pull().settled, 1);
  EXPECT_EQ(shop.record("pay-1").session_id, placed.session);
  EXPECT_EQ(shop.record("pay-1").merchant_reference, detail.merchant_reference);
  EXPECT_EQ(shop.pull().updated, 0) << "the list says less, and that is no news";
}

TEST(Sync, N6_ASecondPaymentOfASettledQrIsExcess) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  shop.list("pay-1", placed.session);
  shop.list("pay-2", placed.session);
  EXPECT_EQ(shop.pull().settled, 2);
  EXPECT_EQ(shop.record("pay-2").outcome, "excess");
  EXPECT_TRUE(shop.order(placed.order).attention.has(core::Attention::excess));
  EXPECT_EQ(shop.order(placed.order).paid, usd(1'000));
  shop.pull();
  EXPECT_EQ(shop.number(kSettlements), 2);
}

TEST(Sync, N4_ARefundInTheProvidersDashboardIsWrittenOnceForEachTotal) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  auto& payment = shop.list("pay-1", placed.session);
  shop.pull();
  payment.refunded = usd(400);
  EXPECT_EQ(shop.pull().returned, 1);
  EXPECT_EQ(shop.pull().returned, 0);
  EXPECT_EQ(shop.order(placed.order).refunded, usd(400));
  payment.refunded = usd(1'000);
  payment.state = PaymentState::refunded;
  EXPECT_EQ(shop.pull().returned, 1);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::refunded);
  payment.refunded = usd(400);
  payment.state = PaymentState::paid;
  EXPECT_EQ(shop.pull().updated, 0) << "an older word, read late";
  EXPECT_EQ(shop.number(kRefunds), 2);
}

TEST(Sync, N4_ADisputeThatNobodyToldOfIsFoundInTheListAndWrittenOnce) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  auto& payment = shop.list("pay-1", placed.session);
  shop.pull();
  payment.disputed = usd(0);
  EXPECT_EQ(shop.pull().returned, 0) << "an inquiry";
  payment.disputed = usd(1'000);
  EXPECT_EQ(shop.pull().returned, 1);
  EXPECT_EQ(shop.pull().returned, 0);
  EXPECT_EQ(shop.record("pay-1").outcome, "refunded");
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::refunded);
  EXPECT_TRUE(shop.order(placed.order).attention.has(core::Attention::reversed));
  payment.disputed = std::nullopt;
  EXPECT_EQ(shop.pull().updated, 0) << "a list that does not say takes nothing back";
  EXPECT_EQ(shop.number(kRefunds), 1);
}

TEST(Sync, AListThatKnowsOnlyWhenMoneyWasAskedForIsNoNewsAtEveryRun) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  auto& payment = shop.list("pay-1", placed.session);
  const auto asked_for = payment.paid_at.value();
  shop.pull();
  payment.paid_at = asked_for + 1s;  // as Stripe's list of intents tells it, with the charge
  EXPECT_EQ(shop.pull().updated, 1);
  payment.paid_at = asked_for;  // and as its events do, without
  EXPECT_EQ(shop.pull().updated, 0);
  EXPECT_EQ(shop.record("pay-1").paid_at, asked_for + 1s);
}

TEST(Sync, AnotherProvidersSessionIsNoneOfItsBusiness) {
  Puller shop;
  core::Session other = shop.draft(std::nullopt, usd(500), "BILL_X");
  other.provider = "elsewhere";
  shop.write<core::SessionId>(
      [&other](storage::WritableBooks& books) { return books.insert_session(other); });
  shop.list("pay-1", other.session_id, usd(500));
  EXPECT_EQ(shop.pull().unmatched, 1);
  EXPECT_EQ(shop.number(kSettlements), 0);
}

TEST(Sync, MoneyThatDoesNotCountIsHandedInOnceAndNotAtEveryRun) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  shop.list("pay-1", shop.session(placed.session).session_id, testing::khr(4'000'000));
  shop.pull();
  EXPECT_EQ(shop.record("pay-1").outcome, "currency_mismatch");
  const std::size_t entries = shop.audit(placed.order).size();
  shop.pull();
  EXPECT_EQ(shop.audit(placed.order).size(), entries);
}

TEST(Sync, S4_32_EveryStepIsInTheLog) {
  Puller shop;
  const Placed placed = shop.place(shop.add_product(3));
  auto& payment = shop.list("pay-1", placed.session);
  payment.state = PaymentState::pending;
  payment.paid_at.reset();
  const SyncRun run = shop.pull();
  const auto of_run = shop.actions("sync_run", run.id);
  EXPECT_EQ(of_run, (std::vector<std::string>{"sync.started", "sync.finished"}));
  payment.state = PaymentState::paid;
  payment.paid_at = shop.clock.now();
  shop.pull();
  EXPECT_EQ(shop.actions("provider_payment", shop.record("pay-1").id),
            (std::vector<std::string>{"provider_payment.recorded", "provider_payment.changed"}));
}

TEST(Sync, WhoCannotListIsNotPulled) {
  Puller shop;
  EXPECT_EQ(shop.run(shop.sync->run_once("nobody", "sokha")).error().code, ErrorCode::not_found);
  shop.bank->lists = false;
  EXPECT_EQ(shop.try_pull().error().code, ErrorCode::unsupported);
  EXPECT_EQ(shop.run(shop.sync->run_due()), 0);
}

}  // namespace
}  // namespace quittance::detect
