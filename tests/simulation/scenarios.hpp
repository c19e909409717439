// Named scenarios: what hurt other systems, told step by step in the world of the simulation.
#pragma once

#include <span>
#include <string_view>

#include "simulation/plants.hpp"

namespace quittance::simulation {

class Scene;

/// A script. Who acts and in what order is told; when, and what goes wrong, is drawn by the seed.
struct Scenario {
  std::string_view name;  ///< begins with the id of the requirement
  std::string_view says;  ///< what must come of it
  Plant plant;            ///< a bug that it finds
  void (*play)(Scene&);
};

// scenarios_news.cpp
void n7_dead_endpoint(Scene& scene);
void n8_crash_before_mail(Scene& scene);

std::span<const Scenario> scenarios();
/// Null: there is none of that name.
const Scenario* scenario_of(std::string_view name);

}  // namespace quittance::simulation
