#include "detect/cancel.hpp"

#include "detect/closing.hpp"
#include "detect/lapse.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using core::OrderStatus;
using core::SessionStatus;
using storage::Books;
using storage::WritableBooks;

Result<CancelResult> write_cancel(WritableBooks& books, core::OrderId id, base::Time now,
                                  const std::string& actor) {
  TRY(const auto found, books.order(id));
  if (!found) return fail(ErrorCode::not_found, "There is no such order.");
  if (found->status == OrderStatus::completed) return CancelResult::completed;
  if (found->status == OrderStatus::canceled) return CancelResult::canceled;
  if (found->status == OrderStatus::refunded) {
    return fail(ErrorCode::conflict, "This order was refunded: there is nothing left to cancel.");
  }
  if (found->paid != found->refunded) {
    return fail(ErrorCode::conflict,
                "Part of this order is paid: give that money back before canceling it.");
  }
  core::Order order = *found;
  TRY(base::Json stock, release_goods(books, order));
  order.status = OrderStatus::canceled;
  TRY_VOID(books.update_order(order, *found));
  TRY(const auto sessions, books.sessions_of_order(id));
  for (const core::Session& session : sessions) {
    if (may_become(session.status, SessionStatus::canceled)) {
      TRY_VOID(books.set_session_status(session.id, session.status, SessionStatus::canceled,
                                        std::nullopt));
      // Its invoice is called off at the provider too (C19).
      if (closes_at_provider(session)) TRY_VOID(books.close_session_at(session.id, now));
    }
  }
  TRY_VOID(books.insert_audit(order_entry(order, actor, "order.canceled", std::move(stock), now)));
  return CancelResult::canceled;
}

}  // namespace

Task<Result<CancelResult>> cancel_order(storage::Store& store, Asker& asker, Bulletin& bulletin,
                                        const base::Clock& clock, core::OrderId id,
                                        std::string actor) {
  storage::Reading<std::optional<core::Order>> find = [id](Books& books) {
    return books.order(id);
  };
  const auto order = co_await store.read(std::move(find));
  if (!order) co_return std::unexpected(order.error());
  // Nothing is left to decide, so nothing is worth a call to the bank: whoever cancels again and
  // again must not use up what others' payments are found with.
  if (*order && (*order)->status == OrderStatus::canceled) co_return CancelResult::canceled;
  if (*order && (*order)->status == OrderStatus::completed) co_return CancelResult::completed;
  storage::Reading<std::vector<core::Session>> list = [id](Books& books) {
    return books.sessions_of_order(id);
  };
  const auto sessions = co_await store.read(std::move(list));
  if (!sessions) co_return std::unexpected(sessions.error());
  for (const core::Session& session : *sessions) {
    if (session.status == SessionStatus::settled || !session.next_check_at) continue;
    core::Session copy = session;
    const auto asked = co_await asker.ask_now(std::move(copy), AskReason::cancel);
    if (!asked) co_return std::unexpected(asked.error());
    if (asked->result == AskResult::unknown || asked->result == AskResult::postponed) {
      co_return fail(ErrorCode::provider_unavailable,
                     "The bank cannot say just now whether this order is paid, so it is not "
                     "canceled. Try again in a minute.");
    }
  }
  const base::Time now = clock.now();
  std::move_only_function<Result<CancelResult>(WritableBooks&)> work =
      [id, now, actor = std::move(actor)](WritableBooks& books) {
        return write_cancel(books, id, now, actor);
      };
  auto canceled = co_await store.write<CancelResult>(std::move(work));
  if (canceled) bulletin.publish(id);
  co_return canceled;
}

}  // namespace quittance::detect
