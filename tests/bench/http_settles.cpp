// The whole path of a write: the real program, asked over HTTP. A settle here is one order that a
// person marks as paid: authorization, settle, commit, answer.
#include "bench/http_requests.hpp"
#include "bench/parts.hpp"
#include "bench/postgres_books.hpp"
#include "bench/server_process.hpp"

namespace quittance::bench {
namespace {

/// Well below what the program can do, so that latencies are its own and not those of a queue.
constexpr double kOpenLoopRate = 1'500;

class HttpSettles final : public Part {
 public:
  explicit HttpSettles(const Bench& bench)
      : bench_(bench),
        bare_reply_(add("HTTP, bare reply (/health), 64 conns", "requests/s")),
        settle_64_(
            add("HTTP, settle (mark-paid), 64 conns", "settles/s", bench.figures.find(kRawSqlite))),
        settle_256_(add("HTTP, settle (mark-paid), 256 conns", "settles/s",
                        bench.figures.find(kRawSqlite))),
        settle_open_(add("HTTP, settle (mark-paid), open loop", "settles/s")),
        place_order_(add("HTTP, place an order, 64 conns", "orders/s", &bare_reply_)),
        open_session_(add("HTTP, open a session, 64 conns", "sessions/s", &bare_reply_)),
        resident_(add("memory after load", "MiB")) {
    if (bench.places.postgres.empty()) return;
    settle_postgres_ = &add("HTTP on PostgreSQL, mark-paid, 64 conns", "settles/s",
                            bench.figures.find("raw PostgreSQL, 1024 at a time"));
  }

  void repeat(bool) override {
    const std::filesystem::path folder = bench_.places.folder / "server";
    std::filesystem::create_directories(folder);
    copy_books(bench_.shop, folder / "quittance.db");
    const std::size_t third = bench_.shop.orders.size() / 3;
    const std::span all(bench_.shop.orders);
    {
      const ServerProcess server(bench_.places.program, folder);
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
      mark(settle_open_, {.connections = 256, .per_second = kOpenLoopRate}, 2);
      note(place_order_, load(port, {.connections = 64}, placing_orders(third), 201));
      const auto sessions = opening_sessions(third, authorization);
      note(open_session_, load(port, {.connections = 64}, sessions, 200));
      resident_.values.push_back(server.resident_mib());
    }
    if (settle_postgres_) settle_on_postgres(folder, all.first(third));
  }

 private:
  Figure& add(std::string name, std::string unit, const Figure* ceiling = nullptr) {
    return bench_.figures.add(std::move(name), std::move(unit), ceiling);
  }

  void settle_on_postgres(const std::filesystem::path& folder,
                          std::span<const core::OrderId> orders) {
    const std::string books = fresh_postgres_books(bench_.places.postgres);
    const ServerProcess server(bench_.places.program, folder, {"QUITTANCE_DB=" + books});
    const auto requests = marking_paid(orders, bearer(server.port()));
    note(*settle_postgres_, load(server.port(), {.connections = 64}, requests, 200));
  }

  Bench bench_;
  Figure& bare_reply_;
  Figure& settle_64_;
  Figure& settle_256_;
  Figure& settle_open_;
  Figure& place_order_;
  Figure& open_session_;
  Figure& resident_;
  Figure* settle_postgres_ = nullptr;
};

}  // namespace

std::unique_ptr<Part> make_http_settles(const Bench& bench) {
  return std::make_unique<HttpSettles>(bench);
}

}  // namespace quittance::bench
