// The circuit breaker of a provider: after failures in a row nobody asks, but for one probe at a
// time.
#pragma once

#include "base/base.hpp"

namespace quittance::detect {

enum class BreakerState {
  closed,     ///< calls go through
  open,       ///< none goes through until the pause is over
  half_open,  ///< one call is under way to see whether the provider is back
};
std::string_view to_text(BreakerState state);

/// Counts calls that failed, not answers: a provider that says "nothing came" is well. Knows no
/// clock; not safe from several threads (Gate is).
class Breaker {
 public:
  /// Failures in a row that open it.
  static constexpr std::int64_t kFailures = 5;

  /// `pause` is from a failure to the next probe.
  explicit Breaker(base::Duration pause) : pause_(pause) {}

  bool admits(base::Time now) const;
  /// A call begins that was admitted.
  void begin(base::Time now);
  /// It was not made after all.
  void withdraw(base::Time now);
  /// An answer came, whatever it was; true: this closed it.
  bool succeed();
  /// No answer came; true: this opened it.
  bool fail(base::Time now);

  BreakerState state() const;
  std::int64_t failures() const { return failures_; }
  /// When it opened; empty while it is closed.
  std::optional<base::Time> opened_at() const { return opened_at_; }
  /// When the next probe may be made; empty while it is closed.
  std::optional<base::Time> probe_at() const;

 private:
  base::Duration pause_;
  std::int64_t failures_ = 0;
  std::optional<base::Time> opened_at_;
  base::Time probe_at_{};
  bool probing_ = false;
};

}  // namespace quittance::detect
