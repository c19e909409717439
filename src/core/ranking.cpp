#include "core/ranking.hpp"

#include <algorithm>
#include <tuple>

namespace quittance::core {
namespace {

using base::Duration;
using base::Time;

/// Waiting time as it counts: a claim to be asked about.
std::int64_t claim_of(const DueSession& session, Ranking ranking, Time now) {
  const std::int64_t waited = std::max<std::int64_t>(0, (now - session.due_at).count());
  return ranking == Ranking::fifo ? waited : waited * kAgeBands[session.age_band].weight / 1'000;
}

}  // namespace

std::size_t age_band(Duration age) {
  std::size_t band = 0;
  while (age >= kAgeBands[band].until && band + 1 < kAgeBands.size())
    ++band;
  return band;
}

void rank(std::vector<DueSession>& due, Ranking ranking, Time now) {
  std::ranges::sort(due, [ranking, now](const DueSession& a, const DueSession& b) {
    const bool a_capped = now - a.due_at >= kWaitCap;
    const bool b_capped = now - b.due_at >= kWaitCap;
    if (a_capped != b_capped) return a_capped;
    const std::int64_t a_claim = a_capped ? 0 : claim_of(a, ranking, now);
    const std::int64_t b_claim = b_capped ? 0 : claim_of(b, ranking, now);
    return std::tuple(-a_claim, a.due_at, a.id) < std::tuple(-b_claim, b.due_at, b.id);
  });
}

}  // namespace quittance::core
