#include "simulation/command.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>

namespace quittance::simulation {
namespace {

bool read_number(const char* text, auto& number) {
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  return error == std::errc() && stop == end && number > 0;
}

/// A word that stands by itself; false when it is none.
bool read_switch(std::string_view word, Command& command) {
  if (word == "--trace") {
    command.world.trace = true;
  } else if (word == "--repeats") {
    command.mode = Mode::repeats;
  } else if (word == "--bites") {
    command.mode = Mode::bites;
  } else {
    return false;
  }
  return true;
}

bool read_medium(std::string_view name, Medium& medium) {
  medium = name == "files"   ? Medium::files
           : name == "model" ? Medium::model_disk
                             : Medium::lossy_disk;
  return name == "files" || name == "model" || name == "sqlite";
}

bool read_plant(std::string_view name, Plant& plant) {
  const auto known = plant_from(name);
  plant = known.value_or(Plant::none);
  return known.has_value();
}

bool read_scenarios(std::string_view name, Command& command) {
  for (const Scenario& scenario : scenarios())
    if (name == "all" || name == scenario.name) command.scenarios.push_back(&scenario);
  return !command.scenarios.empty();
}

/// A word and its value; false when that is none.
bool read_setting(std::string_view word, const char* value, Command& command) {
  if (word == "--plant") return read_plant(value, command.world.plant);
  if (word == "--scenario") return read_scenarios(value, command);
  if (word == "--db") return read_medium(value, command.world.medium);
  if (word == "--seed") return read_number(value, command.world.seed);
  if (word == "--seeds") return read_number(value, command.seeds);
  if (word == "--events") return read_number(value, command.world.events);
  if (word == "--for") return read_number(value, command.for_s);
  if (word != "--cuts") return false;
  command.mode = Mode::cuts;
  return read_number(value, command.cuts);
}

}  // namespace

std::optional<Command> read_command(int count, char** words) {
  Command command;
  for (int i = 1; i < count; ++i) {
    if (read_switch(words[i], command)) continue;
    if (i + 1 == count || !read_setting(words[i], words[i + 1], command)) return std::nullopt;
    ++i;
  }
  return command;
}

int usage() {
  std::fprintf(
      stderr,
      "usage: quittance_simulate [--seed N] [--seeds K | --for SECONDS] [--events M] "
      "[--db sqlite|model|files] [--scenario NAME|all] [--plant BUG] [--trace] [--repeats | "
      "--bites | --cuts C]\n"
      "BUG is one of:");
  for (const PlantRow& row : plants())
    std::fprintf(stderr, " %s", std::string(row.name).c_str());
  std::fprintf(stderr, "\nNAME is one of:\n");
  for (const Scenario& scenario : scenarios())
    std::fprintf(stderr, "  %-28s %s\n", std::string(scenario.name).c_str(),
                 std::string(scenario.says).c_str());
  return 2;
}

}  // namespace quittance::simulation
