// How soon to ask again: the ladder that slows with age and ends after 45 days (law 4).
#pragma once

#include <optional>
#include <vector>

#include "base/base.hpp"
#include "core/ranking.hpp"

namespace quittance::core {

/// Asked every `interval` until a session is `until` old.
struct LadderStep {
  base::Duration until;
  base::Duration interval;
};

/// All settings of the cadence (C1, C2, C6).
struct CheckPolicy {
  base::Duration tick{2'000};                 ///< hot sessions, and the poller itself (S1.4)
  base::Duration first_check_after{60'000};   ///< nothing sooner unless hot (S1.8)
  base::Duration outage_interval{30'000};     ///< after Unknown; the sources' 30 s (S1.18)
  base::Duration hot_for{120'000};            ///< an open page keeps a session hot this long
  Ranking ranking = Ranking::expected_delay;  ///< when more is due than the budget allows
  std::vector<LadderStep> ladder{
      {std::chrono::hours(2), std::chrono::seconds(2)},
      {std::chrono::hours(24), std::chrono::seconds(10)},
      {std::chrono::hours(24 * 7), std::chrono::seconds(60)},
      {std::chrono::hours(24 * 45), std::chrono::minutes(10)},
  };
  /// The longest pause that is ever planned; what is planned further ahead was planned by a clock
  /// that has been set back since (N14).
  base::Duration longest_pause() const;
  /// How long a session is asked about at all.
  base::Duration retention() const { return ladder.back().until; }
};

/// What is known of a session when the next question is planned.
struct CheckState {
  base::Time created_at;
  std::optional<base::Time> hot_until;
  std::int64_t unknowns = 0;  ///< unknown answers in a row, this one included; 0: it was a real one
  std::int64_t salt = 0;      ///< spreads sessions that fail together (the session's id)
};

/// When to ask next; nullopt once the session is past retention and the last answer was a real one:
/// an unknown never ends the looking (laws 3 and 4). After an unknown the pause doubles from one
/// tick up to the outage interval, less up to a quarter of jitter, and is never shorter than the
/// ladder's. A clock that jumped back only means waiting no longer than one interval.
std::optional<base::Time> next_check(const CheckPolicy& policy, const CheckState& state,
                                     base::Time now);

}  // namespace quittance::core
