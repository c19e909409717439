// RAZORPAY_*: what an installation must say to take money by Razorpay. A key switches it on.
#include "providers/providers.hpp"

namespace quittance::providers {
namespace {

using base::Result;

Result<RazorpayOptions> read_options(const Settings& settings, const ShopFacts& shop) {
  RazorpayOptions options;
  options.merchant_name = shop.merchant_name;
  TRY(options.environment, settings.read_environment("RAZORPAY_ENV", options.environment));
  settings.read_text("RAZORPAY_KEY_ID", options.key_id);
  settings.read_secret("RAZORPAY_KEY_SECRET", options.key_secret);
  settings.read_text("RAZORPAY_BASE_URL", options.base_url);
  options.webhook_secrets = settings.read_secrets("RAZORPAY_WEBHOOK_SECRET");
  TRY(options.timeout, settings.read_ms("RAZORPAY_TIMEOUT_MS", options.timeout));
  TRY(options.budget, settings.read_budget("RAZORPAY_CALLS_PER_SECOND"));
  if (options.key_id.empty() != options.key_secret.empty()) {
    return wrong(options.key_id.empty() ? "RAZORPAY_KEY_ID" : "RAZORPAY_KEY_SECRET",
                 "is missing: the two belong together.");
  }
  if (options.key_id.empty()) return options;
  const bool live = options.environment == "live";
  if (!options.key_id.starts_with(live ? "rzp_live_" : "rzp_test_")) {
    return wrong("RAZORPAY_KEY_ID", live ? "must begin with rzp_live_ when RAZORPAY_ENV is live."
                                         : "must begin with rzp_test_ when RAZORPAY_ENV is "
                                           "sandbox.");
  }
  if (live && !options.base_url.starts_with("https://")) {
    return wrong("RAZORPAY_BASE_URL", "must begin with https:// when RAZORPAY_ENV is live.");
  }
  return options;
}

Result<std::vector<ReadyProvider>> read(const Settings& settings, const ShopFacts& shop) {
  TRY(RazorpayOptions options, read_options(settings, shop));
  std::vector<ReadyProvider> ready;
  if (options.key_id.empty()) return ready;
  ready.push_back({.environment = options.environment, .make = [options](const auto& parts) {
                     return make_razorpay(options, parts.client, parts.clock);
                   }});
  return ready;
}

SandboxAccount at_sandbox(Settings& settings, const SandboxPlace& place) {
  settings.set("RAZORPAY_BASE_URL", place.url);
  if (!settings.find("RAZORPAY_KEY_ID")) {
    settings.set("RAZORPAY_KEY_ID", "rzp_test_" + place.draw("razorpay id", 14));
    settings.set("RAZORPAY_KEY_SECRET", place.draw("razorpay key", 24));
  }
  settings.set_if_missing("RAZORPAY_WEBHOOK_SECRET", place.draw("razorpay notices", 32));
  SandboxAccount account;
  settings.read_text("RAZORPAY_KEY_ID", account.key_id);
  settings.read_secret("RAZORPAY_KEY_SECRET", account.secret);
  account.notice_secrets = settings.read_secrets("RAZORPAY_WEBHOOK_SECRET");
  account.notice_path = "/payments/razorpay/webhook/";
  account.keys = "key " + account.key_id + " / " + account.secret.reveal() +
                 ", notices are signed with " + account.notice_secrets.front().reveal();
  return account;
}

}  // namespace

extern const Adapter kRazorpay{.name = "razorpay", .read = read, .at_sandbox = at_sandbox};

}  // namespace quittance::providers
