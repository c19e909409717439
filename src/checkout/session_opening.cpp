#include "checkout/session_opening.hpp"

#include <algorithm>
#include <cctype>

#include "checkout/audit_details.hpp"
#include "checkout/ring.hpp"

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
  const base::Json details = base::Json::object(
      {{"session_id", session.session_id}, {"session", session_details(session)}});
  TRY_VOID(
      books.insert_audit({.created_at = session.created_at,
                          .actor = "system",
                          .action = "session.opened",
                          .subject_type = of_order ? "order" : "session",
                          .subject_id = of_order ? session.order_id->value() : session.id.value(),
                          .details = details.dump()}));
  return session;
}

/// The newest session that is still open for exactly what is due, and on this phone where one is
/// rung. One that has rung none so far is the phone's from now on.
Result<std::optional<Session>> reusable(WritableBooks& books, const std::vector<Session>& sessions,
                                        const Session& draft, const Ring& ring) {
  for (const Session& session : sessions) {
    const bool open = session.status == core::SessionStatus::open &&
                      session.provider == draft.provider && session.object_type != "booking" &&
                      session.amount == draft.amount && draft.created_at < session.expires_at &&
                      !is_over(session);
    if (!open) continue;
    TRY(const bool is_on, is_on_phone(books, session, ring));
    if (!is_on) continue;
    if (!session.presented()) TRY_VOID(write_phone(books, session, ring));
    return std::optional(session);
  }
  return std::optional<Session>();
}

/// The booking's own request, while its time runs.
std::optional<Session> open_booking(const std::vector<Session>& sessions, base::Time now) {
  for (const Session& session : sessions) {
    if (session.status == core::SessionStatus::open && session.object_type == "booking" &&
        now < session.expires_at) {
      return session;
    }
  }
  return std::nullopt;
}

std::unexpected<base::Error> not_what_is_due(core::Money due) {
  return fail(ErrorCode::invalid_request, "What is due on this order is " + due.text() + ".",
              "amount");
}

Result<core::Money> something_due(const core::Order& order) {
  const core::Money due = order.due();
  if (due.is_zero()) {
    return fail(ErrorCode::conflict, "This order is paid: nothing is due on it.");
  }
  return due;
}

Result<core::Money> amount_due(const core::Order& order, core::Money amount) {
  TRY(const core::Money due, something_due(order));
  if (amount != due) return not_what_is_due(due);
  return due;
}

/// A number that no other session has: two requests may come within one millisecond.
Result<std::string> invoice_number(WritableBooks& books, core::OrderId id, base::Time now) {
  constexpr std::int64_t kTries = 100;
  const std::string start = "INV-" + std::to_string(id.value()) + "-";
  for (std::int64_t ms = base::to_ms(now); ms < base::to_ms(now) + kTries; ++ms) {
    std::string number = start + std::to_string(ms);
    TRY(const auto taken, books.sessions_by_bill_number(number));
    if (taken.empty()) return number;
  }
  return fail(ErrorCode::overloaded, "Too many invoices at once; try again.");
}

providers::SessionDraft presenting(const providers::Provider& provider, const Session& session,
                                   const CheckoutPolicy& policy, ShowTo to) {
  if (to.description.empty()) {
    to.description = session.order_id ? "Order " + std::to_string(session.order_id->value())
                                      : session.bill_number;
  }
  const std::string_view path = provider.capabilities().callback_path;
  std::string callback_url;
  if (!path.empty() && !policy.public_url.empty()) {
    callback_url = policy.public_url + std::string(path) + "?session=" + session.session_id +
                   "&token=" + providers::callback_token(policy.callback_key, session.session_id);
  }
  std::optional<providers::InvoiceDetail> detail;
  // Nobody shall pay the deposit of what is held no more.
  if (session.object_type == "booking") detail.emplace().ends_at = session.expires_at;
  return {.amount = session.amount,
          .bill_number = session.bill_number,
          .merchant_reference = session.session_id,
          .description = std::move(to.description),
          .callback_url = std::move(callback_url),
          .payer_phone = std::move(to.payer_phone),
          .object_type = session.object_type.empty() ? "order" : session.object_type,
          .created_at = session.created_at,
          .expires_at = session.created_at + policy.payload_valid_for,
          .detail = std::move(detail)};
}

/// The provider will not make it: nobody can pay it, and nobody has to close it.
Task<Result<storage::Rows>> write_failed(storage::Store& store, Session session) {
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [id = session.id](WritableBooks& books) -> Result<storage::Rows> {
    TRY(const auto stored, books.session(id));
    if (!stored || stored->presented() ||
        !core::may_become(stored->status, core::SessionStatus::failed)) {
      return storage::Rows();
    }
    TRY_VOID(
        books.set_session_status(id, stored->status, core::SessionStatus::failed, std::nullopt));
    return books.close_session_at(id, std::nullopt);
  };
  return store.write<storage::Rows>(std::move(work));
}

bool is_refusal(const base::Error& error) {
  return error.code == ErrorCode::provider_refused || error.code == ErrorCode::invalid_request ||
         error.code == ErrorCode::not_found;
}

/// A part of what an order owes becomes a request, or the open one for the same is given again.
Result<Session> write_part(WritableBooks& books, const PartPayment& part, const Session& draft,
                           base::Time now) {
  TRY(const auto order, books.order(part.order_id));
  if (!order) return fail(ErrorCode::not_found, "There is no such invoice.");
  TRY(const core::Money due, something_due(*order));
  if (draft.amount.is_zero() || !due.minus(draft.amount)) return not_what_is_due(due);
  if (part.receipt) TRY_VOID(wish_receipt(books, *part.receipt));
  TRY(const auto sessions, books.sessions_of_order(order->id));
  if (part.booking) {
    if (auto open = open_booking(sessions, now)) return std::move(*open);
    if (order->stock_state != core::StockState::reserved) {
      return fail(ErrorCode::conflict, "What was booked is held no more: place it again.");
    }
  } else {
    TRY(auto open, reusable(books, sessions, draft, Ring()));
    if (open) return std::move(*open);
  }
  Session session = draft;
  session.customer_id = order->customer_id;
  TRY(session.bill_number, invoice_number(books, order->id, now));
  TRY(Session written, write_session(books, std::move(session)));
  TRY_VOID(books.close_session_at(written.id, written.expires_at));
  return written;
}

void take_over(Session& session, providers::Presentation& shown) {
  session.provider_ref = std::move(shown.provider_ref);
  session.receiver = std::move(shown.receiver);
  session.qr_data = std::move(shown.qr_data);
  session.md5_hash = std::move(shown.md5_hash);
  if (shown.expires_at && *shown.expires_at < session.expires_at) {
    session.expires_at = *shown.expires_at;
  }
}

std::string beside_the_qr(const providers::Presentation& shown, const Ring& ring) {
  base::Json links{base::Json::Array{}};
  for (const providers::DeepLink& link : shown.links) {
    links.push(base::Json::object({{"name", link.name},
                                   {"description", link.description},
                                   {"logo", link.logo},
                                   {"link", link.link}}));
  }
  base::Json beside = base::Json::object({{"picture", shown.picture},
                                          {"links", std::move(links)},
                                          {"client_token", shown.client_token}});
  if (!ring.phone.empty()) beside.set("payer_phone", ring.phone);
  return beside.dump();
}

}  // namespace

bool is_over(const Session& session) {
  return session.status == core::SessionStatus::failed ||
         session.status == core::SessionStatus::canceled ||
         (!session.provider_ref.empty() && session.last_answer == "final_no");
}

Task<Result<Session>> draft_session(providers::Provider& provider, const CheckoutPolicy& policy,
                                    base::Random& random, base::Time now, SessionPurpose purpose) {
  Session session{.session_id = random.uuid(),
                  .payment_id = random.uuid(),
                  .order_id = purpose.order_id,
                  .customer_id = purpose.customer_id,
                  .provider = std::string(provider.name()),
                  .environment = std::string(provider.environment()),
                  .amount = purpose.amount,
                  .bill_number = draw_bill_number(random),
                  .reference_id = std::move(purpose.reference_id),
                  .created_at = now,
                  .expires_at = now + policy.interactive_window,
                  .next_check_at = now + policy.first_check_after};
  const providers::Capabilities can = provider.capabilities();
  // Whoever forbids asking by the clock is asked when the interactive window is over, if nobody
  // looked before.
  if (can.polling == providers::PollingRule::rare_bounded_sweep) {
    session.next_check_at = session.expires_at;
  }
  if (can.presents_remotely) co_return session;
  providers::SessionDraft draft = presenting(provider, session, policy, {});
  CO_TRY(providers::Presentation shown, co_await provider.present(std::move(draft)));
  take_over(session, shown);
  co_return session;
}

Task<Result<Session>> show_session(storage::Store& store, providers::Provider& provider,
                                   const CheckoutPolicy& policy, Session session, ShowTo to) {
  if (session.presented()) co_return session;
  const Ring ring = ring_of(provider, policy, to.payer_phone);
  CO_TRY_VOID(count_ring(ring));
  providers::SessionDraft draft = presenting(provider, session, policy, std::move(to));
  CO_TRY(providers::Presentation shown, co_await provider.present(std::move(draft)));
  take_over(session, shown);
  std::move_only_function<Result<Session>(WritableBooks&)> work =
      [session = std::move(session),
       presentation = beside_the_qr(shown, ring)](WritableBooks& books) -> Result<Session> {
    TRY(const bool first, books.present_session(session, presentation));
    // Somebody else presented it meanwhile: theirs may be on a screen, ours was seen by nobody.
    TRY(const auto stored, books.session(session.id));
    if (!stored) return fail(ErrorCode::not_found, "There is no such payment session.");
    if (!first && !stored->presented()) {
      return fail(ErrorCode::internal, "The session could not be shown.");
    }
    return *stored;
  };
  co_return co_await store.write<Session>(std::move(work));
}

Task<Result<Session>> open_order_session(storage::Store& store, providers::Provider& provider,
                                         const CheckoutPolicy& policy, const base::Clock& clock,
                                         base::Random& random, core::OrderId id, core::Money amount,
                                         std::string reference_id, ShowTo to) {
  const base::Time now = clock.now();
  SessionPurpose purpose{.amount = amount, .order_id = id, .reference_id = std::move(reference_id)};
  CO_TRY(Session draft, co_await draft_session(provider, policy, random, now, std::move(purpose)));
  std::move_only_function<Result<Session>(WritableBooks&)> work =
      [id, draft = std::move(draft),
       ring = ring_of(provider, policy, to.payer_phone)](WritableBooks& books) -> Result<Session> {
    TRY(const auto order, books.order(id));
    if (!order) return fail(ErrorCode::not_found, "There is no such order.");
    TRY_VOID(amount_due(*order, draft.amount));
    TRY(const auto sessions, books.sessions_of_order(id));
    TRY(auto open, reusable(books, sessions, draft, ring));
    if (open) return std::move(*open);
    TRY_VOID(may_ring(ring));
    TRY_VOID(check_phones_of_order(books, sessions, draft, ring));
    Session session = draft;
    session.customer_id = order->customer_id;
    TRY(Session written, write_session(books, std::move(session)));
    TRY_VOID(write_phone(books, written, ring));
    return written;
  };
  CO_TRY(Session session, co_await store.write<Session>(std::move(work)));
  co_return co_await show_session(store, provider, policy, std::move(session), std::move(to));
}

Task<Result<Session>> open_part_session(storage::Store& store, providers::Provider& provider,
                                        const CheckoutPolicy& policy, const base::Clock& clock,
                                        base::Random& random, PartPayment part) {
  const base::Time now = clock.now();
  SessionPurpose purpose{.amount = part.amount, .order_id = part.order_id};
  CO_TRY(Session draft, co_await draft_session(provider, policy, random, now, std::move(purpose)));
  draft.object_type = part.booking ? "booking" : "invoice";
  draft.object_id = std::to_string(part.order_id.value());
  if (part.booking) {
    draft.expires_at = now + policy.booking_hold;
    draft.next_check_at = draft.expires_at;
  }
  ShowTo to{.description = part.description};
  std::move_only_function<Result<Session>(WritableBooks&)> work =
      [part = std::move(part), now, draft = std::move(draft)](WritableBooks& books) {
        return write_part(books, part, draft, now);
      };
  CO_TRY(Session session, co_await store.write<Session>(std::move(work)));
  Session copy = session;
  auto shown = co_await show_session(store, provider, policy, std::move(copy), std::move(to));
  if (shown || !is_refusal(shown.error())) co_return shown;
  // That it failed is worth writing; that this could not be written, the next look finds.
  [[maybe_unused]] const auto written = co_await write_failed(store, std::move(session));
  co_return shown;
}

Result<storage::Rows> wish_receipt(WritableBooks& books, const storage::ReceiptWish& wish) {
  TRY(const auto order, books.order(wish.order_id));
  if (!order) return fail(ErrorCode::not_found, "There is no such order.");
  const bool paid = order->status == core::OrderStatus::completed;
  return books.save_receipt_wish(wish, paid ? std::optional(wish.asked_at) : std::nullopt);
}

Task<Result<Session>> open_free_session(storage::Store& store, providers::Provider& provider,
                                        const CheckoutPolicy& policy, const base::Clock& clock,
                                        base::Random& random, core::Money amount,
                                        std::string reference_id, ShowTo to) {
  SessionPurpose purpose{.amount = amount, .reference_id = std::move(reference_id)};
  Ring ring = ring_of(provider, policy, to.payer_phone);
  CO_TRY_VOID(may_ring(ring));
  CO_TRY(Session draft,
         co_await draft_session(provider, policy, random, clock.now(), std::move(purpose)));
  std::move_only_function<Result<Session>(WritableBooks&)> work =
      [draft = std::move(draft), ring = std::move(ring)](WritableBooks& books) -> Result<Session> {
    TRY(Session written, write_session(books, draft));
    TRY_VOID(write_phone(books, written, ring));
    return written;
  };
  CO_TRY(Session session, co_await store.write<Session>(std::move(work)));
  co_return co_await show_session(store, provider, policy, std::move(session), std::move(to));
}

}  // namespace quittance::checkout
