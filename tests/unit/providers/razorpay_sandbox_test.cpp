// The adapter against the sandbox's Razorpay.
#include <set>

#include "unit/providers/razorpay_fixture.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;
using enum UnknownReason;
using namespace std::chrono_literals;

TEST(RazorpayPresent, ASingleUseCodeOfTwoHours) {
  RazorpayStreet street;
  const auto shown = street.try_show(street.draft(inr(25'000)));
  ASSERT_TRUE(shown.has_value());
  EXPECT_TRUE(shown->provider_ref.starts_with("qr_"));
  EXPECT_EQ(shown->qr_data, "") << "the text comes only where that feature is on";
  EXPECT_EQ(shown->picture, "http://bank.test/razorpay/qr/" + shown->provider_ref + ".png");
  EXPECT_EQ(shown->expires_at, testing::kStart + 2h) << "their own end is what counts";
  const Json code = street.bank->objects("razorpay", "qr_code").at(0);
  EXPECT_EQ(code["payment_amount"].integer(), 25'000);
  EXPECT_EQ(code["usage"].string(), "single_use");
  EXPECT_EQ(code["notes"]["quittance_session"].string(), "session-1");
}

TEST(RazorpayPresent, TheUpiTextIsShownWhereTheyGiveIt) {
  RazorpayStreet street;
  street.faults({{"image_content", 1}});
  const auto shown = street.try_show(street.draft(inr(300))).value();
  EXPECT_NE(shown.qr_data.find("am=3.00"), std::string::npos) << "rupees in there";
  EXPECT_EQ(shown.md5_hash, base::md5_hex(shown.qr_data));
  EXPECT_EQ(shown.links.at(0).link, shown.qr_data);
}

TEST(RazorpayPresent, OnlyRupeesAndNotLessThanOne) {
  RazorpayStreet street;
  const auto dollars = *core::Money::parse("5", *core::Currency::from_code("USD"));
  EXPECT_EQ(street.try_show(street.draft(dollars)).error().param, "currency");
  EXPECT_EQ(street.try_show(street.draft(inr(99))).error().param, "amount");
}

TEST(RazorpayPresent, C16_ACodeWhoseAnswerWasLostIsFoundAgain) {
  RazorpayStreet street;
  street.faults({{"timeout_percent", 100}, {"timeout_ms", 60'000}});
  const SessionDraft draft = street.draft(inr(25'000));
  EXPECT_EQ(street.try_show(draft).error().code, ErrorCode::timeout);
  street.faults({{"timeout_percent", 0}});
  const auto shown = street.try_show(draft).value();
  EXPECT_EQ(street.codes(), 1U);
  EXPECT_EQ(street.bank->objects("razorpay", "qr_code").at(0)["id"].string(), shown.provider_ref);
  street.advance(2h);
  EXPECT_NE(street.try_show(draft).value().provider_ref, shown.provider_ref)
      << "one that is over is not shown again";
}

TEST(RazorpayQuery, CapturedIsPaidAndCountedByThePayment) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  street.advance(40s);
  const Json payment = street.act(session.provider_ref, "pay");
  const Answer answer = street.ask(session);
  const auto& paid = std::get<Paid>(answer);
  EXPECT_EQ(paid.provider_ref, payment["id"].string());
  EXPECT_EQ(paid.amount, inr(25'000));
  EXPECT_EQ(paid.payer, "payer@exampleupi");
  EXPECT_EQ(paid.paid_at, testing::kStart + 40s);
  EXPECT_FALSE(paid.refunded);
}

TEST(RazorpayQuery, S4_AuthorizedIsNotOursUntilItIsCaptured) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  const Json payment = street.act(session.provider_ref, "authorize");
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  street.act(payment["id"].text_or_empty(), "pay");
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(session)));
}

TEST(RazorpayQuery, N4_FailedMayStillGetThrough) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  const Json payment = street.act(session.provider_ref, "fail");
  EXPECT_TRUE(payment["vpa"].is_null());
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  street.act(payment["id"].text_or_empty(), "pay");
  const Answer answer = street.ask(session);
  EXPECT_EQ(std::get<Paid>(answer).provider_ref, payment["id"].string());
}

TEST(RazorpayQuery, ACodeThatIsOverSaysNotYetAndNobodyIsTold) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  street.notices();
  street.advance(3h);
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(session)));
  EXPECT_TRUE(street.notices().empty());
  EXPECT_FALSE(street.bank->act("razorpay", session.provider_ref, {.choice = "pay"}).has_value());
}

TEST(RazorpayQuery, ASessionWhoseCreationWasNeverAnsweredIsFoundByItsReference) {
  RazorpayStreet street;
  const core::Session lost = street.unshown(inr(25'000), "lost");
  EXPECT_TRUE(std::holds_alternative<NotYet>(street.ask(lost)));
  street.faults({{"server_error_percent", 100}});
  EXPECT_FALSE(street.try_show(street.draft(inr(25'000), "lost")).has_value());
  street.faults({{"server_error_percent", 0}});
  street.act(street.bank->objects("razorpay", "qr_code").at(0)["id"].text_or_empty(), "pay");
  EXPECT_TRUE(std::holds_alternative<Paid>(street.ask(lost)));
}

TEST(RazorpayQuery, N5_EveryKindOfTroubleIsUnknownAndSaysWhich) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  street.act(session.provider_ref, "pay");
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

TEST(RazorpayQuery, ALiveEngineBelievesNoSandbox) {
  RazorpayStreet street("live");
  EXPECT_FALSE(street.try_show(street.draft(inr(25'000))).has_value());
  EXPECT_EQ(street.codes(), 0U);
}

TEST(RazorpayCancel, IsFinalUnlessMoneyCame) {
  RazorpayStreet street;
  const auto cancel = [&street](core::Session session) {
    return street.run(street.provider->cancel(std::move(session)));
  };
  const core::Session open = street.show(inr(25'000), "open");
  EXPECT_EQ(cancel(open).value(), CancelOutcome::canceled);
  EXPECT_EQ(cancel(open).value(), CancelOutcome::canceled) << "again";
  const core::Session paid = street.show(inr(25'000), "paid");
  street.act(paid.provider_ref, "pay");
  EXPECT_EQ(cancel(paid).value(), CancelOutcome::money_came);
  const core::Session over = street.show(inr(25'000), "over");
  street.advance(3h);
  EXPECT_EQ(cancel(over).value(), CancelOutcome::canceled);
  EXPECT_EQ(cancel(street.unshown(inr(1), "never")).value(), CancelOutcome::canceled);
}

TEST(RazorpayRefund, InPartsAndOnceForAKey) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  const Json payment = street.act(session.provider_ref, "pay");
  const auto refund = [&](std::int64_t paise, const char* key) {
    RefundDraft draft{.session = session,
                      .payment_ref = payment["id"].text_or_empty(),
                      .amount = inr(paise),
                      .reason = "came twice",
                      .idempotency_key = key};
    return street.run(street.provider->refund(std::move(draft)));
  };
  const auto first = refund(10'000, "refund-0001");
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_EQ(first->state, RefundState::succeeded);
  EXPECT_EQ(refund(10'000, "refund-0001")->provider_ref, first->provider_ref);
  EXPECT_EQ(refund(9'000, "refund-0001").error().code, ErrorCode::provider_refused)
      << "the same key for something else";
  EXPECT_EQ(street.bank->objects("razorpay", "refund").size(), 1U);
  EXPECT_EQ(std::get<Paid>(street.ask(session)).refunded, inr(10'000));
  EXPECT_EQ(refund(15'001, "refund-0002").error().code, ErrorCode::provider_refused);
  street.faults({{"refund_pending", 1}});
  EXPECT_EQ(refund(15'000, "refund-0003")->state, RefundState::pending);
  EXPECT_EQ(std::get<Paid>(street.ask(session)).refunded, inr(25'000))
      << "a refunded payment was paid all the same";
  EXPECT_EQ(refund(1, "short").error().code, ErrorCode::provider_refused);
}

TEST(RazorpayList, S4_FollowsPagesToTheEndWithinAWindowThatStands) {
  RazorpayStreet street;
  std::set<std::string> ids;
  for (int i = 0; i < 250; ++i) {
    ids.insert(street.act("page", i % 10 == 0 ? "authorize" : "pay", "100")["id"].text_or_empty());
    street.advance(1s);
  }
  const ListWindow window{.since = testing::kStart, .until = street.clock.now() - 1s};
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    std::string at = cursor;
    const auto page = street.run(street.provider->list(window, std::move(at)));
    ASSERT_TRUE(page.has_value());
    for (const ListedPayment& payment : page->payments)
      EXPECT_TRUE(seen.insert(payment.payment_ref).second) << "twice";
    cursor = page->next_cursor;
    // What comes while we page would push everything by one.
    street.act("page", "pay", "100");
    street.advance(1s);
  } while (!cursor.empty() && ++pages < 10);
  EXPECT_EQ(seen, ids);
}

TEST(RazorpayList, S4_NotesComeAsAnEmptyListOrAsMembers) {
  RazorpayStreet street;
  street.act("page", "pay", "100");
  street.act(
      "page", "pay", "100",
      Json::object(
          {{"notes", Json::object({{"name", "Asha"}, {"quittance_session", "session-9"}})}}));
  const ListWindow window{.since = testing::kStart, .until = street.clock.now()};
  const auto page = street.run(street.provider->list(window, "")).value();
  ASSERT_EQ(page.payments.size(), 2U);
  EXPECT_EQ(page.payments[0].merchant_reference, "session-9");
  EXPECT_EQ(page.payments[1].merchant_reference, "");
  EXPECT_NE(page.payments[1].raw.find(R"("notes":[])"), std::string::npos);
  EXPECT_EQ(street.run(street.provider->list(window, "x")).error().code,
            ErrorCode::invalid_request);
}

TEST(RazorpayPayment, OneByItsIdWithTheCodeItCameBy) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  const Json by_code = street.act(session.provider_ref, "pay");
  const Json by_page = street.act("page", "pay", "100");
  const auto look = [&street](const Json& payment) {
    return street.run(street.provider->payment(payment["id"].text_or_empty()));
  };
  EXPECT_EQ(look(by_code).value()->provider_ref, session.provider_ref);
  EXPECT_EQ(look(by_code).value()->merchant_reference, "session-1");
  EXPECT_EQ(look(by_page).value()->provider_ref, "");
  const auto none = street.run(street.provider->payment("pay_00000000000000"));
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
}

TEST(RazorpayNotice, N12_OnePaymentComesInTwoEventsWithTheSamePayment) {
  RazorpayStreet street;
  const core::Session session = street.show(inr(25'000));
  street.notices();
  const Json payment = street.act(session.provider_ref, "pay");
  std::map<std::string, Notice> by_kind;
  for (const RawNotice& raw : street.notices()) {
    EXPECT_NE(raw.body.find("http:\\/\\/"), std::string::npos == 0) << "their slashes";
    const auto notice = street.provider->read_notice(raw);
    ASSERT_TRUE(notice.has_value());
    by_kind.emplace(notice->kind, *notice);
  }
  ASSERT_EQ(by_kind.size(), 3U);
  EXPECT_EQ(by_kind["qr_code.credited"].provider_ref, session.provider_ref);
  EXPECT_EQ(by_kind["qr_code.credited"].merchant_reference, "session-1");
  EXPECT_EQ(by_kind["qr_code.credited"].payment_ref, payment["id"].string());
  EXPECT_EQ(by_kind["payment.captured"].payment_ref, payment["id"].string());
  EXPECT_EQ(by_kind["payment.captured"].provider_ref, "");
  EXPECT_EQ(by_kind["qr_code.closed"].provider_ref, session.provider_ref);
}

TEST(RazorpayNotice, N12_TheEventIdIsTheSameOnEveryRepeat) {
  RazorpayStreet street;
  street.faults({{"notice_twice_percent", 100}});
  street.act("page", "pay", "100");
  const auto raws = street.notices();
  ASSERT_EQ(raws.size(), 2U);
  EXPECT_EQ(street.provider->read_notice(raws[0])->notice_id,
            street.provider->read_notice(raws[1])->notice_id);
  street.faults({{"no_event_id", 1}, {"notice_twice_percent", 0}});
  street.act("page", "pay", "100");
  const RawNotice bare = street.notices().at(0);
  EXPECT_EQ(street.provider->read_notice(bare)->notice_id, base::sha256_hex(bare.body));
}

TEST(RazorpayNotice, N12_ForgedOrChangedOnesAreRefused) {
  RazorpayStreet street;
  street.faults({{"notice_forged_percent", 100}});
  street.act("page", "pay", "100");
  const auto raws = street.notices();
  ASSERT_EQ(raws.size(), 2U);
  EXPECT_EQ(street.provider->read_notice(raws[0]).error().code, ErrorCode::forbidden);
  ASSERT_TRUE(street.provider->read_notice(raws[1]).has_value());
  RawNotice changed = raws[1];
  changed.body = Json::parse(changed.body)->dump();
  if (changed.body != raws[1].body) {
    EXPECT_EQ(street.provider->read_notice(changed).error().code, ErrorCode::forbidden);
  }
  EXPECT_EQ(street.provider->read_notice({}).error().code, ErrorCode::forbidden);
}

TEST(RazorpayNotice, AfterAChangeOfSecretBothCount) {
  RazorpayStreet street;
  street.faults({{"old_secret", 1}});
  street.act("page", "pay", "100");
  const RawNotice raw = street.notices().at(0);
  EXPECT_EQ(street.provider->read_notice(raw).error().code, ErrorCode::forbidden);
  auto options = RazorpayStreet::settings();
  options.webhook_secrets.emplace_back("old");
  const auto patient = make_razorpay(std::move(options), *street.wire, street.clock);
  EXPECT_TRUE(patient->read_notice(raw).has_value());
}

}  // namespace
}  // namespace quittance::providers
