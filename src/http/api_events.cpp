// Events: an admin makes them, and their places are sold as a product each (docs/events.md).
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
using storage::Event;
using storage::WritableBooks;

constexpr std::size_t kNameMost = 120;
constexpr std::size_t kVenueMost = 200;
constexpr std::size_t kInstructionsMost = 2'000;
constexpr std::int64_t kMostPlaces = 1'000'000;

Result<Json> event_json(Books& books, const Event& event) {
  TRY(const auto product, books.product(event.product_id));
  if (!product) return fail(ErrorCode::internal, "An event has lost its product.");
  return Json::object({{"event_id", event.id},
                       {"name", event.name},
                       {"venue", event.venue},
                       {"instructions", event.instructions},
                       {"starts_at", storage::local_start(event)},
                       {"price", amount_json(product->price)},
                       {"currency", product->price.currency().code()},
                       {"capacity", product->stock},
                       {"places_left", product->available()},
                       {"product_id", event.product_id.value()},
                       {"takes_unnamed", event.takes_unnamed}});
}

/// With its zone, because that is what the mails and lists show.
Result<Json> take_start(const Json& body, Event& event) {
  const std::string text = body["starts_at"].text_or_empty();
  constexpr std::size_t kWithoutZone = std::string_view("2026-12-05T10:00:00").size();
  const auto at = providers::read_moment(text, base::Duration{0});
  const auto on_the_wall = providers::read_moment(text.substr(0, kWithoutZone), base::Duration{0});
  if (!at || !on_the_wall || text.size() <= kWithoutZone) {
    return fail(ErrorCode::invalid_request,
                "Send `starts_at` with its time zone, as in 2026-12-05T10:00:00+05:30.",
                "starts_at");
  }
  event.starts_at = *at;
  event.utc_offset_minutes =
      std::chrono::duration_cast<std::chrono::minutes>(*on_the_wall - *at).count();
  return body;
}

/// What a body says of an event; members that are not there stay as they are.
Result<Event> changed_event(const Json& body, Event event) {
  if (body.has("name")) {
    TRY(event.name, line_member(body, "name", 1, kNameMost));
  }
  if (body.has("venue")) {
    TRY(event.venue, line_member(body, "venue", 0, kVenueMost));
  }
  if (body.has("instructions")) {
    TRY(event.instructions, text_member(body, "instructions", 0, kInstructionsMost));
  }
  if (body.has("starts_at")) TRY_VOID(take_start(body, event));
  return event;
}

Result<storage::Product> place_of(const Json& body, const std::string& name) {
  const auto currency = core::Currency::from_code(body["currency"].text_or_empty());
  if (!currency) {
    return fail(ErrorCode::invalid_request, "Send `currency` as a code, like INR.", "currency");
  }
  const Json& given = body["price"];
  const std::string text =
      given.is_number() ? given.number_text().value_or("") : given.text_or_empty();
  const auto price = core::Money::parse(text, *currency);
  if (!price || price->is_zero()) {
    return fail(ErrorCode::invalid_request, "Send `price` as a number above zero.", "price");
  }
  const auto capacity = body["capacity"].integer();
  if (!capacity || *capacity < 1 || *capacity > kMostPlaces) {
    return fail(ErrorCode::invalid_request, "Send `capacity` as a whole number from 1 on.",
                "capacity");
  }
  return storage::Product{
      .name = name, .description = "", .picture = "", .price = *price, .stock = *capacity};
}

storage::AuditEntry entry_of(const Event& event, std::string action, std::string actor,
                             base::Time now) {
  const Json details = Json::object({{"product_id", event.product_id.value()},
                                     {"name", event.name},
                                     {"venue", event.venue},
                                     {"starts_at", base::to_ms(event.starts_at)},
                                     {"takes_unnamed", event.takes_unnamed}});
  return {.created_at = now,
          .actor = std::move(actor),
          .action = std::move(action),
          .subject_type = "event",
          .subject_id = event.id,
          .details = details.dump()};
}

Result<bool> wants_unnamed(const Json& body, bool otherwise) {
  if (!body.has("takes_unnamed")) return otherwise;
  const auto wanted = body["takes_unnamed"].boolean();
  if (!wanted) {
    return fail(ErrorCode::invalid_request, "Send `takes_unnamed` as true or false.",
                "takes_unnamed");
  }
  return *wanted;
}

}  // namespace

Answered list_events(Services& services, Visit& visit) {
  storage::Reading<Json> look = [before = cursor_of(visit)](Books& books) -> Result<Json> {
    TRY(const auto events, books.events(before, kMostListed));
    return listed_json("events", events, kMostListed,
                       [&](const Event& event) { return event_json(books, event); });
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(look)));
  co_return json_response(json);
}

Answered create_event(Services& services, Visit& visit) {
  Event blank;
  CO_TRY(Event event, changed_event(visit.body, std::move(blank)));
  if (event.name.empty() || !visit.body.has("starts_at")) {
    co_return fail(ErrorCode::invalid_request, "An event has a `name` and a `starts_at`.",
                   event.name.empty() ? "name" : "starts_at");
  }
  CO_TRY(storage::Product place, place_of(visit.body, event.name));
  CO_TRY(event.takes_unnamed, wants_unnamed(visit.body, false));
  event.created_at = services.clock.now();
  storage::Writing<Json> work =
      [event = std::move(event), place = std::move(place),
       actor = visit.actor.audit_name()](WritableBooks& books) mutable -> Result<Json> {
    TRY(event.product_id, checkout::add_product(books, place, actor, event.created_at));
    TRY(event.id, books.insert_event(event));
    if (event.takes_unnamed) TRY_VOID(books.set_takes_unnamed(event.id, true));
    TRY_VOID(books.insert_audit(entry_of(event, "event.added", actor, event.created_at)));
    return event_json(books, event);
  };
  CO_TRY(const Json json, co_await services.store.write<Json>(std::move(work)));
  co_return json_response(json, 201);
}

Answered change_event(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("event_id"));
  storage::Writing<Json> work = [id, body = visit.body, actor = visit.actor.audit_name(),
                                 now = services.clock.now()](WritableBooks& books) -> Result<Json> {
    TRY(const auto found, books.event(id));
    if (!found) return fail(ErrorCode::not_found, "There is no such event.", "event_id");
    TRY(Event event, changed_event(body, *found));
    TRY(event.takes_unnamed, wants_unnamed(body, found->takes_unnamed));
    TRY_VOID(books.update_event(event));
    if (event.takes_unnamed != found->takes_unnamed) {
      TRY_VOID(books.set_takes_unnamed(id, event.takes_unnamed));
    }
    TRY_VOID(books.insert_audit(entry_of(event, "event.changed", actor, now)));
    return event_json(books, event);
  };
  CO_TRY(const Json json, co_await services.store.write<Json>(std::move(work)));
  co_return json_response(json);
}

}  // namespace quittance::http
