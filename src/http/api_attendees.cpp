// Attendees: who paid on a provider's own page is admitted by sync and by notices, or by a member
// of staff who knows what the payment does not say (docs/events.md).
#include "http/handlers.hpp"
#include "http/listing.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::Attendee;
using storage::Books;
using storage::WritableBooks;

constexpr std::size_t kAnswerMost = 256;

Result<storage::Rows> expect_event(Books& books, std::int64_t id) {
  TRY(const auto event, books.event(id));
  if (!event) return fail(ErrorCode::not_found, "There is no such event.", "event_id");
  return storage::Rows();
}

/// What a member of staff adds to what the payer wrote.
Result<providers::Registration> completed(providers::Registration answers, const Json& body) {
  const std::pair<const char*, std::string*> members[] = {
      {"event_id", &answers.event_id},
      {"name", &answers.name},
      {"roll_number", &answers.roll_number},
      {"college_name", &answers.college_name},
      {"department", &answers.department},
      {"year", &answers.year},
      {"section", &answers.section},
      {"phone", &answers.phone},
      {"emergency_contact_number", &answers.emergency_contact_number},
      {"email", &answers.email}};
  for (const auto& [name, member] : members) {
    if (!body.has(name)) continue;
    const Json& given = body[name];
    const std::string number = given.number_text().value_or("");
    if (!number.empty() && number.size() <= kAnswerMost) {
      *member = number;
    } else {
      TRY(*member, line_member(body, name, 1, kAnswerMost));
    }
  }
  return answers;
}

std::string why_not(const std::string& outcome) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"not_captured", "This money is only authorized: capture it first."},
      {"refunded", "This money went back."},
      {"details_missing", "Send `name` and `roll_number`: the payment does not say them."},
      {"event_over", "Send `event_id`: the event that takes such payments is over."},
      {"no_event", "Send `event_id`: the payment names no event of ours."},
      {"other_currency", "This payment is in another currency than the event's price."},
      {"below_price", "This payment is less than the event's price."},
      {"registered_before", "Another payment holds the place under this roll number."},
      {"event_full", "No place is left at this event."}};
  for (const auto& [word, text] : kWords) {
    if (word == outcome) return std::string(text);
  }
  return "This payment admits nobody.";
}

}  // namespace

Result<Json> attendee_json(Books& books, const Attendee& attendee, const std::string& public_url) {
  TRY(const auto order, books.order(attendee.order_id));
  TRY(const auto pass, books.pass_of_order(attendee.order_id));
  TRY(const auto deliveries, books.deliveries_of_order(attendee.order_id));
  const storage::Delivery* mail = nullptr;
  for (const storage::Delivery& delivery : deliveries) {
    if (delivery.kind == storage::DeliveryKind::mail) mail = &delivery;
  }
  const bool sent = mail && mail->delivered_at.has_value();
  return Json::object(
      {{"attendee_id", attendee.id},
       {"event_id", attendee.event_id},
       {"order_id", attendee.order_id.value()},
       {"order_status", order ? Json(order_status_word(order->status)) : Json()},
       {"roll_number", attendee.roll_number},
       {"name", attendee.name},
       {"email", attendee.email},
       {"phone", attendee.phone},
       {"college_name", attendee.college_name},
       {"department", attendee.department},
       {"year", attendee.year},
       {"section", attendee.section},
       {"emergency_contact_number", attendee.emergency_contact_number},
       {"registered_at", time_json(attendee.registered_at)},
       {"pass", pass ? pass_json(*pass, public_url) : Json()},
       {"pass_valid", pass && pass->active},
       {"email_sent", sent},
       {"email_sent_at", time_json(sent ? mail->delivered_at : std::nullopt)},
       {"email_error", mail && !mail->last_error.empty() ? Json(mail->last_error) : Json()}});
}

Answered list_event_payments(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("event_id"));
  storage::Reading<Json> look = [id, before = cursor_of(visit),
                                 &url = services.public_url](Books& books) -> Result<Json> {
    TRY_VOID(expect_event(books, id));
    TRY(const auto payments, books.event_payments(id, before, kMostListed));
    return listed_json("payments", payments, kMostListed,
                       [&](const storage::ProviderPayment& payment) {
                         return payment_with_place(books, payment, url);
                       });
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(look)));
  co_return json_response(json);
}

Answered list_attendees(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("event_id"));
  storage::Reading<Json> look = [id, before = cursor_of(visit),
                                 &url = services.public_url](Books& books) -> Result<Json> {
    TRY_VOID(expect_event(books, id));
    TRY(const auto attendees, books.attendees(id, before, kMostListed));
    return listed_json("attendees", attendees, kMostListed, [&](const Attendee& attendee) {
      return attendee_json(books, attendee, url);
    });
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(look)));
  co_return json_response(json);
}

/// The provider is asked once more, so that nobody is admitted by money that went back.
Answered admit_payment(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("payment_id"));
  storage::Reading<std::optional<storage::ProviderPayment>> look = [id](Books& books) {
    return books.provider_payment(id);
  };
  CO_TRY(const auto record, co_await services.store.read(std::move(look)));
  if (!record) co_return fail(ErrorCode::not_found, "No such payment was listed.", "payment_id");
  providers::Provider* provider = services.registry.find(record->provider);
  if (record->session_id || !provider) {
    co_return fail(ErrorCode::conflict, "This payment belongs to an order already.", "payment_id");
  }
  CO_TRY(auto payment, co_await provider->payment(record->payment_ref));
  if (!payment) co_return fail(ErrorCode::not_found, "The provider knows no such payment.");
  providers::Registration answers = payment->registration.value_or(providers::Registration{});
  CO_TRY(payment->registration, completed(std::move(answers), visit.body));
  detect::SeenPage page{.actor = visit.actor.audit_name()};
  page.payments.push_back({.payment = std::move(*payment), .looked_up = true});
  storage::Writing<detect::PageWritten> work = [&](WritableBooks& books) {
    return detect::write_listed(books, services.settle, record->provider, page, services.admit);
  };
  CO_TRY(const detect::PageWritten written,
         co_await services.store.write<detect::PageWritten>(std::move(work)));
  for (const core::OrderId order : written.orders)
    services.bulletin.publish(order);
  storage::Reading<Json> show = [&](Books& books) -> Result<Json> {
    TRY(const auto now, books.provider_payment(id));
    if (!now || !now->session_id) {
      return fail(ErrorCode::conflict, why_not(now ? now->outcome : ""), "payment_id");
    }
    TRY(Json json, payment_with_place(books, *now, services.public_url));
    if (json["attendee"].is_null()) {
      return fail(ErrorCode::conflict, "This payment is for an order, and is counted there.",
                  "payment_id");
    }
    return json;
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(show)));
  co_return json_response(json, 201);
}

}  // namespace quittance::http
