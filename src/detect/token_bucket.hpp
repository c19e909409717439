// One token bucket per provider account: all questions share it, and a 429 closes it for a while.
#pragma once

#include <mutex>

#include "base/base.hpp"

namespace quittance::detect {

/// How many calls one provider account may get.
struct CallBudget {
  std::int64_t calls_per_second = 5;
  std::int64_t burst = 10;
};

/// Integer arithmetic in thousandths of a call; safe from any thread.
class TokenBucket {
 public:
  TokenBucket(CallBudget budget, const base::Clock& clock);
  /// Takes one call if there is one.
  bool take();
  /// No call before `moment` (Retry-After).
  void close_until(base::Time moment);

 private:
  void refill(base::Time now);
  CallBudget budget_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::int64_t thousandths_;
  base::Time refilled_at_;
  base::Time closed_until_{};
};

}  // namespace quittance::detect
