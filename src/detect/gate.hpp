// The gate to a provider: whether it may be asked now, by its budget and by its breaker, and what
// staff must know of it.
#pragma once

#include "detect/breaker.hpp"
#include "detect/token_bucket.hpp"

namespace quittance::detect {

/// What the gate says to somebody who wants to ask.
enum class Admission {
  admitted,  ///< one call is taken from the budget; the caller leaves again
  used_up,   ///< there is no call left just now, or the provider told us to wait
  broken,    ///< it has not answered for a while: see Breaker
};

/// Something that a person must do about a provider (N11).
struct Alarm {
  std::string message;
  base::Time raised_at;
};

/// How things stand at the gate.
struct GateState {
  BreakerState breaker = BreakerState::closed;
  std::int64_t failures = 0;  ///< calls in a row without an answer
  std::optional<base::Time> opened_at;
  std::optional<base::Time> probe_at;
  std::int64_t calls_per_second = 0;
  std::int64_t calls_left = 0;             ///< that could be made at once
  std::optional<base::Time> closed_until;  ///< as the provider demanded (Retry-After)
  std::int64_t calls_under_way = 0;
  std::optional<Alarm> last_alarm;  ///< also when it is over
};

/// One for each provider's account: all questions to it share one gate. Safe from any thread.
class Gate {
 public:
  /// `pause`: until the next probe of the breaker, and after a 429 that names no time.
  Gate(const providers::Provider& provider, base::Duration pause, const base::Clock& clock,
       base::Log& log);

  Admission enter();
  /// A call was admitted and not made: it goes back into the budget.
  void leave_unused();
  /// A call has ended with these answers; without any it was no question about a payment, and
  /// nothing is learnt from it.
  void leave(std::span<const providers::Answer> answers);
  std::int64_t calls_under_way() const;
  GateState state() const;

 private:
  void note_breaker(const std::vector<const providers::Unknown*>& unknowns, std::size_t answers);
  void note_alarm();

  const providers::Provider& provider_;
  base::Duration pause_;
  const base::Clock& clock_;
  base::Log& log_;
  mutable std::mutex mutex_;
  mutable TokenBucket bucket_;
  Breaker breaker_;
  std::int64_t under_way_ = 0;
  std::string standing_alarm_;
  std::optional<Alarm> last_alarm_;
};

}  // namespace quittance::detect
