#include "core/order.hpp"

namespace quittance::core {

Money Order::due() const {
  const Money nothing = Money::zero(total.currency());
  if (status == OrderStatus::completed || status == OrderStatus::refunded) return nothing;
  const Money held = paid.minus(refunded).value_or(nothing);
  return total.minus(held).value_or(nothing);
}

}  // namespace quittance::core
