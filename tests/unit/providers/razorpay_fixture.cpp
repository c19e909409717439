#include "unit/providers/razorpay_fixture.hpp"

namespace quittance::providers {

core::Money inr(std::int64_t paise) {
  return *core::Money::from_minor(paise, *core::Currency::from_code("INR"));
}

RazorpayStreet::RazorpayStreet(std::string environment) {
  sandbox::SandboxOptions options;
  options.token_key = base::Secret("a key for tests only");
  options.rails = sandbox::rails();
  options.accounts["razorpay"] = {.key_id = "rzp_test_shop",
                                  .secret = base::Secret("key secret"),
                                  .notice_secrets = {base::Secret("new"), base::Secret("old")},
                                  .notice_url = "http://shop.test/payments/razorpay/webhook/"};
  bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
  client = std::make_unique<SandboxClient>(*bank);
  client->clock = &clock;
  razorpay = make_razorpay(settings(std::move(environment)), *client, clock);
}
RazorpayStreet::~RazorpayStreet() = default;

RazorpayOptions RazorpayStreet::settings(std::string environment) {
  RazorpayOptions options;
  options.base_url = "http://razorpay.test";
  options.key_id = "rzp_test_shop";
  options.key_secret = base::Secret("key secret");
  options.webhook_secrets = {base::Secret("new")};
  options.environment = std::move(environment);
  options.merchant_name = "Corner Shop";
  return options;
}

SessionDraft RazorpayStreet::draft(core::Money amount, std::string reference) {
  SessionDraft draft{.amount = amount,
                     .bill_number = "BILL_1",
                     .merchant_reference = std::move(reference),
                     .description = "Order 42",
                     .object_type = "order",
                     .created_at = clock.now(),
                     .expires_at = clock.now() + std::chrono::hours(24)};
  return draft;
}

base::Result<Presentation> RazorpayStreet::try_show(SessionDraft draft) {
  return run(razorpay->present(std::move(draft)));
}

core::Session RazorpayStreet::unshown(core::Money amount, std::string reference) {
  core::Session session{.session_id = std::move(reference), .amount = amount};
  session.created_at = clock.now();
  return session;
}

core::Session RazorpayStreet::show(core::Money amount, std::string reference) {
  core::Session session = unshown(amount, reference);
  const auto shown = try_show(draft(amount, std::move(reference)));
  EXPECT_TRUE(shown.has_value()) << (shown ? "" : shown.error().detail);
  if (shown) session.provider_ref = shown->provider_ref;
  return session;
}

Answer RazorpayStreet::ask(const core::Session& session) {
  std::vector<core::Session> one{session};
  return run(razorpay->query(std::move(one))).at(0);
}

base::Json RazorpayStreet::act(const std::string& ref, std::string choice,
                               std::optional<std::string> amount, base::Json details) {
  auto done = bank->act(
      "razorpay", ref,
      {.choice = std::move(choice), .amount = std::move(amount), .details = std::move(details)});
  EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
  return done.value_or(base::Json());
}

void RazorpayStreet::faults(std::initializer_list<std::pair<std::string, base::Json>> changes) {
  ASSERT_TRUE(bank->change_rail_faults("razorpay", base::Json::object(changes)).has_value());
}

std::vector<RawNotice> RazorpayStreet::notices() {
  NoticeDoor door;
  while (run(bank->deliver_due(door)) > 0) {
  }
  return std::move(door.notices);
}

std::size_t RazorpayStreet::codes() const { return bank->objects("razorpay", "qr_code").size(); }

std::optional<UnknownReason> why_not_known(const Answer& answer) {
  const auto* unknown = std::get_if<Unknown>(&answer);
  return unknown ? std::optional(unknown->reason) : std::nullopt;
}

}  // namespace quittance::providers
