#include "core/policy.hpp"

namespace quittance::core {

bool SettlePolicy::needs_second_approver(Money amount) const {
  for (const Money& threshold : second_approver_from) {
    const auto order = amount.compare(threshold);
    if (order && *order != std::strong_ordering::less) return true;
  }
  return false;
}

}  // namespace quittance::core
