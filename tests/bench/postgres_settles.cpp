// Settling on PostgreSQL: the program beside libpq alone with the program's own statements.
#include "bench/in_process.hpp"
#include "bench/libpq_recording.hpp"
#include "bench/parts.hpp"
#include "bench/postgres_books.hpp"

namespace quittance::bench {
namespace {

struct Group {
  std::size_t size;
  std::size_t count;
  SentRecording recording;
  Figure* raw;
  Figure* in_process;
};

class PostgresSettles final : public Part {
 public:
  explicit PostgresSettles(const Bench& bench) : bench_(bench) {
    for (const std::size_t size : {1UL, 64UL, 1'024UL}) {
      if (!bench.quick || size == 1'024) add_group(size);
    }
  }

  void repeat(bool product_first) override {
    for (const Group& group : groups_) {
      if (product_first) settle(group);
      const double seconds =
          replay_sent(fresh_postgres_books(bench_.places.postgres), group.recording);
      group.raw->values.push_back(static_cast<double>(group.count) / seconds);
      if (!product_first) settle(group);
    }
  }

  std::string remarks() const override { return describe_postgres(bench_.places.postgres) + "\n"; }

 private:
  void add_group(std::size_t size) {
    const std::string name = std::to_string(size) + " at a time";
    const std::size_t count = bench_.shop.orders.size() / (size == 1 ? 8 : 1);
    const std::string books = fresh_postgres_books(bench_.places.postgres);
    SentRecording recording =
        record_sent([&] { settle_in_process(books, bench_.shop, bench_.tools, {size, count}); });
    Figure& raw = bench_.figures.add("raw PostgreSQL, " + name, "settles/s");
    Figure& product = bench_.figures.add("settle on PostgreSQL, " + name, "settles/s", &raw);
    groups_.push_back({size, count, std::move(recording), &raw, &product});
  }

  void settle(const Group& group) {
    const Settles settles = settle_in_process(fresh_postgres_books(bench_.places.postgres),
                                              bench_.shop, bench_.tools, {group.size, group.count});
    group.in_process->values.push_back(settles.per_second);
    group.in_process->group_sizes.push_back(settles.group_size);
  }

  Bench bench_;
  std::vector<Group> groups_;
};

}  // namespace

std::unique_ptr<Part> make_postgres_settles(const Bench& bench) {
  return std::make_unique<PostgresSettles>(bench);
}

}  // namespace quittance::bench
