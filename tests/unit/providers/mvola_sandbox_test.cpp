// The MVola adapter against its simulator, wire to wire.
#include "unit/providers/rail_street.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;
using namespace std::chrono_literals;

const base::Secret kCallbackKey("a key of the tests");

struct MvolaStreet : RailStreet {
  explicit MvolaStreet(std::string environment = "sandbox") : RailStreet("mvola") {
    provider = make_mvola({.base_url = std::string(WireToSandbox::kOrigin),
                           .consumer_key = "demo_key",
                           .consumer_secret = base::Secret("demo_secret"),
                           .partner_name = "Test Shop",
                           .partner_number = "0343500004",
                           .environment = std::move(environment),
                           .callback_key = kCallbackKey},
                          *wire, clock, log);
  }
  SessionDraft draft(std::string ariary = "10000", std::string phone = "0343500003") {
    return {.amount = *core::Money::parse(ariary, *core::Currency::from_code("MGA")),
            .bill_number = "BILL_1",
            .merchant_reference = "a1b2c3d4-0000-4000-8000-000000000001",
            .description = "Vignette: 1234 TBA, año 2026",
            .callback_url = "http://shop.test/payments/mvola/callback/?session=s1&token=" +
                            callback_token(kCallbackKey, "s1"),
            .payer_phone = std::move(phone),
            .object_type = "vehicle",
            .created_at = clock.now(),
            .expires_at = clock.now() + 24h};
  }
  core::Session push(std::string ariary = "10000") {
    const Presentation shown = run(provider->present(draft(ariary))).value();
    return {.session_id = "s1",
            .receiver = shown.receiver,
            .provider_ref = shown.provider_ref,
            .amount = *core::Money::parse(ariary, *core::Currency::from_code("MGA")),
            .created_at = clock.now()};
  }
  void answer(const core::Session& session, std::string choice = "approve",
              std::optional<std::string> amount = {}) {
    EXPECT_TRUE(act(session.provider_ref, {.choice = choice, .amount = amount}).has_value());
  }
};

TEST(MvolaAndSandbox, APushShowsNoQRAndIsKnownByTheirId) {
  MvolaStreet street;
  const Presentation shown = street.run(street.provider->present(street.draft())).value();
  EXPECT_EQ(shown.qr_data, "");
  EXPECT_EQ(shown.provider_ref.size(), 36U);
  EXPECT_EQ(shown.receiver, "0343500004");
  const Json push = street.bank->objects("mvola", "push").at(0);
  EXPECT_EQ(push["description"].text_or_empty(), "Vignette 1234 TBA, a o 2026");
  EXPECT_EQ(push["merchant_reference"].text_or_empty(), "a1b2c3d4-0000-4000-8000-000000000001");
}

TEST(MvolaAndSandbox, WhatCannotBePushedIsFoundOutBeforeAnybodyIsAsked) {
  MvolaStreet street;
  const auto refused = [&](SessionDraft draft) {
    return street.run(street.provider->present(std::move(draft))).error().param;
  };
  EXPECT_EQ(refused(street.draft("99")), "amount");
  EXPECT_EQ(refused(street.draft("5000001")), "amount");
  for (const char* phone : {"", "034350000", "0243500003", "03435000033", "034350000x"})
    EXPECT_EQ(refused(street.draft("10000", phone)), "payer_phone") << phone;
  EXPECT_EQ(street.wire->calls.size(), 0U);
  for (const char* ariary : {"100", "5000000"})
    EXPECT_TRUE(street.run(street.provider->present(street.draft(ariary))).has_value());
  EXPECT_TRUE(
      street.run(street.provider->present(street.draft("100", "+261 34 35 000 03"))).has_value());
}

TEST(MvolaAndSandbox, T3_PendingUntilItIsApprovedAndThenPaid) {
  MvolaStreet street;
  const core::Session session = street.push();
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  street.advance(45s);
  street.answer(session);
  const Answer answer = street.ask(session);
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  const Paid& paid = std::get<Paid>(answer);
  EXPECT_EQ(paid.amount, session.amount);
  EXPECT_EQ(paid.receiver, session.receiver);
  EXPECT_EQ(paid.payer, "0343500003");
  EXPECT_EQ(paid.provider_ref.size(), 9U);
  EXPECT_GE(paid.paid_at, session.created_at);
  EXPECT_LE(paid.paid_at, street.clock.now());
}

TEST(MvolaAndSandbox, T3_RefusedOrForgottenIsAFinalNo) {
  MvolaStreet street;
  const core::Session refused = street.push();
  const core::Session forgotten = street.push();
  street.answer(refused, "refuse");
  EXPECT_TRUE(std::holds_alternative<FinalNo>(street.ask(refused)));
  street.advance(10min);
  EXPECT_TRUE(std::holds_alternative<FinalNo>(street.ask(forgotten)));
}

TEST(MvolaAndSandbox, CompletedWithoutATransactionIsNoMoneyYet) {
  MvolaStreet street;
  street.faults({{"reference_late_ms", 30'000}});
  const core::Session session = street.push();
  street.answer(session);
  EXPECT_EQ(unknown_reason(street.ask(session)), UnknownReason::unreadable);
  street.advance(30s);
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session)));
}

TEST(MvolaAndSandbox, WhatCameIsToldAsItIs) {
  MvolaStreet street;
  const core::Session session = street.push();
  street.answer(session, "approve", "9000");
  const Answer answer = street.ask(session);
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  EXPECT_EQ(std::get<Paid>(answer).amount.minor(), 9'000);
}

TEST(MvolaAndSandbox, BothSpellingsAndBothStatusesOfAPushAreUnderstood) {
  MvolaStreet street;
  street.faults({{"initiate_status_200", 1}, {"published_names", 1}, {"capital_errors", 1}});
  const core::Session session = street.push();
  street.answer(session);
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session)));
  core::Session other = session;
  other.provider_ref = "b2c3d4e5-0000-4000-8000-000000000002";
  EXPECT_EQ(unknown_reason(street.ask(other)), UnknownReason::unreadable);
  const auto nobody = street.run(street.provider->present(street.draft("100", "0341111111")));
  EXPECT_EQ(nobody.error().code, ErrorCode::provider_refused);
  EXPECT_EQ(nobody.error().detail, "400 identifierError 4004");
}

TEST(MvolaAndSandbox, C23_TheCallbackIsReadInBothShapes) {
  MvolaStreet street;
  for (const int style : {0, 1}) {
    street.faults({{"callback_style", style}});
    const core::Session session = street.push();
    street.answer(session, style == 0 ? "approve" : "refuse");
    ASSERT_EQ(street.deliver(), 1);
    EXPECT_EQ(street.door.calls.back().method, "PUT");
    const auto notice = street.provider->read_notice(street.door.notice());
    ASSERT_TRUE(notice.has_value());
    EXPECT_EQ(notice->provider_ref, session.provider_ref);
    EXPECT_EQ(notice->merchant_reference, "s1");
    EXPECT_EQ(notice->kind, style == 0 ? "completed" : "failed");
  }
}

TEST(MvolaAndSandbox, C23_ACallbackThatLiesOnlyMakesUsAsk) {
  MvolaStreet street;
  street.faults({{"notice_forged_percent", 100}});
  const core::Session session = street.push();
  street.answer(session, "refuse");
  ASSERT_EQ(street.deliver(), 2);
  street.door.calls.pop_back();
  const auto lie = street.provider->read_notice(street.door.notice());
  ASSERT_TRUE(lie.has_value());
  EXPECT_EQ(lie->kind, "completed");
  EXPECT_TRUE(std::holds_alternative<FinalNo>(street.ask(session)));
  RawNotice stolen = street.door.notice();
  stolen.query = "session=s2&token=" + callback_token(kCallbackKey, "s1");
  EXPECT_EQ(street.provider->read_notice(stolen).error().code, ErrorCode::forbidden);
}

TEST(MvolaAndSandbox, N5_EveryDisturbanceIsUnknown) {
  MvolaStreet street;
  const core::Session session = street.push();
  street.answer(session);
  for (const char* knob :
       {"error_rate_percent", "server_error_percent", "forbidden_html_percent",
        "too_many_requests_percent", "garbage_percent", "truncated_percent", "timeout_percent"}) {
    street.faults({{knob, 100}});
    EXPECT_TRUE(unknown_reason(street.ask(session))) << knob;
    street.faults({{knob, 0}});
    EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session))) << knob;
  }
}

TEST(MvolaAndSandbox, APushWhoseAnswerWasLostIsUnknownWhileItMayBeOnAPhone) {
  MvolaStreet street;
  core::Session session = street.push();
  street.faults({{"server_error_percent", 100}});
  EXPECT_FALSE(street.run(street.provider->present(street.draft())).has_value());
  street.faults({{"server_error_percent", 0}});
  EXPECT_EQ(street.bank->objects("mvola", "push").size(), 2U) << "the phone rings all the same";
  session.provider_ref.clear();
  EXPECT_TRUE(unknown_reason(street.ask(session)));
  street.advance(1h);
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
}

TEST(MvolaAndSandbox, TheTokenLastsAnHourAndIsRenewedBefore) {
  MvolaStreet street;
  const core::Session session = street.push();
  for (int i = 0; i < 10; ++i)
    street.ask(session);
  EXPECT_EQ(street.wire->count("/token"), 1U);
  street.advance(56min);
  street.ask(session);
  EXPECT_EQ(street.wire->count("/token"), 2U);
  street.faults({{"unauthorized", true}});
  street.advance(1min);
  EXPECT_EQ(unknown_reason(street.ask(session)), UnknownReason::unauthorized);
  EXPECT_NE(street.provider->health().alarm, "");
}

TEST(MvolaAndSandbox, ALiveEngineAndTheSandboxRefuseEachOther) {
  MvolaStreet street("live");
  EXPECT_FALSE(street.run(street.provider->present(street.draft())).has_value());
  EXPECT_EQ(street.bank->objects("mvola", "push").size(), 0U);
}

TEST(MvolaAndSandbox, ItSaysWhatItCan) {
  MvolaStreet street;
  const Capabilities can = street.provider->capabilities();
  EXPECT_TRUE(can.presents_remotely && can.notifies);
  EXPECT_FALSE(can.cancels || can.refunds || can.lists);
  EXPECT_EQ(can.polling, PollingRule::while_pending_then_list);
  EXPECT_EQ(can.callback_path, "/payments/mvola/callback/");
}

}  // namespace
}  // namespace quittance::providers
