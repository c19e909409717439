// The QPay adapter against its simulator, wire to wire.
#include "unit/providers/rail_street.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;
using namespace std::chrono_literals;

const base::Secret kCallbackKey("a key of the tests");

struct QpayStreet : RailStreet {
  explicit QpayStreet(std::string environment = "sandbox") : RailStreet("qpay") {
    provider = make_qpay({.base_url = std::string(WireToSandbox::kOrigin),
                          .client_id = "TEST_MERCHANT",
                          .client_secret = base::Secret("123456"),
                          .invoice_code = "TEST_INVOICE",
                          .environment = std::move(environment),
                          .callback_key = kCallbackKey},
                         *wire, clock, log);
  }
  SessionDraft draft(std::string tugrik = "2500") {
    return {.amount = *core::Money::parse(tugrik, *core::Currency::from_code("MNT")),
            .bill_number = "INV-42-1795000000000",
            .merchant_reference = "5f0c",
            .description = "Order 42",
            .callback_url = "http://shop.test/api/qpay/callback?session=5f0c&token=" +
                            callback_token(kCallbackKey, "5f0c"),
            .payer_phone{},
            .object_type = "order",
            .created_at = clock.now(),
            .expires_at = clock.now() + 24h * 45};
  }
  core::Session show(std::string tugrik = "2500") {
    const Presentation shown = run(provider->present(draft(tugrik))).value();
    return {.provider_ref = shown.provider_ref,
            .amount = *core::Money::parse(tugrik, *core::Currency::from_code("MNT")),
            .qr_data = shown.qr_data,
            .created_at = clock.now()};
  }
  std::string pay(const core::Session& session, std::string bank_name = "khanbank",
                  std::optional<std::string> amount = {}) {
    const auto paid = act(session.provider_ref, {.choice = bank_name, .amount = std::move(amount)});
    EXPECT_TRUE(paid.has_value());
    return paid.value_or(Json())["payment_id"].text_or_empty();
  }
};

TEST(QpayAndSandbox, S2_8_AnInvoiceHasAQrALinkForEachBankAndAnIdOfTheirs) {
  QpayStreet street;
  const Presentation shown = street.run(street.provider->present(street.draft())).value();
  EXPECT_EQ(shown.links.size(), 23U);
  EXPECT_EQ(shown.links.at(1).link, "khanbank://q?qPay_QRcode=" + shown.qr_data);
  EXPECT_EQ(shown.md5_hash, base::md5_hex(shown.qr_data));
  EXPECT_TRUE(shown.qr_data.starts_with("000201010212"));
  EXPECT_NE(shown.qr_data.find("5303496"), std::string::npos);
  EXPECT_NE(shown.qr_data.find("54042500"), std::string::npos);
  EXPECT_EQ(shown.provider_ref.size(), 36U);
  const Json invoice = street.bank->objects("qpay", "invoice").at(0);
  EXPECT_EQ(invoice["sender_invoice_no"].text_or_empty(), "INV-42-1795000000000");
  EXPECT_EQ(invoice["invoice_description"].text_or_empty(), "Order 42");
}

TEST(QpayAndSandbox, OnlyWholeTugrikAreAskedFor) {
  QpayStreet street;
  for (const auto& [text, code] : {std::pair("0", "MNT"), {"2500.50", "MNT"}, {"25.00", "USD"}}) {
    SessionDraft draft = street.draft();
    draft.amount = *core::Money::parse(text, *core::Currency::from_code(code));
    EXPECT_EQ(street.run(street.provider->present(std::move(draft))).error().param, "amount");
  }
  EXPECT_EQ(street.wire->calls.size(), 0U) << "found out before anybody is asked";
}

TEST(QpayAndSandbox, S2_9_ItIsSeenWhetherItWasPaidByWhomAndWhen) {
  QpayStreet street;
  const core::Session a = street.show();
  const core::Session b = street.show("100");
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(a)));
  street.advance(90s);
  const std::string id = street.pay(a);
  const base::Time paid_at = street.clock.now();
  street.advance(40s);
  const Answer answer = street.ask(a);
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  const Paid& paid = std::get<Paid>(answer);
  EXPECT_EQ(paid.provider_ref, id);
  EXPECT_EQ(paid.amount, a.amount);
  EXPECT_EQ(paid.paid_at, paid_at);
  EXPECT_FALSE(paid.refunded);
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(b)));
}

TEST(QpayAndSandbox, SumsAreUnderstoodAsNumbersAndAsTexts) {
  QpayStreet street;
  const core::Session session = street.show();
  street.pay(session);
  for (const int style : {0, 1, 2}) {
    street.faults({{"sum_style", style}});
    const Answer answer = street.ask(session);
    ASSERT_TRUE(std::holds_alternative<Paid>(answer)) << style;
    EXPECT_EQ(std::get<Paid>(answer).amount, session.amount);
  }
}

TEST(QpayAndSandbox, WhatCameIsToldAsItIs) {
  QpayStreet street;
  const core::Session session = street.show();
  street.pay(session, "fails");
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session))) << "they may try again";
  street.pay(session, "xacbank", "2400");
  const Answer answer = street.ask(session);
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  EXPECT_EQ(std::get<Paid>(answer).amount.minor(), 240'000);
}

TEST(QpayAndSandbox, N5_EveryDisturbanceIsUnknown) {
  QpayStreet street;
  const core::Session session = street.show();
  street.pay(session);
  for (const char* knob :
       {"error_rate_percent", "server_error_percent", "forbidden_html_percent",
        "too_many_requests_percent", "garbage_percent", "truncated_percent", "timeout_percent"}) {
    street.faults({{knob, 100}});
    EXPECT_TRUE(unknown_reason(street.ask(session))) << knob;
    street.faults({{knob, 0}});
    EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session))) << knob;
  }
  street.faults({{"too_many_requests_percent", 100}, {"retry_after_s", 7}});
  const Answer busy = street.ask(session);
  EXPECT_EQ(std::get<Unknown>(busy).retry_after, base::Duration(7s));
}

TEST(QpayAndSandbox, N5_APaymentThatShowsLateIsNotYetUntilThen) {
  QpayStreet street;
  const core::Session session = street.show();
  street.faults({{"paid_late_ms", 60'000}});
  street.pay(session);
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  street.advance(60s);
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session)));
}

TEST(QpayAndSandbox, ADateFromAnotherTimeZoneNeverLeavesTheSessionsLife) {
  QpayStreet street;
  const core::Session session = street.show();
  street.advance(60s);
  for (const std::int64_t skew_ms : {28'800'000, -28'800'000}) {
    street.faults({{"clock_skew_ms", skew_ms}, {"pay_twice", 1}});
    street.pay(session);
    const Answer answer = street.ask(session);
    ASSERT_TRUE(std::holds_alternative<Paid>(answer)) << skew_ms;
    EXPECT_GE(std::get<Paid>(answer).paid_at, session.created_at);
    EXPECT_LE(std::get<Paid>(answer).paid_at, street.clock.now());
  }
}

TEST(QpayAndSandbox, S2_13_TheCallbackNamesThePaymentInEveryOfItsShapes) {
  QpayStreet street;
  for (const int style : {0, 1, 2}) {
    street.faults({{"callback_style", style}});
    const core::Session session = street.show();
    const std::string id = street.pay(session);
    ASSERT_EQ(street.deliver(), 1);
    EXPECT_EQ(street.door.calls.back().method, style == 2 ? "POST" : "GET");
    const auto notice = street.provider->read_notice(street.door.notice());
    ASSERT_TRUE(notice.has_value()) << style;
    EXPECT_EQ(notice->merchant_reference, "5f0c");
    EXPECT_EQ(notice->payment_ref, id);
    EXPECT_EQ(notice->notice_id, "5f0c:" + id);
  }
}

TEST(QpayAndSandbox, C15_AForgedCallbackIsNotBelieved) {
  QpayStreet street;
  street.faults({{"notice_forged_percent", 100}});
  street.pay(street.show());
  ASSERT_EQ(street.deliver(), 2);
  ASSERT_EQ(street.door.calls.size(), 2U);
  const RawNotice honest = street.door.notice();
  street.door.calls.pop_back();
  EXPECT_EQ(street.provider->read_notice(street.door.notice()).error().code, ErrorCode::forbidden);
  EXPECT_TRUE(street.provider->read_notice(honest).has_value());
  RawNotice other{.headers{}, .query = honest.query, .body{}};
  other.query.replace(other.query.find("5f0c"), 4, "5f0d");
  EXPECT_EQ(street.provider->read_notice(other).error().code, ErrorCode::forbidden);
}

TEST(QpayAndSandbox, ACallbackIsRepeatedUntilItIsAnsweredWithTheOneWord) {
  QpayStreet street;
  street.pay(street.show());
  street.door.answer = "success";
  EXPECT_EQ(street.deliver(), 1);
  EXPECT_EQ(street.bank->notices().back().wrong_answers, 1);
  EXPECT_EQ(street.bank->notices().back().state, "waiting");
  street.door.answer = "SUCCESS";
  street.advance(5s);
  EXPECT_EQ(street.deliver(), 1);
  EXPECT_EQ(street.bank->notices().back().state, "taken");
}

TEST(QpayAndSandbox, C19_CancelingTellsWhetherMoneyCame) {
  QpayStreet street;
  const core::Session open = street.show();
  const core::Session paid = street.show();
  street.pay(paid);
  EXPECT_EQ(street.run(street.provider->cancel(open)), CancelOutcome::canceled);
  EXPECT_EQ(street.run(street.provider->cancel(open)), CancelOutcome::canceled) << "again";
  EXPECT_EQ(street.run(street.provider->cancel(paid)), CancelOutcome::money_came);
  EXPECT_FALSE(street.act(open.provider_ref, {.choice = "khanbank"}).has_value());
  core::Session unseen = open;
  unseen.provider_ref = "11111111-2222-4333-8444-555555555555";
  EXPECT_EQ(street.run(street.provider->cancel(unseen)).error().code, ErrorCode::not_found);
}

TEST(QpayAndSandbox, ThePaymentListIsPagedToItsEndAndHoldsTheWindow) {
  QpayStreet street;
  const base::Time since = street.clock.now();
  for (int i = 0; i < 130; ++i)
    street.pay(street.show("100"));
  street.advance(24h);
  street.pay(street.show("100"));
  const ListWindow window{.since = since, .until = since + 1h};
  std::vector<ListedPayment> all;
  std::string cursor;
  for (int page = 0; page < 5; ++page) {
    auto read = street.run(street.provider->list(window, cursor)).value();
    all.insert(all.end(), read.payments.begin(), read.payments.end());
    cursor = read.next_cursor;
    if (cursor.empty()) break;
  }
  ASSERT_EQ(all.size(), 130U);
  EXPECT_EQ(all[0].state, PaymentState::paid);
  EXPECT_EQ(all[0].amount.minor(), 10'000);
  EXPECT_EQ(all[0].provider_ref.size(), 36U);
  EXPECT_EQ(all[0].paid_at, since);
  EXPECT_EQ(street.run(street.provider->list(window, "2x")).error().param, "cursor");
}

TEST(QpayAndSandbox, ACardPaymentIsGivenBackOnceAndATransferNever) {
  QpayStreet street;
  const core::Session session = street.show();
  const std::string card = street.pay(session, "card");
  const auto refund = [&](const std::string& id, const char* amount) {
    return street.run(street.provider->refund(
        {.session = session,
         .payment_ref = id,
         .amount = *core::Money::parse(amount, *core::Currency::from_code("MNT")),
         .reason = "returned goods",
         .idempotency_key = "refund-0001"}));
  };
  EXPECT_EQ(refund(card, "100").error().param, "amount");
  for (int i = 0; i < 2; ++i) {
    const auto done = refund(card, "2500");
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->state, RefundState::succeeded);
    EXPECT_EQ(done->amount, session.amount);
  }
  EXPECT_EQ(street.wire->count("/v2/payment/refund/" + card), 1U);
  const Answer answer = street.ask(session);
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  EXPECT_EQ(std::get<Paid>(answer).refunded, session.amount);
  const core::Session other = street.show();
  EXPECT_EQ(refund(street.pay(other), "2500").error().code, ErrorCode::provider_refused);
  EXPECT_EQ(refund("1", "2500").error().code, ErrorCode::not_found);
}

TEST(QpayAndSandbox, S2_68_TaxReceiptsOfBothKindsAreMadeAndVoided) {
  QpayStreet street;
  const std::string id = street.pay(street.show("100"));
  for (const bool newer : {false, true}) {
    const auto receipt =
        street.run(street.provider->issue_receipt({.payment_ref = id,
                                                   .receiver = "88000000",
                                                   .district_code = newer ? "3505" : "",
                                                   .classification_code = newer ? "0000010" : ""}));
    ASSERT_TRUE(receipt.has_value()) << newer;
    EXPECT_EQ(receipt->vat->minor(), 909);
    EXPECT_EQ(receipt->amount->minor(), 10'000);
    EXPECT_EQ(receipt->receipt_id.size(), 33U);
    EXPECT_FALSE(receipt->lottery.empty());
    EXPECT_EQ(receipt->status, "REGISTERED");
    EXPECT_TRUE(street.run(street.provider->void_receipt(receipt->receipt_ref)).has_value());
    EXPECT_EQ(street.run(street.provider->void_receipt(receipt->receipt_ref)).has_value(), true)
        << "void before is well too";
  }
  const auto company = street.run(street.provider->issue_receipt(
      {.payment_ref = id, .receiver_type = ReceiptReceiver::company, .receiver = "1234567"}));
  ASSERT_TRUE(company.has_value());
  EXPECT_TRUE(company->lottery.empty()) << "companies take no part";
  EXPECT_EQ(street.run(street.provider->issue_receipt({.payment_ref = "1"})).error().code,
            ErrorCode::not_found);
  EXPECT_EQ(street.run(street.provider->void_receipt("2")).error().param, "receipt_ref");
}

TEST(QpayAndSandbox, N11_WrongCredentialsRaiseAnAlarmAndAreNotTriedAgainAtOnce) {
  QpayStreet street;
  const core::Session session = street.show();
  street.faults({{"unauthorized", true}});
  EXPECT_EQ(unknown_reason(street.ask(session)), UnknownReason::unauthorized);
  EXPECT_NE(street.provider->health().alarm, "");
  const std::size_t calls = street.wire->calls.size();
  EXPECT_EQ(unknown_reason(street.ask(session)), UnknownReason::unauthorized);
  EXPECT_LE(street.wire->calls.size() - calls, 1U);
  street.faults({{"unauthorized", false}});
  street.advance(31s);
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  EXPECT_EQ(street.provider->health().alarm, "");
}

TEST(QpayAndSandbox, S2_53_OneTokenServesForADay) {
  QpayStreet street;
  const core::Session session = street.show();
  for (int i = 0; i < 20; ++i)
    street.ask(session);
  EXPECT_EQ(street.wire->count("/v2/auth/token"), 1U);
  street.advance(25h);
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  EXPECT_EQ(street.wire->count("/v2/auth/token"), 1U);
  EXPECT_EQ(street.wire->count("/v2/auth/refresh"), 1U) << "renewed by the refresh token";
  street.advance(25h);
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  EXPECT_EQ(street.wire->count("/v2/auth/refresh"), 2U) << "which is another one each time";
}

TEST(QpayAndSandbox, ALiveEngineAndTheSandboxRefuseEachOther) {
  QpayStreet street("live");
  SessionDraft draft = street.draft();
  EXPECT_EQ(street.run(street.provider->present(std::move(draft))).error().code,
            ErrorCode::provider_unavailable);
  EXPECT_EQ(street.bank->objects("qpay", "invoice").size(), 0U);
}

}  // namespace
}  // namespace quittance::providers
