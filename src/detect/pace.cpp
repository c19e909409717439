#include "detect/pace.hpp"

#include <algorithm>

namespace quittance::detect {
namespace {

using base::Duration;
using core::CheckPolicy;
using core::LadderStep;
using namespace std::chrono_literals;

/// The same ladder up to the retention that is set.
std::vector<LadderStep> up_to(Duration retention, std::vector<LadderStep> ladder) {
  std::erase_if(ladder, [retention](const LadderStep& step) { return step.until >= retention; });
  const Duration last = ladder.empty() ? Duration(1h) : ladder.back().interval;
  ladder.push_back({.until = retention, .interval = std::max<Duration>(last, 6h)});
  return ladder;
}

}  // namespace

CheckPolicy paced(CheckPolicy policy, providers::PollingRule rule) {
  const Duration retention = policy.retention();
  switch (rule) {
    case providers::PollingRule::everything:
      break;
    case providers::PollingRule::webhook_first:
      // Its notices do the work. Whoever looks at the page is the reason to ask all the same.
      policy.tick = std::max<Duration>(policy.tick, 5s);
      policy.ladder = up_to(retention, {{15min, 60s}, {24h, 10min}, {24h * 7, 1h}});
      break;
    case providers::PollingRule::while_pending_then_list:
      // The phone decides within minutes.
      policy.tick = std::max<Duration>(policy.tick, 3s);
      policy.ladder = up_to(retention, {{10min, 5s}, {24h, 10min}, {24h * 7, 1h}});
      break;
    case providers::PollingRule::rare_bounded_sweep:
      // Some ninety questions in a session's life, unless somebody looks.
      policy.first_check_after = std::max<Duration>(policy.first_check_after, 15min);
      policy.tick = std::max<Duration>(policy.tick, 3s);
      policy.ladder = up_to(retention, {{24h, 1h}, {24h * 7, 6h}, {24h * 7 + 1ms, 24h}});
      break;
  }
  return policy;
}

}  // namespace quittance::detect
