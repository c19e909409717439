// A clock, an executor and random bytes that a test moves by hand (law 8).
#pragma once

#include <gtest/gtest.h>

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
  base::ManualClock clock{kStart};
  base::VirtualExecutor executor{clock};
  base::SeededRandom random{1};
  base::SilentLog log;

  /// Runs a Task to its end, moving the clock only where it waits.
  template <class T>
  T run(base::Task<T> task) {
    std::optional<T> kept;
    base::spawn(executor, keep_in(std::move(task), kept));
    while (!kept && executor.run_one()) {
    }
    EXPECT_TRUE(kept.has_value()) << "the task never ended";
    return std::move(kept.value());
  }
  /// Starts a Task; its answer is there once the executor has run.
  template <class T>
  void start(base::Task<T> task, std::optional<T>& kept) {
    base::spawn(executor, keep_in(std::move(task), kept));
  }
  void advance(base::Duration by) { executor.run_until(clock.now() + by); }
  /// Runs what is due now.
  void settle_down() { executor.run_until(clock.now()); }
};

}  // namespace quittance::testing
