// The rails beside Bakong: their settings, their adapters, and their accounts at the sandbox.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "providers/providers.hpp"
#include "sandbox/sandbox.hpp"

namespace quittance {

/// A rail is set up when it has a key.
struct RailsConfig {
  providers::StripeOptions stripe;
  providers::RazorpayOptions razorpay;
  std::vector<providers::QpayOptions> qpay;  ///< the head office first, then the branches
  providers::MvolaOptions mvola;
  bool cash_desk = false;

  /// Whether any of them moves real money.
  bool any_live() const;
};

/// Reads STRIPE_*, RAZORPAY_*, QPAY_*, MVOLA_* and their siblings (.env.example lists them).
base::Result<RailsConfig> rails_from_environment(const std::string& merchant_name,
                                                 const std::string& public_url);
/// QPAY_*: empty when none of them is set; else all that it takes must be (S2.52).
base::Result<std::vector<providers::QpayOptions>> read_qpay(const std::string& public_url);
/// `<RAIL>_CALLS_PER_SECOND`, 1 to 1000; twice as many at once.
base::Result<providers::CallBudget> read_budget(const char* name);
/// MVOLA_*: without a key when none of them is set.
base::Result<providers::MvolaOptions> read_mvola(const std::string& merchant_name,
                                                 const std::string& public_url);

/// Adds an adapter for each rail that is set up.
void add_rails(providers::Registry& registry, const RailsConfig& config,
               const base::Secret& callback_key, base::HttpClient& client, const base::Clock& clock,
               base::Log& log);

/// Draws what is missing, and points every rail at the sandbox there.
base::Result<RailsConfig> rails_at_sandbox(RailsConfig config, const std::string& sandbox_url,
                                           const std::string& data_dir, base::Random& random);

/// The same for one rail; `secret` is what is drawn for it.
void qpay_at_sandbox(std::vector<providers::QpayOptions>& qpay, const std::string& sandbox_url,
                     const std::string& secret);
void mvola_at_sandbox(providers::MvolaOptions& mvola, const std::string& sandbox_url,
                      const std::string& secret);

/// The same accounts as the sandbox keeps them; notices go to the shop at `public_url`.
std::map<std::string, sandbox::RailSettings> sandbox_accounts(const RailsConfig& config,
                                                              const std::string& public_url,
                                                              const std::string& merchant_name);

/// A line for each rail with the keys that its clients need; these open nothing but the sandbox.
std::string sandbox_keys(const RailsConfig& config);

}  // namespace quittance
