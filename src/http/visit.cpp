#include "http/visit.hpp"

#include <charconv>

namespace quittance::http {

using base::ErrorCode;
using base::fail;
using base::HttpResponse;
using base::Json;
using base::Result;

std::string Actor::audit_name() const {
  if (kind == Kind::program) return "key " + username;
  if (!username.empty()) return username;
  if (customer_id) return "customer " + std::to_string(customer_id->value());
  return "guest";
}

Result<std::int64_t> Visit::id_param(std::string_view name) const {
  const auto param = params.find(name);
  std::int64_t value = 0;
  if (param != params.end()) {
    const std::string& text = param->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value > 0) return value;
  }
  return fail(ErrorCode::not_found, "There is no such thing here, or it is not yours.");
}

std::string content_security_policy(std::string_view pictures_from) {
  std::string pictures = "img-src 'self' data:";
  if (!pictures_from.empty()) pictures += " " + std::string(pictures_from);
  return "default-src 'self'; " + pictures +
         "; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

HttpResponse json_response(const Json& body, int status) {
  HttpResponse response{.status = status};
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  response.body = body.dump();
  return response;
}

HttpResponse text_response(std::string body, std::string content_type, int status) {
  HttpResponse response{.status = status};
  response.headers.add("Content-Type", std::move(content_type));
  response.body = std::move(body);
  return response;
}

void add_retry_after(HttpResponse& response, const base::Error& error) {
  if (error.code != ErrorCode::rate_limited) return;
  constexpr std::chrono::seconds kRequests{60};
  constexpr auto kRings = std::chrono::duration_cast<std::chrono::seconds>(checkout::kRingsWithin);
  const auto wait = error.param == "payer_phone" ? kRings : kRequests;
  response.headers.add("Retry-After", std::to_string(wait.count()));
}

HttpResponse error_response(const base::Error& error, const std::string& request_id, bool shop) {
  const base::ErrorRow& row = base::error_row(error.code);
  Json shown = Json::object({{"code", row.wire}, {"message", error.message}});
  if (!error.param.empty()) shown.set("param", error.param);
  shown.set("request_id", request_id);
  Json body;
  if (shop) body.set("success", false);
  body.set("error", std::move(shown));
  HttpResponse response = json_response(body, row.http_status);
  add_retry_after(response, error);
  return response;
}

Result<std::string> text_member(const Json& body, std::string_view name, std::size_t least,
                                std::size_t most) {
  const auto text = body[name].string();
  if (!text || text->size() < least || text->size() > most) {
    return fail(ErrorCode::invalid_request,
                "Send `" + std::string(name) + "` as text of " + std::to_string(least) + " to " +
                    std::to_string(most) + " characters.",
                std::string(name));
  }
  return *text;
}

Result<std::string> line_member(const Json& body, std::string_view name, std::size_t least,
                                std::size_t most) {
  TRY(std::string text, text_member(body, name, least, most));
  const bool one_line =
      std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (!one_line) {
    return fail(ErrorCode::invalid_request, "Write `" + std::string(name) + "` in one line.",
                std::string(name));
  }
  return text;
}

Result<std::int64_t> id_member(const Json& body, std::string_view name) {
  const auto id = body[name].integer();
  if (!id || *id < 1) {
    return fail(ErrorCode::invalid_request,
                "Send `" + std::string(name) + "` as a positive integer.", std::string(name));
  }
  return *id;
}

}  // namespace quittance::http
