// Asking to be paid, in process: orders with their first session, and sessions without an order,
// beside the replay of the same statements.
#include "bench/parts.hpp"

namespace quittance::bench {
namespace {

constexpr std::size_t kAtATime = 256;

/// `place_orders` or `open_sessions`.
using Run = double (*)(const std::string& books, std::size_t count, std::size_t concurrency,
                       Tools& tools);

struct Opening {
  Run run;
  Sent sent;
  Figure* raw;
  Figure* in_process;
};

class Openings final : public Part {
 public:
  explicit Openings(const Bench& bench) : bench_(bench), count_(bench.shop.orders.size() / 2) {
    add("place an order", place_orders);
    add("open a session", open_sessions);
  }

  void repeat(bool product_first) override {
    for (const Opening& opening : openings_) {
      if (product_first) measure(opening);
      const double seconds = opening.sent.replay(bench_.fresh_books());
      opening.raw->values.push_back(static_cast<double>(count_) / seconds);
      if (!product_first) measure(opening);
    }
  }

 private:
  void add(const std::string& what, Run run) {
    const std::string books = bench_.fresh_books();
    Sent sent = bench_.engine.record([&] { run(books, count_, kAtATime, bench_.tools); });
    const std::string name = what + ", 256 at a time";
    Figure& raw = bench_.figures.add("raw, " + name, "/s");
    Figure& product = bench_.figures.add(name, "/s", &raw);
    openings_.push_back({run, std::move(sent), &raw, &product});
  }

  void measure(const Opening& opening) {
    const std::string books = bench_.fresh_books();
    opening.in_process->values.push_back(opening.run(books, count_, kAtATime, bench_.tools));
  }

  Bench bench_;
  std::size_t count_;
  std::vector<Opening> openings_;
};

}  // namespace

std::unique_ptr<Part> make_openings(const Bench& bench) {
  return std::make_unique<Openings>(bench);
}

}  // namespace quittance::bench
