// The ways to ask that are compared, and what each of them brought.
#pragma once

#include <string_view>
#include <vector>

#include "core/core.hpp"
#include "detection_bench/payers.hpp"

namespace quittance::detection_bench {

struct Strategy {
  std::string_view name;
  core::CheckPolicy policy;
};
/// Ours first, FIFO second; then those that a simpler program would use.
std::vector<Strategy> all_strategies();

/// What one run brought. Delays are from the payment to its settlement.
struct Figures {
  std::vector<base::Duration> delays;  ///< sorted; one for each payment that was found
  std::size_t sessions = 0;
  std::size_t paid = 0;        ///< payments that were made
  std::size_t late = 0;        ///< found when the session was older than 45 days
  std::int64_t questions = 0;  ///< sessions asked about, over all calls
  std::int64_t calls = 0;
  base::Duration at(std::size_t per_cent) const;
};

/// Runs the real poller, asker and books against a scripted bank that takes one call of
/// `kSessionsPerCall` every `per_call`, until a month and a half after the last order.
Figures run(const Strategy& strategy, const std::vector<Payer>& payers, base::Duration per_call);
inline constexpr std::size_t kSessionsPerCall = 5;

}  // namespace quittance::detection_bench
