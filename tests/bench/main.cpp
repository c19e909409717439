// quittance_bench: what the program does in a second, beside what the machine could do at best.
#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "bench/in_process.hpp"
#include "bench/raw_sqlite.hpp"
#include "bench/through_http.hpp"

namespace quittance::bench {
namespace {

/// How much is measured. A quick run only shows that everything can be.
struct Extent {
  std::size_t orders = 8'192;
  std::size_t repetitions = 5;
  /// On a machine that others keep busy, no repetition begins later than this.
  double patience_s = 120;
};

struct Places {
  std::filesystem::path program;
  std::filesystem::path folder;
  std::filesystem::path books() const { return folder / "run.db"; }
};

/// The ceiling at a group size, and the program beside it.
struct SettleFigures {
  std::size_t group_size;
  std::size_t count;
  Recording recording;
  Figure* raw;
  Figure* in_process;
};

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown CPU";
}

SettleFigures settle_figures(Figures& figures, std::size_t group_size, const Shop& shop,
                             Tools& tools, const Places& places) {
  const std::string size = std::to_string(group_size);
  // One commit for each is slow: a quarter of them shows it.
  const std::size_t count = group_size == 1 ? shop.orders.size() / 4 : shop.orders.size();
  copy_books(shop, places.books());
  Recording recording = record_settles(places.books(), shop, tools, group_size, count);
  Figure& raw = figures.add("raw SQLite, " + size + " at a time", "settles/s");
  Figure& product = figures.add("settle in process, " + size + " at a time", "settles/s", &raw);
  return {group_size, count, std::move(recording), &raw, &product};
}

double replay_rate(const Places& places, const Shop& shop, const Recording& recording,
                   std::size_t count) {
  copy_books(shop, places.books());
  return static_cast<double>(count) / replay(places.books(), recording);
}

void measure_settles(const SettleFigures& figures, const Shop& shop, Tools& tools,
                     const Places& places) {
  figures.raw->values.push_back(replay_rate(places, shop, figures.recording, figures.count));
  copy_books(shop, places.books());
  const Settles settles =
      settle_in_process(places.books(), shop, tools, {figures.group_size, figures.count});
  figures.in_process->values.push_back(settles.per_second);
  figures.in_process->group_sizes.push_back(settles.group_size);
}

/// The same without the audit log: what the log costs.
void measure_ablation(Figure& without, const Shop& shop, Tools& tools, const Places& places) {
  copy_books(shop, places.books());
  const Settles settles =
      settle_in_process(places.books(), shop, tools, {1'024, shop.orders.size(), false});
  without.values.push_back(settles.per_second);
}

void measure_start(const Places& places, Figure& start_up, Figure& resident) {
  const std::filesystem::path folder = places.folder / "empty";
  std::filesystem::create_directories(folder);
  {
    const ServerProcess server(places.program, folder);
    start_up.values.push_back(server.start_up_ms());
    resident.values.push_back(server.resident_mib());
  }
  std::filesystem::remove_all(folder);
}

void describe(const Recording& recording, std::size_t count, const char* what) {
  const auto each = [count](std::size_t all) {
    return static_cast<double>(all) / static_cast<double>(count);
  };
  std::printf("%s = %.1f statements, %.1f of them write, %zu commits for %zu\n", what,
              each(recording.steps()), each(recording.writes()), recording.transactions.size(),
              count);
}

/// Every figure, up to `extent.repetitions` times, ceilings and product in turn.
bool measure(const Places& places, Extent extent) {
  const std::int64_t started_us = base::monotonic_us();
  Tools tools;
  const Shop shop = open_shop(places.folder / "shop.db", extent.orders, tools);
  Figures figures;
  std::vector<SettleFigures> groups;
  for (const std::size_t size : {1UL, 64UL, 1024UL}) {
    groups.push_back(settle_figures(figures, size, shop, tools, places));
  }
  Figure& without_audit =
      figures.add("… 1024 at a time, audit log off", "settles/s", groups.back().in_process);
  copy_books(shop, places.books());
  const Recording markings_64 = record_marking_paid(places.books(), shop, tools, 64);
  copy_books(shop, places.books());
  const Recording markings_256 = record_marking_paid(places.books(), shop, tools, 256);
  Figure& raw_64 = figures.add("raw SQLite, mark-paid, 64 at a time", "settles/s");
  Figure& raw_256 = figures.add("raw SQLite, mark-paid, 256 at a time", "settles/s");
  Figure& health = figures.add("HTTP, bare reply (/health), 64 conns", "requests/s");
  HttpFigures http{
      .bare_reply = health,
      .settle_64 = figures.add("HTTP, settle (mark-paid), 64 conns", "settles/s", &raw_64),
      .settle_256 = figures.add("HTTP, settle (mark-paid), 256 conns", "settles/s", &raw_256),
      .place_order = figures.add("HTTP, place an order, 64 conns", "requests/s", &health),
      .read_status = figures.add("HTTP, read an order's status, 64 conns", "requests/s", &health),
      .resident_after_load = figures.add("memory after load", "MiB")};
  Figure& resident = figures.add("memory when idle", "MiB");
  Figure& start_up = figures.add("start-up, empty folder", "ms");
  std::size_t done = 0;
  const auto in_time = [&] {
    return static_cast<double>(base::monotonic_us() - started_us) < extent.patience_s * 1e6;
  };
  for (; done < extent.repetitions && (done == 0 || in_time()); ++done) {
    for (const SettleFigures& group : groups) {
      measure_settles(group, shop, tools, places);
    }
    measure_ablation(without_audit, shop, tools, places);
    raw_64.values.push_back(replay_rate(places, shop, markings_64, extent.orders));
    const std::filesystem::path data_dir = places.folder / "server";
    std::filesystem::create_directories(data_dir);
    run_through_http(places.program, data_dir, shop, http);
    raw_256.values.push_back(replay_rate(places, shop, markings_256, extent.orders));
    measure_start(places, start_up, resident);
  }
  std::printf("%u cores, %s, SQLite %s, %zu orders of two items, %zu repetitions\n",
              std::thread::hardware_concurrency(), cpu_model().c_str(), sqlite3_libversion(),
              extent.orders, done);
  for (const SettleFigures& group : groups) {
    const std::string what = "settle, " + std::to_string(group.group_size) + " at a time";
    describe(group.recording, group.count, what.c_str());
  }
  describe(markings_64, extent.orders, "mark-paid, 64 at a time");
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
  if (argc == 2 && std::string_view(argv[1]) == "--quick") {
    extent = {.orders = 1'024, .repetitions = 1};
  } else if (argc != 1) {
    give_up("usage: quittance_bench [--quick]");
  }
  // Beside the program, so that it is that disk that is measured.
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const Places places{.program = here / "quittance",
                      .folder = here / ("bench-" + std::to_string(::getpid()))};
  std::filesystem::create_directories(places.folder);
  const bool complete = measure(places, extent);
  std::filesystem::remove_all(places.folder);
  return complete ? 0 : 1;
}
