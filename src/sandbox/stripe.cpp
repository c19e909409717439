// Stripe as clients meet it (docs/providers/stripe.md): keys, idempotency, routes, the payer's
// page.
#include <algorithm>

#include "sandbox/code_picture.hpp"
#include "sandbox/form_fields.hpp"
#include "sandbox/stripe_parts.hpp"

namespace quittance::sandbox {
namespace stripe {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Json;

constexpr std::size_t kKeyLimit = 255;
constexpr std::int64_t kIdempotencyKeptMs = 24LL * 3'600'000;
constexpr std::string_view kPages = "/stripe/qr/";

struct Route {
  std::string_view method;
  std::string_view resource;  ///< after /v1/
  bool has_id;
  std::string_view verb;  ///< after the id
  HttpResponse (*answer)(Call& call);
};

constexpr Route kRoutes[] = {
    {"POST", "payment_intents", false, "", create_intent},
    {"GET", "payment_intents", false, "", list_intents},
    {"GET", "payment_intents", true, "", show_intent},
    {"POST", "payment_intents", true, "", update_intent},
    {"POST", "payment_intents", true, "confirm", confirm_intent},
    {"POST", "payment_intents", true, "capture", capture_intent},
    {"POST", "payment_intents", true, "cancel", cancel_intent},
    {"POST", "refunds", false, "", create_refund},
    {"GET", "refunds", false, "", list_refunds},
    {"GET", "refunds", true, "", show_refund},
    {"GET", "charges", false, "", list_charges},
    {"GET", "charges", true, "", show_charge},
    {"GET", "disputes", false, "", list_disputes},
    {"GET", "disputes", true, "", show_dispute},
    {"GET", "events", false, "", list_events},
    {"GET", "events", true, "", show_event},
};

/// The parts of `/v1/payment_intents/pi_1/cancel` behind the version.
struct Parts {
  std::string_view resource;
  std::string_view id;
  std::string_view verb;
};

Parts parts_of(std::string_view path) {
  constexpr std::string_view kVersion = "/v1/";
  if (!path.starts_with(kVersion)) return {};
  path.remove_prefix(kVersion.size());
  const auto next = [&path] {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    return part;
  };
  Parts parts;
  parts.resource = next();
  parts.id = next();
  parts.verb = path;
  return parts;
}

std::string key_of(const HttpRequest& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const auto header = request.headers.find("Authorization");
  if (header && header->starts_with(kBearer)) return std::string(header->substr(kBearer.size()));
  const auto basic = basic_credentials(request);
  return basic ? basic->first : std::string();
}

bool claims(const HttpRequest& request) {
  if (request.path.starts_with(kPages)) return true;
  if (!request.path.starts_with("/v1/")) return false;
  const std::string key = key_of(request);
  if (key.starts_with("sk_") || key.starts_with("rk_") || key.starts_with("pk_")) return true;
  const Parts parts = parts_of(request.path);
  return !key.starts_with("rzp_") &&
         std::ranges::find(kRoutes, parts.resource, &Route::resource) != std::end(kRoutes);
}

std::optional<HttpResponse> refuse_key(const RailDesk& desk, const HttpRequest& request) {
  const std::string key = key_of(request);
  if (key.empty()) {
    return error(401, "invalid_request_error", "", "You did not provide an API key.");
  }
  if (desk.faults.unauthorized || base::Secret(key) != desk.settings.secret) {
    return error(401, "invalid_request_error", "api_key_invalid",
                 "Invalid API Key provided: " + key.substr(0, 8) + "****");
  }
  return std::nullopt;
}

HttpResponse route(Call& call) {
  const Parts parts = parts_of(call.request.path);
  for (const Route& row : kRoutes) {
    if (row.method != call.request.method || row.resource != parts.resource ||
        row.has_id != !parts.id.empty() || row.verb != parts.verb) {
      continue;
    }
    call.id = parts.id;
    return row.answer(call);
  }
  return error(
      404, "invalid_request_error", "",
      "Unrecognized request URL (" + call.request.method + ": " + call.request.path + ").");
}

HttpResponse server_error() {
  return error(500, "api_error", "", "An error occurred while processing this request.");
}

/// What is known under this key already; nullopt: nothing.
std::optional<HttpResponse> replay(const RailDesk& desk, const std::string& key,
                                   const std::string& fingerprint) {
  const Json* record = desk.shelf.find("idempotency", key);
  if (record == nullptr) return std::nullopt;
  const std::int64_t now_ms = base::to_ms(desk.now);
  if (now_ms - (*record)["created_ms"].integer().value_or(0) >= kIdempotencyKeptMs) {
    return std::nullopt;
  }
  if ((*record)["fingerprint"].string() != fingerprint) {
    return error(400, "idempotency_error", "",
                 "Keys for idempotent requests can only be used with the same parameters they "
                 "were first used with. Try using a key other than '" +
                     key + "' if you meant to execute a different request.");
  }
  if (now_ms < (*record)["leaves_ms"].integer().value_or(0)) {
    return error(409, "idempotency_error", "idempotency_key_in_use",
                 "There is currently another in-progress request using this key.");
  }
  HttpResponse response;
  response.status = static_cast<int>((*record)["status"].integer().value_or(500));
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Idempotent-Replayed", "true");
  response.body = (*record)["body"].text_or_empty();
  return response;
}

/// What failed validation, or lost a race, is not kept; what was carried out is, with its 500 too.
bool is_kept(int status) { return status < 300 || status == 402 || status >= 500; }

HttpResponse answer_post(Call& call) {
  const std::string& key = call.idempotency_key;
  if (key.empty()) return route(call);
  if (key.size() > kKeyLimit) {
    return error(400, "idempotency_error", "", "Idempotency keys are at most 255 characters.");
  }
  const std::string fingerprint = base::sha256_hex(call.request.path + "\n" + call.params.dump());
  if (auto before = replay(call.desk, key, fingerprint)) return std::move(*before);
  HttpResponse response = route(call);
  if (call.desk.broken && response.status < 300) response = server_error();
  if (!is_kept(response.status)) return response;
  const Json record = Json::object({{"fingerprint", fingerprint},
                                    {"status", response.status},
                                    {"body", response.body},
                                    {"created_ms", base::to_ms(call.desk.now)},
                                    {"leaves_ms", base::to_ms(call.desk.answer_leaves_at)}});
  if (!call.desk.shelf.put("idempotency", key, record)) return unkept();
  return response;
}

/// Puts the charge in the place of its id.
void expand_charge(const RailDesk& desk, Json& intent) {
  const Json* charge = desk.shelf.find("charge", intent["latest_charge"].text_or_empty());
  if (charge != nullptr) intent.set("latest_charge", *charge);
}

/// `expand[]=latest_charge`, and `data.latest_charge` in lists.
void expand(const Call& call, HttpResponse& response) {
  const Json::Array& wanted = call.params["expand"].array();
  if (wanted.empty() || response.status != 200) return;
  auto body = Json::parse(response.body);
  if (!body) return;
  for (const Json& one : wanted) {
    if (one.string() == "latest_charge") expand_charge(call.desk, *body);
    if (one.string() == "data.latest_charge") {
      Json data{Json::Array{}};
      for (Json item : (*body)["data"].array()) {
        expand_charge(call.desk, item);
        data.push(std::move(item));
      }
      body->set("data", std::move(data));
    }
  }
  response.body = body->dump();
}

/// The hosted page of a code leads to the payer's page; its pictures are drawn.
HttpResponse answer_page(RailDesk& desk, std::string_view rest) {
  const std::string_view id = rest.substr(0, rest.find('.'));
  HttpResponse response;
  if (desk.shelf.find("payment_intent", id) == nullptr) {
    response.status = 404;
  } else if (rest.find('.') != std::string_view::npos) {
    return code_picture(desk.origin + std::string(kPages) + std::string(id), rest);
  } else {
    response.status = 303;
    response.headers.add("Location", "/rails/stripe/" + std::string(id));
  }
  return response;
}

HttpResponse answer_api(RailDesk& desk, const HttpRequest& request) {
  if (request.path.starts_with(kPages)) {
    return answer_page(desk, std::string_view(request.path).substr(kPages.size()));
  }
  if (auto refused = refuse_key(desk, request)) return std::move(*refused);
  const bool reads = request.method == "GET" || request.method == "DELETE";
  auto params = read_form_fields(reads ? request.query : request.body);
  if (!params) return invalid(params.error().param, params.error().message);
  Call call{.desk = desk,
            .request = request,
            .params = std::move(*params),
            .idempotency_key = std::string(request.headers.find("Idempotency-Key").value_or("")),
            .request_id = desk.draw_id("req_", 14)};
  HttpResponse response = reads ? route(call) : answer_post(call);
  expand(call, response);
  response.headers.add("Request-Id", call.request_id);
  response.headers.add(
      "Stripe-Version",
      std::string(request.headers.find("Stripe-Version").value_or("2026-10-28.endive")));
  return response;
}

HttpResponse trouble(RailDesk&, int status) {
  if (status != 429) return server_error();
  return error(429, "invalid_request_error", "rate_limit", "Too many requests hit the API.");
}

constexpr Choice kChoices[] = {{"pay", "Pay by the code"},
                               {"card", "Pay by card"},
                               {"decline", "Be declined"},
                               {"process", "Pay by a slow method"}};

/// A code is scanned where the intent is paid by one, a card taken where it takes cards.
bool offers(RailDesk& desk, const std::string& ref, const Choice& choice) {
  const Json* intent = desk.shelf.find("payment_intent", ref);
  if (intent == nullptr) return false;
  if (choice.name == "pay") return !takes_cards(*intent);
  return choice.name != "card" || takes_cards(*intent);
}

constexpr Quirk kQuirks[] = {
    {"qr_is_url", "A code's data is the address of a page, as in their test mode"},
    {"refund_pending", "Refunds stay pending"},
};

}  // namespace
}  // namespace stripe

extern const Rail kStripe{.name = "stripe",
                          .title = "Stripe",
                          .claims = stripe::claims,
                          .answer = stripe::answer_api,
                          .trouble = stripe::trouble,
                          .seal = stripe::seal,
                          .waiting = stripe::waiting,
                          .find = stripe::find,
                          .choices = stripe::kChoices,
                          .act = stripe::act,
                          .quirks = stripe::kQuirks,
                          .offers = stripe::offers};

}  // namespace quittance::sandbox
