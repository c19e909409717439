// quittance_bench: what the program does in a second, beside what the machine could do at best.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <span>
#include <thread>

#include "bench/parts.hpp"

namespace quittance::bench {
namespace {

/// How much is measured. A quick run only shows that everything can be.
struct Extent {
  std::size_t orders = 8'192;
  std::size_t repetitions = 5;
  /// On a machine that others keep busy, no repetition begins later than this.
  double patience_s = 900;
  bool quick = false;
  std::vector<std::string> engines{};  ///< by name; none: all
  std::vector<std::string> parts{};    ///< the same
};

bool wants(const std::vector<std::string>& named, std::string_view name) {
  return named.empty() || std::ranges::find(named, name) != named.end();
}

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown CPU";
}

struct PartRow {
  std::string_view name;
  std::unique_ptr<Part> (*make)(const Bench&);
};

/// In the order in which they are printed; later ones are held against earlier ones.
constexpr PartRow kParts[] = {{"settles", make_settles},      {"openings", make_openings},
                              {"http", make_http_settles},    {"reads", make_http_reads},
                              {"notices", make_http_notices}, {"large", make_large_books},
                              {"start", make_start_up}};
constexpr std::string_view kEngineNames[] = {"sqlite", "postgres"};

/// All that is measured on one database.
class Side {
 public:
  Side(std::unique_ptr<Engine> engine, const Shop& shop, const Places& places, Tools& tools)
      : engine_(std::move(engine)), shop_(shop), places_(places), tools_(tools) {
    shop_.books = engine_->take_in(shop.books, "shop");
  }

  void make_parts(const Extent& extent) {
    const Bench bench{.figures = figures_,
                      .tools = tools_,
                      .engine = *engine_,
                      .shop = shop_,
                      .places = places_,
                      .quick = extent.quick};
    for (const PartRow& row : kParts) {
      // The program on an empty folder makes its books there, in SQLite.
      const bool elsewhere = row.make == make_start_up && storage::is_postgres(shop_.books);
      if (wants(extent.parts, row.name) && !elsewhere) parts_.push_back(row.make(bench));
    }
  }

  void repeat(bool product_first) {
    for (const auto& part : parts_)
      part->repeat(product_first);
  }

  /// False when a figure is missing.
  bool print(std::size_t repetitions) const {
    std::printf("\n### %s\n\n%s\n", engine_->name().c_str(), engine_->describe().c_str());
    for (const auto& part : parts_)
      std::printf("%s", part->remarks().c_str());
    std::printf("\n");
    figures_.print(stdout);
    const std::vector<std::string> missing = figures_.missing(repetitions);
    for (const std::string& name : missing)
      std::fprintf(stderr, "%s, no figure: %s\n", engine_->name().c_str(), name.c_str());
    return missing.empty();
  }

 private:
  std::unique_ptr<Engine> engine_;
  Shop shop_;
  const Places& places_;
  Tools& tools_;
  Figures figures_;
  std::vector<std::unique_ptr<Part>> parts_;
};

/// Every figure, up to `extent.repetitions` times.
bool measure(const Places& places, const Extent& extent) {
  const std::int64_t started_us = base::monotonic_us();
  const auto seconds = [started_us] {
    return static_cast<double>(base::monotonic_us() - started_us) / 1e6;
  };
  Tools tools;
  const Shop shop = open_shop(places.folder / "shop.db", extent.orders, kProducts, tools);
  std::deque<Side> sides;
  if (wants(extent.engines, "sqlite")) {
    sides.emplace_back(make_sqlite(places.folder), shop, places, tools);
  }
  if (wants(extent.engines, "postgres") && !places.postgres.empty()) {
    sides.emplace_back(make_postgres(places.postgres, tools), shop, places, tools);
  }
  for (Side& side : sides)
    side.make_parts(extent);
  std::fprintf(stderr, "prepared in %.0f s\n", seconds());
  std::size_t done = 0;
  for (; done < extent.repetitions && (done == 0 || seconds() < extent.patience_s); ++done) {
    for (Side& side : sides)
      side.repeat(done % 2 == 1);
    std::fprintf(stderr, "repetition %zu done after %.0f s\n", done + 1, seconds());
  }
  std::printf("%u cores, %s, %zu orders of two items, repetitions: %zu, %.0f s in all\n",
              std::thread::hardware_concurrency(), cpu_model().c_str(), extent.orders, done,
              seconds());
  if (places.postgres.empty()) {
    std::printf("no PostgreSQL: TEST_POSTGRES names no server (make bench starts one)\n");
  }
  bool complete = !sides.empty();
  for (const Side& side : sides)
    complete = side.print(done) && complete;
  return complete;
}

}  // namespace
}  // namespace quittance::bench

int main(int argc, char** argv) {
  using namespace quittance::bench;
  Extent extent;
  for (const std::string argument : std::span(argv + 1, argv + argc)) {
    const bool part = std::ranges::find(kParts, argument, &PartRow::name) != std::end(kParts);
    const bool engine = std::ranges::find(kEngineNames, argument) != std::end(kEngineNames);
    if (argument == "--quick") {
      extent.orders = 768;
      extent.repetitions = 1;
      extent.quick = true;
    } else if (argument == "--once") {
      extent.repetitions = 1;
    } else if (part || engine) {
      (part ? extent.parts : extent.engines).push_back(argument);
    } else {
      give_up("usage: quittance_bench [--quick|--once] [sqlite|postgres] [PART ...], see kParts");
    }
  }
  // Beside the program, so that it is that disk that is measured.
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const char* postgres = std::getenv("TEST_POSTGRES");
  const Places places{.program = here / "quittance",
                      .folder = here / ("bench-" + std::to_string(::getpid())),
                      .postgres = postgres ? postgres : ""};
  std::filesystem::create_directories(places.folder);
  const bool complete = measure(places, extent);
  std::filesystem::remove_all(places.folder);
  return complete ? 0 : 1;
}
