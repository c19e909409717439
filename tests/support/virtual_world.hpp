// A clock, an executor and random bytes that a test moves by hand (law 8).
#pragma once

#include <optional>

#include "base/base.hpp"

namespace quittance::testing {

inline const base::Time kStart = base::from_ms(1'795'000'000'000);

template <class T>
base::Task<void> keep_in(base::Task<T> task, std::optional<T>& kept) {
  base::Task<T> running = std::move(task);
  kept.emplace(co_await running);
}

struct VirtualWorld {
  VirtualWorld();
  ~VirtualWorld();

  base::ManualClock clock{kStart};
  base::VirtualExecutor executor{clock};
  base::SeededRandom random{1};
  base::SilentLog log;

  /// Runs a Task to its end, moving the clock only where it waits.
  template <class T>
  T run(base::Task<T> task) {
    std::optional<T> kept;
    start(std::move(task), kept);
    while (!kept && executor.run_one()) {
    }
    expect_end(kept.has_value());
    return std::move(kept.value());
  }
  /// Starts a Task; its answer is there once the executor has run.
  template <class T>
  void start(base::Task<T> task, std::optional<T>& kept) {
    start_all(keep_in(std::move(task), kept));
  }
  void advance(base::Duration by);
  /// Runs what is due now.
  void settle_down();

 private:
  void start_all(base::Task<void> task);
  static void expect_end(bool ended);
};

}  // namespace quittance::testing
