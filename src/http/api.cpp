// The way of a request: limit, route, actor, access, CSRF, repeat, handler, headers.
#include "http/auth.hpp"
#include "http/handlers.hpp"
#include "http/idempotency.hpp"
#include "http/page.hpp"
#include "http/routes.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::HttpRequest;
using base::HttpResponse;
using base::Result;
using base::Task;

std::string without_trailing_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  return std::string(path);
}

bool is_json(const HttpRequest& request) {
  return request.headers.find("Content-Type").value_or("").starts_with("application/json");
}

bool is_form(const HttpRequest& request) {
  return request.headers.find("Content-Type")
      .value_or("")
      .starts_with("application/x-www-form-urlencoded");
}

/// The client behind our own proxy: what the proxy itself has seen stands last.
void see_through_proxy(const std::string& trusted_proxy, HttpRequest& request) {
  if (trusted_proxy.empty() || request.remote_address != trusted_proxy) return;
  std::string_view seen = request.headers.find("X-Forwarded-For").value_or("");
  seen = seen.substr(seen.rfind(',') + 1);
  while (seen.starts_with(' '))
    seen.remove_prefix(1);
  if (!seen.empty() && seen.size() <= 45) request.remote_address = seen;
}

Result<Visit> visit_of(HttpRequest request, std::string request_id) {
  Visit visit{.request = std::move(request), .request_id = std::move(request_id)};
  visit.path = without_trailing_slash(visit.request.path);
  auto query = base::parse_form(visit.request.query);
  if (!query) {
    return fail(ErrorCode::invalid_request, "The address holds a broken percent escape.");
  }
  visit.query = std::move(*query);
  if (visit.request.body.empty()) return visit;
  const Route* route = find_route(visit.request.method, visit.path).route;
  if (route && route->notice) {
    // What does not read, its handler judges by the bytes.
    if (auto body = base::Json::parse(visit.request.body)) visit.body = std::move(*body);
    return visit;
  }
  if (is_json(visit.request)) {
    TRY(visit.body, base::Json::parse(visit.request.body));
    if (!visit.body.is_object()) {
      return fail(ErrorCode::invalid_request, "Send a JSON object.");
    }
  } else if (!is_form(visit.request)) {
    return fail(ErrorCode::unsupported_media, "Send JSON (Content-Type: application/json).");
  }
  return visit;
}

Result<bool> may_call(const Route& route, const Actor& actor) {
  using Kind = Actor::Kind;
  switch (route.access) {
    case Access::anyone:
    case Access::order_holder:
      return true;
    case Access::customer:
      if (actor.kind != Kind::guest) return true;
      break;
    case Access::staff:
      if (actor.is_staff()) return true;
      break;
    case Access::admin:
      if (actor.kind == Kind::admin) return true;
      break;
  }
  if (actor.kind == Kind::guest) {
    return fail(ErrorCode::unauthenticated, "Log in first.");
  }
  return fail(ErrorCode::forbidden, "Your account has no right to do this.");
}

/// A change asked for from another site, or one that rides on a cookie without its CSRF token.
/// Where the cookie is not needed, on a public route or beside an order's secret, it is left aside.
Result<bool> check_origin(const Route& route, Visit& visit) {
  if (visit.request.method == "GET" || visit.request.method == "HEAD") return true;
  const auto site = visit.request.headers.find("Sec-Fetch-Site");
  if (site == "cross-site" && !visit.request.headers.find("Authorization")) {
    return fail(ErrorCode::forbidden, "Requests from another site are not accepted.");
  }
  if (has_csrf_token(visit)) return true;
  const bool by_secret =
      visit.request.headers.find("X-Order-Secret").has_value() || visit.query.contains("secret");
  if (route.access == Access::anyone || (route.access == Access::order_holder && by_secret)) {
    visit.actor = Actor{};
    return true;
  }
  return fail(ErrorCode::forbidden, "The page is out of date; load it again.");
}

Task<Result<HttpResponse>> replayed(Services& services, const Route& route, Visit& visit) {
  CO_TRY(const auto claim, claim_of(visit));
  if (!claim) co_return co_await route.handler(services, visit);
  CO_TRY(const auto known, co_await find_answer(services, *claim));
  if (known) {
    auto body = base::Json::parse(known->body);
    HttpResponse response =
        json_response(body ? *body : base::Json(), static_cast<int>(known->status));
    response.headers.add("Idempotent-Replayed", "true");
    co_return response;
  }
  CO_TRY(HttpResponse response, co_await route.handler(services, visit));
  std::move_only_function<Result<storage::Rows>(storage::WritableBooks&)> work =
      [claim, status = response.status, body = response.body,
       now = services.clock.now()](storage::WritableBooks& books) {
        return record_answer(books, *claim, status, body, now);
      };
  // Losing this race means that the same answer is recorded by somebody else.
  [[maybe_unused]] const auto recorded =
      co_await services.store.write<storage::Rows>(std::move(work));
  co_return response;
}

Task<Result<HttpResponse>> answer(Services& services, const Route& route, Visit& visit) {
  RateLimit& limit = route.guarded ? services.guarded_limit : services.general_limit;
  if (!route.notice && !limit.allow(visit.request.remote_address)) {
    co_return fail(ErrorCode::rate_limited, "Too many requests; wait a minute and try again.");
  }
  CO_TRY(visit.actor, co_await actor_of(services, visit.request));
  CO_TRY_VOID(check_origin(route, visit));
  CO_TRY_VOID(may_call(route, visit.actor));
  if (route.replayed && visit.request.method == "POST") {
    co_return co_await replayed(services, route, visit);
  }
  co_return co_await route.handler(services, visit);
}

void add_security_headers(HttpResponse& response, const std::string& request_id) {
  response.headers.add("Request-Id", request_id);
  if (!response.headers.find("Content-Security-Policy")) {
    response.headers.add("Content-Security-Policy", content_security_policy(""));
  }
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cross-Origin-Opener-Policy", "same-origin");
}

}  // namespace

struct Api::State {
  explicit State(ApiParts parts) : services(std::move(parts)) {}
  Services services;

  HttpResponse refusal(const base::Error& error, const Route* route, const Visit& visit) {
    if (base::error_row(error.code).http_status >= 500) {
      services.log.error("request.failed", {{"request_id", visit.request_id},
                                            {"path", visit.path},
                                            {"code", base::error_row(error.code).wire},
                                            {"detail", error.detail}});
    }
    if (route && route->page) return error_page(services, visit, error);
    return error_response(error, visit.request_id, route && route->shop);
  }

  Task<HttpResponse> respond(Visit& visit) {
    Routed routed = find_route(visit.request.method, visit.path);
    visit.params = std::move(routed.params);
    if (!routed.route) {
      const base::Error error =
          routed.known_path
              ? base::Error{.code = ErrorCode::method_not_allowed,
                            .message = "This address does not take that method."}
              : base::Error{.code = ErrorCode::not_found, .message = "There is no such address."};
      if (!visit.path.starts_with("/api/")) co_return error_page(services, visit, error);
      co_return error_response(error, visit.request_id, false);
    }
    auto answered = co_await answer(services, *routed.route, visit);
    if (answered) co_return std::move(*answered);
    co_return refusal(answered.error(), routed.route, visit);
  }
};

Api::Api(ApiParts parts) : state_(std::make_unique<State>(std::move(parts))) {}
Api::~Api() = default;

Task<HttpResponse> Api::handle(HttpRequest request) {
  State& state = *state_;
  const std::string request_id = "req_" + state.services.random.hex(8);
  see_through_proxy(state.services.trusted_proxy, request);
  auto visit = visit_of(std::move(request), request_id);
  HttpResponse response;
  if (visit) {
    response = co_await state.respond(*visit);
  } else {
    response = error_response(visit.error(), request_id, false);
  }
  add_security_headers(response, request_id);
  co_return response;
}

}  // namespace quittance::http
