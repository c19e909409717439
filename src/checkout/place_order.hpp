// Placing an order: prices, reservation, order, items, first payment session; all or nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "checkout/session_opening.hpp"

namespace quittance::checkout {

/// Limits of a cart (law 9).
inline constexpr std::size_t kItemsLimit = 50;
inline constexpr std::int64_t kQuantityLimit = 999;

struct CartItem {
  core::ProductId product_id;
  std::int64_t quantity = 0;
};

struct OrderDraft {
  std::vector<CartItem> items;
  std::string payment_method;
  std::optional<core::CustomerId> customer_id;  ///< empty: a new one is made from the two below
  std::string customer_name;
  std::string customer_email;
  std::string payer_phone{};  ///< for a provider that rings it
};

struct PlacedOrder {
  core::Order order;
  core::Session session;
};

/// Runs in the same transaction, after the order is written; an error undoes the order too.
using AlsoWrite = std::move_only_function<base::Result<storage::Rows>(storage::WritableBooks&,
                                                                      const PlacedOrder&)>;

/// invalid_request for a bad cart (`param` names the item) or one in a currency that the provider
/// does not take (`payment_method`), rate_limited on `payer_phone` when that phone was rung too
/// often, out_of_stock, or what `also` returned.
base::Task<base::Result<PlacedOrder>> place_order(storage::Store& store,
                                                  providers::Provider& provider,
                                                  const CheckoutPolicy& policy,
                                                  const base::Clock& clock, base::Random& random,
                                                  OrderDraft draft, AlsoWrite also);

}  // namespace quittance::checkout
