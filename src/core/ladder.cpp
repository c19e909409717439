#include "core/ladder.hpp"

#include <algorithm>

namespace quittance::core {
namespace {

using base::Duration;
using base::Time;

/// The pause by age; the last step's beyond the ladder.
Duration ladder_interval(const CheckPolicy& policy, Duration age) {
  for (const LadderStep& step : policy.ladder) {
    if (age < step.until) return step.interval;
  }
  return policy.ladder.back().interval;
}

Duration backoff(const CheckPolicy& policy, const CheckState& state) {
  const auto doublings = std::min<std::int64_t>(state.unknowns - 1, 16);
  const Duration doubled = policy.tick * (1LL << doublings);
  const Duration full = std::min(policy.outage_interval, doubled);
  const Duration jitter = full * ((state.salt * 37) % 100) / 400;
  return full - jitter;
}

}  // namespace

Duration CheckPolicy::longest_pause() const {
  // What a provider asks for by Retry-After may be an hour, whatever the ladder says.
  Duration longest = std::chrono::hours(1);
  for (const LadderStep& step : ladder)
    longest = std::max(longest, step.interval);
  return longest;
}

std::optional<Time> next_check(const CheckPolicy& policy, const CheckState& state, Time now) {
  const Duration age = now - state.created_at;
  const bool hot = state.hot_until && now < *state.hot_until;
  if (state.unknowns > 0) {
    const Duration pause = backoff(policy, state);
    return now + (hot ? pause : std::max(pause, ladder_interval(policy, age)));
  }
  if (age >= policy.retention()) return std::nullopt;
  if (hot) return now + policy.tick;
  if (age < policy.first_check_after) {
    // A created_at in the future is a clock that was set back: do not wait for it to come true.
    return std::min(state.created_at, now) + policy.first_check_after;
  }
  return now + ladder_interval(policy, age);
}

}  // namespace quittance::core
