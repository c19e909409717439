// quittance_bench: what the program does in a second, beside what the machine could do at best.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <span>
#include <thread>

#include "bench/parts.hpp"
#include "bench/postgres_books.hpp"

namespace quittance::bench {
namespace {

/// How much is measured. A quick run only shows that everything can be.
struct Extent {
  std::size_t orders = 8'192;
  std::size_t repetitions = 5;
  /// On a machine that others keep busy, no repetition begins later than this.
  double patience_s = 240;
  bool quick = false;
  std::vector<std::string> parts{};  ///< by name; none: all
};

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
constexpr PartRow kParts[] = {{"sqlite", make_sqlite_settles}, {"postgres", make_postgres_settles},
                              {"openings", make_openings},     {"http", make_http_settles},
                              {"reads", make_http_reads},      {"notices", make_http_notices},
                              {"large", make_large_books},     {"start", make_start_up}};

std::vector<std::unique_ptr<Part>> make_parts(const Bench& bench,
                                              const std::vector<std::string>& wanted) {
  std::vector<std::unique_ptr<Part>> parts;
  for (const PartRow& row : kParts) {
    if (row.name == "postgres" && bench.places.postgres.empty()) continue;
    const bool named = std::ranges::find(wanted, row.name) != wanted.end();
    if (wanted.empty() || named) parts.push_back(row.make(bench));
  }
  return parts;
}

/// Every figure, up to `extent.repetitions` times.
bool measure(const Places& places, const Extent& extent) {
  const std::int64_t started_us = base::monotonic_us();
  Tools tools;
  const Shop shop = open_shop(places.folder / "shop.db", extent.orders, kProducts, tools);
  if (!places.postgres.empty()) keep_postgres_books(places.postgres, shop, tools);
  Figures figures;
  const auto parts = make_parts(
      {.figures = figures, .tools = tools, .shop = shop, .places = places, .quick = extent.quick},
      extent.parts);
  std::size_t done = 0;
  const auto in_time = [&] {
    return static_cast<double>(base::monotonic_us() - started_us) < extent.patience_s * 1e6;
  };
  for (; done < extent.repetitions && (done == 0 || in_time()); ++done) {
    for (const auto& part : parts)
      part->repeat(done % 2 == 1);
  }
  std::printf("%u cores, %s, SQLite %s, %zu orders of two items, %zu repetitions\n",
              std::thread::hardware_concurrency(), cpu_model().c_str(), sqlite3_libversion(),
              extent.orders, done);
  for (const auto& part : parts)
    std::printf("%s", part->remarks().c_str());
  if (places.postgres.empty()) {
    std::printf("no PostgreSQL: TEST_POSTGRES names no server (make bench starts one)\n");
  }
  figures.print(stdout);
  const std::vector<std::string> missing = figures.missing(done);
  for (const std::string& name : missing)
    std::fprintf(stderr, "no figure: %s\n", name.c_str());
  return missing.empty();
}

}  // namespace
}  // namespace quittance::bench

int main(int argc, char** argv) {
  using namespace quittance::bench;
  Extent extent;
  for (const std::string argument : std::span(argv + 1, argv + argc)) {
    const bool part = std::ranges::find(kParts, argument, &PartRow::name) != std::end(kParts);
    if (argument == "--quick") {
      extent.orders = 768;
      extent.repetitions = 1;
      extent.quick = true;
    } else if (part) {
      extent.parts.push_back(argument);
    } else {
      give_up("usage: quittance_bench [--quick] [PART ...], see kParts in main.cpp");
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
