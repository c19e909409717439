// Razorpay as clients meet it (docs/providers/razorpay.md): keys, routes, the payer's page.
#include <algorithm>

#include "sandbox/code_picture.hpp"
#include "sandbox/form_fields.hpp"
#include "sandbox/razorpay_parts.hpp"

namespace quittance::sandbox {
namespace razorpay {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Json;

constexpr std::string_view kPages = "/razorpay/qr/";

struct Route {
  std::string_view method;
  std::string_view path;  ///< after /v1; `*` stands for an id
  HttpResponse (*answer)(Call& call);
};

// `qr_codes` before ids: it would be one.
constexpr Route kRoutes[] = {
    {"POST", "/payments/qr_codes", create_code},
    {"GET", "/payments/qr_codes", list_codes},
    {"GET", "/payments/qr_codes/*", show_code},
    {"PATCH", "/payments/qr_codes/*", update_code},
    {"GET", "/payments/qr_codes/*/payments", list_code_payments},
    {"POST", "/payments/qr_codes/*/close", close_code},
    {"GET", "/payments", list_payments},
    {"GET", "/payments/*", show_payment},
    {"PATCH", "/payments/*", update_payment},
    {"POST", "/payments/*/capture", capture_payment},
    {"POST", "/payments/*/refund", refund_payment},
    {"GET", "/payments/*/refunds", list_payment_refunds},
    {"GET", "/refunds", list_refunds},
    {"GET", "/refunds/*", show_refund},
};

/// The id in `path` where the pattern has its star; nullopt when it does not match.
std::optional<std::string> matched(std::string_view pattern, std::string_view path) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == path ? std::optional(std::string()) : std::nullopt;
  }
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return std::nullopt;
  }
  std::string id(path.substr(before.size(), path.size() - before.size() - after.size()));
  return id.find('/') == std::string::npos ? std::optional(std::move(id)) : std::nullopt;
}

bool claims(const HttpRequest& request) {
  if (request.path.starts_with(kPages)) return true;
  if (!request.path.starts_with("/v1/")) return false;
  const auto basic = basic_credentials(request);
  if (basic && basic->first.starts_with("rzp_")) return true;
  return request.path == "/v1/payments" || request.path.starts_with("/v1/payments/");
}

/// The scheme must be spelled `Basic`.
std::optional<HttpResponse> refuse_key(const RailDesk& desk, const HttpRequest& request) {
  const auto basic = basic_credentials(request);
  if (!basic)
    return bad_request("Please provide your api key for authentication purposes.", "", 401);
  if (desk.faults.unauthorized || basic->first != desk.settings.key_id) {
    return bad_request("The api key provided is invalid", "", 401);
  }
  if (base::Secret(basic->second) != desk.settings.secret) {
    return bad_request("Authentication failed", "", 401);
  }
  return std::nullopt;
}

/// `customer_id=…` as JSON of texts; brackets of `expand[]` are of no interest.
Json query_of(const HttpRequest& request) {
  auto query = read_form_fields(request.query);
  return query ? std::move(*query) : Json(Json::Object{});
}

HttpResponse answer_page(RailDesk& desk, std::string_view rest) {
  const std::string id(rest.substr(0, rest.find('.')));
  const Json* code = desk.shelf.find("qr_code", id);
  if (code != nullptr && rest.find('.') != std::string_view::npos) {
    const auto upi = (*code)["image_content"].string();
    return code_picture(upi ? *upi : desk.origin + std::string(kPages) + id, rest);
  }
  HttpResponse response;
  response.status = code == nullptr ? 404 : 303;
  if (code != nullptr) response.headers.add("Location", "/rails/razorpay/" + id);
  return response;
}

HttpResponse answer_api(RailDesk& desk, const HttpRequest& request) {
  if (request.path.starts_with(kPages)) {
    return answer_page(desk, std::string_view(request.path).substr(kPages.size()));
  }
  if (auto refused = refuse_key(desk, request)) return std::move(*refused);
  const std::string_view path = std::string_view(request.path).substr(3);
  for (const Route& row : kRoutes) {
    auto id = row.method == request.method ? matched(row.path, path) : std::nullopt;
    if (!id) continue;
    Call call{.desk = desk,
              .request = request,
              .body = Json(Json::Object{}),
              .query = query_of(request),
              .id = std::move(*id)};
    if (request.method != "GET" && !request.body.empty()) {
      auto body = Json::parse(request.body);
      if (!body || !body->is_object()) return bad_request("The body is no JSON object.");
      call.body = std::move(*body);
    }
    return row.answer(call);
  }
  return bad_request("The requested URL was not found on the server.");
}

HttpResponse trouble(RailDesk&, int status) {
  return status == 429 ? bad_request("Request failed. Please try after sometime.", "", 429)
                       : server_error();
}

constexpr Choice kChoices[] = {{"pay", "Pay by UPI"},
                               {"card", "Pay by card"},
                               {"fail", "Fail"},
                               {"fail_then_pay", "Fail, then get through"},
                               {"authorize", "Be authorized only"}};
constexpr Quirk kQuirks[] = {
    {"image_content", "Codes come with their UPI text, where that feature is on"},
    {"refund_pending", "Refunds stay pending"},
    {"lag_s", "Fresh payments are seen this many seconds late", 0, 3'600},
    {"old_secret", "Notices are signed with the old secret"},
    {"no_event_id", "Notices come without an event id"},
};

/// A card can scan a Bharat QR, and no other code.
bool offers(RailDesk& desk, const std::string& ref, const Choice& choice) {
  const Json* code = desk.shelf.find("qr_code", ref);
  return choice.name != "card" || (code != nullptr && (*code)["type"].string() == "bharat_qr");
}

}  // namespace
}  // namespace razorpay

extern const Rail kRazorpay{.name = "razorpay",
                            .title = "Razorpay",
                            .claims = razorpay::claims,
                            .answer = razorpay::answer_api,
                            .trouble = razorpay::trouble,
                            .seal = razorpay::seal,
                            .waiting = razorpay::waiting,
                            .find = razorpay::find,
                            .choices = razorpay::kChoices,
                            .act = razorpay::act,
                            .quirks = razorpay::kQuirks,
                            .offers = razorpay::offers};

}  // namespace quittance::sandbox
