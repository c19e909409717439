// One destination's lane: its own deliveries, at its own pace, in nobody's way (N7).
#pragma once

#include <atomic>

#include "notify/carrier.hpp"

namespace quittance::notify {

/// A destination that is down is tried with one delivery at a time, and at most this far apart.
inline constexpr base::Duration kQuietLimit = std::chrono::minutes(1);

struct LaneParts {
  storage::Store& store;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
};

/// Claims what is due for one destination, has it carried, and writes what came of it. Runs on one
/// executor, and outlives what it starts there.
class Lane {
 public:
  Lane(LaneParts parts, Carrier& carrier) : parts_(parts), carrier_(carrier) {}

  const Carrier& carrier() const { return carrier_; }
  /// Starts what is due, as far as there is room; how many that were.
  base::Task<std::int64_t> tick();
  /// Ticks until stop().
  base::Task<void> run();
  void stop() { stopping_ = true; }

 private:
  std::int64_t room() const;
  base::Task<void> carry(storage::Delivery delivery);
  base::Task<void> record(storage::Delivery delivery, Attempt attempt);
  void learn(const Attempt& attempt);

  LaneParts parts_;
  Carrier& carrier_;
  std::int64_t under_way_ = 0;
  std::int64_t failures_in_row_ = 0;  ///< that were the destination's fault
  base::Time quiet_until_{};
  std::atomic<bool> stopping_ = false;
};

}  // namespace quittance::notify
