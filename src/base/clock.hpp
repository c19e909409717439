// Time and waiting are injected (law 8): nothing outside base reads a clock or sleeps.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace quittance::base {

/// A length of time; milliseconds everywhere.
using Duration = std::chrono::milliseconds;
/// A moment; integer milliseconds since the Unix epoch, UTC.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline std::int64_t to_ms(Time moment) { return moment.time_since_epoch().count(); }
inline Time from_ms(std::int64_t ms) { return Time{Duration{ms}}; }

/// `2026-11-21T09:00:00.000Z`.
std::string to_iso8601(Time moment);

/// Says what time it is.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

/// The machine's wall clock.
class SystemClock final : public Clock {
 public:
  Time now() const override;
};

/// A clock that a test or the simulation sets by hand; it may also jump back (N14).
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  Time now() const override { return std::exchange(now_, now_ + per_look_); }
  void set(Time moment) { now_ = moment; }
  void advance(Duration by) { now_ += by; }
  /// From now on it moves with every look, as a real one may between any two.
  void advance_per_look(Duration by) { per_look_ = by; }

 private:
  mutable Time now_;
  Duration per_look_{0};
};

/// Microseconds on a clock that never jumps; for latencies, never for moments.
std::int64_t monotonic_us();

}  // namespace quittance::base
