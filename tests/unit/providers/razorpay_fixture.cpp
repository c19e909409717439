#include "unit/providers/razorpay_fixture.hpp"

namespace quittance::providers {

core::Money inr(std::int64_t paise) {
  return *core::Money::from_minor(paise, *core::Currency::from_code("INR"));
}

RazorpayStreet::RazorpayStreet(std::string environment)
    : OrderStreet("razorpay", {.key_id = "rzp_test_shop",
                               .secret = base::Secret("key secret"),
                               .notice_secrets = {base::Secret("new"), base::Secret("old")},
                               .notice_url = "http://shop.test/payments/razorpay/webhook/"}) {
  provider = make_razorpay(settings(std::move(environment)), *wire, clock);
}
RazorpayStreet::~RazorpayStreet() = default;

RazorpayOptions RazorpayStreet::settings(std::string environment) {
  RazorpayOptions options;
  options.base_url = std::string(WireToSandbox::kOrigin);
  options.key_id = "rzp_test_shop";
  options.key_secret = base::Secret("key secret");
  options.webhook_secrets = {base::Secret("new")};
  options.environment = std::move(environment);
  options.merchant_name = "Corner Shop";
  return options;
}

base::Json RazorpayStreet::act(const std::string& ref, std::string choice,
                               std::optional<std::string> amount, base::Json details) {
  auto done = OrderStreet::act(
      ref,
      {.choice = std::move(choice), .amount = std::move(amount), .details = std::move(details)});
  EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
  return done.value_or(base::Json());
}

std::size_t RazorpayStreet::codes() const { return bank->objects("razorpay", "qr_code").size(); }

}  // namespace quittance::providers
