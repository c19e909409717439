#include "detect/lapse.hpp"

#include <algorithm>

#include "detect/order_details.hpp"

namespace quittance::detect {

using base::Json;
using base::Result;
using core::OrderStatus;
using core::SessionStatus;
using core::StockState;
using storage::WritableBooks;

Result<Json> release_goods(WritableBooks& books, core::Order& order) {
  Json stock{Json::Array{}};
  if (order.stock_state != StockState::reserved) return stock;
  TRY(const auto items, books.order_items(order));
  for (const core::OrderItem& item : items) {
    TRY_VOID(books.release(item.product_id, item.quantity));
    stock.push(Json::object(
        {{"product_id", item.product_id.value()}, {"stock", 0}, {"reserved", -item.quantity}}));
  }
  order.stock_state = StockState::released;
  return stock;
}

storage::AuditEntry order_entry(const core::Order& order, std::string actor, std::string action,
                                Json stock, base::Time now) {
  Json details = Json::object({{"order", order_details(order)}});
  if (!stock.array().empty()) details.set("stock", std::move(stock));
  return {.created_at = now,
          .actor = std::move(actor),
          .action = std::move(action),
          .subject_type = "order",
          .subject_id = order.id.value(),
          .details = details.dump()};
}

namespace {

/// Of one cleaning; the rest waits for the next.
constexpr std::int64_t kAbandonedLimit = 1'000;

Result<bool> asked_about(WritableBooks& books, core::OrderId id) {
  TRY(const auto sessions, books.sessions_of_order(id));
  return std::ranges::any_of(
      sessions, [](const core::Session& session) { return session.next_check_at.has_value(); });
}

/// Whoever paid the deposit of a booking keeps what is booked, however long the rest takes.
Result<bool> booked(WritableBooks& books, const core::Order& order) {
  if (order.paid == order.refunded) return false;
  TRY(const auto sessions, books.sessions_of_order(order.id));
  return std::ranges::any_of(sessions, [](const core::Session& session) {
    return session.object_type == "booking" && session.status == SessionStatus::settled;
  });
}

Result<bool> lapse_order(WritableBooks& books, core::OrderId id, base::Time now, bool for_good) {
  TRY(const auto found, books.order(id));
  if (!found || found->status != OrderStatus::pending) return false;
  core::Order order = *found;
  bool over = false;
  if (for_good) {
    TRY(const bool still_asked, asked_about(books, id));
    over = !still_asked && order.paid == order.refunded;
  }
  Json stock;
  if (over || now >= order.reserved_until) {
    TRY(const bool kept, booked(books, order));
    if (!kept) {
      TRY(stock, release_goods(books, order));
    }
  }
  if (over) order.status = OrderStatus::canceled;
  if (order.status == found->status && order.stock_state == found->stock_state) return false;
  TRY_VOID(books.update_order(order, *found));
  TRY_VOID(books.insert_audit(order_entry(
      order, "system", over ? "order.lapsed" : "order.hold_ended", std::move(stock), now)));
  return true;
}

}  // namespace

Result<std::int64_t> lapse_abandoned(WritableBooks& books, base::Time now) {
  TRY(const auto abandoned, books.abandoned_orders(now, kAbandonedLimit));
  for (const core::Order& found : abandoned) {
    core::Order order = found;
    const bool pending = order.status == OrderStatus::pending;
    if (pending) order.status = OrderStatus::canceled;
    TRY(Json stock, release_goods(books, order));
    TRY_VOID(books.update_order(order, found));
    TRY_VOID(books.insert_audit(order_entry(
        order, "system", pending ? "order.lapsed" : "order.hold_ended", std::move(stock), now)));
  }
  return static_cast<std::int64_t>(abandoned.size());
}

Result<bool> lapse(WritableBooks& books, const core::Session& session, base::Time now,
                   bool for_good) {
  bool changed = false;
  const bool waiting =
      session.status == SessionStatus::open || session.status == SessionStatus::processing;
  if (waiting && now >= session.expires_at) {
    TRY(changed,
        books.set_session_status(session.id, session.status, SessionStatus::expired, std::nullopt));
  }
  if (!session.order_id) return changed;
  TRY(const bool order_changed, lapse_order(books, *session.order_id, now, for_good));
  return changed || order_changed;
}

}  // namespace quittance::detect
