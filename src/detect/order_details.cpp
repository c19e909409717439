#include "detect/order_details.hpp"

namespace quittance::detect {

base::Json order_details(const core::Order& order) {
  base::Json completed_at;
  if (order.completed_at) completed_at = base::to_ms(*order.completed_at);
  return base::Json::object({{"status", to_text(order.status)},
                             {"paid_minor", order.paid.minor()},
                             {"refunded_minor", order.refunded.minor()},
                             {"stock_state", to_text(order.stock_state)},
                             {"attention", order.attention.text()},
                             {"completed_at", std::move(completed_at)}});
}

}  // namespace quittance::detect
