// The rails beside Bakong: their settings, their adapters, and their accounts at the sandbox.
#pragma once

#include <map>
#include <string>

#include "providers/providers.hpp"
#include "sandbox/sandbox.hpp"

namespace quittance {

/// A rail is set up when it has a key.
struct RailsConfig {
  providers::StripeOptions stripe;
  providers::RazorpayOptions razorpay;

  /// Whether any of them moves real money.
  bool any_live() const;
};

/// Reads STRIPE_*, RAZORPAY_* and their siblings (.env.example lists them).
base::Result<RailsConfig> rails_from_environment(const std::string& merchant_name);

/// Adds an adapter for each rail that is set up.
void add_rails(providers::Registry& registry, const RailsConfig& config, base::HttpClient& client,
               const base::Clock& clock);

/// Draws what is missing, and points every rail at the sandbox there.
base::Result<RailsConfig> rails_at_sandbox(RailsConfig config, const std::string& sandbox_url,
                                           const std::string& data_dir, base::Random& random);

/// The same accounts as the sandbox keeps them; notices go to the shop at `public_url`.
std::map<std::string, sandbox::RailSettings> sandbox_accounts(const RailsConfig& config,
                                                              const std::string& public_url,
                                                              const std::string& merchant_name);

/// A line for each rail with the keys that its clients need; these open nothing but the sandbox.
std::string sandbox_keys(const RailsConfig& config);

}  // namespace quittance
