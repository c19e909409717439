// The detection bench: how late our poller sees money, beside other ways to ask
// (docs/detection.md).
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "detection_bench/strategy.hpp"

namespace quittance::detection_bench {
namespace {

using base::Duration;
using namespace std::chrono_literals;

/// How often the bank takes a call.
constexpr Duration kBudgets[] = {30s, 90s, 240s};
constexpr std::uint64_t kSeed = 20'261;
/// How much worse than FIFO ours may be, in per cent.
constexpr std::int64_t kTolerance = 2;

constexpr std::size_t kPayers = 900;
constexpr Duration kSpan = 24h * 14;

std::string clock_text(Duration delay) {
  char text[32];
  const auto seconds = static_cast<double>(delay.count()) / 1000;
  if (seconds < 600) {
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  } else if (seconds < 7'200 * 5) {
    std::snprintf(text, sizeof text, "%.1f min", seconds / 60);
  } else {
    std::snprintf(text, sizeof text, "%.1f h", seconds / 3'600);
  }
  return text;
}

void print(const Strategy& strategy, const Figures& figures) {
  std::printf("| %-17s | %9s | %9s | %9s | %8.1f | %8.1f | %5zu of %5zu |\n",
              std::string(strategy.name).c_str(), clock_text(figures.at(50)).c_str(),
              clock_text(figures.at(95)).c_str(), clock_text(figures.at(99)).c_str(),
              static_cast<double>(figures.questions) / static_cast<double>(figures.sessions),
              static_cast<double>(figures.calls) / static_cast<double>(figures.sessions),
              figures.delays.size(), figures.paid);
  std::fflush(stdout);
}

bool is_worse(const Figures& ours, const Figures& fifo, std::size_t per_cent) {
  const Duration most = fifo.at(per_cent) + fifo.at(per_cent) * kTolerance / 100;
  if (ours.at(per_cent) <= most) return false;
  std::printf("FAILED: p%zu is worse than FIFO's by more than %lld %%\n", per_cent,
              static_cast<long long>(kTolerance));
  return true;
}

bool misses_money(const Figures& figures) {
  if (figures.delays.size() == figures.paid && figures.late == 0) return false;
  std::printf("FAILED: %zu of %zu payments found, %zu of them after 45 days\n",
              figures.delays.size(), figures.paid, figures.late);
  return true;
}

/// What of the bench is wanted.
struct Wanted {
  /// Only where calls are scarcest, and ours beside FIFO only.
  bool quick = false;
  /// FIFO takes the place of ours, and ours of FIFO: the bench has to fail.
  bool swapped = false;
  std::string_view mix;  ///< empty: all
};

/// Whether ours did what it must.
bool compare(Mix mix, Duration per_call, const Wanted& wanted) {
  std::printf("\n%s, a call of %zu sessions every %lld s\n\n", std::string(to_text(mix)).c_str(),
              kSessionsPerCall, static_cast<long long>(per_call / 1s));
  std::printf(
      "| strategy          | p50       | p95       | p99       | asked    | calls    | found       "
      "   |\n"
      "| ---               | ---       | ---       | ---       | ---      | ---      | ---         "
      "   |\n");
  base::SeededRandom random(kSeed);
  const auto payers = draw_payers(mix, kPayers, kSpan, random);
  std::vector<Figures> figures;
  for (const Strategy& strategy : all_strategies()) {
    if (wanted.quick && figures.size() == 2) break;
    figures.push_back(run(strategy, payers, per_call));
    print(strategy, figures.back());
  }
  if (wanted.swapped) std::swap(figures[0], figures[1]);
  bool well = !misses_money(figures[0]);
  for (const std::size_t per_cent : {50, 95}) {
    if (is_worse(figures[0], figures[1], per_cent)) well = false;
  }
  return well;
}

int run_all(const Wanted& wanted) {
  bool well = true;
  std::size_t tables = 0;
  for (const Mix mix : kMixes) {
    if (!wanted.mix.empty() && wanted.mix != to_text(mix)) continue;
    for (const Duration per_call : kBudgets) {
      if (wanted.quick && per_call != kBudgets[2]) continue;
      if (!compare(mix, per_call, wanted)) well = false;
      ++tables;
    }
  }
  if (tables == 0) std::printf("no mix is called %s\n", std::string(wanted.mix).c_str());
  return well && tables > 0 ? 0 : 1;
}

Wanted read(std::span<char*> words) {
  Wanted wanted;
  for (const std::string_view word : words) {
    if (word == "--quick") {
      wanted.quick = true;
    } else if (word == "--swapped") {
      wanted.swapped = true;
    } else {
      wanted.mix = word;
    }
  }
  return wanted;
}

}  // namespace
}  // namespace quittance::detection_bench

int main(int count, char** words) {
  using namespace quittance::detection_bench;
  return run_all(read({words + 1, words + count}));
}
