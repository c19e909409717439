#include "core/ladder.hpp"

namespace quittance::core {

std::optional<base::Time> next_check(const CheckPolicy& policy, base::Time created_at,
                                     std::optional<base::Time> hot_until, CheckResult result,
                                     base::Time now) {
  if (result == CheckResult::unknown) return now + policy.outage_interval;
  const base::Duration age = now - created_at;
  if (age >= policy.retention()) return std::nullopt;
  if (hot_until && now < *hot_until) return now + policy.tick;
  if (age < policy.first_check_after) {
    // A created_at in the future is a clock that was set back: do not wait for it to come true.
    return std::min(created_at, now) + policy.first_check_after;
  }
  for (const LadderStep& step : policy.ladder) {
    if (age < step.until) return now + step.interval;
  }
  return std::nullopt;
}

}  // namespace quittance::core
