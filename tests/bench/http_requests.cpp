#include "bench/http_requests.hpp"

#include "bench/server_process.hpp"

namespace quittance::bench {

base::Json json_of(const std::string& body) {
  auto json = base::Json::parse(body);
  if (!json) give_up("an unreadable reply: " + body);
  return std::move(*json);
}

std::string bearer(std::uint16_t port) {
  const base::Json body = base::Json::object({{"username", "admin"}, {"password", kAdminPassword}});
  const std::vector<std::string> login{render_request("POST", "/api/auth/login", "", body.dump())};
  const LoadResult answered = load(port, {.connections = 1}, login, 200);
  const std::string token = json_of(answered.bodies.front())["access_token"].text_or_empty();
  return "Authorization: Bearer " + token + "\r\n";
}

std::vector<std::string> marking_paid(std::span<const core::OrderId> orders,
                                      const std::string& authorization) {
  std::vector<std::string> requests;
  for (const core::OrderId id : orders) {
    requests.push_back(render_request("POST",
                                      "/api/orders/" + std::to_string(id.value()) + "/mark-paid",
                                      authorization, R"({"reason":"measured by the bench"})"));
  }
  return requests;
}

std::vector<std::string> placing_orders(std::size_t count) {
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string first = std::to_string(i % kProducts + 1);
    const std::string second = std::to_string((i + 7) % kProducts + 1);
    requests.push_back(render_request(
        "POST", "/api/orders", "",
        R"({"items":[{"product_id":)" + first + R"(,"quantity":1},{"product_id":)" + second +
            R"(,"quantity":2}],"payment_method":"khqr","customer_name":"Customer"})"));
  }
  return requests;
}

std::vector<std::string> opening_sessions(std::size_t count, const std::string& authorization) {
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < count; ++i) {
    requests.push_back(render_request("POST", "/api/payment/create-session", authorization,
                                      R"({"amount":)" + std::to_string(i % 900 + 1) +
                                          R"(.50,"currency":"USD","reference_id":"INV-)" +
                                          std::to_string(i) + R"("})"));
  }
  return requests;
}

std::string reading_status(core::OrderId id, const std::string& secret) {
  return render_request("GET", "/api/orders/" + std::to_string(id.value()) + "/status",
                        "X-Order-Secret: " + secret + "\r\n");
}

void note(Figure& figure, const LoadResult& result) {
  figure.values.push_back(result.per_second);
  figure.latencies_ms.insert(figure.latencies_ms.end(), result.latencies_ms.begin(),
                             result.latencies_ms.end());
}

}  // namespace quittance::bench
