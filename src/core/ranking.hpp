// Whom to ask first when more sessions are due than there are calls.
#pragma once

#include <array>
#include <vector>

#include "base/base.hpp"
#include "core/ids.hpp"

namespace quittance::core {

/// The order among those that are due.
enum class Ranking {
  expected_delay,  ///< by how much undetected delay one call is expected to end
  fifo,            ///< whoever was due first
};

/// Sessions of about the same chance that money has come since the last question, in thousandths
/// of a waiting second's weight.
struct AgeBand {
  base::Duration until;
  std::int64_t weight;
};
/// From the curve of S1.32 to S1.35 (30 % pay within an hour, 50 % a day, 80 % a week, 95 % a
/// month). Payments come at a rate r per session; unasked for a time g, a session has gathered an
/// expected delay of r·g²/2, so equal value means waiting in proportion to 1/√r. In the first hour
/// r is 24 times that of the first day, and √24 ≈ 5; after a month hardly anybody is left who pays.
/// The weights stand closer to 1 than that, because what is given to the few young ones is taken
/// from all others, and the curve is an expectation: docs/detection.md has what it comes to.
inline constexpr std::array kAgeBands{AgeBand{std::chrono::hours(1), 3'000},
                                      AgeBand{std::chrono::hours(24 * 30), 1'000},
                                      AgeBand{base::Duration::max(), 500}};
/// Whoever has been due for so long comes before all others, by waiting time alone: none starves.
inline constexpr base::Duration kWaitCap = std::chrono::hours(24);

/// Index into kAgeBands.
std::size_t age_band(base::Duration age);

/// A session that can be asked about.
struct DueSession {
  SessionId id;
  base::Time due_at;
  std::size_t age_band = 0;
};
/// Best first. Pure; the same input in any order gives the same order.
void rank(std::vector<DueSession>& due, Ranking ranking, base::Time now);

}  // namespace quittance::core
