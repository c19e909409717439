#include "detect/manual.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using storage::WritableBooks;

Result<Settled> settle_by_hand(WritableBooks& books, SettleContext& context, core::OrderId id,
                               const std::string& actor, const std::string& reason) {
  TRY(const auto order, books.order(id));
  if (!order) return fail(ErrorCode::not_found, "There is no such order.");
  const auto due = order->total.minus(order->paid);
  if (order->status == core::OrderStatus::completed || !due || due->is_zero()) {
    return hand_over(books, context, id, actor, reason);
  }
  TRY(const auto sessions, books.sessions_of_order(id));
  if (sessions.empty()) {
    return fail(ErrorCode::conflict, "This order has never been asked to be paid.");
  }
  const base::Time now = context.clock.now();
  // One hand-made payment per sum already received: a double click is the same evidence.
  return settle(books, context,
                {.source = core::EvidenceSource::manual,
                 .session_id = sessions.front().id,
                 .provider = "manual",
                 .provider_ref = "order-" + std::to_string(id.value()) + "-after-" +
                                 std::to_string(order->paid.minor()),
                 .amount = *due,
                 .receiver = "",
                 .payer = "",
                 .paid_at = now,
                 .seen_at = now,
                 .actor = actor,
                 .reason = reason,
                 .raw = ""});
}

}  // namespace

base::Task<Result<Settled>> mark_paid(storage::Store& store, SettleContext& context,
                                      Bulletin& bulletin, core::OrderId id, std::string actor,
                                      std::string reason) {
  if (reason.size() < kReasonLeast || reason.size() > kReasonMost) {
    co_return fail(ErrorCode::invalid_request,
                   "Say in 5 to 500 characters why you know that the money came.", "reason");
  }
  std::move_only_function<Result<Settled>(WritableBooks&)> work =
      [&context, id, actor = std::move(actor),
       reason = std::move(reason)](WritableBooks& books) -> Result<Settled> {
    return settle_by_hand(books, context, id, actor, reason);
  };
  auto settled = co_await store.write<Settled>(std::move(work));
  if (settled) bulletin.publish(id);
  co_return settled;
}

}  // namespace quittance::detect
