// QPAY_*: what an installation must say to take money by QPay (S2.42 to S2.57).
#include <algorithm>

#include "providers/providers.hpp"

namespace quittance::providers {
namespace {

using base::Result;

constexpr std::string_view kLiveHost = "merchant.qpay.mn";
constexpr std::string_view kSandboxUrl = "https://merchant-sandbox.qpay.mn";
constexpr std::string_view kLiveUrl = "https://merchant.qpay.mn";
constexpr const char* kSandboxUrlName = "QPAY_BASE_URL_SANDBOX";

/// What every login has; a branch's variables end in `_<BRANCH>`.
Result<QpayOptions> read_login(const Settings& settings, QpayOptions options,
                               const std::string& suffix) {
  struct Needed {
    const char* name;
    std::string* text;
  };
  std::string secret;
  for (const Needed& needed :
       {Needed{"QPAY_CLIENT_ID", &options.client_id}, Needed{"QPAY_CLIENT_SECRET", &secret},
        Needed{"QPAY_INVOICE_CODE", &options.invoice_code}}) {
    const std::string name = needed.name + suffix;
    needed.text->clear();
    settings.read_text(name, *needed.text);
    if (needed.text->empty()) {
      return wrong(name, "is missing: QPay needs it together with the other QPAY_* variables.");
    }
  }
  options.client_secret = base::Secret(std::move(secret));
  return options;
}

/// Sandbox and live never meet: neither at QPay nor at us.
Result<bool> check_addresses(const QpayOptions& options, const std::string& url_name,
                             const std::string& public_url) {
  const bool live = options.environment == "live";
  const bool at_live_host = options.base_url.find(kLiveHost) != std::string::npos;
  if (live && (!options.base_url.starts_with("https://") ||
               options.base_url.find("sandbox") != std::string::npos)) {
    return wrong(url_name, "must begin with https:// and be no sandbox when QPAY_ENV is live.");
  }
  if (!live && at_live_host) {
    return wrong(url_name, "is QPay's live service: QPAY_ENV=sandbox has no business there.");
  }
  if (!live) return true;
  if (!options.callback_url.empty() && !options.callback_url.starts_with("https://")) {
    return wrong("QPAY_CALLBACK_URL", "must begin with https:// when QPAY_ENV is live.");
  }
  if (options.callback_url.empty() && !public_url.starts_with("https://")) {
    return wrong("QPAY_CALLBACK_URL",
                 "or QUITTANCE_PUBLIC_URL must begin with https:// when QPAY_ENV is live.");
  }
  return true;
}

constexpr std::string_view kNeeded[] = {"QPAY_CLIENT_ID", "QPAY_CLIENT_SECRET",
                                        "QPAY_INVOICE_CODE"};

bool any_needed(const Settings& settings) {
  return std::ranges::any_of(kNeeded, [&settings](std::string_view name) {
    return settings.find(std::string(name)).has_value();
  });
}

/// The head office first, then the branches; empty when none of what it takes is set.
Result<std::vector<QpayOptions>> read_options(const Settings& settings, const ShopFacts& shop) {
  std::vector<QpayOptions> all;
  if (!any_needed(settings)) return all;
  QpayOptions shared;
  TRY(shared.environment, settings.read_environment("QPAY_ENV", shared.environment));
  const bool live = shared.environment == "live";
  const std::string url_name = live ? "QPAY_BASE_URL_LIVE" : kSandboxUrlName;
  shared.base_url = live ? kLiveUrl : kSandboxUrl;
  settings.read_text(url_name, shared.base_url);
  settings.read_text("QPAY_CALLBACK_URL", shared.callback_url);
  settings.read_text("QPAY_RECEIVER_CODE", shared.receiver_code);
  TRY(shared.timeout, settings.read_ms("QPAY_TIMEOUT_MS", shared.timeout));
  TRY(shared.budget, settings.read_budget("QPAY_CALLS_PER_SECOND"));
  TRY_VOID(check_addresses(shared, url_name, shop.public_url));
  TRY(auto head, read_login(settings, shared, ""));
  all.push_back(std::move(head));
  for (const std::string& branch : settings.read_texts("QPAY_BRANCHES")) {
    if (branch.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos) {
      return wrong("QPAY_BRANCHES", "must be names of A-Z, 0-9 and _ with commas between.");
    }
    TRY(auto options, read_login(settings, shared, "_" + branch));
    options.branch = branch;
    all.push_back(std::move(options));
  }
  return all;
}

Result<std::vector<ReadyProvider>> read(const Settings& settings, const ShopFacts& shop) {
  TRY(auto all, read_options(settings, shop));
  std::vector<ReadyProvider> ready;
  for (const QpayOptions& options : all) {
    ready.push_back({.environment = options.environment, .make = [options](const auto& parts) {
                       QpayOptions with_key = options;
                       with_key.callback_key = parts.callback_key;
                       return make_qpay(std::move(with_key), parts.client, parts.clock, parts.log);
                     }});
  }
  return ready;
}

SandboxAccount at_sandbox(Settings& settings, const SandboxPlace& place) {
  if (!any_needed(settings)) {
    settings.set("QPAY_CLIENT_ID", "TEST_MERCHANT");
    settings.set("QPAY_CLIENT_SECRET", place.draw("qpay secret", 24));
  }
  SandboxAccount account;
  settings.read_text("QPAY_CLIENT_ID", account.key_id);
  settings.read_secret("QPAY_CLIENT_SECRET", account.secret);
  // The simulator keeps one account and knows QPay's demo codes.
  constexpr const char* kInvoiceCode = "TEST_INVOICE";
  settings.set(kSandboxUrlName, place.url);
  settings.set("QPAY_INVOICE_CODE", kInvoiceCode);
  if (!settings.find("QPAY_EBARIMT_CLASSIFICATION")) {
    settings.set_if_missing("QPAY_EBARIMT_DISTRICT", "3505");
    settings.set("QPAY_EBARIMT_CLASSIFICATION", "0000010");
  }
  for (const std::string& branch : settings.read_texts("QPAY_BRANCHES")) {
    settings.set("QPAY_CLIENT_ID_" + branch, account.key_id);
    settings.set("QPAY_CLIENT_SECRET_" + branch, account.secret.reveal());
    settings.set("QPAY_INVOICE_CODE_" + branch, kInvoiceCode);
  }
  account.keys = "client " + account.key_id + " / " + account.secret.reveal() + ", invoice code " +
                 kInvoiceCode;
  return account;
}

}  // namespace

extern const Adapter kQpay{.name = "qpay", .read = read, .at_sandbox = at_sandbox};

}  // namespace quittance::providers
