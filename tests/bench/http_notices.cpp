// Settling by notices, as most providers tell of money: the program verifies one, keeps it, answers
// it, asks the provider (here a stub that answers at once) and settles.
#include <algorithm>
#include <iterator>

#include "bench/http_requests.hpp"
#include "bench/parts.hpp"
#include "bench/server_process.hpp"
#include "bench/stripe_stub.hpp"

namespace quittance::bench {
namespace {

/// As many questions as may be asked in one burst are shared by the closed loops.
constexpr std::size_t kAtOnce = 1'000;
/// Buyers that wait for their money to be seen, each with one notice under way.
constexpr std::size_t kWaiting = 64;
constexpr std::size_t kWaves = 8;
/// Shorter than the program leaves a connection open that sends nothing.
constexpr double kOpenS = 4;
constexpr int kPatienceS = 60;

/// The program works by itself meanwhile.
base::Task<bool> pause(std::size_t) {
  co_await base::Sleep{base::Duration{10}};
  co_return true;
}

class HttpNotices final : public Part {
 public:
  explicit HttpNotices(const Bench& bench)
      : bench_(bench),
        stub_(bench.shop, bench.tools),
        presented_(bench.engine.copy(bench.shop.books, "stripe")),
        take_64_(add("HTTP, take a notice, 64 conns", kBareReply)),
        settle_64_(add("… until its order is settled, 64 conns", kRaw)),
        take_256_(add("HTTP, take a notice, 256 conns", kBareReply)),
        settle_256_(add("… until its order is settled, 256 conns", kRaw)),
        settle_waves_(add("… the next 64 when 64 are settled", kRaw)),
        take_open_(add("HTTP, take a notice, open loop", "")),
        settle_open_(add("… until its order is settled, open loop", "")) {
    bench.engine.change_in_bulk(presented_, kPresentByStripe);
  }

  void repeat(bool) override {
    const std::string books = bench_.engine.copy(presented_, "run");
    const std::span all(bench_.shop.orders);
    const std::size_t share = std::min(all.size() / 4, kAtOnce);
    const ServerProcess server(bench_.places.program, bench_.places.server(), books,
                               stub_.settings());
    const auto connection = open_to_look(books);
    // One after the other, and each to its end: notices that wait would slow the next load.
    const auto run = [&](Pace pace, std::span<const core::OrderId> orders, Figure& settled) {
      LoadResult taken =
          load(server.port(), pace, stripe_notices(orders, bench_.tools.clock.now()), 200);
      note_settled(settled, taken, settled_at(*connection, orders));
      return taken;
    };
    note(take_64_, run({.connections = 64}, all.first(share), settle_64_));
    note(take_256_, run({.connections = 256}, all.subspan(share, share), settle_256_));
    Figure waves{.name = settle_waves_.name, .unit = settle_waves_.unit};
    const std::span waiting = all.subspan(share * 2, all.size() / 4);
    for (std::size_t i = 0; i < std::min(kWaves, waiting.size() / kWaiting); ++i)
      run({.connections = kWaiting}, waiting.subspan(i * kWaiting, kWaiting), waves);
    settle_waves_.values.push_back(median(waves.values));
    std::ranges::copy(waves.latencies_ms, std::back_inserter(settle_waves_.latencies_ms));
    const Pace open{.connections = 256, .per_second = bench_.engine.open_loop_rate() / 3};
    const auto due = std::min(all.size() / 4, static_cast<std::size_t>(open.per_second * kOpenS));
    note(take_open_, run(open, all.subspan(all.size() / 4 * 3, due), settle_open_));
  }

 private:
  Figure& add(std::string name, std::string_view ceiling) {
    return bench_.figures.add(std::move(name), "/s", bench_.figures.find(ceiling));
  }

  /// Waits until all of them are settled; when each of them was.
  std::vector<base::Time> settled_at(storage::Connection& connection,
                                     std::span<const core::OrderId> orders) {
    storage::Books books(connection);
    std::vector<base::Time> moments;
    for (int waited_ms = 0; moments.size() < orders.size(); waited_ms += 10) {
      if (waited_ms > kPatienceS * 1'000) give_up("notices were not settled");
      const auto next = books.settlements_of_order(orders[moments.size()]);
      if (!next) give_up("the books cannot be read: " + next.error().detail);
      if (next->empty()) {
        run_operations(loops_, 1, 1, pause);
      } else {
        moments.push_back(next->front().settled_at);
        waited_ms = 0;
      }
    }
    return moments;
  }

  /// How long it took from when each notice was sent, in an open loop from when it was due.
  static void note_settled(Figure& figure, const LoadResult& sent,
                           const std::vector<base::Time>& moments) {
    double last_ms = 0;
    for (std::size_t i = 0; i < moments.size(); ++i) {
      const auto at_ms = static_cast<double>((moments[i] - sent.started_at).count());
      figure.latencies_ms.push_back(at_ms - sent.counted_from_ms[i]);
      last_ms = std::max(last_ms, at_ms);
    }
    figure.values.push_back(static_cast<double>(moments.size()) * 1'000 / last_ms);
  }

  Bench bench_;
  StripeStub stub_;
  std::string presented_;  ///< the shop's books, with sessions of Stripe
  base::EventLoops loops_{1};
  Figure& take_64_;
  Figure& settle_64_;
  Figure& take_256_;
  Figure& settle_256_;
  Figure& settle_waves_;
  Figure& take_open_;
  Figure& settle_open_;
};

}  // namespace

std::unique_ptr<Part> make_http_notices(const Bench& bench) {
  return std::make_unique<HttpNotices>(bench);
}

}  // namespace quittance::bench
