// An order: what was bought, what is owed, what is paid.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/money.hpp"

namespace quittance::core {

/// Where an order stands. Stored and compared by these very words.
enum class OrderStatus { pending, completed, canceled };

/// Why a person should look at an order; `none` for almost all of them.
enum class Attention {
  none,
  underpaid,  ///< money came, but less than is owed
  excess,     ///< more money came than is owed: to be given back
  paid_late,  ///< paid after the stock was let go, and nothing is left to hand over
  shortage,   ///< completed although the books had less stock than was sold
};

/// Whether the goods of an order are set aside.
enum class StockState {
  reserved,   ///< counted in products.reserved
  released,   ///< given back when the hold ended or the order was canceled
  committed,  ///< taken out of products.stock, once and for ever
};

std::string_view to_text(OrderStatus status);
std::string_view to_text(Attention attention);
std::string_view to_text(StockState state);
std::optional<OrderStatus> order_status_from(std::string_view text);
std::optional<Attention> attention_from(std::string_view text);
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
  Attention attention = Attention::none;
  Money total;
  Money paid;  ///< counted towards the order; excess is not in it
  std::string payment_method;
  base::Time created_at;
  base::Time reserved_until;
  std::optional<base::Time> completed_at;
};

}  // namespace quittance::core
