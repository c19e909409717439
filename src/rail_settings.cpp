#include "rail_settings.hpp"

#include <algorithm>

#include "config.hpp"
#include "rails.hpp"

namespace quittance {
namespace {

using base::Result;

constexpr std::size_t kNamesWidth = 10;

std::string padded(std::string_view name) {
  std::string text(name);
  text.resize(std::max(kNamesWidth, text.size() + 1), ' ');
  return text;
}

sandbox::RailSettings settings_of(const providers::SandboxAccount& account,
                                  const providers::ShopFacts& shop) {
  sandbox::RailSettings settings{.key_id = account.key_id,
                                 .secret = account.secret,
                                 .notice_secrets = account.notice_secrets,
                                 .notice_url{},
                                 .merchant = shop.merchant_name};
  if (!account.notice_path.empty() && !shop.public_url.empty()) {
    settings.notice_url = shop.public_url + account.notice_path;
  }
  return settings;
}

/// Both or none: only with both can a receipt be found again after a lost answer.
Result<detect::ReceiptOptions> read_receipts(const providers::Settings& settings) {
  detect::ReceiptOptions options;
  settings.read_text("QPAY_EBARIMT_DISTRICT", options.district_code);
  settings.read_text("QPAY_EBARIMT_CLASSIFICATION", options.classification_code);
  if (options.district_code.empty() == options.classification_code.empty()) return options;
  return providers::wrong(
      options.district_code.empty() ? "QPAY_EBARIMT_DISTRICT" : "QPAY_EBARIMT_CLASSIFICATION",
      "is missing: the two belong together.");
}

}  // namespace

bool RailsConfig::any_live() const {
  return std::ranges::any_of(ready, [](const auto& one) { return one.environment == "live"; });
}

Result<RailsConfig> read_rails(providers::Settings settings, providers::ShopFacts shop) {
  RailsConfig config{.settings = std::move(settings), .shop = std::move(shop), .ready{}};
  for (const providers::Adapter* adapter : providers::adapters()) {
    TRY(auto found, adapter->read(config.settings, config.shop));
    std::ranges::move(found, std::back_inserter(config.ready));
  }
  TRY(config.receipts, read_receipts(config.settings));
  return config;
}

void add_rails(providers::Registry& registry, const RailsConfig& config,
               const providers::ProviderParts& parts) {
  for (const providers::ReadyProvider& one : config.ready)
    registry.add(one.make(parts));
}

Result<RailsAtSandbox> rails_at_sandbox(RailsConfig config, const std::string& sandbox_url,
                                        const std::string& data_dir, base::Random& random) {
  TRY(const base::Secret drawn, kept_secret(data_dir, "sandbox_accounts", random));
  const providers::SandboxPlace place{.url = sandbox_url,
                                      .draw = [&drawn](std::string_view use, std::size_t letters) {
                                        return base::hmac_sha256_hex(drawn, use).substr(0, letters);
                                      }};
  RailsAtSandbox at;
  for (const providers::Adapter* adapter : providers::adapters()) {
    if (!adapter->at_sandbox) continue;
    const providers::SandboxAccount account = adapter->at_sandbox(config.settings, place);
    at.accounts[std::string(adapter->name)] = settings_of(account, config.shop);
    at.keys += "  " + padded(adapter->name) + account.keys + "\n";
  }
  TRY(at.config, read_rails(std::move(config.settings), std::move(config.shop)));
  return at;
}

}  // namespace quittance
