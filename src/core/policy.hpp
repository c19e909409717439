// What a merchant may choose about settling. The rest is not a matter of choice.
#pragma once

#include <vector>

#include "core/money.hpp"

namespace quittance::core {

/// What becomes of money that was paid after the interactive window.
enum class LatePolicy {
  accept,  ///< it completes the order when the goods can be handed over
  staff,   ///< it is counted, and a person decides
};
std::string_view to_text(LatePolicy policy);
std::optional<LatePolicy> late_policy_from(std::string_view text);

struct SettlePolicy {
  LatePolicy late = LatePolicy::accept;
  /// From these amounts on, one for each currency, a person's claim that money came counts only
  /// when a second person confirms it (C13). A currency that is not named has no threshold.
  std::vector<Money> second_approver_from{};
  /// How long after it was made a person's claim can be taken back (a void); later it is a refund.
  base::Duration void_within = std::chrono::minutes(30);

  /// Whether a person's claim of this amount needs a second person.
  bool needs_second_approver(Money amount) const;
};

}  // namespace quittance::core
