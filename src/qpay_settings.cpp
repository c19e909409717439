// QPAY_*: what an installation must say to take money by QPay (S2.42 to S2.57).
#include "environment.hpp"
#include "rail_settings.hpp"

namespace quittance {
namespace {

using base::Result;

constexpr std::string_view kLiveHost = "merchant.qpay.mn";
constexpr std::string_view kSandboxUrl = "https://merchant-sandbox.qpay.mn";
constexpr std::string_view kLiveUrl = "https://merchant.qpay.mn";

/// What every login has; a branch's variables end in `_<BRANCH>`.
Result<providers::QpayOptions> read_login(providers::QpayOptions options,
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
    read_text(name.c_str(), *needed.text);
    if (needed.text->empty()) {
      return wrong(name, "is missing: QPay needs it together with the other QPAY_* variables.");
    }
  }
  options.client_secret = base::Secret(std::move(secret));
  return options;
}

/// Sandbox and live never meet: neither at QPay nor at us.
Result<bool> check_addresses(const providers::QpayOptions& options, const std::string& url_name,
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

}  // namespace

Result<std::vector<providers::QpayOptions>> read_qpay(const std::string& public_url) {
  std::vector<providers::QpayOptions> all;
  if (!variable("QPAY_CLIENT_ID") && !variable("QPAY_CLIENT_SECRET") &&
      !variable("QPAY_INVOICE_CODE")) {
    return all;
  }
  providers::QpayOptions common;
  TRY(common.environment, read_environment("QPAY_ENV", common.environment));
  const bool live = common.environment == "live";
  const char* url_name = live ? "QPAY_BASE_URL_LIVE" : "QPAY_BASE_URL_SANDBOX";
  common.base_url = live ? kLiveUrl : kSandboxUrl;
  read_text(url_name, common.base_url);
  read_text("QPAY_CALLBACK_URL", common.callback_url);
  read_text("QPAY_RECEIVER_CODE", common.receiver_code);
  TRY(common.timeout, read_ms("QPAY_TIMEOUT_MS", common.timeout));
  TRY(common.budget, read_budget("QPAY_CALLS_PER_SECOND"));
  TRY_VOID(check_addresses(common, url_name, public_url));
  TRY(auto head, read_login(common, ""));
  all.push_back(std::move(head));
  for (const std::string& branch : read_texts("QPAY_BRANCHES")) {
    if (branch.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos) {
      return wrong("QPAY_BRANCHES", "must be names of A-Z, 0-9 and _ with commas between.");
    }
    TRY(auto options, read_login(common, "_" + branch));
    options.branch = branch;
    all.push_back(std::move(options));
  }
  return all;
}

void qpay_at_sandbox(std::vector<providers::QpayOptions>& qpay, const std::string& sandbox_url,
                     const std::string& secret) {
  if (qpay.empty()) {
    qpay.push_back({.base_url{},
                    .client_id = "TEST_MERCHANT",
                    .client_secret = base::Secret(secret),
                    .invoice_code = "TEST_INVOICE"});
  }
  // The simulator keeps one account and knows QPay's demo codes.
  for (providers::QpayOptions& options : qpay) {
    options.base_url = sandbox_url;
    options.client_id = qpay.front().client_id;
    options.client_secret = qpay.front().client_secret;
    options.invoice_code = "TEST_INVOICE";
  }
}

}  // namespace quittance
