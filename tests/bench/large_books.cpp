// What many orders that wait do to the program: ten thousand beside a million (N10).
#include "bench/http_requests.hpp"
#include "bench/in_process.hpp"
#include "bench/large_shop.hpp"
#include "bench/parts.hpp"
#include "bench/server_process.hpp"

namespace quittance::bench {
namespace {

using base::Result;
using base::Task;

/// Twice in each repetition; five of them leave enough of 10,000 to be claimed.
constexpr std::size_t kSettled = 700;
constexpr Settling kManner{.concurrency = 1'024, .count = kSettled};
constexpr std::size_t kClaims = 15;
constexpr std::int64_t kClaimed = 50;  ///< as many as the poller asks Bakong about in one call
constexpr std::size_t kIdleLooks = 20;
constexpr std::size_t kPages = 256;
constexpr std::size_t kLists = 20;

/// The figures of books of one size.
struct SizeFigures {
  Figure& raw;
  Figure& settle;
  Figure& claim;
  Figure& idle_look;
  Figure& start_up;
  Figure& status;
  Figure& list;
};

Figure& add(const Bench& bench, const std::string& what, const std::string& size, const char* unit,
            const Figure* ceiling) {
  return bench.figures.add(what + ", " + size, unit, ceiling);
}

SizeFigures figures_of(const Bench& bench, const std::string& size, const SizeFigures* small) {
  Figure& raw = add(bench, "raw, settle, 1024 at a time", size, "/s",
                    small ? &small->raw : bench.figures.find(kRaw));
  return {.raw = raw,
          .settle = add(bench, "settle, 1024 at a time", size, "/s", &raw),
          .claim = add(bench, "claim 50 due sessions", size, "/s", small ? &small->claim : nullptr),
          .idle_look = add(bench, "look at a queue where none waits", size, "/s",
                           small ? &small->idle_look : nullptr),
          .start_up = add(bench, "start-up", size, " ms", nullptr),
          .status = add(bench, "HTTP, read an order's status", size, "/s",
                        small ? &small->status : nullptr),
          .list = add(bench, "HTTP, staff's list of orders", size, "/s",
                      small ? &small->list : nullptr)};
}

/// Runs an operation `count` times, one after the other, and notes rate and latencies.
void note_each(Figure& figure, std::size_t count, const Operation& operation) {
  base::EventLoops loops(1);
  double total_ms = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Elapsed elapsed =
        run_operations(loops, 1, 1, [&operation, i](std::size_t) { return operation(i); });
    if (elapsed.failures > 0) give_up(figure.name + ": not done");
    figure.latencies_ms.push_back(elapsed.seconds * 1'000);
    total_ms += elapsed.seconds * 1'000;
  }
  figure.values.push_back(static_cast<double>(count) * 1'000 / total_ms);
}

Task<bool> claim(storage::Store& store, base::Time now) {
  storage::Writing<std::vector<core::Session>> work = [now](storage::WritableBooks& books) {
    return books.claim_due_sessions("bakong",
                                    {.now = now,
                                     .lease_until = now + std::chrono::minutes(1),
                                     .longest_pause = std::chrono::hours(48)},
                                    kClaimed);
  };
  const auto claimed = co_await store.write<std::vector<core::Session>>(std::move(work));
  if (!claimed) give_up("cannot claim: " + claimed.error().detail);
  co_return claimed->size() == static_cast<std::size_t>(kClaimed);
}

Task<bool> look(storage::Store& store) {
  storage::Reading<std::optional<base::Time>> find = [](storage::Books& books) {
    return books.next_due("stripe");
  };
  const auto due = co_await store.read(std::move(find));
  co_return due && !*due;
}

class LargeBooks final : public Part {
 public:
  explicit LargeBooks(const Bench& bench) : bench_(bench) {
    add_size("10 thousand wait", 10'000);
    if (!bench.quick) add_size("1 million wait", 1'000'000);
  }

  void repeat(bool large_first) override {
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      Size& size = sizes_[large_first ? sizes_.size() - 1 - i : i];
      if (large_first) settle_raw(size);
      settle(size);
      if (!large_first) settle_raw(size);
      repeat_in_process(size);
      repeat_over_http(size);
    }
    ++repetition_;
  }

  std::string remarks() const override { return remarks_; }

 private:
  struct Size {
    LargeShop shop;
    SizeFigures figures;
  };

  void add_size(const std::string& name, std::size_t orders) {
    const std::int64_t started_us = base::monotonic_us();
    LargeShop shop(bench_.shop, bench_.engine, orders);
    const auto seconds = static_cast<double>(base::monotonic_us() - started_us) / 1e6;
    char line[120];
    std::snprintf(line, sizeof line, "%s: filled in %.1f s, %.0f MiB\n", name.c_str(), seconds,
                  bench_.engine.mib(shop.books()));
    remarks_ += line;
    const SizeFigures figures =
        figures_of(bench_, name, sizes_.empty() ? nullptr : &sizes_.front().figures);
    sizes_.push_back({std::move(shop), figures});
  }

  void settle(Size& size) {
    const Settles settles =
        settle_in_process(size.shop.books(), size.shop.take(kSettled), bench_.tools, kManner);
    size.figures.settle.values.push_back(settles.per_second);
    size.figures.settle.group_sizes.push_back(settles.group_size);
  }

  /// What the database alone needs for the same on books of this size.
  void settle_raw(Size& size) {
    const Shop orders = size.shop.take(kSettled);
    const std::string copy = bench_.engine.copy(orders.books, "run");
    const Sent sent = bench_.engine.record(
        [&] { settle_in_process(orders.books, orders, bench_.tools, kManner); });
    size.figures.raw.values.push_back(static_cast<double>(kSettled) / sent.replay(copy));
    bench_.engine.remove(copy);
  }

  void repeat_in_process(Size& size) {
    const auto store = open_store(size.shop.books(), bench_.tools);
    const base::Time now = size.shop.half_due_at() + std::chrono::hours(repetition_);
    note_each(size.figures.claim, kClaims, [&](std::size_t) { return claim(*store, now); });
    note_each(size.figures.idle_look, kIdleLooks, [&](std::size_t) { return look(*store); });
  }

  void repeat_over_http(Size& size) {
    const ServerProcess server(bench_.places.program, bench_.places.server(), size.shop.books());
    size.figures.start_up.values.push_back(server.start_up_ms());
    const std::uint16_t port = server.port();
    const std::vector<std::string> lists(kLists,
                                         render_request("GET", "/api/orders", bearer(port)));
    note(size.figures.list, load(port, {.connections = 1}, lists, 200));
    const std::vector<std::string> pages = pages_of(size.shop);
    // The first look at a page makes its session hot, which is a write.
    load(port, {.connections = 64}, pages, 200);
    std::vector<std::string> again;
    for (std::size_t i = 0; i < kPages * 8; ++i)
      again.push_back(pages[i % pages.size()]);
    note(size.figures.status, load(port, {.connections = 64}, again, 200));
  }

  static std::vector<std::string> pages_of(LargeShop& shop) {
    const auto connection = open_to_look(shop.books());
    storage::Books books(*connection);
    std::vector<std::string> pages;
    for (const core::OrderId id : shop.take(kPages).orders) {
      const auto order = books.order(id);
      if (!order || !*order) give_up("an order is missing");
      pages.push_back(reading_status(id, (*order)->order_secret));
    }
    return pages;
  }

  Bench bench_;
  std::vector<Size> sizes_;
  std::string remarks_;
  int repetition_ = 0;
};

}  // namespace

std::unique_ptr<Part> make_large_books(const Bench& bench) {
  return std::make_unique<LargeBooks>(bench);
}

}  // namespace quittance::bench
