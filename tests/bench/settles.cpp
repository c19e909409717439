// Settling in process: the program beside the replay of its own statements.
#include "bench/in_process.hpp"
#include "bench/parts.hpp"

namespace quittance::bench {
namespace {

/// The ceiling at a group size, and the program beside it.
struct Group {
  std::size_t size;
  std::size_t count;
  Sent sent;
  Figure* raw;
  Figure* in_process;
};

/// A shop in which all orders hold the same product.
Shop open_hot_shop(const Bench& bench) {
  const std::filesystem::path file = bench.places.folder / ("hot-" + bench.engine.name() + ".db");
  Shop shop = open_shop(file, bench.shop.orders.size(), 1, bench.tools);
  shop.books = bench.engine.take_in(file, "hot");
  return shop;
}

class InProcess final : public Part {
 public:
  explicit InProcess(const Bench& bench) : bench_(bench), hot_shop_(open_hot_shop(bench)) {
    for (const std::size_t size : {1UL, 64UL, 1'024UL}) {
      if (!bench.quick || size == 1'024) add_group(size);
    }
    const Figure* settle = groups_.back().in_process;
    hot_ = &bench.figures.add("… of one product that all orders hold", "/s", settle);
    without_audit_ = &bench.figures.add("… with the audit log off", "/s", settle);
  }

  void repeat(bool product_first) override {
    for (const Group& group : groups_) {
      if (product_first) settle(group);
      const double seconds = group.sent.replay(bench_.fresh_books());
      group.raw->values.push_back(static_cast<double>(group.count) / seconds);
      if (!product_first) settle(group);
    }
    const Group& largest = groups_.back();
    settle_all(*hot_, hot_shop_, {largest.size, largest.count});
    settle_all(*without_audit_, bench_.shop, {largest.size, largest.count, false});
  }

  std::string remarks() const override {
    std::string text;
    for (const Group& group : groups_) {
      char line[160];
      std::snprintf(line, sizeof line,
                    "settle, %zu at a time = %.1f statements, %zu commits for %zu\n", group.size,
                    static_cast<double>(group.sent.statements) / static_cast<double>(group.count),
                    group.sent.commits, group.count);
      text += line;
    }
    return text;
  }

 private:
  void add_group(std::size_t size) {
    const std::string name = "settle, " + std::to_string(size) + " at a time";
    // One commit for each is slow: a part of them shows it.
    const std::size_t count = bench_.shop.orders.size() / (size == 1 ? 8 : 1);
    const std::string books = bench_.fresh_books();
    Sent sent = bench_.engine.record(
        [&] { settle_in_process(books, bench_.shop, bench_.tools, {size, count}); });
    Figure& raw = bench_.figures.add("raw, " + name, "/s");
    Figure& product = bench_.figures.add(name, "/s", &raw);
    groups_.push_back({size, count, std::move(sent), &raw, &product});
  }

  void settle(const Group& group) {
    settle_all(*group.in_process, bench_.shop, {group.size, group.count});
  }

  void settle_all(Figure& figure, const Shop& shop, Settling how) {
    const std::string books = bench_.engine.copy(shop.books, "run");
    const Settles settles = settle_in_process(books, shop, bench_.tools, how);
    figure.values.push_back(settles.per_second);
    figure.group_sizes.push_back(settles.group_size);
  }

  Bench bench_;
  Shop hot_shop_;
  std::vector<Group> groups_;
  Figure* hot_ = nullptr;
  Figure* without_audit_ = nullptr;
};

}  // namespace

std::unique_ptr<Part> make_settles(const Bench& bench) {
  return std::make_unique<InProcess>(bench);
}

}  // namespace quittance::bench
