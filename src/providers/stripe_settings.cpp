// STRIPE_*: what an installation must say to take money by Stripe. A key switches it on.
#include "providers/providers.hpp"

namespace quittance::providers {
namespace {

using base::Result;

/// `USD=wechat_pay,INR=upi`.
Result<std::map<std::string, std::string>> read_methods(const Settings& settings,
                                                        const std::string& name) {
  std::map<std::string, std::string> methods;
  for (const std::string& pair : settings.read_texts(name)) {
    const std::size_t equals = pair.find('=');
    const std::string currency = pair.substr(0, equals);
    if (equals == std::string::npos || !core::Currency::from_code(currency)) {
      return wrong(name, "must be pairs of currency and method, such as INR=upi.");
    }
    methods[currency] = pair.substr(equals + 1);
  }
  return methods;
}

Result<StripeOptions> read_options(const Settings& settings) {
  StripeOptions options;
  TRY(options.environment, settings.read_environment("STRIPE_ENV", options.environment));
  settings.read_secret("STRIPE_SECRET_KEY", options.secret_key);
  settings.read_text("STRIPE_BASE_URL", options.base_url);
  settings.read_text("STRIPE_EMAIL", options.email);
  settings.read_text("STRIPE_API_VERSION", options.api_version);
  options.webhook_secrets = settings.read_secrets("STRIPE_WEBHOOK_SECRET");
  TRY(options.qr_methods, read_methods(settings, "STRIPE_QR_METHODS"));
  TRY(options.timeout, settings.read_ms("STRIPE_TIMEOUT_MS", options.timeout));
  TRY(options.budget, settings.read_budget("STRIPE_CALLS_PER_SECOND"));
  const std::string& key = options.secret_key.reveal();
  if (key.empty()) return options;
  const bool live = options.environment == "live";
  const std::string_view mode = live ? "_live_" : "_test_";
  if (key.substr(std::min<std::size_t>(key.size(), 2), mode.size()) != mode) {
    return wrong("STRIPE_SECRET_KEY", live ? "must begin with sk_live_ or rk_live_ when "
                                             "STRIPE_ENV is live."
                                           : "must begin with sk_test_ or rk_test_ when "
                                             "STRIPE_ENV is sandbox.");
  }
  if (live && !options.base_url.starts_with("https://")) {
    return wrong("STRIPE_BASE_URL", "must begin with https:// when STRIPE_ENV is live.");
  }
  return options;
}

Result<std::vector<ReadyProvider>> read(const Settings& settings, const ShopFacts&) {
  TRY(StripeOptions options, read_options(settings));
  std::vector<ReadyProvider> ready;
  if (options.secret_key.empty()) return ready;
  ready.push_back({.environment = options.environment, .make = [options](const auto& parts) {
                     return make_stripe(options, parts.client, parts.clock);
                   }});
  return ready;
}

SandboxAccount at_sandbox(Settings& settings, const SandboxPlace& place) {
  settings.set("STRIPE_BASE_URL", place.url);
  settings.set_if_missing("STRIPE_SECRET_KEY", "sk_test_" + place.draw("stripe key", 24));
  settings.set_if_missing("STRIPE_WEBHOOK_SECRET", "whsec_" + place.draw("stripe notices", 32));
  settings.set_if_missing("STRIPE_QR_METHODS", "USD=wechat_pay,INR=upi");
  SandboxAccount account;
  settings.read_secret("STRIPE_SECRET_KEY", account.secret);
  account.notice_secrets = settings.read_secrets("STRIPE_WEBHOOK_SECRET");
  account.notice_path = "/payments/stripe/webhook/";
  account.keys = "key " + account.secret.reveal() + ", notices are signed with " +
                 account.notice_secrets.front().reveal();
  return account;
}

}  // namespace

extern const Adapter kStripe{.name = "stripe", .read = read, .at_sandbox = at_sandbox};

}  // namespace quittance::providers
