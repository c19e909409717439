// MVOLA_*: what an installation must say to take money by MVola.
#include "providers/providers.hpp"

namespace quittance::providers {
namespace {

using base::Result;

constexpr std::string_view kLiveHost = "//api.mvola.mg";

/// Sandbox and live never meet: neither at MVola nor at us.
Result<bool> check_addresses(const MvolaOptions& options, const std::string& public_url) {
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

Result<MvolaOptions> read_options(const Settings& settings, const ShopFacts& shop) {
  MvolaOptions options;
  settings.read_text("MVOLA_CONSUMER_KEY", options.consumer_key);
  settings.read_secret("MVOLA_CONSUMER_SECRET", options.consumer_secret);
  settings.read_text("MVOLA_PARTNER_NUMBER", options.partner_number);
  if (options.consumer_key.empty() && options.consumer_secret.empty() &&
      options.partner_number.empty()) {
    return options;
  }
  TRY(options.environment, settings.read_environment("MVOLA_ENV", options.environment));
  options.base_url =
      options.environment == "live" ? "https://api.mvola.mg" : "https://devapi.mvola.mg";
  settings.read_text("MVOLA_BASE_URL", options.base_url);
  options.partner_name = shop.merchant_name;
  settings.read_text("MVOLA_PARTNER_NAME", options.partner_name);
  settings.read_text("MVOLA_LANGUAGE", options.language);
  settings.read_text("MVOLA_FOREIGN_CURRENCY", options.foreign_currency);
  TRY(options.timeout, settings.read_ms("MVOLA_TIMEOUT_MS", options.timeout));
  TRY(options.budget, settings.read_budget("MVOLA_CALLS_PER_SECOND"));
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
  TRY_VOID(check_addresses(options, shop.public_url));
  return options;
}

Result<std::vector<ReadyProvider>> read(const Settings& settings, const ShopFacts& shop) {
  TRY(MvolaOptions options, read_options(settings, shop));
  std::vector<ReadyProvider> ready;
  if (options.consumer_key.empty()) return ready;
  ready.push_back({.environment = options.environment, .make = [options](const auto& parts) {
                     MvolaOptions with_key = options;
                     with_key.callback_key = parts.callback_key;
                     return make_mvola(std::move(with_key), parts.client, parts.clock, parts.log);
                   }});
  return ready;
}

SandboxAccount at_sandbox(Settings& settings, const SandboxPlace& place) {
  // The simulator knows the two numbers of MVola's test service; this is the payee.
  constexpr const char* kPayee = "0343500004";
  settings.set("MVOLA_BASE_URL", place.url);
  settings.set("MVOLA_PARTNER_NUMBER", kPayee);
  if (!settings.find("MVOLA_CONSUMER_KEY")) {
    settings.set("MVOLA_CONSUMER_KEY", "demo_key");
    settings.set("MVOLA_CONSUMER_SECRET", place.draw("mvola secret", 24));
  }
  SandboxAccount account;
  settings.read_text("MVOLA_CONSUMER_KEY", account.key_id);
  settings.read_secret("MVOLA_CONSUMER_SECRET", account.secret);
  account.keys =
      "consumer " + account.key_id + " / " + account.secret.reveal() + ", number " + kPayee;
  return account;
}

}  // namespace

extern const Adapter kMvola{.name = "mvola", .read = read, .at_sandbox = at_sandbox};

}  // namespace quittance::providers
