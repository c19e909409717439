// The adapter against the sandbox's Stripe.
#include "unit/providers/stripe_fixture.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;
using enum UnknownReason;
using namespace std::chrono_literals;

TEST(StripePresent, AnIntentWithAQrOfItsMethod) {
  StripeStreet street;
  const auto shown = street.try_show(street.draft(money("12.50", "USD")));
  ASSERT_TRUE(shown.has_value());
  EXPECT_TRUE(shown->provider_ref.starts_with("pi_"));
  EXPECT_EQ(shown->qr_data, "STRIPE-SANDBOX:" + shown->provider_ref);
  EXPECT_EQ(shown->md5_hash, base::md5_hex(shown->qr_data));
  EXPECT_TRUE(shown->picture.starts_with("http://bank.test/stripe/qr/pi_"));
  EXPECT_EQ(shown->links.at(0).link, "http://bank.test/stripe/qr/" + shown->provider_ref);
  const Json intent = street.bank->objects("stripe", "payment_intent").at(0);
  EXPECT_EQ(intent["amount"].integer(), 1'250);
  EXPECT_EQ(intent["currency"].string(), "usd");
  EXPECT_EQ(intent["metadata"]["quittance_session"].string(), "session-1");
  EXPECT_EQ(intent["description"].string(), "Order 42");
}

TEST(StripePresent, UpiHasAPictureAndAnEndButNoText) {
  StripeStreet street;
  const auto shown = street.try_show(street.draft(money("250", "INR"))).value();
  EXPECT_EQ(shown.qr_data, "http://bank.test/stripe/qr/" + shown.provider_ref)
      << "the address of the page is a code too";
  EXPECT_EQ(shown.expires_at, base::from_ms(base::to_ms(street.clock.now()) / 1000 * 1000) + 1h);
}

TEST(StripePresent, TestModeGivesAnAddressInPlaceOfTheText) {
  StripeStreet street;
  street.faults({{"qr_is_url", 1}});
  const auto shown = street.try_show(street.draft(money("12.50", "USD"))).value();
  EXPECT_TRUE(shown.qr_data.starts_with("http://"));
}

TEST(StripePresent, ACardIsPaidInTheBrowserWithASecretOfItsOwn) {
  StripeStreet street;
  const auto shown = street.try_show(street.draft(money("15000", "MGA"))).value();
  EXPECT_TRUE(shown.qr_data.empty());
  EXPECT_TRUE(shown.client_token.starts_with(shown.provider_ref + "_secret_"));
}

TEST(StripePresent, C34_AmountsConvertHereOnly) {
  StripeStreet street;
  const auto wire = [&](const char* amount, const char* code) {
    const std::string reference = std::string(amount) + code;
    street.show(money(amount, code), reference);
    return street.bank->objects("stripe", "payment_intent").at(0)["amount"].integer();
  };
  EXPECT_EQ(wire("15000", "MGA"), 15'000) << "no decimals, here and there";
  EXPECT_EQ(wire("4000", "KHR"), 400'000) << "whole here, two decimals there";
  EXPECT_EQ(wire("25000.50", "MNT"), 2'500'050);
  EXPECT_EQ(wire("1.50", "USD"), 150);
  EXPECT_EQ(wire("250", "INR"), 25'000);
  EXPECT_EQ(street.try_show(street.draft(money("1000000", "KHR"), "big")).error().code,
            ErrorCode::invalid_request)
      << "99 999 999 of their unit is the most";
  EXPECT_EQ(street.try_show(street.draft(money("0.10", "USD"), "small")).error().param, "amount")
      << "they refuse less than 50 cents";
}

TEST(StripePresent, C16_TheSameDraftAgainIsTheSameIntent) {
  StripeStreet street;
  street.faults({{"timeout_percent", 100}, {"timeout_ms", 60'000}});
  const SessionDraft draft = street.draft(money("12.50", "USD"));
  EXPECT_EQ(street.try_show(draft).error().code, ErrorCode::timeout);
  street.faults({{"timeout_percent", 0}});
  const auto first = street.try_show(draft).value();
  const auto second = street.try_show(draft).value();
  EXPECT_EQ(first.provider_ref, second.provider_ref);
  EXPECT_EQ(street.bank->objects("stripe", "payment_intent").size(), 1U)
      << "the one whose answer was lost is the one";
}

TEST(StripePresent, AServerErrorThatIsReplayedForADayDoesNotStopUs) {
  StripeStreet street;
  street.faults({{"server_error_percent", 100}});
  const SessionDraft draft = street.draft(money("12.50", "USD"));
  EXPECT_EQ(street.try_show(draft).error().code, ErrorCode::provider_unavailable);
  street.faults({{"server_error_percent", 0}});
  const auto shown = street.try_show(draft);
  ASSERT_TRUE(shown.has_value()) << shown.error().detail;
  EXPECT_EQ(street.bank->objects("stripe", "payment_intent").size(), 1U)
      << "what was made behind the 500 is found again";
  EXPECT_EQ(street.bank->objects("stripe", "payment_intent")[0]["id"].string(),
            shown->provider_ref);
}

TEST(StripePresent, TheSameKeyWhileItIsBeingWorkedOnIsNoAnswer) {
  StripeStreet street;
  street.faults({{"latency_ms", 4'000}});
  std::vector<base::Task<base::Result<Presentation>>> both;
  SessionDraft one = street.draft(money("12.50", "USD"));
  SessionDraft same = one;
  both.push_back(street.provider->present(std::move(one)));
  both.push_back(street.provider->present(std::move(same)));
  const auto shown = street.run(base::gather(std::move(both)));
  EXPECT_TRUE(shown[0].has_value());
  EXPECT_EQ(shown[1].error().code, ErrorCode::provider_unavailable);
  EXPECT_EQ(street.bank->objects("stripe", "payment_intent").size(), 1U);
}

TEST(StripeQuery, PaidWithItsMomentAndItsSum) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  street.advance(90s);
  ASSERT_TRUE(street.act(session, "pay").has_value());
  const base::Time paid_at = street.clock.now();
  street.advance(30s);
  const Answer answer = street.ask(session);
  const auto& paid = std::get<Paid>(answer);
  EXPECT_EQ(paid.provider_ref, session.provider_ref);
  EXPECT_EQ(paid.amount, money("12.50", "USD"));
  EXPECT_EQ(paid.paid_at, paid_at);
  EXPECT_FALSE(paid.refunded);
}

TEST(StripeQuery, S3_KhrAndMgaComeBackAsWeCountThem) {
  StripeStreet street;
  for (const auto& [amount, code] : {std::pair("4000", "KHR"), std::pair("15000", "MGA")}) {
    const core::Session session = street.show(money(amount, code), code);
    ASSERT_TRUE(street.act(session, "pay").has_value());
    EXPECT_EQ(std::get<Paid>(street.ask(session)).amount, money(amount, code));
  }
}

TEST(StripeQuery, ASumThatOurCurrencyCannotHoldIsUnreadable) {
  StripeStreet street;
  const core::Session session = street.show(money("4000", "KHR"));
  ASSERT_TRUE(street.act(session, "pay", "4000.50").has_value());
  EXPECT_EQ(unknown_reason(street.ask(session)), unreadable);
}

TEST(StripeQuery, N4_FailedIsNotFinalAndMayBePaidLater) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  ASSERT_TRUE(street.act(session, "decline").has_value());
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  ASSERT_TRUE(street.act(session, "process").has_value());
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  ASSERT_TRUE(street.act(session, "pay").has_value());
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session)));
}

TEST(StripeQuery, ASessionWhoseCreationWasNeverAnsweredIsFoundByItsReference) {
  StripeStreet street;
  core::Session lost = street.unshown(money("12.50", "USD"), "lost");
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(lost))) << "none was ever made";
  street.faults({{"server_error_percent", 100}});
  EXPECT_FALSE(street.try_show(street.draft(money("12.50", "USD"), "lost")).has_value());
  street.faults({{"server_error_percent", 0}});
  const std::string id =
      street.bank->objects("stripe", "payment_intent").at(0)["id"].text_or_empty();
  ASSERT_TRUE(street.bank->act("stripe", id, {.choice = "pay"}).has_value());
  const Answer answer = street.ask(lost);
  EXPECT_EQ(std::get<Paid>(answer).provider_ref, id);
}

TEST(StripeQuery, N5_EveryKindOfTroubleIsUnknownAndSaysWhich) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  ASSERT_TRUE(street.act(session, "pay").has_value());
  const auto under = [&](const char* knob) {
    street.faults({{knob, 100}});
    const Answer answer = street.ask(session);
    street.faults({{knob, 0}});
    return unknown_reason(answer);
  };
  EXPECT_EQ(under("timeout_percent"), timeout);
  EXPECT_EQ(under("error_rate_percent"), server_error);
  EXPECT_EQ(under("server_error_percent"), server_error);
  EXPECT_EQ(under("forbidden_html_percent"), forbidden);
  EXPECT_EQ(under("too_many_requests_percent"), throttled);
  EXPECT_EQ(under("garbage_percent"), unreadable);
  EXPECT_EQ(under("truncated_percent"), unreadable);
  street.faults({{"unauthorized", true}});
  EXPECT_EQ(unknown_reason(street.ask(session)), unauthorized);
  EXPECT_NE(street.provider->health().alarm, "");
  street.faults({{"unauthorized", false}});
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session)));
  EXPECT_EQ(street.provider->health().alarm, "");
}

TEST(StripeQuery, ThrottlingSaysWhenToComeAgain) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  street.faults({{"too_many_requests_percent", 100}, {"retry_after_s", 7}});
  EXPECT_EQ(std::get<Unknown>(street.ask(session)).retry_after, base::Duration{7'000});
}

TEST(StripeQuery, ALiveEngineBelievesNoSandbox) {
  StripeStreet street("live");
  EXPECT_FALSE(street.try_show(street.draft(money("12.50", "USD"))).has_value());
  EXPECT_TRUE(street.bank->objects("stripe", "payment_intent").empty());
}

TEST(StripeCancel, IsFinalUnlessMoneyCame) {
  StripeStreet street;
  const core::Session open = street.show(money("12.50", "USD"), "open");
  EXPECT_EQ(street.run(street.provider->cancel(open)).value(), CancelOutcome::canceled);
  EXPECT_TRUE(std::holds_alternative<FinalNo>(street.ask(open)));
  const core::Session paid = street.show(money("12.50", "USD"), "paid");
  ASSERT_TRUE(street.act(paid, "pay").has_value());
  EXPECT_EQ(street.run(street.provider->cancel(paid)).value(), CancelOutcome::money_came);
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(paid)));
  const core::Session slow = street.show(money("12.50", "USD"), "slow");
  ASSERT_TRUE(street.act(slow, "process").has_value());
  EXPECT_EQ(street.run(street.provider->cancel(slow)).value(), CancelOutcome::money_came);
  const core::Session never = street.unshown(money("12.50", "USD"), "never");
  EXPECT_EQ(street.run(street.provider->cancel(never)).value(), CancelOutcome::canceled);
}

TEST(StripeRefund, InPartsAndOnceForAKey) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  ASSERT_TRUE(street.act(session, "pay").has_value());
  const auto refund = [&](const char* amount, const char* key) {
    RefundDraft draft{.session = session,
                      .payment_ref = session.provider_ref,
                      .amount = money(amount, "USD"),
                      .reason = "came twice",
                      .idempotency_key = key};
    return street.run(street.provider->refund(std::move(draft)));
  };
  const auto first = refund("5.00", "refund-0001");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->state, RefundState::succeeded);
  EXPECT_EQ(refund("5.00", "refund-0001")->provider_ref, first->provider_ref);
  EXPECT_EQ(street.bank->objects("stripe", "refund").size(), 1U);
  EXPECT_EQ(std::get<Paid>(street.ask(session)).refunded, money("5.00", "USD"));
  EXPECT_EQ(refund("8.00", "refund-0002").error().code, ErrorCode::provider_refused)
      << "more than is left";
  street.faults({{"refund_pending", 1}});
  EXPECT_EQ(refund("7.50", "refund-0003")->state, RefundState::pending);
  EXPECT_EQ(refund("0.50", "refund-0004").error().code, ErrorCode::provider_refused);
  EXPECT_EQ(std::get<Paid>(street.ask(session)).refunded, money("12.50", "USD"));
}

TEST(StripeList, S4_PagesThroughEventsAndIntentsToTheEnd) {
  StripeStreet street;
  for (int i = 0; i < 130; ++i) {
    const core::Session session = street.show(money("1.00", "USD"), "s" + std::to_string(i));
    if (i % 2 == 0) {
      EXPECT_TRUE(street.act(session, "pay").has_value());
    }
    if (i == 3) {
      EXPECT_TRUE(street.act(session, "decline").has_value());
    }
    street.advance(1s);
  }
  std::map<std::string, PaymentState> states;
  std::string cursor;
  int pages = 0;
  const ListWindow window{.since = testing::kStart, .until = street.clock.now()};
  do {
    std::string at = cursor;
    const auto page = street.run(street.provider->list(window, std::move(at)));
    ASSERT_TRUE(page.has_value()) << page.error().detail;
    EXPECT_TRUE(page->unreadable.empty());
    for (const ListedPayment& payment : page->payments)
      states[payment.merchant_reference] = payment.state;
    cursor = page->next_cursor;
  } while (!cursor.empty() && ++pages < 10);
  EXPECT_EQ(states.size(), 130U);
  EXPECT_EQ(states["s0"], PaymentState::paid);
  EXPECT_EQ(states["s1"], PaymentState::pending);
  EXPECT_EQ(states["s3"], PaymentState::failed);
}

TEST(StripeList, AnOldIntentThatWasPaidLatelyIsInItsEvents) {
  StripeStreet street;
  const core::Session session = street.show(money("1.00", "USD"), "old");
  street.advance(24h * 20);
  const base::Time paid_at = street.clock.now();
  ASSERT_TRUE(street.act(session, "pay").has_value());
  const ListWindow window{.since = street.clock.now() - 1h, .until = street.clock.now() + 1h};
  const auto page = street.run(street.provider->list(window, ""));
  ASSERT_EQ(page->payments.size(), 1U);
  const auto told_at = page->payments[0].paid_at;
  EXPECT_TRUE(told_at && *told_at > paid_at - 1s && *told_at <= street.clock.now())
      << "N3: late money is judged by when it was paid, not by when it was asked for";
  EXPECT_EQ(page->payments[0].payment_ref, session.provider_ref);
  EXPECT_EQ(page->payments[0].state, PaymentState::paid);
}

TEST(StripeList, N4_ARefundIsInTheListToo) {
  StripeStreet street;
  const core::Session session = street.show(money("2.00", "USD"), "back");
  ASSERT_TRUE(street.act(session, "pay").has_value());
  RefundDraft draft{.session = session,
                    .payment_ref = session.provider_ref,
                    .amount = money("2.00", "USD"),
                    .reason = "",
                    .idempotency_key = "refund-0001"};
  ASSERT_TRUE(street.run(street.provider->refund(std::move(draft))).has_value());
  const ListWindow window{.since = testing::kStart, .until = street.clock.now() + 1h};
  const auto page = street.run(street.provider->list(window, ""));
  EXPECT_EQ(page->payments.at(0).state, PaymentState::refunded) << "the newest first";
  EXPECT_EQ(page->payments.at(0).refunded, money("2.00", "USD"));
}

TEST(StripeNotice, N12_SignedOnesAreReadAndForgedOnesAreNot) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  street.notices();
  street.faults({{"notice_forged_percent", 100}});
  ASSERT_TRUE(street.act(session, "pay").has_value());
  std::map<std::string, int> kinds;
  int refused = 0;
  for (const RawNotice& raw : street.notices()) {
    const auto notice = street.provider->read_notice(raw);
    if (!notice) {
      EXPECT_EQ(notice.error().code, ErrorCode::forbidden);
      ++refused;
      continue;
    }
    ++kinds[notice->kind];
    EXPECT_EQ(notice->provider_ref, session.provider_ref);
    EXPECT_EQ(notice->merchant_reference, "session-1");
    EXPECT_TRUE(notice->notice_id.starts_with("evt_"));
  }
  EXPECT_EQ(refused, 2);
  EXPECT_EQ(kinds["payment_intent.succeeded"], 1);
  EXPECT_EQ(kinds["charge.succeeded"], 1);
}

TEST(StripeNotice, N12_ReplayedLaterOrFromTheFutureIsRefused) {
  StripeStreet street;
  street.act(street.show(money("12.50", "USD")), "pay").value();
  const RawNotice raw = street.notices().back();
  EXPECT_TRUE(street.provider->read_notice(raw).has_value());
  street.advance(5min + 1s);
  EXPECT_EQ(street.provider->read_notice(raw).error().code, ErrorCode::forbidden);
  StripeStreet ahead;
  ahead.faults({{"clock_skew_ms", 301'000}});
  ahead.act(ahead.show(money("12.50", "USD")), "pay").value();
  EXPECT_EQ(ahead.provider->read_notice(ahead.notices().back()).error().code, ErrorCode::forbidden);
}

TEST(StripeNotice, TheOldSecretStillCountsWhileTheNewOneRolls) {
  StripeStreet street;
  auto options = StripeStreet::settings();
  options.webhook_secrets = {base::Secret("whsec_old")};
  const auto behind = make_stripe(std::move(options), *street.wire, street.clock);
  street.act(street.show(money("12.50", "USD")), "pay").value();
  EXPECT_TRUE(behind->read_notice(street.notices().back()).has_value());
}

TEST(StripeNotice, AChangedByteOrAnotherModeIsRefused) {
  StripeStreet street;
  street.act(street.show(money("12.50", "USD")), "pay").value();
  RawNotice raw = street.notices().back();
  const auto live = make_stripe(StripeStreet::settings("live"), *street.wire, street.clock);
  EXPECT_EQ(live->read_notice(raw).error().code, ErrorCode::invalid_request);
  raw.body[raw.body.size() / 2] ^= 1;
  EXPECT_EQ(street.provider->read_notice(raw).error().code, ErrorCode::forbidden);
  EXPECT_EQ(street.provider->read_notice({}).error().code, ErrorCode::forbidden);
}

}  // namespace
}  // namespace quittance::providers
