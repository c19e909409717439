#include "bench/stripe_stub.hpp"

#include "bench/http_load.hpp"

namespace quittance::bench {
namespace {

constexpr std::string_view kPath = "/v1/payment_intents/";

}  // namespace

StripeStub::StripeStub(const Shop& shop, Tools& tools) {
  for (std::size_t i = 0; i < shop.orders.size(); ++i)
    amounts_[intent_of(shop.orders[i])] = shop.evidence[i].amount.minor();
  auto server = base::HttpServer::listen(
      loops_, {},
      [this](base::HttpRequest request) -> base::Task<base::HttpResponse> {
        co_return answer(request.path);
      },
      tools.log);
  if (!server) give_up("the stub cannot listen");
  server_ = std::move(*server);
}

base::HttpResponse StripeStub::answer(const std::string& path) const {
  const std::string id = path.starts_with(kPath) ? path.substr(kPath.size()) : "";
  const auto found = amounts_.find(id);
  base::HttpResponse response;
  response.headers.add("Content-Type", "application/json");
  if (found == amounts_.end()) {
    response.status = 404;
    response.body = R"({"error":{"code":"resource_missing"}})";
    return response;
  }
  const std::string amount = std::to_string(found->second);
  const std::string now = std::to_string(base::to_ms(base::SystemClock().now()) / 1'000);
  response.body = R"({"id":")" + id +
                  R"(","object":"payment_intent","status":"succeeded","amount":)" + amount +
                  R"(,"amount_received":)" + amount + R"(,"currency":"usd","created":)" + now +
                  R"(,"livemode":false,"latest_charge":{"object":"charge","created":)" + now +
                  R"(,"amount_refunded":0,"billing_details":{"email":"payer@example.com"}}})";
  return response;
}

std::vector<std::string> StripeStub::settings() const {
  return {"STRIPE_BASE_URL=http://127.0.0.1:" + std::to_string(server_->port()),
          "STRIPE_SECRET_KEY=sk_test_measured",
          std::string("STRIPE_WEBHOOK_SECRET=") + kStripeSecret, "STRIPE_CALLS_PER_SECOND=1000"};
}

std::string intent_of(core::OrderId id) { return "pi_bench_" + std::to_string(id.value()); }

std::vector<std::string> stripe_notices(std::span<const core::OrderId> orders, base::Time now) {
  const std::string seconds = std::to_string(base::to_ms(now) / 1'000);
  const base::Secret secret(kStripeSecret);
  std::vector<std::string> requests;
  for (const core::OrderId id : orders) {
    const std::string intent = intent_of(id);
    const std::string body = R"({"id":"evt_)" + intent +
                             R"(","object":"event","type":"payment_intent.succeeded","livemode":)"
                             R"(false,"data":{"object":{"id":")" +
                             intent + R"(","object":"payment_intent"}}})";
    const std::string signature = base::hmac_sha256_hex(secret, seconds + "." + body);
    requests.push_back(
        render_request("POST", "/payments/stripe/webhook",
                       "Stripe-Signature: t=" + seconds + ",v1=" + signature + "\r\n", body));
  }
  return requests;
}

}  // namespace quittance::bench
