#include "unit/providers/stripe_fixture.hpp"

namespace quittance::providers {

core::Money money(std::string_view amount, std::string_view code) {
  return *core::Money::parse(amount, *core::Currency::from_code(code));
}

StripeStreet::StripeStreet(std::string environment) {
  sandbox::SandboxOptions options;
  options.token_key = base::Secret("a key for tests only");
  options.rails = sandbox::rails();
  options.accounts["stripe"] = {
      .secret = base::Secret("sk_test_shop"),
      .notice_secrets = {base::Secret("whsec_new"), base::Secret("whsec_old")},
      .notice_url = "http://shop.test/payments/stripe/webhook/"};
  bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
  client = std::make_unique<SandboxClient>(*bank);
  client->clock = &clock;
  stripe = make_stripe(settings(std::move(environment)), *client, clock);
}
StripeStreet::~StripeStreet() = default;

StripeOptions StripeStreet::settings(std::string environment) {
  StripeOptions options;
  options.base_url = "http://stripe.test";
  options.secret_key = base::Secret("sk_test_shop");
  options.webhook_secrets = {base::Secret("whsec_new")};
  options.environment = std::move(environment);
  options.qr_methods = {{"INR", "upi"}, {"USD", "wechat_pay"}};
  return options;
}

SessionDraft StripeStreet::draft(core::Money amount, std::string reference) {
  SessionDraft draft{.amount = amount,
                     .bill_number = "BILL_1",
                     .merchant_reference = std::move(reference),
                     .description = "Order 42",
                     .object_type = "order",
                     .created_at = clock.now(),
                     .expires_at = clock.now() + std::chrono::hours(24)};
  return draft;
}

base::Result<Presentation> StripeStreet::try_show(SessionDraft draft) {
  return run(stripe->present(std::move(draft)));
}

core::Session StripeStreet::show(core::Money amount, std::string reference) {
  core::Session session = unshown(amount, reference);
  const auto shown = try_show(draft(amount, std::move(reference)));
  EXPECT_TRUE(shown.has_value()) << (shown ? "" : shown.error().detail);
  if (shown) session.provider_ref = shown->provider_ref;
  if (shown) session.qr_data = shown->qr_data;
  return session;
}

core::Session StripeStreet::unshown(core::Money amount, std::string reference) {
  core::Session session{.session_id = std::move(reference), .amount = amount};
  session.created_at = clock.now();
  return session;
}

Answer StripeStreet::ask(const core::Session& session) {
  std::vector<core::Session> one{session};
  return run(stripe->query(std::move(one))).at(0);
}

base::Result<base::Json> StripeStreet::act(const core::Session& session, std::string choice,
                                           std::optional<std::string> amount) {
  return bank->act("stripe", session.provider_ref,
                   {.choice = std::move(choice), .amount = std::move(amount)});
}

void StripeStreet::faults(std::initializer_list<std::pair<std::string, base::Json>> changes) {
  ASSERT_TRUE(bank->change_rail_faults("stripe", base::Json::object(changes)).has_value());
}

std::vector<RawNotice> StripeStreet::notices() {
  NoticeDoor door;
  while (run(bank->deliver_due(door)) > 0) {
  }
  return std::move(door.notices);
}

}  // namespace quittance::providers
