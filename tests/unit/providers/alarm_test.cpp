// N11 at every rail, against the sandbox: refused credentials and a geo block raise an alarm that
// says what a person must do, and fail no payment.
#include "rails.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance::providers {
namespace {

/// How one rail is asked and paid.
struct Way {
  const Adapter& adapter;
  const char* currency;
  std::int64_t minor;
  const char* choice;
  const char* setting;  ///< named in the alarm
};
const Way kWays[] = {{kStripe, "USD", 1'250, "pay", "STRIPE_SECRET_KEY"},
                     {kRazorpay, "INR", 25'000, "pay", "RAZORPAY_KEY_ID"},
                     {kQpay, "MNT", 250'000, "khanbank", "QPAY_CLIENT_ID"},
                     {kMvola, "MGA", 10'000, "approve", "MVOLA_CONSUMER_KEY"}};

struct AlarmStreet : RailStreet {
  explicit AlarmStreet(const Way& way) : RailStreet(std::string(way.adapter.name)) {
    Settings settings{{}};
    const SandboxAccount account = way.adapter.at_sandbox(
        settings, {.url = std::string(WireToSandbox::kOrigin),
                   .draw = [](std::string_view use, std::size_t) { return std::string(use); }});
    EXPECT_TRUE(bank->set_rail(rail, {.key_id = account.key_id,
                                      .secret = account.secret,
                                      .notice_secrets = account.notice_secrets}));
    provider = way.adapter.read(settings, {.merchant_name = "Shop", .public_url = ""})
                   .value()
                   .at(0)
                   .make({.client = *wire, .clock = clock, .log = log, .callback_key{}});
  }
  core::Session show(const Way& way) {
    const auto currency = *core::Currency::from_code(way.currency);
    core::Session session{.session_id = random.uuid(),
                          .amount = *core::Money::from_minor(way.minor, currency)};
    session.created_at = clock.now();
    SessionDraft draft{.amount = session.amount,
                       .bill_number = "BILL_1",
                       .merchant_reference = session.session_id,
                       .description = "Order 42",
                       .callback_url = "http://shop.test/cb",
                       .payer_phone = "0343500003",
                       .object_type = "order",
                       .created_at = clock.now(),
                       .expires_at = clock.now() + std::chrono::hours(2)};
    const auto shown = run(provider->present(std::move(draft)));
    EXPECT_TRUE(shown.has_value()) << rail << (shown ? "" : shown.error().message);
    if (shown) session.provider_ref = shown->provider_ref;
    return session;
  }
};

TEST(EveryRail, N11_RefusedCredentialsAndAGeoBlockRaiseAnAlarmAndFailNoPayment) {
  for (const Way& way : kWays) {
    SCOPED_TRACE(way.adapter.name);
    AlarmStreet street(way);
    const core::Session session = street.show(way);
    ASSERT_TRUE(street.act(session.provider_ref, {.choice = way.choice, .payer{}}));
    EXPECT_EQ(street.provider->health().alarm, "");

    street.faults({{"unauthorized", true}});
    EXPECT_EQ(unknown_reason(street.ask(session)), UnknownReason::unauthorized);
    EXPECT_NE(street.provider->health().alarm.find(way.setting), std::string::npos)
        << street.provider->health().alarm;
    street.faults({{"unauthorized", false}});
    street.clock.advance(std::chrono::minutes(10));

    street.faults({{"forbidden_html_percent", 100}});
    EXPECT_EQ(unknown_reason(street.ask(session)), UnknownReason::forbidden);
    EXPECT_NE(street.provider->health().alarm.find("403"), std::string::npos)
        << street.provider->health().alarm;
    street.faults({{"forbidden_html_percent", 0}});
    street.clock.advance(std::chrono::minutes(10));

    const Answer answer = street.ask(session);
    ASSERT_TRUE(std::holds_alternative<Paid>(answer)) << to_text(answer);
    EXPECT_EQ(std::get<Paid>(answer).amount, session.amount);
    EXPECT_EQ(street.provider->health().alarm, "") << "it ended";
  }
}

}  // namespace
}  // namespace quittance::providers
