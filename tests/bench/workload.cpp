#include "bench/workload.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <latch>

namespace quittance::bench {
namespace {

struct Progress {
  const Operation& operation;
  std::size_t count = 0;
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> failures = 0;
};

base::Task<void> work(Progress& progress) {
  for (std::size_t i = progress.next++; i < progress.count; i = progress.next++) {
    const bool done = co_await progress.operation(i);
    if (!done) ++progress.failures;
  }
}

}  // namespace

Elapsed run_operations(base::EventLoops& loops, std::size_t concurrency, std::size_t count,
                       const Operation& operation) {
  Progress progress{.operation = operation, .count = count};
  std::latch running(static_cast<std::ptrdiff_t>(concurrency));
  const std::int64_t started_us = base::monotonic_us();
  for (std::size_t i = 0; i < concurrency; ++i) {
    base::spawn(loops.executor(i % loops.size()), work(progress),
                [&running] { running.count_down(); });
  }
  running.wait();
  const std::int64_t elapsed_us = base::monotonic_us() - started_us;
  return {.seconds = static_cast<double>(elapsed_us) / 1e6, .failures = progress.failures};
}

void give_up(const std::string& reason) {
  std::fprintf(stderr, "quittance_bench: %s\n", reason.c_str());
  std::exit(1);
}

}  // namespace quittance::bench
