// Proof: what anybody may learn by scanning a pass. Valid, expired, revoked, refunded, or one
// uniform answer for everything that is not ours (C26, C28).
#include "http/handlers.hpp"
#include "http/page.hpp"
#include "http/views.hpp"
#include "qr/qr.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::Books;

enum class PassResult { valid, expired, revoked, refunded, unknown };

std::string_view to_text(PassResult result) {
  switch (result) {
    case PassResult::valid:
      return "valid";
    case PassResult::expired:
      return "expired";
    case PassResult::revoked:
      return "revoked";
    case PassResult::refunded:
      return "refunded";
    case PassResult::unknown:
      return "unknown";
  }
  return "";
}

std::string_view message_of(PassResult result) {
  switch (result) {
    case PassResult::valid:
      return "Valid: this was paid.";
    case PassResult::expired:
      return "Expired: this was paid, but the proof is no longer valid.";
    case PassResult::revoked:
      return "Revoked: this proof has been withdrawn.";
    case PassResult::refunded:
      return "Refunded: this was paid, and the money was given back since.";
    case PassResult::unknown:
      return "Not found: this is no proof of ours.";
  }
  return "";
}

/// What a scan shows, and nothing more.
struct Scanned {
  PassResult result = PassResult::unknown;
  std::optional<storage::Pass> pass;
  std::optional<core::Order> order;
  std::string reference;  ///< last 4 characters of the provider's id
  std::optional<base::Time> paid_at;
  std::optional<base::Time> refunded_at;
  std::optional<storage::Event> event;  ///< that it lets somebody in to
  std::int64_t places = 0;              ///< for how many persons
};

Result<Scanned> look_up(Books& books, const std::string& token, base::Time now) {
  Scanned scanned;
  TRY(scanned.pass, books.pass_by_token(token));
  if (!scanned.pass || !scanned.pass->order_id) return Scanned{};
  TRY(scanned.order, books.order(*scanned.pass->order_id));
  if (!scanned.order) return Scanned{};
  TRY(const auto settlements, books.settlements_of_order(scanned.order->id));
  for (const storage::Settlement& settlement : settlements) {
    if (settlement.counted.is_zero()) continue;
    const std::string& ref = settlement.provider_ref;
    scanned.reference = ref.size() > 4 ? ref.substr(ref.size() - 4) : ref;
    scanned.paid_at = settlement.paid_at;
  }
  TRY(scanned.event, books.event_of_order(scanned.order->id));
  if (scanned.event) {
    TRY(const auto items, books.order_items(*scanned.order));
    for (const core::OrderItem& item : items) {
      if (item.product_id == scanned.event->product_id) scanned.places += item.quantity;
    }
  }
  TRY(const auto refunds, books.refunds_of_order(scanned.order->id));
  scanned.refunded_at = given_back_at(refunds);
  const bool paid = scanned.order->status == core::OrderStatus::completed;
  if (scanned.order->status == core::OrderStatus::refunded) {
    scanned.result = PassResult::refunded;
  } else if (!scanned.pass->active || !paid) {
    scanned.result = PassResult::revoked;
  } else {
    scanned.result = now < scanned.pass->valid_until ? PassResult::valid : PassResult::expired;
  }
  return scanned;
}

base::Task<Result<Scanned>> scan(Services& services, std::string_view code) {
  const std::string token = core::pass_token_from(code);
  // The signature first: what we did not sign needs no look into the books.
  if (!core::open_pass(services.settle.pass_key.public_key(), token)) co_return Scanned{};
  const base::Time now = services.clock.now();
  storage::Reading<Scanned> look = [&](Books& books) { return look_up(books, token, now); };
  co_return co_await services.store.snapshot(std::move(look));
}

Json scanned_json(const Scanned& scanned, const std::string& merchant) {
  Json json = Json::object({{"success", scanned.result != PassResult::unknown},
                            {"result", to_text(scanned.result)},
                            {"message", message_of(scanned.result)}});
  if (!scanned.pass || !scanned.order) return json;
  json.set("expiration_date", base::to_ms(scanned.pass->valid_until));
  json.set("pass", Json::object({{"kind", scanned.pass->kind},
                                 {"subject", scanned.pass->subject},
                                 {"amount", amount_json(scanned.order->total)},
                                 {"currency", scanned.order->total.currency().code()},
                                 {"paid_at", time_json(scanned.paid_at)},
                                 {"refunded", amount_json(given_back(*scanned.order))},
                                 {"refunded_at", time_json(scanned.refunded_at)},
                                 {"reference", scanned.reference},
                                 {"merchant", merchant}}));
  if (scanned.event) {
    json.set("event", Json::object({{"event_id", scanned.event->id},
                                    {"name", scanned.event->name},
                                    {"places", scanned.places},
                                    {"starts_at", storage::local_start(*scanned.event)}}));
  }
  return json;
}

/// `Order 5: Hackathon, 2026-12-05 10:00, places: 2`
std::string subject_of(const Scanned& scanned) {
  std::string subject = scanned.pass->subject;
  if (!scanned.event) return subject;
  const std::string start = storage::local_start(*scanned.event);
  return subject + ": " + scanned.event->name + ", " + start.substr(0, 10) + " " +
         start.substr(11, 5) + ", places: " + std::to_string(scanned.places);
}

base::HttpResponse scanned_page(Services& services, const Visit& visit, const Scanned& scanned) {
  Page page = page_for(services, visit, "verification.html");
  page.show(to_text(scanned.result));
  page.set("message", message_of(scanned.result));
  if (scanned.pass && scanned.order) {
    page.set("subject", subject_of(scanned));
    page.set("amount_text", amount_text(scanned.order->total));
    page.set("reference", scanned.reference);
    page.set("valid_until_text", moment_text(scanned.pass->valid_until));
    if (scanned.paid_at) page.set("paid_at_text", moment_text(*scanned.paid_at));
    if (const core::Money back = given_back(*scanned.order); !back.is_zero()) {
      page.show("given_back");
      page.set("given_back_text", amount_text(back));
      if (scanned.refunded_at) page.set("given_back_at_text", moment_text(*scanned.refunded_at));
    }
  }
  return page.render(scanned.result == PassResult::unknown ? 404 : 200);
}

}  // namespace

Answered show_verification_page(Services& services, Visit& visit) {
  const auto code = visit.query.find("code");
  if (code == visit.query.end() || code->second.empty()) {
    Page page = page_for(services, visit, "verification.html");
    page.show("ask");
    co_return page.render(200);
  }
  CO_TRY(const Scanned scanned, co_await scan(services, code->second));
  co_return scanned_page(services, visit, scanned);
}

Answered verify_pass(Services& services, Visit& visit) {
  std::string code = visit.body["qr_code"].text_or_empty();
  if (code.empty()) code = visit.body["code"].text_or_empty();
  const bool as_json = !visit.body.is_null() ||
                       visit.request.headers.find("Accept").value_or("").find("application/json") !=
                           std::string_view::npos;
  if (visit.body.is_null()) {
    const auto form = base::parse_form(visit.request.body);
    for (const std::string_view name : {"qr_code", "code"}) {
      const auto field = form ? form->find(name) : decltype(form->end()){};
      if (form && field != form->end() && code.empty()) code = field->second;
    }
  }
  CO_TRY(const Scanned scanned, co_await scan(services, code));
  if (!as_json) co_return scanned_page(services, visit, scanned);
  const int status = scanned.result == PassResult::unknown ? 404 : 200;
  co_return json_response(scanned_json(scanned, services.merchant_name), status);
}

Answered draw_pass_svg(Services& services, Visit& visit) {
  const std::string token = visit.params.find("code")->second;
  if (!core::open_pass(services.settle.pass_key.public_key(), token)) {
    co_return fail(ErrorCode::not_found, "There is no such proof.");
  }
  CO_TRY(const qr::QrMatrix matrix,
         qr::make_qr(core::verification_url(services.public_url, token), qr::QrLevel::low));
  base::HttpResponse response = text_response(qr::qr_svg(matrix), "image/svg+xml");
  response.headers.add("Cache-Control", "private, max-age=86400, immutable");
  co_return response;
}

}  // namespace quittance::http
