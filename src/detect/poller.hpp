// The poller: asks about whatever is due, in bulk, within the budget, while money may come.
#pragma once

#include <atomic>
#include <map>
#include <string>

#include "detect/asker.hpp"

namespace quittance::detect {

/// Limits of the poller (law 9).
struct PollerOptions {
  std::int64_t concurrent_calls = 8;  ///< questions under way at one provider
  /// A claimed session that nobody answered for (a crash) is due again after this.
  base::Duration lease{30'000};
};

/// Drives the asker over the due queue. One per process.
class Poller {
 public:
  Poller(storage::Store& store, const providers::Registry& registry, Asker& asker,
         const base::Clock& clock, base::Log& log, PollerOptions options);

  /// Starts questions about all that is due and affordable now; they end by themselves. Returns
  /// how many were started.
  base::Task<std::int64_t> tick();
  /// Ticks until stopped. What somebody looks at when it begins is asked about at once.
  base::Task<void> run();
  void stop() { stopping_ = true; }

 private:
  base::Task<void> wake_hot();
  base::Task<std::int64_t> tick_provider(providers::Provider& provider);
  /// How far the clock is behind where the last look at this provider's sessions found it; zero or
  /// less when it goes forward.
  base::Duration set_back(const std::string& provider, base::Time now);
  static base::Task<void> ask(Asker& asker, providers::Provider& provider,
                              std::vector<core::Session> sessions);

  storage::Store& store_;
  const providers::Registry& registry_;
  Asker& asker_;
  const base::Clock& clock_;
  base::Log& log_;
  PollerOptions options_;
  /// The clock at the last look, by provider.
  std::map<std::string, base::Time> looked_at_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace quittance::detect
