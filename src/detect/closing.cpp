#include "detect/closing.hpp"

#include <algorithm>

#include "detect/lapse.hpp"

namespace quittance::detect {
namespace {

using base::Duration;
using base::Result;
using base::Task;
using core::Session;
using core::SessionStatus;
using storage::WritableBooks;

constexpr Duration kRest{1'000};
constexpr Duration kLease = std::chrono::minutes(2);
constexpr Duration kFirstRetry{10'000};
constexpr Duration kRetryLimit = std::chrono::minutes(30);

/// The longer it has been tried, the rarer: half of the time that it is overdue.
Duration pause_at(const Session& session, base::Time now) {
  return std::clamp<Duration>((now - session.expires_at) / 2, kFirstRetry, kRetryLimit);
}

/// Goods of a booking whose deposit did not come. The order itself waits on: it may be paid another
/// way, and lapses like any other.
Result<storage::Rows> release_hold(WritableBooks& books, const Session& session, base::Time now) {
  if (session.object_type != "booking" || !session.order_id) return storage::Rows();
  TRY(const auto found, books.order(*session.order_id));
  if (!found || found->status != core::OrderStatus::pending || found->paid != found->refunded) {
    return storage::Rows();
  }
  core::Order order = *found;
  TRY(base::Json stock, release_goods(books, order));
  if (order.stock_state == found->stock_state) return storage::Rows();
  TRY_VOID(books.update_order(order, *found));
  return books.insert_audit(
      order_entry(order, "system", "order.hold_ended", std::move(stock), now));
}

/// The last look said that nothing came. Money that comes all the same still counts (law 5).
Result<Closed> write_closed(WritableBooks& books, core::SessionId id, base::Time now) {
  TRY(const auto session, books.session(id));
  if (!session) return base::fail(base::ErrorCode::not_found, "There is no such session.");
  TRY_VOID(books.close_session_at(id, std::nullopt));
  if (session->status == SessionStatus::settled) return Closed::paid;
  if (may_become(session->status, SessionStatus::canceled)) {
    TRY_VOID(books.set_session_status(id, session->status, SessionStatus::canceled, std::nullopt));
  }
  TRY_VOID(release_hold(books, *session, now));
  return Closed::canceled;
}

Task<Result<storage::Rows>> close_at(storage::Store& store, core::SessionId id,
                                     std::optional<base::Time> moment) {
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [id, moment](WritableBooks& books) { return books.close_session_at(id, moment); };
  return store.write<storage::Rows>(std::move(work));
}

/// True when the provider's invoice is closed, or there never was one.
Task<bool> cancel_there(ClosingParts parts, Session session) {
  providers::Provider* provider = parts.registry.find(session.provider);
  if (!provider) co_return false;
  if (session.provider_ref.empty() || !provider->capabilities().cancels) co_return true;
  Gate& gate = parts.asker.gate(provider->name());
  if (gate.enter() != Admission::admitted) co_return false;
  const auto canceled = co_await provider->cancel(std::move(session));
  gate.leave({});
  // Where money came, the next question finds it.
  co_return canceled && *canceled == providers::CancelOutcome::canceled;
}

Task<AskResult> ask_once_more(ClosingParts parts, Session session) {
  const auto asked = co_await parts.asker.ask_now(std::move(session), AskReason::cancel);
  co_return asked ? asked->result : AskResult::unknown;
}

Task<Result<Closed>> put_off(ClosingParts parts, Session session) {
  const base::Time now = parts.clock.now();
  const base::Time again = now + pause_at(session, now);
  CO_TRY_VOID(co_await close_at(parts.store, session.id, again));
  if (now - session.expires_at > kStuckAfter) {
    parts.log.warning("closing.stuck",
                      {{"session_id", session.session_id}, {"provider", session.provider}});
  }
  co_return Closed::later;
}

Task<Result<Closed>> finish_paid(ClosingParts parts, Session session) {
  CO_TRY_VOID(co_await close_at(parts.store, session.id, std::nullopt));
  co_return Closed::paid;
}

}  // namespace

bool closes_at_provider(const Session& session) {
  return session.object_type == "invoice" || session.object_type == "booking";
}

Task<Result<Closed>> close_session(ClosingParts parts, Session session) {
  // Asked before: an invoice with money on it is not to be called off. Asked after: whatever came
  // between is found, and from then on nothing can come.
  const AskResult before = co_await ask_once_more(parts, session);
  if (before == AskResult::paid) co_return co_await finish_paid(parts, std::move(session));
  if (before != AskResult::not_yet) co_return co_await put_off(parts, std::move(session));
  const bool closed_there = co_await cancel_there(parts, session);
  const AskResult after = co_await ask_once_more(parts, session);
  if (after == AskResult::paid) co_return co_await finish_paid(parts, std::move(session));
  if (!closed_there || after != AskResult::not_yet) {
    co_return co_await put_off(parts, std::move(session));
  }
  const base::Time now = parts.clock.now();
  std::move_only_function<Result<Closed>(WritableBooks&)> work =
      [id = session.id, now](WritableBooks& books) { return write_closed(books, id, now); };
  CO_TRY(const Closed closed, co_await parts.store.write<Closed>(std::move(work)));
  if (session.order_id) parts.bulletin.publish(*session.order_id);
  parts.log.info("closing.done", {{"session_id", session.session_id},
                                  {"closed", closed == Closed::canceled ? "canceled" : "paid"}});
  co_return closed;
}

Task<bool> Closing::process(Session session) {
  if (session.status == SessionStatus::settled || session.status == SessionStatus::failed) {
    const auto done = co_await close_at(parts_.store, session.id, std::nullopt);
    co_return done.has_value();
  }
  const std::string name = session.session_id;
  const auto closed = co_await close_session(parts_, std::move(session));
  if (!closed) {
    parts_.log.error("closing.failed", {{"session_id", name}, {"detail", closed.error().detail}});
  }
  co_return closed.has_value();
}

Task<std::int64_t> Closing::process_due() {
  const base::Time now = parts_.clock.now();
  storage::Reading<bool> look = [now](storage::Books& books) { return books.closing_waits(now); };
  const auto waits = co_await parts_.store.read(std::move(look));
  if (!waits || !*waits) co_return 0;
  std::move_only_function<Result<std::vector<Session>>(WritableBooks&)> work =
      [now](WritableBooks& books) {
        return books.claim_closing_sessions(now, now + kLease, kClosedAtOnce);
      };
  auto claimed = co_await parts_.store.write<std::vector<Session>>(std::move(work));
  if (!claimed) {
    parts_.log.error("closing.claim_failed", {{"detail", claimed.error().detail}});
    co_return 0;
  }
  std::vector<Task<bool>> working;
  for (Session& session : *claimed)
    working.push_back(process(std::move(session)));
  const auto done = co_await base::gather(std::move(working));
  co_return static_cast<std::int64_t>(done.size());
}

Task<void> Closing::run() {
  while (!stopping_) {
    co_await process_due();
    co_await base::Sleep{kRest};
  }
}

}  // namespace quittance::detect
