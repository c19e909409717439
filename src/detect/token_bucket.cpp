#include "detect/token_bucket.hpp"

#include <algorithm>

namespace quittance::detect {

TokenBucket::TokenBucket(CallBudget budget, const base::Clock& clock)
    : budget_(budget),
      clock_(clock),
      thousandths_(budget.burst * 1000),
      refilled_at_(clock.now()) {}

void TokenBucket::refill(base::Time now) {
  // A clock that went back gives nothing, and is believed from here on (N14).
  const std::int64_t elapsed_ms =
      std::clamp<std::int64_t>((now - refilled_at_).count(), 0, 1'000'000);
  thousandths_ =
      std::min(budget_.burst * 1000, thousandths_ + elapsed_ms * budget_.calls_per_second);
  refilled_at_ = now;
}

bool TokenBucket::take() {
  const std::lock_guard lock(mutex_);
  const base::Time now = clock_.now();
  refill(now);
  if (is_closed(now)) return false;
  if (thousandths_ < 1000) return false;
  thousandths_ -= 1000;
  return true;
}

void TokenBucket::put_back() {
  const std::lock_guard lock(mutex_);
  thousandths_ = std::min(budget_.burst * 1000, thousandths_ + 1000);
}

bool TokenBucket::is_closed(base::Time now) const {
  // Retry-After is at most an hour; a closing further away is a clock that went back.
  return now < closed_until_ && closed_until_ - now <= std::chrono::hours(1);
}

std::int64_t TokenBucket::left() {
  const std::lock_guard lock(mutex_);
  const base::Time now = clock_.now();
  refill(now);
  return is_closed(now) ? 0 : thousandths_ / 1000;
}

std::optional<base::Time> TokenBucket::closed_until() {
  const std::lock_guard lock(mutex_);
  return is_closed(clock_.now()) ? std::optional(closed_until_) : std::nullopt;
}

void TokenBucket::close_until(base::Time moment) {
  const std::lock_guard lock(mutex_);
  closed_until_ = std::max(closed_until_, moment);
}

}  // namespace quittance::detect
