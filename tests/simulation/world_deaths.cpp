// How the engine lives and dies: it runs job by job, and may be killed, cut off or stopped.
#include <stdexcept>

#include "simulation/world.hpp"

namespace quittance::simulation {

/// Runs the engine up to a moment, job by job; it may die at any of them.
void World::run_engine(base::Time moment) {
  try {
    for (bool more = true; more && !machine_.dead();) {
      reach("job");
      more = engine_->executor.run_one(moment);
    }
  } catch (const EngineDied& death) {
    return die(death.point, death.how);
  }
  if (machine_.dead()) return die("a call to the disk", Death::kill);
  time_.set(std::max(moment, time_.now()));
}

void World::reach(std::string_view point) {
  if (crash_.point != point || --crash_.countdown > 0) return;
  throw EngineDied{point, std::exchange(crash_, {}).how};
}

void World::die(std::string_view point, Death how) {
  trace_.line("the engine dies: " + std::string(point));
  crash_ = {};
  // From here on nothing that the old one does can reach the disk.
  machine_.die(how);
  post_.forget_open();
  auditor_->close();
  engine_.reset();
  machine_.restart();
  if (options_.plant == Plant::acknowledged_lost && harmed_) harm_now();
  if (!healing_ && dice_.below(2) == 0) {
    const std::uint64_t most_ms = options_.cuts_only ? 5'000 : 600'000;
    time_.advance(base::Duration{static_cast<std::int64_t>(dice_.below(most_ms))});
  }
  // N15: killed twice, the second time while it comes up.
  if (!healing_ && dice_.below(4) == 0) arm_crash();
  start_engine();
}

/// Opens the books; the machine may die while it does.
void World::start_engine() {
  for (bool up = false; !up;) {
    ++crashes_;
    try {
      engine_ = std::make_unique<Engine>(ground());
      up = true;
    } catch (const BooksClosed& closed) {
      if (!machine_.dead()) throw;
      trace_.line("the machine dies while the engine comes up");
      machine_.restart();
    }
  }
  auditor_->open();
  base::spawn(engine_->executor,
              detect::clean_up_daily(*engine_->store, clock_, checks_.retention(), log_));
  if (rush_ && !healing_) base::spawn(engine_->executor, engine_->poller->run());
  if (tells_by_itself_ && !healing_) engine_->outbox->start(engine_->executor);
  news_notes_ = -1;
  session_notes_ = -1;
  look_after_start();
  if (options_.cuts_only && !healing_) arm_cut();
}

/// What survived is held against what was acknowledged.
void World::look_after_start() {
  const bool thorough = options_.cuts_only || crashes_ % 128 == 0;
  if (!thorough) {
    auditor_->look();
  } else if (auditor_->check_file()) {
    auditor_->sweep();
  }
}

/// Stopped as an operator stops it: the database is closed, which writes, and may die of that.
void World::stop_in_order() {
  trace_.line("the engine is stopped");
  post_.forget_open();
  auditor_->close();
  engine_.reset();
  if (machine_.dead()) machine_.restart();
  start_engine();
}

void World::arm_crash() {
  static constexpr std::string_view kPoints[] = {"job", "before_commit", "after_commit"};
  const Death how = dice_.below(2) == 0 ? Death::kill : Death::power_cut;
  if (dice_.below(2) == 0 && machine_.loses()) {
    const std::uint64_t most = dice_.below(2) == 0 ? 12 : 200;
    machine_.die_at(static_cast<std::int64_t>(1 + dice_.below(most)), how);
    trace_.line("will die at a call to the disk");
    return;
  }
  crash_.point = kPoints[dice_.below(3)];
  crash_.countdown = static_cast<std::int64_t>(1 + dice_.below(crash_.point == "job" ? 40 : 8));
  crash_.how = how;
  machine_.expect_cut();
  trace_.line("will die at " + std::string(crash_.point) + " " + std::to_string(crash_.countdown));
}

/// One power cut after another: at a call to the disk, and some between the commit and the answer.
void World::arm_cut() {
  machine_.expect_cut();
  if (dice_.below(8) == 0) {
    crash_ = {.point = "after_commit", .countdown = 1, .how = Death::power_cut};
    return;
  }
  static constexpr std::uint64_t kMost[] = {10, 60, 400};
  const std::uint64_t most = kMost[dice_.below(3)];
  machine_.die_at(static_cast<std::int64_t>(1 + dice_.below(most)), Death::power_cut);
}

}  // namespace quittance::simulation
