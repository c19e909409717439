// quittance_simulate: the real core, storage, detection and checkout under a virtual clock, with a
// lying wire, a bank that fails, crashes, and an auditor who reckons along.
//
//   quittance_simulate --seed N --events M [--plant BUG] [--trace]   one run
//   quittance_simulate --seeds K ...       runs the seeds N to N+K-1
//   quittance_simulate --for S ...         runs seeds from N on for S seconds
//   quittance_simulate --cuts C ...        C power cuts, one soon after the other
//   quittance_simulate --repeats ...       the same seed twice gives the same trace, another not
//   quittance_simulate --bites ...         each planted bug is found within K seeds
//   quittance_simulate --scenario NAME|all ...   scripts instead of what is drawn; with --bites
//                                                each finds the bug that stands beside it
#include <malloc.h>
#include <sqlite3.h>

#include <cstdio>
#include <exception>
#include <set>

#include "simulation/command.hpp"

namespace quittance::simulation {
namespace {

Outcome run_one(const WorldOptions& options) {
  World world(options);
  return world.run();
}

void print(const WorldOptions& options, const Outcome& outcome) {
  if (options.scenario) std::printf("%s: ", std::string(options.scenario->name).c_str());
  const auto seed = static_cast<unsigned long long>(options.seed);
  const auto count = [](std::int64_t value) { return static_cast<long long>(value); };
  if (!outcome.violation) {
    std::printf(
        "seed %llu: ok, %lld events, %lld days, %lld orders, %lld transfers, %lld "
        "settlements, %lld returns, %lld calls, %lld crashes, %lld power cuts, trace %s\n",
        seed, count(outcome.event), count(outcome.days), count(outcome.orders),
        count(outcome.transfers), count(outcome.settlements), count(outcome.returns),
        count(outcome.calls), count(outcome.crashes), count(outcome.disk.power_cuts),
        outcome.hash.substr(0, 16).c_str());
    return;
  }
  const Violation& violation = *outcome.violation;
  const bool scripted = options.scenario != nullptr;
  std::string more = scripted ? " --scenario " + std::string(options.scenario->name)
                              : " --events " + std::to_string(options.events);
  if (options.plant != Plant::none) more += " --plant " + std::string(to_text(options.plant));
  if (options.cuts_only) more += " --cuts 1";
  std::printf(
      "seed %llu: BROKEN %s %lld\n  rule:     %s\n  expected: %s\n  found:    %s\n"
      "  again:    quittance_simulate --seed %llu%s --trace\n",
      seed, scripted ? "on day" : "at event", count(scripted ? outcome.days : outcome.event),
      violation.rule.c_str(), violation.expected.c_str(), violation.found.c_str(), seed,
      more.c_str());
}

/// The scenarios that were asked for; one null stands for what is drawn.
std::vector<const Scenario*> played(const Command& command) {
  if (command.scenarios.empty()) return {nullptr};
  return command.scenarios;
}

int run_seeds(Command command) {
  const std::int64_t began_us = base::monotonic_us();
  const auto seconds = [began_us] { return (base::monotonic_us() - began_us) / 1'000'000; };
  std::uint64_t broken = 0;
  std::uint64_t seeds = 0;
  const auto more = [&] {
    return command.for_s > 0 ? seconds() < command.for_s : seeds < command.seeds;
  };
  for (; more(); ++seeds, ++command.world.seed) {
    for (const Scenario* scenario : played(command)) {
      command.world.scenario = scenario;
      const Outcome outcome = run_one(command.world);
      print(command.world, outcome);
      if (outcome.violation) ++broken;
    }
  }
  std::printf("%llu seeds, %llu broken, %lld s\n", static_cast<unsigned long long>(seeds),
              static_cast<unsigned long long>(broken), static_cast<long long>(seconds()));
  return broken == 0 ? 0 : 1;
}

/// Worlds in which the power fails again and again, until it has failed so often.
int run_cuts(Command command) {
  const std::int64_t began_us = base::monotonic_us();
  command.world.cuts_only = true;
  DiskFigures sum;
  std::int64_t settlements = 0;
  std::int64_t orders = 0;
  std::uint64_t broken = 0;
  for (; sum.power_cuts < command.cuts && broken == 0; ++command.world.seed) {
    const Outcome outcome = run_one(command.world);
    if (outcome.violation) print(command.world, outcome);
    if (outcome.violation) ++broken;
    sum.power_cuts += outcome.disk.power_cuts;
    sum.lost_sectors += outcome.disk.lost_sectors;
    sum.torn_sectors += outcome.disk.torn_sectors;
    sum.syncs += outcome.disk.syncs;
    settlements += outcome.settlements;
    orders += outcome.orders;
  }
  const auto count = [](std::int64_t value) { return static_cast<long long>(value); };
  std::printf(
      "%lld power cuts, %lld sectors lost, %lld torn, %lld syncs, %lld orders, %lld settlements, "
      "%lld ms: %s\n",
      count(sum.power_cuts), count(sum.lost_sectors), count(sum.torn_sectors), count(sum.syncs),
      count(orders), count(settlements), count((base::monotonic_us() - began_us) / 1'000),
      broken == 0 ? "nothing lost, nothing counted twice" : "BROKEN");
  return broken == 0 ? 0 : 1;
}

/// Law 8: the same seed gives the same run, byte for byte.
int run_repeats(Command command) {
  const Outcome first = run_one(command.world);
  const Outcome again = run_one(command.world);
  command.world.seed += 1;
  const Outcome other = run_one(command.world);
  std::printf("first %s\nagain %s\nother %s\n", first.hash.c_str(), again.hash.c_str(),
              other.hash.c_str());
  return first.hash == again.hash && first.hash != other.hash ? 0 : 1;
}

/// Seeds that find nothing where nothing is planted.
using Sound = std::set<std::pair<const Scenario*, std::uint64_t>>;

/// False: this seed finds something although nothing is planted, so it proves nothing.
bool is_sound(WorldOptions options, Sound& sound) {
  if (sound.contains({options.scenario, options.seed})) return true;
  options.plant = Plant::none;
  const Outcome outcome = run_one(options);
  if (outcome.violation) print(options, outcome);
  if (!outcome.violation) sound.insert({options.scenario, options.seed});
  return !outcome.violation;
}

/// Whether one of the seeds finds what is planted, and finds nothing without it.
bool finds(const Command& command, WorldOptions options, Sound& sound) {
  for (std::uint64_t i = 0; i < command.seeds; ++i) {
    options.seed = command.world.seed + i;
    const Outcome outcome = run_one(options);
    if (!outcome.violation) continue;
    std::printf("%s: ", std::string(to_text(options.plant)).c_str());
    print(options, outcome);
    return is_sound(options, sound);
  }
  std::printf("%s: MISSED by %llu seeds\n", std::string(to_text(options.plant)).c_str(),
              static_cast<unsigned long long>(command.seeds));
  return false;
}

/// Every planted bug must be found, by seeds that find nothing where none is planted.
int run_bites(const Command& command) {
  int missed = 0;
  Sound sound;
  for (const Scenario* scenario : played(command)) {
    WorldOptions options = command.world;
    options.scenario = scenario;
    for (const PlantRow& row : plants()) {
      if (scenario ? row.plant != scenario->plant : row.by_scenario_only) continue;
      options.plant = row.plant;
      if (!finds(command, options, sound)) ++missed;
    }
  }
  return missed == 0 ? 0 : 1;
}

/// One thread needs no locks, and what is freed will soon be needed again.
void tune() {
  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  constexpr int kLarge = 1 << 28;
  mallopt(M_MMAP_THRESHOLD, kLarge);
  mallopt(M_TRIM_THRESHOLD, kLarge);
}

int run(int count, char** words) {
  tune();
  const auto command = read_command(count, words);
  if (!command) return usage();
  switch (command->mode) {
    case Mode::seeds:
      return run_seeds(*command);
    case Mode::repeats:
      return run_repeats(*command);
    case Mode::bites:
      return run_bites(*command);
    case Mode::cuts:
      return run_cuts(*command);
  }
  return 2;
}

}  // namespace
}  // namespace quittance::simulation

int main(int count, char** words) {
  try {
    return quittance::simulation::run(count, words);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quittance_simulate: %s\n", error.what());
    return 2;
  }
}
