// The billing page's settlement of an invoice (S2): QPay is asked itself, whatever the page says;
// for the other ways a member of staff gives their word.
#include <algorithm>

#include "http/billing.hpp"
#include "http/handlers.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::OrderId;
using detect::AskResult;
using storage::Books;

constexpr std::size_t kIdMost = 64;
/// QPay invoices of one order that one settlement asks about.
constexpr std::size_t kInvoicesAsked = 5;

/// Where the money of a QPay payment is counted.
enum class Counted { nowhere, here, elsewhere };

Result<Counted> counted_where(Books& books, const std::vector<std::string>& names, OrderId id,
                              const std::string& payment_id) {
  if (payment_id.empty()) return Counted::nowhere;
  std::vector<storage::MoneyRef> refs;
  for (const std::string& name : names)
    refs.push_back({.provider = name, .provider_ref = payment_id});
  TRY(const auto known, books.settlements(refs));
  Counted counted = Counted::nowhere;
  for (const storage::Settlement& settlement : known) {
    if (settlement.order_id == id) return Counted::here;
    counted = Counted::elsewhere;
  }
  return counted;
}

base::Task<Result<Counted>> look_up(Services& services, OrderId id, std::string payment_id) {
  storage::Reading<Counted> look = [names =
                                        providers_of(*payment_method("QPAY"), services.registry),
                                    id, payment_id = std::move(payment_id)](Books& books) {
    return counted_where(books, names, id, payment_id);
  };
  co_return co_await services.store.read(std::move(look));
}

Answered answer_state(Services& services, OrderId id, int status) {
  storage::Reading<Json> look = [id](Books& books) { return invoice_state_json(books, id); };
  CO_TRY(const Json state, co_await services.store.read(std::move(look)));
  co_return json_response(state, status);
}

std::unexpected<base::Error> of_another_invoice() {
  return fail(ErrorCode::conflict, "This QPay payment is counted for another invoice.",
              "meta.qpayPaymentId");
}

/// An optional id in `meta`.
Result<std::string> meta_id(const Json& body, std::string_view name) {
  const Json& value = body["meta"][name];
  if (value.is_null()) return std::string();
  std::string id = value.is_number() ? value.number_text().value_or("") : value.text_or_empty();
  if (id.empty() || id.size() > kIdMost) {
    return fail(ErrorCode::invalid_request, "This is no id of QPay's.",
                "meta." + std::string(name));
  }
  return id;
}

/// What the page says came; above zero.
Result<core::Money> amount_member(const Json& body, core::Currency currency) {
  const Json& given = body["amount"];
  const std::string text =
      given.is_number() ? given.number_text().value_or("") : given.text_or_empty();
  auto amount = core::Money::parse(text, currency);
  if (!amount || amount->is_zero()) {
    return fail(ErrorCode::invalid_request, "Send `amount` as a number above zero.", "amount");
  }
  return *amount;
}

/// The QPay invoices that a settlement is about: the one that is named, else those of this order
/// that are not settled.
base::Task<Result<std::vector<core::Session>>> asked_about(Services& services, OrderId id,
                                                           std::string qpay_invoice_id) {
  std::vector<core::Session> sessions;
  if (!qpay_invoice_id.empty()) {
    CO_TRY(core::Session session, co_await qpay_session(services, std::move(qpay_invoice_id)));
    if (session.order_id != id) {
      co_return fail(ErrorCode::conflict, "This QPay invoice is of another invoice.",
                     "meta.qpayInvoiceId");
    }
    sessions.push_back(std::move(session));
    co_return sessions;
  }
  storage::Reading<std::vector<core::Session>> list = [id](Books& books) {
    return books.sessions_of_order(id);
  };
  CO_TRY(const auto all, co_await services.store.read(std::move(list)));
  for (const core::Session& session : all) {
    const bool open = session.status != core::SessionStatus::settled && session.presented();
    if (is_qpay(session.provider) && open && sessions.size() < kInvoicesAsked) {
      sessions.push_back(session);
    }
  }
  co_return sessions;
}

/// Asks QPay, and lets the funnel do the rest. True when money of one of them is counted for this
/// order.
base::Task<Result<bool>> ask_qpay(Services& services, std::vector<core::Session> sessions) {
  bool paid = false;
  bool unknown = false;
  for (core::Session& session : sessions) {
    if (session.status == core::SessionStatus::settled) {
      paid = true;
      continue;
    }
    CO_TRY(const detect::Asked asked, co_await services.asker.ask_now(
                                          std::move(session), detect::AskReason::verify_instantly));
    const bool silent = asked.result == AskResult::unknown || asked.result == AskResult::postponed;
    unknown = unknown || silent;
    if (asked.result != AskResult::paid) continue;
    const bool counts = !asked.settled || core::counts_money(asked.settled->outcome) ||
                        asked.settled->outcome == core::Outcome::already_settled;
    paid = paid || counts;
  }
  if (!paid && unknown) {
    co_return fail(ErrorCode::provider_unavailable,
                   "QPay cannot be asked just now. Nothing has changed; try again.");
  }
  co_return paid;
}

/// The client's amount is not looked at any further: QPay says what came (C17).
Answered settle_by_qpay(Services& services, OrderId id, std::string invoice_id,
                        std::string payment_id) {
  CO_TRY(auto sessions, co_await asked_about(services, id, std::move(invoice_id)));
  CO_TRY(const bool paid, co_await ask_qpay(services, std::move(sessions)));
  const bool named = !payment_id.empty();
  CO_TRY(const Counted counted, co_await look_up(services, id, std::move(payment_id)));
  if (counted == Counted::elsewhere) co_return of_another_invoice();
  if (!paid || (named && counted == Counted::nowhere)) {
    co_return fail(ErrorCode::conflict, "QPay does not confirm this payment so far.");
  }
  co_return co_await answer_state(services, id, 200);
}

/// One of a kind, if there is anything to make it from: a slip's number, or the request's key.
Result<std::string> part_reference(const Visit& visit, const PaymentMethod& method, OrderId id) {
  const Json& given = visit.body["meta"]["reference"];
  if (!given.is_null()) {
    TRY(const std::string text, text_member(visit.body["meta"], "reference", 1, kIdMost));
    return std::string(method.key) + ":" + text;
  }
  const auto key = visit.request.headers.find("Idempotency-Key");
  if (!key) return std::string();
  const std::string whose = visit.actor.audit_name() + " " + std::string(*key);
  return "order-" + std::to_string(id.value()) + "-key-" + base::sha256_hex(whose).substr(0, 32);
}

Answered settle_by_word(Services& services, Visit& visit, OrderId id, const PaymentMethod& method,
                        core::Money amount) {
  detect::TakenPart part{.amount = amount, .method = std::string(method.key)};
  CO_TRY(part.reference, part_reference(visit, method, id));
  detect::Hand hand{.actor = visit.actor.audit_name(),
                    .reason = visit.body["reason"].text_or_empty()};
  if (hand.reason.empty()) hand.reason = "Taken at the desk: " + std::string(method.label);
  auto taken = co_await services.manual.take_part(id, part, hand);
  if (!taken && taken.error().code == ErrorCode::conflict) {
    CO_TRY(const bool asked, co_await ask_at_desk(services, id));
    if (asked) taken = co_await services.manual.take_part(id, std::move(part), std::move(hand));
  }
  CO_TRY(const detect::Settled settled, std::move(taken));
  if (settled.outcome == core::Outcome::evidence_reused) {
    co_return fail(ErrorCode::conflict, "This reference is counted for another invoice.",
                   "meta.reference");
  }
  // Until a second person confirms it, nothing is counted.
  const bool waits = settled.outcome == core::Outcome::awaiting_approval;
  co_return co_await answer_state(services, id, waits ? 202 : 200);
}

/// Written before anybody is asked: a crash after the money is counted must not lose it.
base::Task<Result<bool>> save_wish(Services& services, Visit& visit, OrderId id) {
  CO_TRY(auto wish, wish_of(visit, id, services.clock.now()));
  if (!wish) co_return false;
  storage::Writing<storage::Rows> work = [wish = std::move(*wish)](storage::WritableBooks& books) {
    return checkout::wish_receipt(books, wish);
  };
  CO_TRY_VOID(co_await services.store.write<storage::Rows>(std::move(work)));
  co_return true;
}

Result<const PaymentMethod*> settled_by(const Json& body, const providers::Registry& registry) {
  const PaymentMethod* method = payment_method(body["method"].text_or_empty());
  const bool taken = method && (method->stated || method->key == "QPAY");
  if (!taken || !is_offered(*method, registry)) {
    return fail(ErrorCode::invalid_request,
                "`method` is QPAY, CASH, POS or TRANSFER, if it is among /api/payment-settings.",
                "method");
  }
  return method;
}

}  // namespace

Answered settle_invoice(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t number, visit.id_param("id"));
  CO_TRY(const core::Order order, co_await order_for(services, visit, OrderId(number)));
  CO_TRY(std::string payment_id, meta_id(visit.body, "qpayPaymentId"));
  // What is known is answered before anything else is looked at (C16).
  std::string copy = payment_id;
  CO_TRY(const Counted counted, co_await look_up(services, order.id, std::move(copy)));
  if (counted == Counted::elsewhere) co_return of_another_invoice();
  if (counted == Counted::here) {
    CO_TRY_VOID(co_await save_wish(services, visit, order.id));
    co_return co_await answer_state(services, order.id, 200);
  }
  CO_TRY(const PaymentMethod* const method, settled_by(visit.body, services.registry));
  CO_TRY(const core::Money amount, amount_member(visit.body, order.total.currency()));
  if (method->stated && !visit.actor.is_staff()) {
    co_return fail(ErrorCode::forbidden, "Only staff can say that this money came.", "method");
  }
  CO_TRY_VOID(co_await save_wish(services, visit, order.id));
  if (method->stated) {
    co_return co_await settle_by_word(services, visit, order.id, *method, amount);
  }
  CO_TRY(std::string invoice_id, meta_id(visit.body, "qpayInvoiceId"));
  co_return co_await settle_by_qpay(services, order.id, std::move(invoice_id),
                                    std::move(payment_id));
}

Answered list_payment_settings(Services& services, Visit&) {
  Json list{Json::Array{}};
  for (const PaymentMethod& method : all_payment_methods()) {
    if (!is_offered(method, services.registry)) continue;
    Json names{Json::Array{}};
    for (const std::string& name : providers_of(method, services.registry))
      names.push(name);
    list.push(Json::object({{"key", method.key},
                            {"label", method.label},
                            {"sortOrder", method.sort_order},
                            {"providers", std::move(names)}}));
  }
  co_return json_response(Json::object({{"methods", std::move(list)}}));
}

}  // namespace quittance::http
