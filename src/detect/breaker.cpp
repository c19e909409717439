#include "detect/breaker.hpp"

namespace quittance::detect {

std::string_view to_text(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "";
}

bool Breaker::admits(base::Time now) const {
  // A probe that is further away than a pause was planned by a clock that went back (N14).
  return !opened_at_ || now >= probe_at_ || probe_at_ - now > pause_;
}

void Breaker::begin(base::Time now) {
  if (!opened_at_) return;
  probing_ = true;
  // A probe that never comes back keeps nobody out for longer than a pause.
  probe_at_ = now + pause_;
}

void Breaker::withdraw(base::Time now) {
  if (!probing_) return;
  probing_ = false;
  probe_at_ = now;
}

bool Breaker::succeed() {
  const bool closes = opened_at_.has_value();
  failures_ = 0;
  opened_at_.reset();
  probing_ = false;
  return closes;
}

bool Breaker::fail(base::Time now) {
  ++failures_;
  if (opened_at_) {
    // Calls that began before it opened end in here too, and say nothing new.
    if (probing_) probe_at_ = now + pause_;
    probing_ = false;
    return false;
  }
  if (failures_ < kFailures) return false;
  opened_at_ = now;
  probe_at_ = now + pause_;
  return true;
}

BreakerState Breaker::state() const {
  if (!opened_at_) return BreakerState::closed;
  return probing_ ? BreakerState::half_open : BreakerState::open;
}

std::optional<base::Time> Breaker::probe_at() const {
  return opened_at_ ? std::optional(probe_at_) : std::nullopt;
}

}  // namespace quittance::detect
