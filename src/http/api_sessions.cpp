// Payment sessions: asking to be paid, looking at what was asked, asking the provider.
#include <algorithm>
#include <iterator>

#include "http/handlers.hpp"
#include "http/views.hpp"
#include "http/ways.hpp"
#include "qr/qr.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::Books;

constexpr std::int64_t kSessionsShown = 100;
constexpr int kPngScale = 10;

base::Task<Result<core::Session>> session_of(Services& services, const Visit& visit) {
  const auto id = visit.params.find("session_id");
  storage::Reading<std::optional<core::Session>> find = [&id](Books& books) {
    return books.session_by_public_id(id->second);
  };
  CO_TRY(auto session, co_await services.store.read(std::move(find)));
  if (!session) co_return fail(ErrorCode::not_found, "There is no such payment session.");
  co_return std::move(*session);
}

Result<core::Money> amount_of(const Json& body) {
  const std::string code = body["currency"].string().value_or("USD");
  const auto currency = core::Currency::from_code(code);
  if (!currency) {
    return fail(ErrorCode::invalid_request, "Send `currency` as USD, KHR, MNT, MGA or INR.",
                "currency");
  }
  const auto text = body["amount"].number_text();
  if (!text) {
    return fail(ErrorCode::invalid_request, "Send `amount` as a number such as 12.50.", "amount");
  }
  TRY(const core::Money amount, core::Money::parse(*text, *currency));
  if (amount.is_zero()) {
    return fail(ErrorCode::invalid_request, "Ask for more than nothing.", "amount");
  }
  return amount;
}

base::HttpResponse drawing(std::string body, std::string type) {
  base::HttpResponse response = text_response(std::move(body), std::move(type));
  // A session's QR never changes.
  response.headers.add("Cache-Control", "private, max-age=86400, immutable");
  return response;
}

/// What can be written under the code, whose letters are Latin only.
std::string ascii_part(std::string_view text) {
  std::string part;
  std::ranges::copy_if(text, std::back_inserter(part),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return part;
}

/// A QR to keep, with what finds the order again in letters and inside the file (C8).
struct Keepsake {
  std::vector<std::string> lines;
  std::string description;
  std::string file_name;
};

Keepsake keepsake_of(const core::Session& session, const core::Order* order,
                     const std::string& merchant_name) {
  if (!order) {
    return {.lines = {amount_text(session.amount), session.bill_number},
            .description = "",
            .file_name = "quittance-" + session.bill_number + ".png"};
  }
  const std::string id = std::to_string(order->id.value());
  const std::string code = recovery_code(*order);
  return {.lines = {ascii_part(merchant_name), amount_text(session.amount), "Order " + id, code},
          .description = code,
          .file_name = "quittance-order-" + id + ".png"};
}

std::string_view verified_word(const detect::Asked& asked, core::OrderStatus status) {
  if (status == core::OrderStatus::completed) return "completed";
  if (status == core::OrderStatus::canceled) return "cancelled";
  if (status == core::OrderStatus::refunded) return "refunded";
  switch (asked.result) {
    case detect::AskResult::paid:
    case detect::AskResult::not_yet:
      return "pending";
    case detect::AskResult::unknown:
    case detect::AskResult::postponed:
      return "unknown";
  }
  return "unknown";
}

std::string_view verified_message(const detect::Asked& asked, core::OrderStatus status) {
  if (status == core::OrderStatus::completed) return "The payment has arrived.";
  if (status == core::OrderStatus::refunded) return "The payment was given back.";
  switch (asked.result) {
    case detect::AskResult::paid:
      return "Money has arrived, but it does not settle the order; see the evidence.";
    case detect::AskResult::not_yet:
      return "The bank has not seen a payment yet. It is asked again by itself.";
    case detect::AskResult::unknown:
      return "The bank cannot be asked just now. Nothing has changed; it is asked again by itself.";
    case detect::AskResult::postponed:
      return "The bank is being asked about many payments; this one follows within seconds.";
  }
  return "";
}

/// With what is shown beside the QR, for whoever asked: pictures, links, what a browser needs.
Answered opened(Services& services, const core::Session& session, const core::Order* order) {
  storage::Reading<std::optional<std::string>> look = [id = session.id](Books& books) {
    return books.presentation(id);
  };
  CO_TRY(const auto beside, co_await services.store.read(std::move(look)));
  Json json = session_json(session, order);
  json.set("success", true);
  json.set("provider", session.provider);
  const auto presentation = Json::parse(beside.value_or("{}"));
  for (const char* name : {"picture", "links", "client_token"})
    json.set(name, presentation ? (*presentation)[name] : Json());
  co_return json_response(json);
}

}  // namespace

Answered create_session(Services& services, Visit& visit) {
  CO_TRY(const core::Money amount, amount_of(visit.body));
  const std::string reference = visit.body["reference_id"].text_or_empty().substr(0, 255);
  const std::string rail = visit.body["provider"].string().value_or("bakong");
  providers::Provider* provider = services.registry.find(rail);
  if (!provider) {
    co_return fail(ErrorCode::invalid_request, "This provider is not set up here.", "provider");
  }
  checkout::ShowTo to;
  if (!visit.body["payer_phone"].is_null()) {
    CO_TRY(to.payer_phone, text_member(visit.body, "payer_phone", 1, kPhoneMost));
  }
  std::optional<core::Order> order;
  if (visit.body.has("order_id") && !visit.body["order_id"].is_null()) {
    CO_TRY(const std::int64_t id, id_member(visit.body, "order_id"));
    CO_TRY(order, co_await order_for(services, visit, core::OrderId(id)));
  } else if (!visit.actor.sees_every_order()) {
    co_return fail(ErrorCode::unauthenticated, "Send the `order_id` of your order, or an API key.",
                   "order_id");
  }
  // Not `?:` around a co_await: g++ 12 destroys the wrong branch.
  if (order) {
    CO_TRY(const core::Session session,
           co_await checkout::open_order_session(services.store, *provider, services.checkout,
                                                 services.clock, services.random, order->id, amount,
                                                 reference, std::move(to)));
    co_return co_await opened(services, session, &*order);
  }
  CO_TRY(const core::Session session,
         co_await checkout::open_free_session(services.store, *provider, services.checkout,
                                              services.clock, services.random, amount, reference,
                                              std::move(to)));
  co_return co_await opened(services, session, nullptr);
}

Answered list_sessions(Services& services, Visit& visit) {
  if (!visit.actor.customer_id) {
    co_return fail(ErrorCode::forbidden, "Only a customer has payment sessions of their own.");
  }
  const core::CustomerId customer_id = *visit.actor.customer_id;
  storage::Reading<Json> look = [customer_id](Books& books) -> Result<Json> {
    TRY(const auto sessions, books.sessions_of_customer(customer_id, kSessionsShown));
    Json shown{Json::Array{}};
    for (const core::Session& session : sessions) {
      std::optional<core::Order> order;
      if (session.order_id) {
        TRY(order, books.order(*session.order_id));
      }
      shown.push(session_json(session, order ? &*order : nullptr));
    }
    return shown;
  };
  CO_TRY(const Json list, co_await services.store.read(std::move(look)));
  co_return json_response(Json::object({{"success", true}, {"sessions", list}}));
}

Answered draw_session_svg(Services& services, Visit& visit) {
  CO_TRY(const core::Session session, co_await session_of(services, visit));
  CO_TRY(const qr::QrMatrix matrix, qr::make_qr(session.qr_data));
  co_return drawing(qr::qr_svg(matrix), "image/svg+xml");
}

Answered draw_session_png(Services& services, Visit& visit) {
  CO_TRY(const core::Session session, co_await session_of(services, visit));
  CO_TRY(const qr::QrMatrix matrix, qr::make_qr(session.qr_data));
  CO_TRY(std::string png, qr::qr_png(matrix, kPngScale));
  co_return drawing(std::move(png), "image/png");
}

Answered draw_session_keepsake(Services& services, Visit& visit) {
  CO_TRY(const core::Session session, co_await session_of(services, visit));
  std::optional<core::Order> order;
  if (session.order_id) {
    storage::Reading<std::optional<core::Order>> find = [&session](Books& books) {
      return books.order(*session.order_id);
    };
    CO_TRY(order, co_await services.store.read(std::move(find)));
  }
  const Keepsake keepsake = keepsake_of(session, order ? &*order : nullptr, services.merchant_name);
  CO_TRY(const qr::QrMatrix matrix, qr::make_qr(session.qr_data));
  CO_TRY(std::string png, qr::kept_png(matrix, keepsake.lines, keepsake.description));
  base::HttpResponse response = drawing(std::move(png), "image/png");
  response.headers.add("Content-Disposition", "inline; filename=\"" + keepsake.file_name + "\"");
  co_return response;
}

Answered make_deep_link(Services& services, Visit& visit) {
  CO_TRY(core::Session session, co_await session_of(services, visit));
  providers::Provider* provider = services.registry.find(session.provider);
  if (!provider || !provider->capabilities().makes_deep_links ||
      session.status == core::SessionStatus::settled ||
      services.asker.gate(provider->name()).enter() != detect::Admission::admitted) {
    co_return json_response(Json::object({{"success", true}, {"url", Json()}}));
  }
  const auto url = co_await provider->deep_link(std::move(session));
  services.asker.gate(provider->name()).leave({});
  co_return json_response(
      Json::object({{"success", true}, {"url", url && !url->empty() ? Json(*url) : Json()}}));
}

Answered verify_instantly(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, id_member(visit.body, "order_id"));
  CO_TRY(const core::Order before, co_await order_for(services, visit, core::OrderId(id)));
  CO_TRY(const detect::Asked asked,
         co_await detect::ask_for_order(services.store, services.asker, before.id,
                                        detect::AskReason::verify_instantly));
  CO_TRY(const core::Order after, co_await order_for(services, visit, before.id));
  co_return json_response(
      Json::object({{"success", true},
                    {"status", verified_word(asked, after.status)},
                    {"outcome", asked.settled ? Json(to_text(asked.settled->outcome)) : Json()},
                    {"order_id", id},
                    {"message", verified_message(asked, after.status)}}));
}

Answered clean_up_sessions(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t count,
         co_await detect::clean_up(services.store, services.clock,
                                   services.asker.policy().retention(), visit.actor.audit_name()));
  co_return json_response(Json::object({{"success", true}, {"deleted_count", count}}));
}

}  // namespace quittance::http
