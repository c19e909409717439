// The whole path of a write: the real program, asked over HTTP. A settle here is one order that a
// person marks as paid: authorization, settle, commit, answer.
#include "bench/http_requests.hpp"
#include "bench/parts.hpp"
#include "bench/server_process.hpp"

namespace quittance::bench {
namespace {

class HttpSettles final : public Part {
 public:
  explicit HttpSettles(const Bench& bench)
      : bench_(bench),
        bare_reply_(add(std::string(kBareReply))),
        settle_64_(add("HTTP, settle (mark-paid), 64 conns", bench.figures.find(kRaw))),
        settle_256_(add("HTTP, settle (mark-paid), 256 conns", bench.figures.find(kRaw))),
        settle_open_(add("HTTP, settle (mark-paid), open loop")),
        place_order_(add("HTTP, place an order, 64 conns", &bare_reply_)),
        open_session_(add("HTTP, open a session, 64 conns", &bare_reply_)),
        resident_(bench.figures.add("memory after load", " MiB")) {}

  void repeat(bool) override {
    const std::string books = bench_.fresh_books();
    const std::size_t third = bench_.shop.orders.size() / 3;
    const std::span all(bench_.shop.orders);
    const ServerProcess server(bench_.places.program, bench_.places.server(), books);
    const std::uint16_t port = server.port();
    const std::string authorization = bearer(port);
    const std::vector<std::string> health(third * 4, render_request("GET", "/health"));
    note(bare_reply_, load(port, {.connections = 64}, health, 200));
    const auto mark = [&](Figure& figure, Pace pace, std::size_t which) {
      const auto requests = marking_paid(all.subspan(which * third, third), authorization);
      note(figure, load(port, pace, requests, 200));
    };
    mark(settle_64_, {.connections = 64}, 0);
    mark(settle_256_, {.connections = 256}, 1);
    mark(settle_open_, {.connections = 256, .per_second = bench_.engine.open_loop_rate()}, 2);
    note(place_order_, load(port, {.connections = 64}, placing_orders(third), 201));
    const auto sessions = opening_sessions(third, authorization);
    note(open_session_, load(port, {.connections = 64}, sessions, 200));
    resident_.values.push_back(server.resident_mib());
  }

 private:
  Figure& add(std::string name, const Figure* ceiling = nullptr) {
    return bench_.figures.add(std::move(name), "/s", ceiling);
  }

  Bench bench_;
  Figure& bare_reply_;
  Figure& settle_64_;
  Figure& settle_256_;
  Figure& settle_open_;
  Figure& place_order_;
  Figure& open_session_;
  Figure& resident_;
};

}  // namespace

std::unique_ptr<Part> make_http_settles(const Bench& bench) {
  return std::make_unique<HttpSettles>(bench);
}

}  // namespace quittance::bench
