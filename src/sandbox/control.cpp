// JSON control of the bank: for tests, for scripts, for the demo's own buttons.
#include <algorithm>

#include "sandbox/control.hpp"
#include "sandbox/desk.hpp"
#include "sandbox/token.hpp"

namespace quittance::sandbox {

using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using base::Json;

namespace {

std::unexpected<base::Error> invalid(std::string message, std::string param) {
  return base::fail(ErrorCode::invalid_request, std::move(message), std::move(param));
}

}  // namespace

HttpResponse error_response(const base::Error& error) {
  const base::ErrorRow& row = base::error_row(error.code);
  Json members = Json::object({{"code", row.wire}, {"message", error.message}});
  if (!error.param.empty()) members.set("param", error.param);
  return json_response(row.http_status, Json::object({{"error", std::move(members)}}));
}

base::Result<Json> object_body(const HttpRequest& request) {
  if (request.body.empty()) return Json(Json::Object{});
  TRY(Json body, Json::parse(request.body));
  if (!body.is_object()) return invalid("Send a JSON object.", "");
  return body;
}

base::Result<std::optional<std::string>> amount_member(const Json& body) {
  const Json& amount = body["amount"];
  if (amount.is_null()) return std::optional<std::string>();
  if (auto text = amount.number_text()) return text;
  if (auto text = amount.string()) return text;
  return invalid("An amount is a number or a text.", "amount");
}

base::Result<std::optional<std::string>> text_member(const Json& body, std::string_view name) {
  const Json& value = body[name];
  if (value.is_null()) return std::optional<std::string>();
  if (auto text = value.string()) return text;
  return invalid("This is a text.", std::string(name));
}

namespace {

/// A token can be asked for this far back or ahead: ten years.
constexpr std::int64_t kTokenLifetimeLimitS = 315'360'000;

HttpResponse ok(Json body) { return json_response(200, body); }

base::Result<Payment> read_payment(const Json& body) {
  Payment payment;
  TRY(const auto qr, text_member(body, "qr"));
  TRY(const auto md5, text_member(body, "md5"));
  if (qr.has_value() == md5.has_value()) return invalid("Name one of qr and md5.", "qr");
  payment.qr = qr ? *qr : *md5;
  TRY(const auto payer, text_member(body, "payer"));
  payment.terms.payer = payer.value_or("");
  TRY(payment.terms.amount, amount_member(body));
  TRY(payment.terms.currency, text_member(body, "currency"));
  TRY(payment.terms.receiver, text_member(body, "receiver"));
  TRY(payment.terms.instruction_ref, text_member(body, "instruction_ref"));
  TRY(payment.terms.description, text_member(body, "description"));
  TRY(const auto attempt, text_member(body, "attempt"));
  payment.terms.attempt = attempt.value_or("");
  if (body.has("delay_ms")) {
    const auto delay_ms = body["delay_ms"].integer();
    if (!delay_ms) return invalid("A whole number of milliseconds.", "delay_ms");
    payment.terms.delay = base::Duration{*delay_ms};
  }
  if (body.has("status")) {
    const auto status = transfer_status_from_word(body["status"].text_or_empty());
    if (!status) return invalid("One of succeeded, failed, refunded.", "status");
    payment.terms.status = *status;
  }
  return payment;
}

base::Result<HttpResponse> get_faults(Desk& desk, const HttpRequest&) {
  return ok(to_json(desk.faults));
}

base::Result<HttpResponse> post_faults(Desk& desk, const HttpRequest& request) {
  TRY(const Json body, object_body(request));
  TRY(desk.faults, changed_faults(desk.faults, body));
  return ok(to_json(desk.faults));
}

base::Result<HttpResponse> post_pay(Desk& desk, const HttpRequest& request) {
  TRY(const Json body, object_body(request));
  TRY(const Payment payment, read_payment(body));
  TRY(const Transfer transfer, pay_at(desk, payment));
  return ok(Json::object({{"transfer", to_json(transfer)}}));
}

base::Result<HttpResponse> post_payer(Desk& desk, const HttpRequest& request) {
  TRY(const Json body, object_body(request));
  TRY(const Payment payment, read_payment(body));
  const std::int64_t speed = body.has("speed") ? body["speed"].integer().value_or(0) : 1;
  TRY(const auto transfer, pay_by_curve_at(desk, payment, speed));
  return ok(Json::object({{"transfer", transfer ? to_json(*transfer) : Json()}}));
}

base::Result<HttpResponse> get_transactions(Desk& desk, const HttpRequest&) {
  Json found(Json::Array{});
  for (const Transfer* transfer : desk.bank.recent(kShownLimit))
    found.push(to_json(*transfer));
  return ok(Json::object({{"transactions", std::move(found)},
                          {"count", static_cast<std::int64_t>(desk.bank.transfers().size())}}));
}

base::Result<HttpResponse> get_waiting(Desk& desk, const HttpRequest&) {
  Json found(Json::Array{});
  for (const KnownQr* known : desk.bank.waiting(kShownLimit))
    found.push(to_json(*known));
  return ok(Json::object({{"waiting", std::move(found)}}));
}

base::Result<HttpResponse> get_calls(Desk& desk, const HttpRequest&) {
  Json calls(Json::Object{});
  std::int64_t total = 0;
  for (const auto& [path, count] : desk.calls) {
    calls.set(path, count);
    total += count;
  }
  return ok(Json::object({{"calls", std::move(calls)}, {"total", total}}));
}

base::Result<HttpResponse> post_reset(Desk& desk, const HttpRequest&) {
  TRY_VOID(reset_at(desk));
  return ok(Json::object({{"reset", true}}));
}

base::Result<HttpResponse> post_token(Desk& desk, const HttpRequest& request) {
  TRY(const Json body, object_body(request));
  const std::int64_t none = kTokenLifetimeLimitS + 1;
  const std::int64_t lifetime_s =
      body.has("expires_in_s") ? body["expires_in_s"].integer().value_or(none) : kTokenLifetimeS;
  if (lifetime_s < -kTokenLifetimeLimitS || lifetime_s > kTokenLifetimeLimitS) {
    return invalid("A whole number of seconds, at most ten years.", "expires_in_s");
  }
  return ok(Json::object({{"token", token_at(desk, lifetime_s)}, {"expires_in_s", lifetime_s}}));
}

struct Route {
  std::string_view method;
  std::string_view path;
  base::Result<HttpResponse> (*answer)(Desk&, const HttpRequest&);
};

constexpr Route kRoutes[] = {
    {"GET", "/control/faults", get_faults},
    {"POST", "/control/faults", post_faults},
    {"POST", "/control/pay", post_pay},
    {"POST", "/control/simulate_payer", post_payer},
    {"GET", "/control/transactions", get_transactions},
    {"GET", "/control/waiting", get_waiting},
    {"GET", "/control/calls", get_calls},
    {"POST", "/control/reset", post_reset},
    {"POST", "/control/token", post_token},
};

}  // namespace

HttpResponse answer_control(Desk& desk, const HttpRequest& request) {
  if (is_rail_control(request.path)) return answer_rail_control(desk, request);
  bool path_exists = false;
  for (const Route& route : kRoutes) {
    if (route.path != request.path) continue;
    path_exists = true;
    if (route.method != request.method) continue;
    auto response = route.answer(desk, request);
    return response ? std::move(*response) : error_response(response.error());
  }
  return error_response(path_exists ? base::Error{ErrorCode::method_not_allowed, "Other method."}
                                    : base::Error{ErrorCode::not_found, "No such control."});
}

}  // namespace quittance::sandbox
