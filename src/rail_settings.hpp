// The rails' settings: read once, at the start, or drawn where the sandbox plays the providers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "detect/detect.hpp"
#include "providers/providers.hpp"
#include "sandbox/sandbox.hpp"

namespace quittance {

struct RailsConfig {
  providers::Settings settings{{}};
  providers::ShopFacts shop;
  std::vector<providers::ReadyProvider> ready;  ///< what is set up
  detect::ReceiptOptions receipts{};            ///< of tax receipts (e-Barimt)

  /// Whether any of them moves real money.
  bool any_live() const;
};

/// What the adapters of src/rails.hpp find set.
base::Result<RailsConfig> read_rails(providers::Settings settings, providers::ShopFacts shop);

/// Adds a provider for each that is ready.
void add_rails(providers::Registry& registry, const RailsConfig& config,
               const providers::ProviderParts& parts);

/// The same shop where the sandbox plays the providers.
struct RailsAtSandbox {
  RailsConfig config;
  std::map<std::string, sandbox::RailSettings> accounts;  ///< as the sandbox keeps them
  /// A line for each rail with the keys that its clients need; these open nothing but the sandbox.
  std::string keys;
};
/// Draws what is missing, and points every rail at the sandbox there; notices go to the shop's
/// public address.
base::Result<RailsAtSandbox> rails_at_sandbox(RailsConfig config, const std::string& sandbox_url,
                                              const std::string& data_dir, base::Random& random);

}  // namespace quittance
