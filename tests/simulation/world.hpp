// The world of one run: time, faults, crashes, and the people, bank, engine and auditor in it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "simulation/auditor.hpp"
#include "simulation/engine.hpp"
#include "simulation/population.hpp"
#include "simulation/post.hpp"
#include "simulation/scenarios.hpp"
#include "simulation/wire.hpp"

namespace quittance::simulation {

struct WorldOptions {
  std::uint64_t seed = 1;
  std::int64_t events = 2'000;
  Plant plant = Plant::none;
  Medium medium = Medium::lossy_disk;
  /// Power cuts, one soon after the other, instead of all that else goes wrong.
  bool cuts_only = false;
  bool trace = false;
  /// A script instead of `events` acts that are drawn.
  const Scenario* scenario = nullptr;
};

/// Where the engine is to be killed, besides at a call to the disk.
struct CrashPlan {
  std::string_view point;  ///< `job`, `before_commit`, `after_commit`; empty: nowhere
  std::int64_t countdown = 0;
  Death how = Death::kill;
};

/// How a run ended.
struct Outcome {
  std::optional<Violation> violation;
  std::int64_t event = 0;  ///< at which it was found; `events` when in the end
  std::string hash;        ///< over the trace
  std::int64_t crashes = 0;
  DiskFigures disk;
  std::int64_t calls = 0;
  std::int64_t orders = 0;
  std::int64_t settlements = 0;
  std::int64_t returns = 0;
  std::int64_t transfers = 0;
  std::int64_t days = 0;
};

class World {
 public:
  explicit World(WorldOptions options);
  /// Runs all events and the healing; stops at the first violation.
  Outcome run();

  // What a scenario directs (scene.hpp).
  base::Time now() const { return time_.now(); }
  std::uint64_t seed() const { return options_.seed; }
  base::Random& dice() { return dice_; }
  Trace& trace() { return trace_; }
  Population& people() { return *people_; }
  Engine& engine() { return *engine_; }
  Auditor& auditor() { return *auditor_; }
  Post& post() { return post_; }
  const Letters& letters() const { return facts_.letters; }
  /// Addresses of merchants' programs.
  std::vector<std::string> endpoints() const;
  /// The engine works while so much time goes by. False once a rule is broken.
  bool pass(base::Duration duration);
  /// The poller looks for what is due, from now on.
  void start_tick();
  /// The engine's own loops tell others, from now on, instead of a round where there is need.
  void tell_by_itself();
  void set_clock(base::Duration offset);
  void set_faults(const sandbox::Faults& bank, WireFaults wire);
  /// 0: the bank answers in all its styles. 1: now and then it does not. 2: it refuses. 3: silence.
  void draw_faults(std::uint64_t regime);
  void plan_crash(CrashPlan plan);
  void arm_crash();
  void die(std::string_view point, Death how);
  /// After the storm: everything works, and forty-five days and more go by.
  void heal();

 private:
  EngineGround ground();
  void build_shop();
  Stage stage();
  void live();
  void play();
  void conclude();
  void event();
  void run_to(base::Time moment);
  void run_engine(base::Time moment);
  base::Duration tick_spacing() const;
  base::Time next_tick();
  void tick();
  base::Time next_telling();
  void look_for_news();
  void tell();
  void draw_post();
  void reach(std::string_view point);
  void stop_in_order();
  void start_engine();
  void look_after_start();
  void change_faults();
  void jump_clock();
  void arm_cut();
  void harm();
  void harm_now();
  void count_twice();
  base::Duration draw_pause();
  Outcome outcome() const;

  WorldOptions options_;
  bool rush_;  ///< hours instead of weeks; the poller runs by itself
  Trace trace_;
  base::ManualClock time_;
  base::Time began_;
  SkewedClock clock_;
  base::SeededRandom dice_;
  base::SeededRandom bank_random_;
  base::SeededRandom engine_random_;
  base::SeededRandom disk_random_;
  base::SeededRandom post_random_;
  Machine machine_;
  base::SilentLog log_;
  core::CheckPolicy checks_;
  base::SigningKey pass_key_;
  std::unique_ptr<sandbox::Sandbox> bank_;
  Facts facts_;
  BankWire wire_;
  Post post_;
  std::string token_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Auditor> auditor_;
  std::unique_ptr<Population> people_;
  CrashPlan crash_;
  base::Time last_tick_;
  base::Time ticked_at_;  ///< by the engine's clock
  base::Time last_event_;
  std::int64_t session_notes_ = -1;         ///< when this was looked up:
  std::optional<base::Time> question_due_;  ///< by the engine's clock
  base::Time last_telling_;
  bool tells_by_itself_ = false;
  bool idle_round_ = false;       ///< the last one could not begin anything
  std::int64_t news_notes_ = -1;  ///< when the two below were looked up
  bool news_waits_ = false;
  std::optional<base::Time> delivery_due_;  ///< by the engine's clock
  bool healing_ = false;
  bool harmed_ = false;
  std::int64_t at_event_ = 0;
  std::int64_t crashes_ = 0;
};

}  // namespace quittance::simulation
