// An order: what was bought, what is owed, what is paid.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/attention.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"

namespace quittance::core {

/// Where an order stands. Stored and compared by these very words.
enum class OrderStatus {
  pending,    ///< waits for money
  completed,  ///< paid, and the goods are the payer's
  canceled,   ///< called off before it was paid; its QRs are honoured all the same (law 5)
  refunded,   ///< all that was paid was given back
};

/// Whether the goods of an order are set aside.
enum class StockState {
  reserved,   ///< counted in products.reserved
  released,   ///< given back when the hold ended or the order was canceled
  committed,  ///< taken out of products.stock, once and for ever
};

std::string_view to_text(OrderStatus status);
std::string_view to_text(StockState state);
std::optional<OrderStatus> order_status_from(std::string_view text);
std::optional<StockState> stock_state_from(std::string_view text);

struct OrderItem {
  ProductId product_id;
  std::string name;
  std::int64_t quantity = 0;
  Money price;  ///< of one piece
};

struct Order {
  OrderId id;
  std::string transaction_id;  ///< 32 hex, random; a reference, not a secret (C7)
  std::string order_secret;    ///< whoever has it may see and pay this order
  std::optional<CustomerId> customer_id;
  OrderStatus status = OrderStatus::pending;
  StockState stock_state = StockState::reserved;
  AttentionSet attention;
  Money total;
  Money paid;      ///< counted towards the order, ever; excess is not in it
  Money refunded;  ///< of `paid`, given back since
  std::string payment_method;
  base::Time created_at;
  base::Time reserved_until;
  std::optional<base::Time> completed_at;

  /// What is still owed: nothing once it is completed or refunded.
  Money due() const;
};

}  // namespace quittance::core
