// Settling on SQLite: the program beside the replay of its own statements.
#include <deque>

#include "bench/in_process.hpp"
#include "bench/parts.hpp"
#include "bench/raw_sqlite.hpp"

namespace quittance::bench {
namespace {

/// The ceiling at a group size, and the program beside it.
struct Group {
  std::size_t size;
  std::size_t count;
  Recording recording;
  Figure* raw;
  Figure* in_process;
};

class SqliteSettles final : public Part {
 public:
  explicit SqliteSettles(const Bench& bench)
      : bench_(bench),
        hot_shop_(
            open_shop(bench.places.folder / "hot.db", bench.shop.orders.size(), 1, bench.tools)) {
    for (const std::size_t size : {1UL, 64UL, 1'024UL}) {
      if (!bench.quick || size == 1'024) add_group(size);
    }
    const Figure* settle = groups_.back().in_process;
    hot_ = &bench.figures.add("  of one product that all orders hold", "settles/s", settle);
    without_audit_ = &bench.figures.add("  with the audit log off", "settles/s", settle);
  }

  void repeat(bool product_first) override {
    for (const Group& group : groups_) {
      if (product_first) settle(group);
      copy_books(bench_.shop, bench_.places.books());
      const double seconds = replay(bench_.places.books(), group.recording);
      group.raw->values.push_back(static_cast<double>(group.count) / seconds);
      if (!product_first) settle(group);
    }
    settle_all(*hot_, hot_shop_, true);
    settle_all(*without_audit_, bench_.shop, false);
  }

  std::string remarks() const override {
    std::string text;
    for (const Group& group : groups_) {
      char line[160];
      const auto each = [&group](std::size_t all) {
        return static_cast<double>(all) / static_cast<double>(group.count);
      };
      std::snprintf(line, sizeof line,
                    "SQLite, settle, %zu at a time = %.1f statements, %.1f of them write, %zu "
                    "commits for %zu\n",
                    group.size, each(group.recording.steps()), each(group.recording.writes()),
                    group.recording.transactions.size(), group.count);
      text += line;
    }
    return text;
  }

 private:
  void add_group(std::size_t size) {
    const std::string name = std::to_string(size) + " at a time";
    // One commit for each is slow: a quarter of them shows it.
    const std::size_t count = bench_.shop.orders.size() / (size == 1 ? 4 : 1);
    const std::string books = bench_.places.books();
    copy_books(bench_.shop, books);
    Recording recording =
        record([&] { settle_in_process(books, bench_.shop, bench_.tools, {size, count}); });
    Figure& raw = bench_.figures.add("raw SQLite, " + name, "settles/s");
    Figure& product = bench_.figures.add("settle in process, " + name, "settles/s", &raw);
    groups_.push_back({size, count, std::move(recording), &raw, &product});
  }

  void settle(const Group& group) {
    copy_books(bench_.shop, bench_.places.books());
    const Settles settles = settle_in_process(bench_.places.books(), bench_.shop, bench_.tools,
                                              {group.size, group.count});
    group.in_process->values.push_back(settles.per_second);
    group.in_process->group_sizes.push_back(settles.group_size);
  }

  void settle_all(Figure& figure, const Shop& shop, bool audit) {
    copy_books(shop, bench_.places.books());
    const Settles settles = settle_in_process(bench_.places.books(), shop, bench_.tools,
                                              {1'024, shop.orders.size(), audit});
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

std::unique_ptr<Part> make_sqlite_settles(const Bench& bench) {
  return std::make_unique<SqliteSettles>(bench);
}

}  // namespace quittance::bench
