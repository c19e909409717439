// The command line of quittance_simulate.
#pragma once

#include <optional>
#include <vector>

#include "simulation/world.hpp"

namespace quittance::simulation {

enum class Mode { seeds, repeats, bites, cuts };

struct Command {
  Mode mode = Mode::seeds;
  WorldOptions world;
  std::vector<const Scenario*> scenarios;  ///< played instead of what is drawn
  std::uint64_t seeds = 1;
  std::int64_t cuts = 0;   ///< power cuts to be made in all
  std::int64_t for_s = 0;  ///< go on for so many seconds instead of `seeds`
};

/// Empty when the words make no sense.
std::optional<Command> read_command(int count, char** words);
/// Says how it is used; the exit status.
int usage();

}  // namespace quittance::simulation
