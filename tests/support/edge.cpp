#include "support/edge.hpp"

#include "support/wire.hpp"

namespace quittance::testing {

base::HttpRequest json_post(std::string path, const base::Json& body, std::string from) {
  base::HttpRequest request{.method = "POST", .path = std::move(path)};
  request.headers.add("Content-Type", "application/json");
  request.body = body.dump();
  request.remote_address = std::move(from);
  return request;
}

Edge::Edge() {
  policy.public_url = kShopUrl;
  policy.callback_key = kCallbackKey;
}
Edge::~Edge() = default;

http::ApiParts Edge::parts() {
  return {.store = *store,
          .registry = registry,
          .asker = *asker,
          .manual = *manual,
          .refunds = *refunds,
          .notices = *notices,
          .sync = *sync,
          .bulletin = bulletin,
          .settle = context,
          .checkout = policy,
          .notary = notary,
          .outbox = outbox,
          .clock = clock,
          .random = random,
          .worker = worker,
          .log = log,
          .jwt_key = kJwtKey,
          .merchant_name = "Shop",
          .public_url = kShopUrl,
          .sandbox_url = "",
          .requests_per_minute = 1'000,
          .guarded_requests_per_minute = 1'000};
}

void Edge::open(http::ApiParts parts) { api = std::make_unique<http::Api>(std::move(parts)); }

base::HttpResponse Edge::answer(base::HttpRequest request) {
  return run(api->handle(std::move(request)));
}

void Edge::add_user(const std::string& name, storage::Role role) {
  write<storage::Rows>([&](storage::WritableBooks& books) {
    return books.upsert_user(
        {.username = name, .password_hash = "", .role = role, .customer_id = std::nullopt},
        clock.now());
  });
}

void Edge::log_in(base::HttpRequest& request, const std::string& name, storage::Role role) {
  request.headers.add("Authorization", "Bearer " + token_of(name, role));
}

std::string Edge::token_of(const std::string& name, storage::Role role) {
  const std::int64_t now_s = base::to_ms(clock.now()) / 1'000;
  return base::sign_jwt(kJwtKey, {.subject = name,
                                  .role = std::string(to_text(role)),
                                  .issued_at_s = now_s,
                                  .expires_at_s = now_s + 3'600});
}

ToTheEdge::ToTheEdge(Edge& edge) : edge_(edge) {}
ToTheEdge::~ToTheEdge() = default;

base::Task<base::Result<base::HttpReply>> ToTheEdge::send(base::HttpCall call) {
  calls.push_back(call);
  base::HttpResponse response = co_await edge_.api->handle(request_of(call));
  statuses.push_back(response.status);
  co_return base::HttpReply{
      .status = response.status, .headers{}, .body = std::move(response.body)};
}

base::HttpRequest ToTheEdge::request_of(const base::HttpCall& call) {
  base::HttpRequest request = as_request(call);
  request.remote_address = "10.0.0.9";
  return request;
}

}  // namespace quittance::testing
