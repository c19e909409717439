#include "checkout/session_opening.hpp"

#include <algorithm>
#include <cctype>

namespace quittance::checkout {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using core::Session;
using storage::WritableBooks;

namespace {

/// `BILL_` and eight upper-case hex digits, as the shop's customers know it; fits KHQR 62-01. Too
/// short to be a secret: finding an order by it also takes account and amount, and is rate-limited.
std::string draw_bill_number(base::Random& random) {
  std::string hex = random.hex(4);
  std::ranges::transform(hex, hex.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return "BILL_" + hex;
}

Result<Session> write_session(WritableBooks& books, Session session) {
  TRY(session.id, books.insert_session(session));
  if (session.order_id) {
    TRY_VOID(books.set_order_session(*session.order_id, session.session_id));
  }
  const bool of_order = session.order_id.has_value();
  const base::Json details = base::Json::object({{"session_id", session.session_id},
                                                 {"provider", session.provider},
                                                 {"amount_minor", session.amount.minor()},
                                                 {"currency", session.amount.currency().code()}});
  TRY_VOID(
      books.insert_audit({.created_at = session.created_at,
                          .actor = "system",
                          .action = "session.opened",
                          .subject_type = of_order ? "order" : "session",
                          .subject_id = of_order ? session.order_id->value() : session.id.value(),
                          .details = details.dump()}));
  return session;
}

/// The newest session that is still open for exactly what is due.
std::optional<Session> reusable(const std::vector<Session>& sessions, core::Money due,
                                base::Time now) {
  for (const Session& session : sessions) {
    if (session.status == core::SessionStatus::open && session.amount == due &&
        now < session.expires_at) {
      return session;
    }
  }
  return std::nullopt;
}

Result<core::Money> amount_due(const core::Order& order, core::Money amount) {
  const auto due = order.total.minus(order.paid);
  if (order.status == core::OrderStatus::completed || !due || due->is_zero()) {
    return fail(ErrorCode::conflict, "This order is paid: nothing is due on it.");
  }
  if (amount != *due) {
    return fail(ErrorCode::invalid_request, "What is due on this order is " + due->text() + ".",
                "amount");
  }
  return *due;
}

}  // namespace

Result<Session> draft_session(providers::Provider& provider, const CheckoutPolicy& policy,
                              base::Random& random, base::Time now, SessionPurpose purpose) {
  const std::string bill_number = draw_bill_number(random);
  TRY(providers::Presentation shown,
      provider.present({.amount = purpose.amount,
                        .bill_number = bill_number,
                        .created_at = now,
                        .expires_at = now + policy.payload_valid_for}));
  return Session{.session_id = random.uuid(),
                 .payment_id = random.uuid(),
                 .order_id = purpose.order_id,
                 .customer_id = purpose.customer_id,
                 .provider = std::string(provider.name()),
                 .environment = std::string(provider.environment()),
                 .receiver = std::move(shown.receiver),
                 .amount = purpose.amount,
                 .qr_data = std::move(shown.qr_data),
                 .md5_hash = std::move(shown.md5_hash),
                 .bill_number = bill_number,
                 .reference_id = std::move(purpose.reference_id),
                 .created_at = now,
                 .expires_at = now + policy.interactive_window,
                 .next_check_at = now + policy.first_check_after};
}

Task<Result<Session>> open_order_session(storage::Store& store, providers::Provider& provider,
                                         CheckoutPolicy policy, const base::Clock& clock,
                                         base::Random& random, core::OrderId id, core::Money amount,
                                         std::string reference_id) {
  const base::Time now = clock.now();
  CO_TRY(Session draft, draft_session(provider, policy, random, now,
                                      {.amount = amount,
                                       .order_id = id,
                                       .customer_id = std::nullopt,
                                       .reference_id = std::move(reference_id)}));
  std::move_only_function<Result<Session>(WritableBooks&)> work =
      [id, amount, now, draft = std::move(draft)](WritableBooks& books) -> Result<Session> {
    TRY(const auto order, books.order(id));
    if (!order) return fail(ErrorCode::not_found, "There is no such order.");
    TRY(const core::Money due, amount_due(*order, amount));
    TRY(const auto sessions, books.sessions_of_order(id));
    if (auto open = reusable(sessions, due, now)) return std::move(*open);
    Session session = draft;
    session.customer_id = order->customer_id;
    return write_session(books, std::move(session));
  };
  co_return co_await store.write<Session>(std::move(work));
}

Task<Result<Session>> open_free_session(storage::Store& store, providers::Provider& provider,
                                        CheckoutPolicy policy, const base::Clock& clock,
                                        base::Random& random, core::Money amount,
                                        std::string reference_id) {
  CO_TRY(Session draft, draft_session(provider, policy, random, clock.now(),
                                      {.amount = amount,
                                       .order_id = std::nullopt,
                                       .customer_id = std::nullopt,
                                       .reference_id = std::move(reference_id)}));
  std::move_only_function<Result<Session>(WritableBooks&)> work =
      [draft = std::move(draft)](WritableBooks& books) { return write_session(books, draft); };
  co_return co_await store.write<Session>(std::move(work));
}

}  // namespace quittance::checkout
