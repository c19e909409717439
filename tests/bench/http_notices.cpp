// Settling by notices, as most providers tell of money: the program verifies one, keeps it, answers
// it, asks the provider (here a stub that answers at once) and settles.
#include "bench/http_requests.hpp"
#include "bench/parts.hpp"
#include "bench/server_process.hpp"
#include "bench/stripe_stub.hpp"

namespace quittance::bench {
namespace {

/// Half of the questions that a provider may be asked in a second at most.
constexpr double kRate = 500;
/// As many questions as may be asked in one burst are shared by the two closed loops.
constexpr std::size_t kAtOnce = 1'000;
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
        take_64_(add("HTTP, take a notice, 64 conns", "notices/s")),
        take_256_(add("HTTP, take a notice, 256 conns", "notices/s")),
        settle_256_(add("  until its order is settled", "settles/s")),
        take_open_(add("HTTP, take a notice, open loop", "notices/s")),
        settle_open_(add("  until its order is settled, open loop", "settles/s")) {}

  void repeat(bool) override {
    const std::filesystem::path folder = bench_.places.folder / "notices";
    std::filesystem::create_directories(folder);
    const std::filesystem::path file = folder / "quittance.db";
    copy_books(bench_.shop, file);
    present_by_stripe(file);
    const std::span all(bench_.shop.orders);
    const std::size_t share = std::min(all.size() / 4, kAtOnce);
    const ServerProcess server(bench_.places.program, folder, stub_.settings());
    const auto books = storage::open_sqlite(file.string(), true);
    if (!books) give_up("the books cannot be read");
    const auto send = [&](Pace pace, std::span<const core::OrderId> orders) {
      const auto requests = stripe_notices(orders, bench_.tools.clock.now());
      return load(server.port(), pace, requests, 200);
    };
    // One after the other, and each to its end: notices that wait would slow the next load.
    note(take_64_, send({.connections = 64}, all.first(share)));
    settled_at(**books, all.first(share));
    const auto second = all.subspan(share, share);
    const LoadResult taken = send({.connections = 256}, second);
    note(take_256_, taken);
    note_settled(settle_256_, taken, settled_at(**books, second), 0);
    const auto third = all.subspan(share * 2, all.size() / 4);
    const LoadResult open = send({.connections = 256, .per_second = kRate}, third);
    note(take_open_, open);
    note_settled(settle_open_, open, settled_at(**books, third), kRate);
  }

 private:
  Figure& add(std::string name, std::string unit) {
    return bench_.figures.add(std::move(name), std::move(unit));
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

  /// How long it took from when each notice was due (in a closed loop: from the first of them).
  static void note_settled(Figure& figure, const LoadResult& sent,
                           const std::vector<base::Time>& moments, double rate) {
    base::Time last = sent.started_at;
    for (std::size_t i = 0; i < moments.size(); ++i) {
      last = std::max(last, moments[i]);
      const double due_ms = rate > 0 ? static_cast<double>(i) * 1'000 / rate : 0;
      figure.latencies_ms.push_back(static_cast<double>((moments[i] - sent.started_at).count()) -
                                    due_ms);
    }
    const auto took_ms = static_cast<double>((last - sent.started_at).count());
    figure.values.push_back(static_cast<double>(moments.size()) * 1'000 / took_ms);
  }

  Bench bench_;
  StripeStub stub_;
  base::EventLoops loops_{1};
  Figure& take_64_;
  Figure& take_256_;
  Figure& settle_256_;
  Figure& take_open_;
  Figure& settle_open_;
};

}  // namespace

std::unique_ptr<Part> make_http_notices(const Bench& bench) {
  return std::make_unique<HttpNotices>(bench);
}

}  // namespace quittance::bench
