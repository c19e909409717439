// One token bucket per provider account: all questions share it, and a 429 closes it for a while.
#pragma once

#include <mutex>

#include "providers/providers.hpp"

namespace quittance::detect {

using providers::CallBudget;

/// Integer arithmetic in thousandths of a call; safe from any thread.
class TokenBucket {
 public:
  TokenBucket(CallBudget budget, const base::Clock& clock);
  /// Takes one call if there is one.
  bool take();
  /// A call that was taken and not made.
  void put_back();
  /// No call before `moment` (Retry-After).
  void close_until(base::Time moment);
  /// Calls that could be taken at once.
  std::int64_t left();
  /// Empty when it is open.
  std::optional<base::Time> closed_until();

 private:
  bool is_closed(base::Time now) const;
  void refill(base::Time now);
  CallBudget budget_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::int64_t thousandths_;
  base::Time refilled_at_;
  base::Time closed_until_{};
};

}  // namespace quittance::detect
