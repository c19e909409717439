// How a scenario plays in the world, and what it may direct there.
#include <algorithm>

#include "simulation/scene.hpp"
#include "simulation/world.hpp"

namespace quittance::simulation {

void World::play() {
  trace_.line("scenario " + std::string(options_.scenario->name));
  base::spawn(engine_->executor,
              detect::clean_up_daily(*engine_->store, clock_, checks_.retention(), log_));
  Scene scene(*this);
  try {
    options_.scenario->play(scene);
  } catch (const SceneOver&) {
    return;
  }
  conclude();
}

bool World::pass(base::Duration duration) {
  run_to(time_.now() + duration);
  const bool money = std::ranges::any_of(
      auditor_->model().orders(), [](const auto& entry) { return !entry.second.pieces.empty(); });
  if (!harmed_ && money && harms_books(options_.plant)) harm();
  return auditor_->look();
}

void World::set_clock(base::Duration offset) {
  clock_.set_offset(offset);
  ++facts_.letters.doubts;
  trace_.line("the engine's clock is off by " + std::to_string(offset.count()));
}

void World::set_faults(const sandbox::Faults& bank, WireFaults wire) {
  bank_->set_faults(bank);
  wire_.set_faults(wire);
}

void World::plan_crash(CrashPlan plan) {
  crash_ = plan;
  machine_.die_at(0, Death::kill);
  if (!plan.point.empty()) machine_.expect_cut();
}

}  // namespace quittance::simulation
