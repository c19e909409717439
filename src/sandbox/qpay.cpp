// A simulator of QPay v2 (docs/providers/qpay.md): routes, tokens, and its place among the rails.
#include <algorithm>

#include "sandbox/desk.hpp"
#include "sandbox/qpay_counter.hpp"
#include "sandbox/token.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Json;

constexpr std::string_view kPrefix = "/v2/";
// The published demo login, where nobody set one up.
constexpr std::string_view kDemoClient = "TEST_MERCHANT";
constexpr std::string_view kDemoSecret = "123456";

std::string client_of(const RailDesk& desk) {
  return desk.settings.key_id.empty() ? std::string(kDemoClient) : desk.settings.key_id;
}

base::Secret secret_of(const RailDesk& desk) {
  return desk.settings.secret.empty() ? base::Secret(std::string(kDemoSecret))
                                      : desk.settings.secret;
}

base::Secret token_key(const RailDesk& desk) {
  return base::Secret("qpay tokens of " + secret_of(desk).reveal());
}

std::string bearer(const HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view header = request.headers.find("Authorization").value_or("");
  return header.starts_with(kScheme) ? std::string(header.substr(kScheme.size())) : "";
}

/// The id that a good token of ours carries; empty for any other.
std::string id_in(const RailDesk& desk, const std::string& token) {
  if (read_token(token_key(desk), token, desk.now_s()) != TokenState::good) return {};
  const std::size_t first = token.find('.');
  const auto claims =
      base::from_base64url(std::string_view(token).substr(first + 1, token.rfind('.') - first - 1));
  const auto json = Json::parse(claims.value_or(""));
  return json ? (*json)["data"]["id"].text_or_empty() : std::string();
}

HttpResponse unauthorized() { return qpay_error(401, "NO_CREDENTIALS"); }

HttpResponse issue(RailDesk& desk) {
  const std::int64_t lifetime_s = desk.quirk("token_lifetime_s");
  const std::string refresh_id = desk.draw_id("refresh-", 20);
  if (!desk.shelf.put("refresh", refresh_id, Json::object({{"used", false}}))) {
    return qpay_error(500, "SYSTEM_BUSY");
  }
  const std::string access_id = desk.draw_id("access-", 20);
  // Moments, not lengths of time, whatever the names say.
  const std::int64_t from_s = desk.quirk("relative_expiry") != 0 ? 0 : desk.now_s();
  return json_response(
      200,
      Json::object(
          {{"token_type", "bearer"},
           {"refresh_expires_in", from_s + 2 * lifetime_s},
           {"refresh_token", sign_token(token_key(desk), refresh_id, desk.now_s(), 2 * lifetime_s)},
           {"access_token", sign_token(token_key(desk), access_id, desk.now_s(), lifetime_s)},
           {"expires_in", from_s + lifetime_s},
           {"scope", "get_token"},
           {"not-before-policy", "0"},
           {"session_state", "sandbox"}}));
}

Json body_of(const HttpRequest& request) {
  auto body = Json::parse(request.body);
  return body && body->is_object() ? std::move(*body) : Json(Json::Object{});
}

/// Calls that name one thing: `DELETE /v2/invoice/{id}`.
HttpResponse answer_one(RailDesk& desk, const HttpRequest& request, std::string_view rest) {
  const std::size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos) return qpay_error(404, "NOT_FOUND");
  const std::string_view what = rest.substr(0, slash);
  const std::string id(rest.substr(slash + 1));
  const bool gone = request.method == "DELETE";
  if (what == "invoice") return gone ? qpay_cancel_invoice(desk, id) : qpay_show_invoice(desk, id);
  if (what == "payment/refund" && gone) return qpay_return_payment(desk, id);
  if (what == "payment/cancel" && gone) return qpay_return_payment(desk, id);
  if (what == "payment" && !gone) return qpay_show_payment(desk, id);
  if (what == "ebarimt") {
    return gone ? qpay_void_receipt(desk, id, false) : qpay_show_receipt(desk, id);
  }
  if (what == "ebarimt_v3" && gone) return qpay_void_receipt(desk, id, true);
  return qpay_error(404, "NOT_FOUND");
}

HttpResponse answer_qpay(RailDesk& desk, const HttpRequest& request) {
  const std::string_view rest = std::string_view(request.path).substr(kPrefix.size());
  const bool post = request.method == "POST";
  if (post && rest == "auth/token") return qpay_token(desk, request);
  if (post && rest == "auth/refresh") return qpay_refresh(desk, request);
  if (!qpay_lets_in(desk, request)) return unauthorized();
  if (!post) return answer_one(desk, request, rest);
  const Json body = body_of(request);
  if (rest == "invoice") return qpay_create_invoice(desk, body);
  if (rest == "payment/check") return qpay_check_payments(desk, body);
  if (rest == "payment/list") return qpay_list_payments(desk, body);
  if (rest == "ebarimt/create") return qpay_create_receipt(desk, body, false);
  if (rest == "ebarimt_v3/create") return qpay_create_receipt(desk, body, true);
  return qpay_error(404, "NOT_FOUND");
}

bool claims_qpay(const HttpRequest& request) { return request.path.starts_with(kPrefix); }

HttpResponse qpay_trouble(RailDesk&, int status) { return qpay_error(status, "SYSTEM_BUSY"); }

/// QPay signs nothing. What a forger does not know is the token in the URL.
void seal_qpay(RailDesk& desk, Delivery& delivery) {
  if (!delivery.forged) return;
  constexpr std::string_view kName = "token=";
  const std::size_t name = delivery.url.find(kName);
  if (name == std::string::npos) return;
  const std::size_t from = name + kName.size();
  const std::size_t to = std::min(delivery.url.find('&', from), delivery.url.size());
  delivery.url.replace(from, to - from, desk.random.hex(32));
}

std::vector<Waiting> waiting_qpay(RailDesk& desk) {
  std::vector<Waiting> found;
  for (const Json* invoice : desk.shelf.newest("invoice")) {
    if (qpay_invoice_state(desk, *invoice) != "OPEN") continue;
    found.push_back({.ref = (*invoice)["invoice_id"].text_or_empty(),
                     .title = (*invoice)["invoice_description"].text_or_empty(),
                     .sum = "MNT " + std::to_string((*invoice)["tugrik"].integer().value_or(0))});
  }
  return found;
}

/// The text of the QR, a link of a banking app that holds it, or the invoice's id.
std::optional<std::string> find_qpay(RailDesk& desk, std::string_view code) {
  constexpr std::string_view kInLink = "qPay_QRcode=";
  if (const std::size_t at = code.find(kInLink); at != std::string_view::npos) {
    code.remove_prefix(at + kInLink.size());
  }
  if (code.empty()) return std::nullopt;
  // A browser copies a link with its blanks escaped.
  const auto form = base::parse_form("code=" + std::string(code));
  const std::string plain = form && form->contains("code") ? form->find("code")->second : "";
  for (const Json* invoice : desk.shelf.newest("invoice")) {
    const std::string id = (*invoice)["invoice_id"].text_or_empty();
    const std::string text = (*invoice)["qr_text"].text_or_empty();
    if (code == id || code == text || plain == text) return id;
  }
  return std::nullopt;
}

constexpr Quirk kQuirks[] = {
    {"token_lifetime_s", "Seconds that a token lasts", 86'400, 864'000},
    {"relative_expiry", "1: expires_in is a length of time", 0, 1},
    {"sum_style", "Sums: 0 mixed, 1 numbers, 2 texts", 0, 2},
    {"paid_late_ms", "Milliseconds until a payment shows", 0, 86'400'000},
    {"pay_twice", "1: an invoice can be paid again", 0, 1},
    {"callback_style", "0 qpay_payment_id, 1 payment_id, 2 POST", 0, 2},
};

}  // namespace

HttpResponse qpay_error(int status, std::string_view code) {
  return json_response(status, Json::object({{"error", code}, {"message", "Sandbox"}}));
}

HttpResponse qpay_field_error(std::string_view field, std::string_view type,
                              std::string_view message) {
  Json fields;
  fields.set(field, Json::object({{"type", type}, {"message", message}}));
  return json_response(
      400, Json::object({{"error", std::move(fields)}, {"message", "Validation error"}}));
}

HttpResponse qpay_token(RailDesk& desk, const HttpRequest& request) {
  const auto given = basic_credentials(request);
  if (!given || desk.faults.unauthorized || given->first != client_of(desk) ||
      !(base::Secret(given->second) == secret_of(desk))) {
    return unauthorized();
  }
  return issue(desk);
}

HttpResponse qpay_refresh(RailDesk& desk, const HttpRequest& request) {
  const std::string id = id_in(desk, bearer(request));
  const Json* known = id.empty() ? nullptr : desk.shelf.find("refresh", id);
  // It rotates: each is good for one use.
  if (desk.faults.unauthorized || known == nullptr || (*known)["used"].boolean() != false) {
    return unauthorized();
  }
  if (!desk.shelf.put("refresh", id, Json::object({{"used", true}}))) {
    return qpay_error(500, "SYSTEM_BUSY");
  }
  return issue(desk);
}

bool qpay_lets_in(RailDesk& desk, const HttpRequest& request) {
  return !desk.faults.unauthorized && id_in(desk, bearer(request)).starts_with("access-");
}

Json qpay_sum(const RailDesk& desk, std::int64_t tugrik, bool as_text) {
  const auto style = static_cast<SumStyle>(desk.quirk("sum_style"));
  const bool text = style == SumStyle::texts || (style == SumStyle::mixed && as_text);
  if (!text) return tugrik;
  return std::to_string(tugrik) + ".00";
}

std::optional<std::int64_t> read_qpay_sum(const Json& value) {
  std::string text =
      (value.is_string() ? value.string() : value.number_text()).value_or(std::string());
  const std::size_t point = text.find('.');
  if (point != std::string::npos) {
    if (text.find_first_not_of('0', point + 1) != std::string::npos) return std::nullopt;
    text.resize(point);
  }
  const Json whole = Json::parse(text).value_or(Json());
  const auto tugrik = whole.integer();
  constexpr std::int64_t kMost = 10'000'000'000;
  return tugrik && *tugrik > 0 && *tugrik <= kMost ? tugrik : std::nullopt;
}

extern const Rail kQpay{.name = "qpay",
                        .title = "QPay",
                        .claims = claims_qpay,
                        .answer = answer_qpay,
                        .trouble = qpay_trouble,
                        .seal = seal_qpay,
                        .waiting = waiting_qpay,
                        .find = find_qpay,
                        .choices = qpay_choices(),
                        .act = qpay_act,
                        .quirks = kQuirks};

}  // namespace quittance::sandbox
