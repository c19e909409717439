// Notices: hints that cause questions. Whatever is forged, repeated, out of order or late does no
// harm (N12).
#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::Result;
using storage::Sql;
using storage::StoredNotice;
using testing::Placed;
using testing::usd;
using namespace std::chrono_literals;

constexpr Sql kNotices{"SELECT COUNT(*) AS n FROM notices"};
constexpr Sql kSettlements{"SELECT COUNT(*) AS n FROM settlements"};
constexpr Sql kRefunds{"SELECT COUNT(*) AS n FROM refunds"};

struct Office : testing::Shop {
  Result<bool> receive(std::string body) {
    providers::RawNotice raw;
    raw.headers.add("X-Seal", "of wax");
    raw.headers.add("Authorization", "Bearer secret");
    raw.body = std::move(body);
    return run(notices->receive(*bank, std::move(raw)));
  }
  std::int64_t process() { return run(notices->process_due()); }
  StoredNotice stored(const char* notice_id) {
    return read<std::optional<StoredNotice>>(
               [&](storage::Books& books) { return books.notice("bakong", notice_id); })
        .value();
  }
  std::string about(core::SessionId id, std::string notice_id, std::string kind = "paid") {
    return "signed " + notice_id + " " + kind + " - - " + session(id).session_id;
  }
  providers::ListedPayment payment(std::string ref, core::Money returned) {
    return {.payment_ref = std::move(ref),
            .provider_ref = "",
            .merchant_reference = "",
            .state = providers::PaymentState::paid,
            .amount = usd(1'000),
            .refunded = returned,
            .payer = "payer",
            .created_at = clock.now(),
            .raw = "{}"};
  }
};

TEST(Notices, N12_ATrueOneIsKeptToTheByteAndCausesOneQuestion) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "ref-1");
  const std::string body = office.about(placed.session, "n-1");
  EXPECT_EQ(office.receive(body), true);
  EXPECT_TRUE(office.bank->questions.empty()) << "answered before anybody is asked";
  const StoredNotice kept = office.stored("n-1");
  EXPECT_EQ(kept.body, body);
  EXPECT_NE(kept.headers.find("of wax"), std::string::npos);
  EXPECT_EQ(kept.headers.find("secret"), std::string::npos) << "credentials are not kept";
  EXPECT_EQ(office.process(), 1);
  EXPECT_EQ(office.bank->questions.size(), 1U);
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::completed);
  EXPECT_EQ(office.stored("n-1").outcome, "paid");
  EXPECT_TRUE(office.stored("n-1").processed);
  EXPECT_EQ(office.evidence_of(placed.order).at(0).evidence.source, core::EvidenceSource::webhook);
  EXPECT_EQ(office.process(), 0);
}

TEST(Notices, N12_AForgedOneLeavesNoTrace) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  EXPECT_EQ(
      office.receive("paid n-1 paid - - " + office.session(placed.session).session_id).error().code,
      ErrorCode::forbidden);
  EXPECT_EQ(office.receive("signed").error().code, ErrorCode::invalid_request);
  EXPECT_EQ(office.receive("signed n-1 paid" + std::string(kNoticeBodyLimit, ' ')).error().code,
            ErrorCode::payload_too_large);
  EXPECT_EQ(office.number(kNotices), 0);
  EXPECT_EQ(office.process(), 0);
  EXPECT_TRUE(office.bank->questions.empty());
}

TEST(Notices, N12_C23_ATrueOneThatLiesMovesNothing) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.receive(office.about(placed.session, "n-1")).value();
  EXPECT_EQ(office.process(), 1);
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::pending)
      << "the provider was asked, and says that nothing came";
  EXPECT_EQ(office.stored("n-1").outcome, "not_yet");
  for (int i = 0; i < 100; ++i) {
    office.advance(1s);
    office.process();
  }
  EXPECT_TRUE(office.stored("n-1").processed);
  EXPECT_EQ(office.stored("n-1").outcome, "not_yet");
  EXPECT_EQ(office.stored("n-1").attempts, kNotYetAttempts) << "and no oftener";
  EXPECT_EQ(office.bank->questions.size(), static_cast<std::size_t>(kNotYetAttempts));
}

TEST(Notices, C17_OneThatComesBeforeTheMoneyCanBeSeenIsAskedAboutAgainSoon) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.receive(office.about(placed.session, "n-1")).value();
  EXPECT_EQ(office.process(), 1);
  EXPECT_EQ(office.stored("n-1").outcome, "not_yet");
  EXPECT_FALSE(office.stored("n-1").processed);
  office.bank_has_money(placed.session, "ref-1");
  office.advance(1'999ms);
  EXPECT_EQ(office.process(), 0);
  office.advance(1ms);
  EXPECT_EQ(office.process(), 1);
  EXPECT_EQ(office.stored("n-1").outcome, "paid");
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::completed);
}

TEST(Notices, OneThatSaysItselfThatNothingCameIsAskedAboutOnce) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  for (const char* kind : {"payment.failed", "payment_intent.canceled", "session.expired"}) {
    office.receive(office.about(placed.session, kind, kind)).value();
    EXPECT_EQ(office.process(), 1);
    EXPECT_TRUE(office.stored(kind).processed);
    office.advance(2s);
    EXPECT_EQ(office.process(), 0);
  }
}

TEST(Notices, N12_TheSameOneAgainIsOne) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "ref-1");
  const std::string body = office.about(placed.session, "n-1");
  EXPECT_EQ(office.receive(body), true);
  EXPECT_EQ(office.receive(body), false);
  office.process();
  EXPECT_EQ(office.receive(body), false) << "replayed after it was processed";
  EXPECT_EQ(office.process(), 0);
  EXPECT_EQ(office.number(kNotices), 1);
  EXPECT_EQ(office.number(kSettlements), 1);
}

TEST(Notices, N12_TwoOfTheSamePaymentCountItOnce) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "ref-1");
  office.receive(office.about(placed.session, "n-1", "credited")).value();
  office.receive(office.about(placed.session, "n-2", "captured")).value();
  EXPECT_EQ(office.process(), 2);
  EXPECT_EQ(office.number(kSettlements), 1);
  office.receive(office.about(placed.session, "n-3", "closed")).value();
  office.process();
  EXPECT_EQ(office.stored("n-3").outcome, "settled_before");
  EXPECT_EQ(office.number(kSettlements), 1);
}

TEST(Notices, N12_N4_AFailureThatComesLateUndoesNothing) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "ref-1");
  office.receive(office.about(placed.session, "n-1")).value();
  office.process();
  office.bank->answers.clear();
  office.bank->otherwise = providers::FinalNo{.reason = "failed"};
  office.receive(office.about(placed.session, "n-0", "payment_failed")).value();
  office.process();
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::completed);
}

TEST(Notices, N5_AnOutageOnlyPostponesIt) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank->otherwise = providers::Unknown{.reason = providers::UnknownReason::timeout};
  office.receive(office.about(placed.session, "n-1")).value();
  EXPECT_EQ(office.process(), 1);
  EXPECT_FALSE(office.stored("n-1").processed);
  EXPECT_EQ(office.process(), 0) << "not at once again";
  office.advance(2s);
  EXPECT_EQ(office.process(), 1);
  office.bank_has_money(placed.session, "ref-1");
  office.advance(3s);
  EXPECT_EQ(office.process(), 0) << "the pauses grow";
  office.advance(1s);
  EXPECT_EQ(office.process(), 1);
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::completed);
  EXPECT_EQ(office.stored("n-1").attempts, 3);
}

TEST(Notices, N5_PatienceEndsAndTheOrdinaryQuestionsGoOn) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank->otherwise = providers::Unknown{.reason = providers::UnknownReason::server_error};
  office.receive(office.about(placed.session, "n-1")).value();
  for (int i = 0; i < 40 && !office.stored("n-1").processed; ++i) {
    office.process();
    office.advance(30min);
  }
  EXPECT_EQ(office.stored("n-1").outcome, "given_up");
  EXPECT_EQ(office.stored("n-1").attempts, kNoticeAttempts);
  EXPECT_TRUE(office.session(placed.session).next_check_at.has_value());
}

TEST(Notices, ACrashWhileItIsWorkedOnLosesNothing) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "ref-1");
  office.receive(office.about(placed.session, "n-1")).value();
  // Somebody took it and was never heard of again.
  office.write<std::vector<StoredNotice>>([&office](storage::WritableBooks& books) {
    return books.claim_due_notices(office.clock.now(), office.clock.now() + 2min, 10);
  });
  EXPECT_EQ(office.process(), 0) << "it is being worked on";
  office.advance(2min);
  EXPECT_EQ(office.process(), 1);
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::completed);
}

TEST(Notices, OneThatNamesOnlyAPaymentIsLookedUp) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "pay-1");
  auto listed = office.payment("pay-1", usd(0));
  listed.merchant_reference = office.session(placed.session).session_id;
  office.bank->payments.emplace("pay-1", std::optional(listed));
  office.receive("signed n-1 captured - pay-1 -").value();
  office.process();
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::completed);
}

TEST(Notices, APaymentThatFitsNoSessionIsSaidToBeSo) {
  Office office;
  office.receive("signed n-1 captured - pay-9 -").value();
  office.receive("signed n-2 captured nobody - nobody").value();
  office.bank->payments.emplace("pay-8", base::fail(ErrorCode::timeout, "No answer."));
  office.receive("signed n-3 captured - pay-8 -").value();
  EXPECT_EQ(office.process(), 3);
  EXPECT_EQ(office.stored("n-1").outcome, "no_session");
  EXPECT_EQ(office.stored("n-2").outcome, "no_session");
  EXPECT_FALSE(office.stored("n-3").processed) << "whose it is could not be asked";
}

TEST(Notices, N12_AnotherProvidersSessionIsNoneOfItsBusiness) {
  Office office;
  const core::Session draft = [&office] {
    core::Session other = office.draft(std::nullopt, usd(500), "BILL_X");
    other.provider = "elsewhere";
    return other;
  }();
  office.write<core::SessionId>(
      [&draft](storage::WritableBooks& books) { return books.insert_session(draft); });
  office.receive("signed n-1 paid - - " + draft.session_id).value();
  office.process();
  EXPECT_EQ(office.stored("n-1").outcome, "no_session");
}

TEST(Notices, N4_MoneyThatWentBackIsWrittenOnceForEachTotal) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "pay-1");
  office.receive(office.about(placed.session, "n-1")).value();
  office.process();
  const auto say = [&](const char* notice_id, std::int64_t returned) {
    office.bank->payments.insert_or_assign("pay-1",
                                           std::optional(office.payment("pay-1", usd(returned))));
    office
        .receive("signed " + std::string(notice_id) + " refund.created - pay-1 " +
                 office.session(placed.session).session_id)
        .value();
    office.process();
    return office.stored(notice_id).outcome;
  };
  EXPECT_EQ(say("r-0", 0), "nothing_new");
  EXPECT_EQ(say("r-1", 400), "refunded_partly");
  EXPECT_EQ(say("r-2", 400), "nothing_new") << "another notice of the same return";
  EXPECT_EQ(office.number(kRefunds), 1);
  EXPECT_EQ(office.order(placed.order).refunded, usd(400));
  EXPECT_EQ(say("r-3", 1'000), "refunded");
  EXPECT_EQ(office.number(kRefunds), 2);
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::refunded);
  EXPECT_EQ(say("r-4", 400), "nothing_new") << "an old total, out of order";
  EXPECT_EQ(office.number(kRefunds), 2);
}

TEST(Notices, N4_ADisputeIsAReversalThatStaffSeeAndIsWrittenOnce) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "pay-1");
  office.receive(office.about(placed.session, "n-1")).value();
  office.process();
  const auto say = [&](const char* notice_id, std::int64_t returned, std::int64_t disputed) {
    auto payment = office.payment("pay-1", usd(returned));
    payment.disputed = usd(disputed);
    office.bank->payments.insert_or_assign("pay-1", std::optional(payment));
    office
        .receive("signed " + std::string(notice_id) + " charge.dispute.created - pay-1 " +
                 office.session(placed.session).session_id)
        .value();
    office.process();
    return office.stored(notice_id).outcome;
  };
  EXPECT_EQ(say("d-0", 0, 0), "nothing_new") << "an inquiry";
  EXPECT_EQ(office.order(placed.order).attention, core::Attention::none);
  EXPECT_EQ(say("d-1", 300, 0), "refunded_partly");
  EXPECT_EQ(office.order(placed.order).attention, core::Attention::none) << "our own doing";
  EXPECT_EQ(say("d-2", 300, 700), "refunded");
  const auto order = office.order(placed.order);
  EXPECT_EQ(order.status, core::OrderStatus::refunded);
  EXPECT_EQ(order.attention, core::Attention::reversed);
  EXPECT_EQ(order.refunded, usd(1'000));
  EXPECT_EQ(say("d-3", 300, 700), "nothing_new") << "told again";
  EXPECT_EQ(say("d-4", 300, 0), "nothing_new") << "won: what was taken stays written";
  EXPECT_EQ(say("d-5", 300, 700), "nothing_new") << "and lost again";
  const auto refunds = office.read<std::vector<storage::Refund>>(
      [&](auto& books) { return books.refunds_of_order(placed.order); });
  ASSERT_EQ(refunds.size(), 2U);
  EXPECT_EQ(refunds[0].kind, core::EvidenceKind::refund);
  EXPECT_EQ(refunds[1].kind, core::EvidenceKind::reversal);
  EXPECT_EQ(refunds[1].from_counted, usd(700));
}

TEST(Notices, N4_ARefundThatIsHeardOfBeforeThePaymentCountsBoth) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "pay-1");
  office.bank->payments.emplace("pay-1", std::optional(office.payment("pay-1", usd(1'000))));
  office.receive("signed r-1 charge.refunded - pay-1 " + office.session(placed.session).session_id)
      .value();
  office.process();
  EXPECT_EQ(office.stored("r-1").outcome, "refunded");
  EXPECT_EQ(office.number(kSettlements), 1);
  EXPECT_EQ(office.order(placed.order).status, core::OrderStatus::refunded);
}

TEST(Notices, OldOnesGoAndWaitingOnesStay) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.receive(office.about(placed.session, "n-1", "failed")).value();
  office.process();
  office.bank->otherwise = providers::Unknown{.reason = providers::UnknownReason::timeout};
  office.receive(office.about(placed.session, "n-2")).value();
  office.advance(kNoticesKeptFor + 1h);
  EXPECT_TRUE(office.run(clean_up(*office.store, office.clock, 24h * 45, "system")).has_value());
  EXPECT_EQ(office.number(kNotices), 1);
  EXPECT_FALSE(office.stored("n-2").processed);
}

TEST(Notices, TheLoopWorksThroughAPileInOrderOfItsOwn) {
  Office office;
  const auto silk = office.add_product(300);
  std::vector<Placed> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back(office.place(silk));
    office.bank_has_money(all.back().session, "ref-" + std::to_string(i));
    office.receive(office.about(all.back().session, "n-" + std::to_string(i))).value();
  }
  base::spawn(office.executor, office.notices->run());
  office.advance(60s);
  office.notices->stop();
  office.advance(1s);
  EXPECT_EQ(office.number(kSettlements), 300);
}

TEST(Notices, TheLoopBeginsOneWithinTenMilliseconds) {
  Office office;
  const Placed placed = office.place(office.add_product(3));
  office.bank_has_money(placed.session, "ref-1");
  base::spawn(office.executor, office.notices->run());
  office.advance(1s);
  office.receive(office.about(placed.session, "n-1")).value();
  office.advance(10ms);
  EXPECT_EQ(office.number(kSettlements), 1);
  office.notices->stop();
  office.advance(1s);
}

}  // namespace
}  // namespace quittance::detect
