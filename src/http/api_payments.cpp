// Payments as their providers list them: pulling the lists, and what came of that (S4.8 to S4.11).
#include "http/handlers.hpp"
#include "http/listing.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::Books;
using storage::ProviderPayment;
using storage::SyncRun;

std::string text_query(const Visit& visit, std::string_view name) {
  const auto value = visit.query.find(name);
  return value == visit.query.end() ? std::string() : value->second;
}

Json run_json(const SyncRun& run) {
  return Json::object({{"id", run.id},
                       {"provider", run.provider},
                       {"reason", run.reason},
                       {"actor", run.actor},
                       {"state", run.state},
                       {"error", run.error.empty() ? Json() : Json(run.error)},
                       {"since_at", time_json(run.since_at)},
                       {"until_at", time_json(run.until_at)},
                       {"started_at", time_json(run.started_at)},
                       {"finished_at", time_json(run.finished_at)},
                       {"fetched", run.fetched},
                       {"created", run.created},
                       {"updated", run.updated},
                       {"settled", run.settled},
                       {"returned", run.returned},
                       {"attendees", run.attendees},
                       {"unmatched", run.unmatched},
                       {"unreadable", run.unreadable},
                       {"failed", run.failed}});
}

Json payment_json(const ProviderPayment& payment) {
  return Json::object({{"payment_id", payment.id},
                       {"provider", payment.provider},
                       {"payment_ref", payment.payment_ref},
                       {"provider_ref", payment.provider_ref},
                       {"merchant_reference", payment.merchant_reference},
                       {"state", payment.state},
                       {"amount", amount_json(payment.amount)},
                       {"amount_minor", payment.amount.minor()},
                       {"refunded", amount_json(payment.refunded)},
                       {"currency", payment.amount.currency().code()},
                       {"payer", payment.payer},
                       {"created_at", time_json(payment.created_at)},
                       {"paid_at", time_json(payment.paid_at)},
                       {"matched", payment.session_id.has_value()},
                       {"outcome", payment.outcome.empty() ? Json() : Json(payment.outcome)},
                       {"first_seen_at", time_json(payment.first_seen_at)},
                       {"changed_at", time_json(payment.changed_at)}});
}

/// A payment with the session and the order that it is for.
Result<Json> full_payment(Books& books, const std::string& id, const std::string& provider,
                          const std::string& public_url) {
  std::optional<ProviderPayment> payment;
  if (const auto number = Json(Json::Number{id}).integer(); number && provider.empty()) {
    TRY(payment, books.provider_payment(*number));
  } else {
    TRY(payment, books.provider_payment(provider, id));
  }
  if (!payment) return fail(ErrorCode::not_found, "No such payment was listed.", "payment_id");
  TRY(Json json, payment_with_place(books, *payment, public_url));
  std::optional<core::Session> session;
  if (payment->session_id) {
    TRY(session, books.session(*payment->session_id));
  }
  std::optional<core::Order> order;
  if (session && session->order_id) {
    TRY(order, books.order(*session->order_id));
  }
  json.set("session", session ? session_json(*session, order ? &*order : nullptr) : Json());
  std::optional<storage::Event> event;
  if (order) {
    TRY(event, books.event_of_order(order->id));
  }
  json.set("event", event ? Json::object({{"event_id", event->id},
                                          {"name", event->name},
                                          {"starts_at", storage::local_start(*event)}})
                          : Json());
  json.set("order_id", order ? Json(order->id.value()) : Json());
  json.set("raw", payment->raw);
  return json;
}

/// The runs of an answer to `sync now`, added up.
Json totals_of(const std::vector<SyncRun>& runs) {
  SyncRun sum;
  for (const SyncRun& run : runs) {
    sum.fetched += run.fetched;
    sum.created += run.created;
    sum.updated += run.updated;
    sum.settled += run.settled;
    sum.returned += run.returned;
    sum.attendees += run.attendees;
    sum.unmatched += run.unmatched;
    sum.unreadable += run.unreadable;
    sum.failed += run.failed;
  }
  return Json::object({{"fetched", sum.fetched},
                       {"created", sum.created},
                       {"updated", sum.updated},
                       {"settled", sum.settled},
                       {"returned", sum.returned},
                       {"attendees", sum.attendees},
                       {"unmatched", sum.unmatched},
                       {"unreadable", sum.unreadable},
                       {"failed", sum.failed}});
}

Json sync_answer(const std::vector<SyncRun>& runs, base::Time now) {
  Json list{Json::Array{}};
  std::string message;
  for (const SyncRun& run : runs) {
    list.push(run_json(run));
    if (run.state == "done") continue;
    message += (message.empty() ? "" : " ") + run.provider + ": " + run.error;
  }
  Json json = totals_of(runs);
  json.set("success", message.empty());
  json.set("message", message.empty() ? "Payments were synced."
                                      : message + " What is missing is read again next time.");
  json.set("timestamp", time_json(now));
  json.set("runs", std::move(list));
  return json;
}

}  // namespace

Result<Json> payment_with_place(Books& books, const ProviderPayment& payment,
                                const std::string& public_url) {
  Json json = payment_json(payment);
  std::optional<storage::Attendee> attendee;
  if (payment.session_id) {
    TRY(const auto session, books.session(*payment.session_id));
    if (session && session->order_id) {
      TRY(attendee, books.attendee_of_order(*session->order_id));
    }
  }
  if (!attendee) {
    json.set("attendee", Json());
    return json;
  }
  TRY(Json shown, attendee_json(books, *attendee, public_url));
  json.set("attendee", std::move(shown));
  return json;
}

Answered sync_payments(Services& services, Visit& visit) {
  const std::string wanted = visit.body["provider"].text_or_empty();
  std::vector<std::string> providers{wanted};
  if (wanted.empty()) providers = services.sync.providers();
  if (providers.empty()) {
    co_return fail(ErrorCode::unsupported,
                   "No provider that lists its payments is set up here (STRIPE_*, RAZORPAY_*, "
                   "QPAY_*).");
  }
  std::vector<base::Task<Result<SyncRun>>> pulling;
  for (std::string& provider : providers)
    pulling.push_back(services.sync.run_once(std::move(provider), visit.actor.audit_name()));
  auto done = co_await base::gather(std::move(pulling));
  std::vector<SyncRun> runs;
  std::optional<base::Error> refused;
  for (auto& one : done) {
    if (one) {
      runs.push_back(std::move(*one));
    } else {
      refused = one.error();
    }
  }
  // One that is being pulled already hinders no other.
  if (runs.empty()) co_return std::unexpected(*refused);
  co_return json_response(sync_answer(runs, services.clock.now()));
}

Answered list_payments(Services& services, Visit& visit) {
  storage::ProviderPaymentFilter filter{.provider = text_query(visit, "provider"),
                                        .before = cursor_of(visit),
                                        .limit = limit_of(visit)};
  const std::string matched = text_query(visit, "matched");
  if (!matched.empty() && matched != "false") {
    co_return fail(ErrorCode::invalid_request, "matched is false: only money that fits no session.",
                   "matched");
  }
  filter.unmatched = matched == "false";
  storage::Reading<Json> look = [&filter](Books& books) -> Result<Json> {
    TRY(const auto payments, books.provider_payments(filter));
    TRY(const std::int64_t unmatched, books.unmatched_payment_count(filter.provider));
    TRY(Json json, listed_json("payments", payments, filter.limit, payment_json));
    json.set("unmatched_count", unmatched);
    return json;
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(look)));
  co_return json_response(json);
}

Answered show_payment(Services& services, Visit& visit) {
  const std::string id = visit.params.find("payment_id")->second;
  const std::string provider = text_query(visit, "provider");
  storage::Reading<Json> look = [&](Books& books) {
    return full_payment(books, id, provider, services.public_url);
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(look)));
  co_return json_response(json);
}

/// Razorpay's own words, asked for just now (S4.11).
Answered show_razorpay_status(Services& services, Visit& visit) {
  std::string id = text_query(visit, "payment_id");
  if (id.empty() || id.size() > 100) {
    co_return fail(ErrorCode::invalid_request, "Name Razorpay's id of the payment (`pay_…`).",
                   "payment_id");
  }
  providers::Provider* razorpay = services.registry.find("razorpay");
  if (!razorpay) co_return fail(ErrorCode::not_found, "Razorpay is not set up here.");
  CO_TRY(const auto payment, co_await razorpay->payment(std::move(id)));
  if (!payment) co_return fail(ErrorCode::not_found, "Razorpay knows no such payment.");
  CO_TRY(const Json entity, Json::parse(payment->raw));
  Json shown = Json::object({});
  for (const char* member : {"id", "amount", "currency", "status", "method", "description", "email",
                             "contact", "notes", "created_at", "captured"})
    shown.set(member, entity[member]);
  co_return json_response(Json::object({{"success", true}, {"payment", std::move(shown)}}));
}

Answered list_sync_runs(Services& services, Visit& visit) {
  const std::string provider = text_query(visit, "provider");
  const auto cursor = cursor_of(visit);
  const std::int64_t limit = limit_of(visit);
  storage::Reading<std::vector<SyncRun>> look = [&](Books& books) {
    return books.sync_runs(provider, cursor, limit);
  };
  CO_TRY(const auto runs, co_await services.store.read(std::move(look)));
  CO_TRY(const Json json, listed_json("runs", runs, limit, run_json));
  co_return json_response(json);
}

}  // namespace quittance::http
