// Payment requests of a billing page are closed when their time is over or somebody calls them off:
// the provider is asked once more, its invoice is canceled, and the last look decides (C18, C19).
#pragma once

#include <atomic>

#include "detect/asker.hpp"

namespace quittance::detect {

/// Requests that are closed side by side.
inline constexpr std::int64_t kClosedAtOnce = 20;
/// A request that should be closed for longer than this is stuck: staff are told (S2.76).
inline constexpr base::Duration kStuckAfter = std::chrono::minutes(15);

/// Whether the provider's invoice of this session is closed with it: one of a billing page.
bool closes_at_provider(const core::Session& session);

/// What closing came to.
enum class Closed {
  canceled,  ///< nobody can pay it any more, and what was held for it is released
  paid,      ///< the money had come
  later,     ///< the provider cannot say, or not just now: tried again by itself
};

struct ClosingParts {
  storage::Store& store;
  const providers::Registry& registry;
  Asker& asker;
  const base::Clock& clock;
  Bulletin& bulletin;
  base::Log& log;
};

/// Closes one request now. Errors are the store's.
base::Task<base::Result<Closed>> close_session(ClosingParts parts, core::Session session);

/// Finds those whose time is over, whoever forgot them, and closes them.
class Closing {
 public:
  explicit Closing(ClosingParts parts) : parts_(parts) {}

  /// Closes what is due now; how many were tried.
  base::Task<std::int64_t> process_due();
  /// Goes on until `stop`.
  base::Task<void> run();
  void stop() { stopping_ = true; }

 private:
  base::Task<bool> process(core::Session session);

  ClosingParts parts_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace quittance::detect
