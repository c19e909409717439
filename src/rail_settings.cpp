#include "rail_settings.hpp"

#include "config.hpp"
#include "environment.hpp"

namespace quittance {
namespace {

using base::Result;

constexpr std::string_view kStripeNotices = "/payments/stripe/webhook/";
constexpr std::string_view kRazorpayNotices = "/payments/razorpay/webhook/";

/// `USD=wechat_pay,INR=upi`.
Result<std::map<std::string, std::string>> read_methods(const char* name) {
  std::map<std::string, std::string> methods;
  for (const std::string& pair : read_texts(name)) {
    const std::size_t equals = pair.find('=');
    const std::string currency = pair.substr(0, equals);
    if (equals == std::string::npos || !core::Currency::from_code(currency)) {
      return wrong(name, "must be pairs of currency and method, such as INR=upi.");
    }
    methods[currency] = pair.substr(equals + 1);
  }
  return methods;
}

Result<providers::StripeOptions> read_stripe() {
  providers::StripeOptions options;
  TRY(options.environment, read_environment("STRIPE_ENV", options.environment));
  read_secret("STRIPE_SECRET_KEY", options.secret_key);
  read_text("STRIPE_BASE_URL", options.base_url);
  read_text("STRIPE_EMAIL", options.email);
  read_text("STRIPE_API_VERSION", options.api_version);
  for (std::string& secret : read_texts("STRIPE_WEBHOOK_SECRET"))
    options.webhook_secrets.emplace_back(std::move(secret));
  TRY(options.qr_methods, read_methods("STRIPE_QR_METHODS"));
  TRY(options.timeout, read_ms("STRIPE_TIMEOUT_MS", options.timeout));
  TRY(options.budget, read_budget("STRIPE_CALLS_PER_SECOND"));
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

Result<providers::RazorpayOptions> read_razorpay(const std::string& merchant_name) {
  providers::RazorpayOptions options;
  options.merchant_name = merchant_name;
  TRY(options.environment, read_environment("RAZORPAY_ENV", options.environment));
  read_text("RAZORPAY_KEY_ID", options.key_id);
  read_secret("RAZORPAY_KEY_SECRET", options.key_secret);
  read_text("RAZORPAY_BASE_URL", options.base_url);
  for (std::string& secret : read_texts("RAZORPAY_WEBHOOK_SECRET"))
    options.webhook_secrets.emplace_back(std::move(secret));
  TRY(options.timeout, read_ms("RAZORPAY_TIMEOUT_MS", options.timeout));
  TRY(options.budget, read_budget("RAZORPAY_CALLS_PER_SECOND"));
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

}  // namespace

Result<providers::CallBudget> read_budget(const char* name) {
  providers::CallBudget budget;
  TRY(budget.calls_per_second, read_number(name, budget.calls_per_second, 1, 1'000));
  budget.burst = budget.calls_per_second * 2;
  return budget;
}

bool RailsConfig::any_live() const {
  return (!stripe.secret_key.empty() && stripe.environment == "live") ||
         (!razorpay.key_id.empty() && razorpay.environment == "live") ||
         (!qpay.empty() && qpay.front().environment == "live") ||
         (!mvola.consumer_key.empty() && mvola.environment == "live");
}

Result<RailsConfig> rails_from_environment(const std::string& merchant_name,
                                           const std::string& public_url) {
  RailsConfig config;
  TRY(config.stripe, read_stripe());
  TRY(config.razorpay, read_razorpay(merchant_name));
  TRY(config.qpay, read_qpay(public_url));
  TRY(config.mvola, read_mvola(merchant_name, public_url));
  const std::string cash = variable("QUITTANCE_CASH_DESK").value_or("off");
  if (cash != "on" && cash != "off") return wrong("QUITTANCE_CASH_DESK", "must be on or off.");
  config.cash_desk = cash == "on";
  return config;
}

void add_rails(providers::Registry& registry, const RailsConfig& config,
               const base::Secret& callback_key, base::HttpClient& client, const base::Clock& clock,
               base::Log& log) {
  if (!config.stripe.secret_key.empty()) {
    registry.add(providers::make_stripe(config.stripe, client, clock));
  }
  if (!config.razorpay.key_id.empty()) {
    registry.add(providers::make_razorpay(config.razorpay, client, clock));
  }
  for (providers::QpayOptions options : config.qpay) {
    options.callback_key = callback_key;
    registry.add(providers::make_qpay(std::move(options), client, clock, log));
  }
  if (!config.mvola.consumer_key.empty()) {
    providers::MvolaOptions options = config.mvola;
    options.callback_key = callback_key;
    registry.add(providers::make_mvola(std::move(options), client, clock, log));
  }
  if (config.cash_desk) {
    registry.add(providers::make_cash(config.any_live() ? "live" : "sandbox"));
  }
}

Result<RailsConfig> rails_at_sandbox(RailsConfig config, const std::string& sandbox_url,
                                     const std::string& data_dir, base::Random& random) {
  TRY(const base::Secret drawn, kept_secret(data_dir, "sandbox_accounts", random));
  const auto secret_for = [&drawn](std::string_view use, std::size_t letters) {
    return base::hmac_sha256_hex(drawn, use).substr(0, letters);
  };
  providers::StripeOptions& stripe = config.stripe;
  stripe.base_url = sandbox_url;
  if (stripe.secret_key.empty()) {
    stripe.secret_key = base::Secret("sk_test_" + secret_for("stripe key", 24));
  }
  if (stripe.webhook_secrets.empty()) {
    stripe.webhook_secrets.emplace_back("whsec_" + secret_for("stripe notices", 32));
  }
  if (stripe.qr_methods.empty()) stripe.qr_methods = {{"USD", "wechat_pay"}, {"INR", "upi"}};
  providers::RazorpayOptions& razorpay = config.razorpay;
  razorpay.base_url = sandbox_url;
  if (razorpay.key_id.empty()) {
    razorpay.key_id = "rzp_test_" + secret_for("razorpay id", 14);
    razorpay.key_secret = base::Secret(secret_for("razorpay key", 24));
  }
  if (razorpay.webhook_secrets.empty()) {
    razorpay.webhook_secrets.emplace_back(secret_for("razorpay notices", 32));
  }
  qpay_at_sandbox(config.qpay, sandbox_url, secret_for("qpay secret", 24));
  mvola_at_sandbox(config.mvola, sandbox_url, secret_for("mvola secret", 24));
  return config;
}

std::map<std::string, sandbox::RailSettings> sandbox_accounts(const RailsConfig& config,
                                                              const std::string& public_url,
                                                              const std::string& merchant_name) {
  const auto notices = [&public_url](std::string_view path) {
    return public_url.empty() ? std::string() : public_url + std::string(path);
  };
  std::map<std::string, sandbox::RailSettings> accounts;
  accounts["stripe"] = {.secret = config.stripe.secret_key,
                        .notice_secrets = config.stripe.webhook_secrets,
                        .notice_url = notices(kStripeNotices),
                        .merchant = merchant_name};
  accounts["razorpay"] = {.key_id = config.razorpay.key_id,
                          .secret = config.razorpay.key_secret,
                          .notice_secrets = config.razorpay.webhook_secrets,
                          .notice_url = notices(kRazorpayNotices),
                          .merchant = merchant_name};
  const providers::QpayOptions& qpay = config.qpay.front();
  accounts["qpay"] = {
      .key_id = qpay.client_id, .secret = qpay.client_secret, .merchant = merchant_name};
  accounts["mvola"] = {.key_id = config.mvola.consumer_key,
                       .secret = config.mvola.consumer_secret,
                       .merchant = merchant_name};
  return accounts;
}

std::string sandbox_keys(const RailsConfig& config) {
  const providers::QpayOptions& qpay = config.qpay.front();
  return "  stripe    key " + config.stripe.secret_key.reveal() + ", notices are signed with " +
         config.stripe.webhook_secrets.front().reveal() + "\n  razorpay  key " +
         config.razorpay.key_id + " / " + config.razorpay.key_secret.reveal() +
         ", notices are signed with " + config.razorpay.webhook_secrets.front().reveal() +
         "\n  qpay      client " + qpay.client_id + " / " + qpay.client_secret.reveal() +
         ", invoice code " + qpay.invoice_code + "\n  mvola     consumer " +
         config.mvola.consumer_key + " / " + config.mvola.consumer_secret.reveal() + ", number " +
         config.mvola.partner_number + "\n";
}

}  // namespace quittance
