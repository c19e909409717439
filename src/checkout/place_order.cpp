#include "checkout/place_order.hpp"

#include <algorithm>

#include "checkout/audit_details.hpp"
#include "checkout/ring.hpp"

namespace quittance::checkout {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using core::Money;
using core::Order;
using core::OrderItem;
using storage::Books;
using storage::WritableBooks;

/// The cart with names and prices, and what it costs.
struct PricedCart {
  std::vector<OrderItem> items;
  Money total;
};

std::string param_of(std::size_t index) { return "items[" + std::to_string(index) + "]"; }

Result<OrderItem> price_item(Books& books, const CartItem& wanted, std::size_t index) {
  if (wanted.quantity < 1 || wanted.quantity > kQuantityLimit) {
    return fail(ErrorCode::invalid_request, "Order between 1 and 999 pieces of a product.",
                param_of(index));
  }
  TRY(const auto product, books.product(wanted.product_id));
  if (!product) {
    return fail(ErrorCode::invalid_request, "There is no such product.", param_of(index));
  }
  return OrderItem{.product_id = product->id,
                   .name = product->name,
                   .quantity = wanted.quantity,
                   .price = product->price};
}

Result<PricedCart> price_cart(Books& books, const std::vector<CartItem>& cart) {
  if (cart.empty() || cart.size() > kItemsLimit) {
    return fail(ErrorCode::invalid_request, "Put between 1 and 50 different products in the cart.",
                "items");
  }
  std::optional<PricedCart> priced;
  for (std::size_t i = 0; i < cart.size(); ++i) {
    TRY(OrderItem item, price_item(books, cart[i], i));
    const auto sum = item.price.times(item.quantity);
    if (!priced) priced = PricedCart{.items{}, .total = Money::zero(item.price.currency())};
    const auto total = sum ? priced->total.plus(*sum) : std::nullopt;
    if (!total) {
      return fail(ErrorCode::invalid_request,
                  "All products of one order must be priced in one currency.", param_of(i));
    }
    priced->total = *total;
    priced->items.push_back(std::move(item));
  }
  // Rows are always locked in the order of their ids, so that two carts cannot wait for each other.
  std::ranges::sort(priced->items, {}, &OrderItem::product_id);
  return *priced;
}

Result<storage::Rows> reserve_items(WritableBooks& books, const PricedCart& cart,
                                    const std::vector<CartItem>& wanted) {
  for (const OrderItem& item : cart.items) {
    TRY(const auto product, books.product(item.product_id));
    if (!product || product->price != item.price) {
      return fail(ErrorCode::conflict, "A price has just changed; look at the cart again.");
    }
    TRY(const bool reserved, books.reserve(item.product_id, item.quantity));
    if (!reserved) {
      const auto at = std::ranges::find(wanted, item.product_id, &CartItem::product_id);
      return fail(
          ErrorCode::out_of_stock,
          "Only " + std::to_string(product->available()) + " of " + item.name + " are left.",
          param_of(static_cast<std::size_t>(at - wanted.begin())));
    }
  }
  return storage::Rows();
}

Result<core::CustomerId> customer_of(WritableBooks& books, const OrderDraft& draft,
                                     base::Time now) {
  if (draft.customer_id) return *draft.customer_id;
  return books.insert_customer({.name = draft.customer_name, .email = draft.customer_email}, now);
}

Result<PlacedOrder> write_order(WritableBooks& books, const OrderDraft& draft,
                                const PricedCart& cart, const Ring& ring, PlacedOrder placed) {
  TRY_VOID(reserve_items(books, cart, draft.items));
  TRY(placed.order.customer_id, customer_of(books, draft, placed.order.created_at));
  TRY(placed.order.id, books.insert_order(placed.order));
  std::vector<PlacedItem> items;
  for (const OrderItem& item : cart.items) {
    TRY(const std::int64_t row, books.insert_order_item(placed.order.id, item));
    items.push_back({.row = row, .item = item});
  }
  placed.session.order_id = placed.order.id;
  placed.session.customer_id = placed.order.customer_id;
  TRY(placed.session.id, books.insert_session(placed.session));
  TRY_VOID(write_phone(books, placed.session, ring));
  TRY_VOID(books.set_order_session(placed.order.id, placed.session.session_id));
  TRY_VOID(
      books.insert_audit({.created_at = placed.order.created_at,
                          .actor = "customer",
                          .action = "order.placed",
                          .subject_type = "order",
                          .subject_id = placed.order.id.value(),
                          .details = order_details(placed.order, items, placed.session).dump()}));
  return placed;
}

}  // namespace

Task<Result<PlacedOrder>> place_order(storage::Store& store, providers::Provider& provider,
                                      const CheckoutPolicy& policy, const base::Clock& clock,
                                      base::Random& random, OrderDraft draft, AlsoWrite also) {
  storage::Reading<PricedCart> price = [&draft](Books& books) {
    return price_cart(books, draft.items);
  };
  CO_TRY(PricedCart cart, co_await store.read(std::move(price)));
  if (cart.total.is_zero()) {
    co_return fail(ErrorCode::invalid_request, "There is nothing to pay in this cart.", "items");
  }
  if (!provider.capabilities().takes(cart.total.currency())) {
    co_return fail(ErrorCode::invalid_request,
                   "This way of paying does not take " + std::string(cart.total.currency().code()) +
                       "; choose another.",
                   "payment_method");
  }
  Ring ring = ring_of(provider, policy, draft.payer_phone);
  CO_TRY_VOID(may_ring(ring));
  const base::Time now = clock.now();
  SessionPurpose purpose{.amount = cart.total};
  CO_TRY(core::Session session,
         co_await draft_session(provider, policy, random, now, std::move(purpose)));
  Order order{.transaction_id = random.hex(16),
              .order_secret = random.hex(16),
              .total = cart.total,
              .paid = Money::zero(cart.total.currency()),
              .refunded = Money::zero(cart.total.currency()),
              .payment_method = draft.payment_method,
              .created_at = now,
              .reserved_until = now + policy.stock_hold};
  ShowTo to{.payer_phone = draft.payer_phone};
  PlacedOrder drafted{.order = std::move(order), .session = std::move(session)};
  std::move_only_function<Result<PlacedOrder>(WritableBooks&)> work =
      [draft = std::move(draft), cart = std::move(cart), drafted = std::move(drafted),
       ring = std::move(ring),
       also = std::move(also)](WritableBooks& books) mutable -> Result<PlacedOrder> {
    TRY(PlacedOrder placed, write_order(books, draft, cart, ring, drafted));
    TRY_VOID(also(books, placed));
    return placed;
  };
  CO_TRY(PlacedOrder placed, co_await store.write<PlacedOrder>(std::move(work)));
  core::Session session_in_books = placed.session;
  const auto shown =
      co_await show_session(store, provider, policy, std::move(session_in_books), std::move(to));
  // Without an answer from the provider the order is placed all the same: its page asks again.
  if (shown) placed.session = *shown;
  co_return placed;
}

}  // namespace quittance::checkout
