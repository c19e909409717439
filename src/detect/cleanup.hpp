// Cleaning up, daily by itself and on demand (S0.56, S0.61, C6): marks what is over, removes what
// holds no money and is past retention. Nothing that may still be paid is touched.
#pragma once

#include "core/core.hpp"
#include "storage/storage.hpp"

namespace quittance::detect {

inline constexpr base::Duration kCleanupInterval = std::chrono::hours(24);
/// How long an answered Idempotency-Key is remembered.
inline constexpr base::Duration kIdempotencyFor = std::chrono::hours(24);

/// Returns how many sessions were marked expired or removed.
base::Task<base::Result<std::int64_t>> clean_up(storage::Store& store, const base::Clock& clock,
                                                base::Duration retention, std::string actor);

/// Cleans at the start and then once a day, for ever.
base::Task<void> clean_up_daily(storage::Store& store, const base::Clock& clock,
                                base::Duration retention, base::Log& log);

}  // namespace quittance::detect
