// Asking to be paid, in process: orders with their first session, and sessions without an order.
#include "bench/parts.hpp"
#include "bench/postgres_books.hpp"

namespace quittance::bench {
namespace {

constexpr std::size_t kAtATime = 256;

class Openings final : public Part {
 public:
  explicit Openings(const Bench& bench) : bench_(bench) {
    add("SQLite");
    if (!bench.places.postgres.empty()) add("PostgreSQL");
  }

  void repeat(bool) override {
    const std::size_t count = bench_.shop.orders.size() / 2;
    for (const Pair& pair : pairs_) {
      const std::string database =
          pair.postgres ? fresh_postgres_books(bench_.places.postgres) : bench_.places.books();
      if (!pair.postgres) copy_books(bench_.shop, database);
      pair.orders->values.push_back(place_orders(database, count, kAtATime, bench_.tools));
      pair.sessions->values.push_back(open_sessions(database, count, kAtATime, bench_.tools));
    }
  }

 private:
  struct Pair {
    bool postgres;
    Figure* orders;
    Figure* sessions;
  };

  void add(const std::string& engine) {
    pairs_.push_back(
        {.postgres = !pairs_.empty(),
         .orders = &bench_.figures.add("place an order in process, " + engine, "orders/s"),
         .sessions = &bench_.figures.add("open a session in process, " + engine, "sessions/s")});
  }

  Bench bench_;
  std::vector<Pair> pairs_;
};

}  // namespace

std::unique_ptr<Part> make_openings(const Bench& bench) {
  return std::make_unique<Openings>(bench);
}

}  // namespace quittance::bench
