#include "detect/gate.hpp"

#include <algorithm>

namespace quittance::detect {

using base::Time;
using providers::Unknown;
using providers::UnknownReason;

Gate::Gate(const providers::Provider& provider, base::Duration pause, const base::Clock& clock,
           base::Log& log)
    : provider_(provider),
      pause_(pause),
      clock_(clock),
      log_(log),
      bucket_(provider.capabilities().budget, clock),
      breaker_(pause) {}

Admission Gate::enter() {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.now();
  if (!breaker_.admits(now)) return Admission::broken;
  if (!bucket_.take()) return Admission::used_up;
  breaker_.begin(now);
  ++under_way_;
  return Admission::admitted;
}

void Gate::leave_unused() {
  const std::lock_guard lock(mutex_);
  bucket_.put_back();
  breaker_.withdraw(clock_.now());
  --under_way_;
}

void Gate::leave(std::span<const providers::Answer> answers) {
  const std::lock_guard lock(mutex_);
  --under_way_;
  std::vector<const Unknown*> unknowns;
  for (const providers::Answer& answer : answers) {
    if (const auto* unknown = std::get_if<Unknown>(&answer)) unknowns.push_back(unknown);
  }
  for (const Unknown* unknown : unknowns) {
    // A time to wait that comes with some answers among others is about those sessions only.
    const bool whole_call = unknowns.size() == answers.size() && unknown->retry_after;
    if (unknown->reason != UnknownReason::throttled && !whole_call) continue;
    bucket_.close_until(clock_.now() + unknown->retry_after.value_or(pause_));
  }
  note_breaker(unknowns, answers.size());
  note_alarm();
}

void Gate::note_breaker(const std::vector<const Unknown*>& unknowns, std::size_t answers) {
  const Time now = clock_.now();
  if (unknowns.size() < answers) {
    if (breaker_.succeed()) log_.info("breaker.closed", {{"provider", provider_.name()}});
    return;
  }
  const auto is_failure = [](const Unknown* unknown) {
    return unknown->reason != UnknownReason::throttled;
  };
  const auto failure = std::ranges::find_if(unknowns, is_failure);
  // Whoever says "too many" is there: the bucket waits, the breaker has learnt nothing.
  if (failure == unknowns.end()) return breaker_.withdraw(now);
  if (breaker_.fail(now)) {
    log_.warning("breaker.opened", {{"provider", provider_.name()},
                                    {"failures", breaker_.failures()},
                                    {"reason", to_text((*failure)->reason)}});
  }
}

void Gate::note_alarm() {
  std::string alarm = provider_.health().alarm;
  if (alarm == standing_alarm_) return;
  standing_alarm_ = std::move(alarm);
  if (standing_alarm_.empty()) return;
  last_alarm_ = Alarm{.message = standing_alarm_, .raised_at = clock_.now()};
  log_.error("provider.alarm", {{"provider", provider_.name()}, {"alarm", standing_alarm_}});
}

std::int64_t Gate::calls_under_way() const {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

GateState Gate::state() const {
  const std::lock_guard lock(mutex_);
  return {.breaker = breaker_.state(),
          .failures = breaker_.failures(),
          .opened_at = breaker_.opened_at(),
          .probe_at = breaker_.probe_at(),
          .calls_per_second = provider_.capabilities().budget.calls_per_second,
          .calls_left = bucket_.left(),
          .closed_until = bucket_.closed_until(),
          .calls_under_way = under_way_,
          .last_alarm = last_alarm_};
}

}  // namespace quittance::detect
