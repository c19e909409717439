#include "bench/through_http.hpp"

#include "bench/http_load.hpp"

namespace quittance::bench {
namespace {

constexpr std::size_t kStatusReaders = 64;

base::Json json_of(const std::string& body) {
  auto json = base::Json::parse(body);
  if (!json) give_up("an unreadable reply: " + body);
  return std::move(*json);
}

std::string bearer(std::uint16_t port) {
  const base::Json body = base::Json::object({{"username", "admin"}, {"password", kAdminPassword}});
  const std::vector<std::string> login{render_request("POST", "/api/auth/login", "", body.dump())};
  const LoadResult answered = load(port, 1, login, 200);
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

/// Open checkout pages: a few orders, looked at again and again by whoever has their secret.
std::vector<std::string> reading_status(const std::vector<std::string>& placed, std::size_t count) {
  std::vector<std::string> looks;
  for (std::size_t i = 0; i < std::min(placed.size(), kStatusReaders); ++i) {
    const base::Json order = json_of(placed[i]);
    const std::string id = std::to_string(order["order_id"].integer().value_or(0));
    const std::string secret = order["order_secret"].text_or_empty();
    looks.push_back(render_request("GET", "/api/orders/" + id + "/status",
                                   "X-Order-Secret: " + secret + "\r\n"));
  }
  std::vector<std::string> requests;
  for (std::size_t i = 0; i < count; ++i)
    requests.push_back(looks[i % looks.size()]);
  return requests;
}

void note(Figure& figure, const LoadResult& result) {
  figure.values.push_back(result.per_second);
  figure.latencies_ms.insert(figure.latencies_ms.end(), result.latencies_ms.begin(),
                             result.latencies_ms.end());
}

}  // namespace

void run_through_http(const std::filesystem::path& program, const std::filesystem::path& data_dir,
                      const Shop& shop, HttpFigures figures) {
  copy_books(shop, data_dir / "quittance.db");
  const ServerProcess server(program, data_dir);
  const std::uint16_t port = server.port();
  const std::string authorization = bearer(port);
  const std::size_t count = shop.orders.size();
  const std::vector<std::string> health(count * 2, render_request("GET", "/health"));
  note(figures.bare_reply, load(port, 64, health, 200));
  const std::span all(shop.orders);
  const auto first = marking_paid(all.first(count / 2), authorization);
  const auto second = marking_paid(all.subspan(count / 2), authorization);
  note(figures.settle_64, load(port, 64, first, 200));
  note(figures.settle_256, load(port, 256, second, 200));
  const LoadResult placed = load(port, 64, placing_orders(count / 2), 201);
  note(figures.place_order, placed);
  note(figures.read_status, load(port, 64, reading_status(placed.bodies, count), 200));
  figures.resident_after_load.values.push_back(server.resident_mib());
}

}  // namespace quittance::bench
