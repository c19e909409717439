// quittance_simulate: the real core, storage, detection and checkout under a virtual clock, with a
// lying wire, a bank that fails, crashes, and an auditor who reckons along (design.md section 11).
//
//   quittance_simulate --seed N --events M [--plant BUG] [--trace]   one run
//   quittance_simulate --seeds K ...       runs the seeds N to N+K-1
//   quittance_simulate --repeats ...       the same seed twice gives the same trace, another not
//   quittance_simulate --bites ...         each planted bug is found within K seeds
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>

#include "simulation/world.hpp"

namespace quittance::simulation {
namespace {

enum class Mode { seeds, repeats, bites };

struct Command {
  Mode mode = Mode::seeds;
  WorldOptions world;
  std::uint64_t seeds = 1;
};

bool read_number(const char* text, auto& number) {
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  return error == std::errc() && stop == end && number > 0;
}

std::optional<Command> read_command(int count, char** words) {
  Command command;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--trace") {
      command.world.trace = true;
    } else if (word == "--repeats") {
      command.mode = Mode::repeats;
    } else if (word == "--bites") {
      command.mode = Mode::bites;
    } else if (i + 1 == count) {
      return std::nullopt;
    } else if (word == "--plant") {
      const auto plant = plant_from(words[++i]);
      if (!plant) return std::nullopt;
      command.world.plant = *plant;
    } else if (word == "--seed") {
      if (!read_number(words[++i], command.world.seed)) return std::nullopt;
    } else if (word == "--seeds") {
      if (!read_number(words[++i], command.seeds)) return std::nullopt;
    } else if (word != "--events" || !read_number(words[++i], command.world.events)) {
      return std::nullopt;
    }
  }
  return command;
}

int usage() {
  std::fprintf(stderr,
               "usage: quittance_simulate [--seed N] [--seeds K] [--events M] [--plant BUG] "
               "[--trace] [--repeats | --bites]\nBUG is one of:");
  for (const PlantRow& row : plants())
    std::fprintf(stderr, " %s", std::string(row.name).c_str());
  std::fprintf(stderr, "\n");
  return 2;
}

Outcome run_one(const WorldOptions& options) {
  World world(options);
  return world.run();
}

void print(const WorldOptions& options, const Outcome& outcome) {
  const auto seed = static_cast<unsigned long long>(options.seed);
  const auto count = [](std::int64_t value) { return static_cast<long long>(value); };
  if (!outcome.violation) {
    std::printf(
        "seed %llu: ok, %lld events, %lld days, %lld orders, %lld transfers, %lld "
        "settlements, %lld calls, %lld crashes, trace %s\n",
        seed, count(outcome.event), count(outcome.days), count(outcome.orders),
        count(outcome.transfers), count(outcome.settlements), count(outcome.calls),
        count(outcome.crashes), outcome.hash.substr(0, 16).c_str());
    return;
  }
  const bool planted = options.plant != Plant::none;
  const std::string plant = planted ? " --plant " + std::string(to_text(options.plant)) : "";
  std::printf(
      "seed %llu: BROKEN at event %lld\n  rule:     %s\n  expected: %s\n  found:    %s\n"
      "  again:    quittance_simulate --seed %llu --events %lld%s --trace\n",
      seed, count(outcome.event), outcome.violation->rule.c_str(),
      outcome.violation->expected.c_str(), outcome.violation->found.c_str(), seed,
      count(options.events), plant.c_str());
}

int run_seeds(Command command) {
  std::uint64_t broken = 0;
  for (std::uint64_t i = 0; i < command.seeds; ++i, ++command.world.seed) {
    const Outcome outcome = run_one(command.world);
    print(command.world, outcome);
    if (outcome.violation) ++broken;
  }
  std::printf("%llu seeds, %llu broken\n", static_cast<unsigned long long>(command.seeds),
              static_cast<unsigned long long>(broken));
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

/// Every planted bug must be found, and by the same seeds nothing where none is planted.
int run_bites(const Command& command) {
  int missed = 0;
  for (std::uint64_t i = 0; i < command.seeds; ++i) {
    WorldOptions clean = command.world;
    clean.seed += i;
    const Outcome outcome = run_one(clean);
    if (!outcome.violation) continue;
    print(clean, outcome);
    ++missed;
  }
  for (const PlantRow& row : plants()) {
    WorldOptions options = command.world;
    options.plant = row.plant;
    bool found = false;
    for (std::uint64_t i = 0; i < command.seeds && !found; ++i) {
      options.seed = command.world.seed + i;
      const Outcome outcome = run_one(options);
      found = outcome.violation.has_value();
      if (found) {
        std::printf("%s: ", std::string(row.name).c_str());
        print(options, outcome);
      }
    }
    if (!found) {
      std::printf("%s: MISSED by %llu seeds\n", std::string(row.name).c_str(),
                  static_cast<unsigned long long>(command.seeds));
      ++missed;
    }
  }
  return missed == 0 ? 0 : 1;
}

int run(int count, char** words) {
  const auto command = read_command(count, words);
  if (!command) return usage();
  switch (command->mode) {
    case Mode::seeds:
      return run_seeds(*command);
    case Mode::repeats:
      return run_repeats(*command);
    case Mode::bites:
      return run_bites(*command);
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
