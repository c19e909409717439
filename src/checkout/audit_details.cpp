#include "checkout/audit_details.hpp"

namespace quittance::checkout {

using base::Json;

Json session_details(const core::Session& session) {
  return Json::object({{"row", session.id.value()},
                       {"session_id", session.session_id},
                       {"payment_id", session.payment_id},
                       {"provider", session.provider},
                       {"environment", session.environment},
                       {"amount_minor", session.amount.minor()},
                       {"currency", session.amount.currency().code()},
                       {"bill_number", session.bill_number}});
}

Json order_details(const core::Order& order, const std::vector<PlacedItem>& items,
                   const core::Session& session) {
  Json lines{Json::Array{}};
  Json stock{Json::Array{}};
  for (const auto& [row, item] : items) {
    lines.push(Json::object({{"row", row},
                             {"product_id", item.product_id.value()},
                             {"name", item.name},
                             {"quantity", item.quantity},
                             {"price_minor", item.price.minor()}}));
    stock.push(Json::object(
        {{"product_id", item.product_id.value()}, {"stock", 0}, {"reserved", item.quantity}}));
  }
  return Json::object(
      {{"transaction_id", order.transaction_id},
       {"order_secret_sha256", base::sha256_hex(order.order_secret)},
       {"customer_id", order.customer_id ? Json(order.customer_id->value()) : Json()},
       {"payment_method", order.payment_method},
       {"total_minor", order.total.minor()},
       {"currency", order.total.currency().code()},
       {"reserved_until", base::to_ms(order.reserved_until)},
       {"items", std::move(lines)},
       {"stock", std::move(stock)},
       {"session_id", session.session_id},
       {"session", session_details(session)}});
}

}  // namespace quittance::checkout
