// When a delivery that failed is tried again, and when it is given up.
#pragma once

#include <optional>

#include "base/base.hpp"

namespace quittance::notify {

/// Nobody plans further ahead, jitter included.
inline constexpr base::Duration kLongestPause = std::chrono::hours(30);
/// What has waited for so long is given up at its next failure, however few its attempts were.
inline constexpr base::Duration kDeliveryLife = std::chrono::hours(24 * 4);

/// The pause after the `attempts`th attempt (1, 2, …) failed: 5 s at first, then growing to a day,
/// each a fifth shorter or longer by chance, so that what failed together does not come back
/// together. nullopt after the last, some three days after the first.
std::optional<base::Duration> pause_after(std::int64_t attempts, base::Random& random);

}  // namespace quittance::notify
