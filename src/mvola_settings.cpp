// MVOLA_*: what an installation must say to take money by MVola.
#include "environment.hpp"
#include "rail_settings.hpp"

namespace quittance {
namespace {

using base::Result;

constexpr std::string_view kLiveHost = "//api.mvola.mg";

/// Sandbox and live never meet: neither at MVola nor at us.
Result<bool> check_addresses(const providers::MvolaOptions& options,
                             const std::string& public_url) {
  if (options.environment != "live") {
    if (options.base_url.find(kLiveHost) == std::string::npos) return true;
    return wrong("MVOLA_BASE_URL",
                 "is MVola's live service: MVOLA_ENV=sandbox has no business there.");
  }
  if (!options.base_url.starts_with("https://") ||
      options.base_url.find("//devapi.") != std::string::npos) {
    return wrong("MVOLA_BASE_URL",
                 "must begin with https:// and be no sandbox when MVOLA_ENV is live.");
  }
  if (!public_url.starts_with("https://")) {
    return wrong("QUITTANCE_PUBLIC_URL", "must begin with https:// when MVOLA_ENV is live.");
  }
  return true;
}

bool is_number(const std::string& text) {
  return text.size() == 10 && text.starts_with("03") &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Result<providers::MvolaOptions> read_mvola(const std::string& merchant_name,
                                           const std::string& public_url) {
  providers::MvolaOptions options;
  read_text("MVOLA_CONSUMER_KEY", options.consumer_key);
  read_secret("MVOLA_CONSUMER_SECRET", options.consumer_secret);
  read_text("MVOLA_PARTNER_NUMBER", options.partner_number);
  if (options.consumer_key.empty() && options.consumer_secret.empty() &&
      options.partner_number.empty()) {
    return options;
  }
  TRY(options.environment, read_environment("MVOLA_ENV", options.environment));
  options.base_url =
      options.environment == "live" ? "https://api.mvola.mg" : "https://devapi.mvola.mg";
  read_text("MVOLA_BASE_URL", options.base_url);
  options.partner_name = merchant_name;
  read_text("MVOLA_PARTNER_NAME", options.partner_name);
  read_text("MVOLA_LANGUAGE", options.language);
  read_text("MVOLA_FOREIGN_CURRENCY", options.foreign_currency);
  TRY(options.timeout, read_ms("MVOLA_TIMEOUT_MS", options.timeout));
  TRY(options.budget, read_budget("MVOLA_CALLS_PER_SECOND"));
  for (const auto& [name, missing] : {std::pair{"MVOLA_CONSUMER_KEY", options.consumer_key.empty()},
                                      {"MVOLA_CONSUMER_SECRET", options.consumer_secret.empty()},
                                      {"MVOLA_PARTNER_NUMBER", options.partner_number.empty()}}) {
    if (missing) {
      return wrong(name, "is missing: MVola needs it together with the other MVOLA_* variables.");
    }
  }
  if (!is_number(options.partner_number)) {
    return wrong("MVOLA_PARTNER_NUMBER", "must be 03 and eight more digits.");
  }
  if (options.language != "FR" && options.language != "MG") {
    return wrong("MVOLA_LANGUAGE", "must be FR or MG.");
  }
  TRY_VOID(check_addresses(options, public_url));
  return options;
}

void mvola_at_sandbox(providers::MvolaOptions& mvola, const std::string& sandbox_url,
                      const std::string& secret) {
  mvola.base_url = sandbox_url;
  // The simulator knows the two numbers of MVola's test service; this is the payee.
  mvola.partner_number = "0343500004";
  if (mvola.partner_name.empty()) mvola.partner_name = "Quittance";
  if (!mvola.consumer_key.empty()) return;
  mvola.consumer_key = "demo_key";
  mvola.consumer_secret = base::Secret(secret);
}

}  // namespace quittance
