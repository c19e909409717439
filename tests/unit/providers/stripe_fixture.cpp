#include "unit/providers/stripe_fixture.hpp"

namespace quittance::providers {

core::Money money(std::string_view amount, std::string_view code) {
  return *core::Money::parse(amount, *core::Currency::from_code(code));
}

StripeStreet::StripeStreet(std::string environment)
    : OrderStreet("stripe",
                  {.secret = base::Secret("sk_test_shop"),
                   .notice_secrets = {base::Secret("whsec_new"), base::Secret("whsec_old")},
                   .notice_url = "http://shop.test/payments/stripe/webhook/"}) {
  provider = make_stripe(settings(std::move(environment)), *wire, clock);
}
StripeStreet::~StripeStreet() = default;

StripeOptions StripeStreet::settings(std::string environment) {
  StripeOptions options;
  options.base_url = std::string(WireToSandbox::kOrigin);
  options.secret_key = base::Secret("sk_test_shop");
  options.webhook_secrets = {base::Secret("whsec_new")};
  options.environment = std::move(environment);
  options.qr_methods = {{"INR", "upi"}, {"USD", "wechat_pay"}};
  return options;
}

base::Result<base::Json> StripeStreet::act(const core::Session& session, std::string choice,
                                           std::optional<std::string> amount) {
  return OrderStreet::act(session.provider_ref,
                          {.choice = std::move(choice), .amount = std::move(amount)});
}

}  // namespace quittance::providers
