// Simulated payers at the rails: each request that waits gets one, who comes by the curve of C3 or
// not at all (payers.hpp). At Bakong a payment can be booked ahead, so the bank needs no such list.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/rail.hpp"

namespace quittance::sandbox {

/// Who comes when. Not for use by two threads at once: Sandbox guards it.
class Population {
 public:
  /// Requests that got their payer are remembered, so that none gets two; then the oldest go.
  static constexpr std::size_t kMetLimit = 100'000;

  /// A payer on the way to one request.
  struct Coming {
    std::string rail;
    std::string ref;
  };

  /// Gives each of these requests that has none a payer, `speed` (at least 1) times faster than
  /// the curve.
  void meet(std::string_view rail, const std::vector<Waiting>& waiting, std::int64_t speed,
            base::Time now, base::Random& random);
  /// Those whose time has come, the earliest first; they are on the list no more.
  std::vector<Coming> take_due(base::Time now);
  void clear();

 private:
  std::set<std::pair<std::string, std::string>> met_;
  std::deque<std::pair<std::string, std::string>> met_order_;
  std::multimap<base::Time, Coming> coming_;
};

}  // namespace quittance::sandbox
