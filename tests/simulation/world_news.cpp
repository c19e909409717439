// How the engine of the world tells others: when it turns to that, and what its wire does to it.
#include <algorithm>

#include "simulation/world.hpp"

namespace quittance::simulation {
namespace {

/// As the engine rests between two rounds. When nobody can be told anything just now it tries again
/// after a minute at most; through the weeks that are drawn it is a slow machine.
constexpr base::Duration kRest{200};
constexpr base::Duration kLongRest = std::chrono::minutes(1);
constexpr base::Duration kSlowRest = std::chrono::minutes(30);
/// What is planned further ahead was planned by another clock (N14).
constexpr base::Duration kFurthest = std::chrono::hours(30);

base::Task<void> one_round(Engine& engine, bool& idle) {
  idle = co_await engine.outbox->tick() == 0;
}

}  // namespace

std::vector<std::string> World::endpoints() const {
  std::vector<std::string> urls{"https://first.test/hook"};
  // Every other merchant has a second program.
  if (options_.scenario || options_.seed % 2 == 1) urls.emplace_back("https://second.test/hook");
  return urls;
}

/// When there is somebody to be told something: idle rounds are left out, which changes nothing.
base::Time World::next_telling() {
  if (tells_by_itself_ && !healing_) return base::Time::max();
  const ChangedRows* rows = machine_.changed_rows();
  if (!rows || rows->news_notes() != news_notes_) look_for_news();
  if (rows) news_notes_ = rows->news_notes();
  if (news_waits_) return std::max(time_.now(), last_telling_ + kRest);
  if (!delivery_due_) return base::Time::max();
  const bool from_another_clock = *delivery_due_ - clock_.now() > kFurthest;
  const base::Time due = from_another_clock ? time_.now() : *delivery_due_ - clock_.offset();
  const bool slow = !options_.scenario && !healing_;
  const base::Duration rest = !idle_round_ ? kRest : slow ? kSlowRest : kLongRest;
  return std::max({time_.now(), due, last_telling_ + rest});
}

void World::look_for_news() {
  news_waits_ = false;
  delivery_due_.reset();
  storage::Reading<bool> look = [this](storage::Books& books) -> base::Result<bool> {
    TRY(news_waits_, books.outbox_waits());
    std::vector<std::string> destinations = endpoints();
    destinations.emplace_back(kMail);
    for (const std::string& destination : destinations) {
      TRY(const auto next, books.next_delivery(destination));
      if (next) delivery_due_ = std::min(delivery_due_.value_or(*next), *next);
    }
    return true;
  };
  [[maybe_unused]] const auto done = engine_->store->read_here<bool>(std::move(look));
}

void World::tell() {
  last_telling_ = time_.now();
  idle_round_ = true;
  base::spawn(engine_->executor, one_round(*engine_, idle_round_));
  run_engine(time_.now());
}

/// The engine's own loops do it from now on, until the healing.
void World::tell_by_itself() {
  tells_by_itself_ = true;
  engine_->outbox->start(engine_->executor);
}

/// Every destination has its own luck.
void World::draw_post() {
  const auto some = [this](std::uint64_t most) { return post_random_.below(most + 1); };
  std::vector<std::string> destinations = endpoints();
  destinations.emplace_back(kMail);
  std::string line = "post";
  for (const std::string& destination : destinations) {
    PostFaults faults;
    const std::uint64_t luck = some(9);
    if (luck >= 3) faults.slow_ms = some(9'000);
    if (luck >= 4) {
      faults = {.away = some(10),
                .silent = some(10),
                .unable = some(10),
                .too_many = some(5),
                .unknown = some(5),
                .unheard = some(20),
                .slow_ms = faults.slow_ms};
    }
    if (luck == 7) faults = {.away = 100};
    if (luck == 8) faults = {.silent = 60, .unheard = 40};
    if (luck == 9) faults = {.unable = 70, .too_many = 30};
    // One merchant's second program is down until the end.
    if (options_.seed % 6 == 5 && destination != kMail && destination == endpoints().back()) {
      faults = {.silent = 50, .unable = 50};
    }
    post_.set_faults(destination, faults);
    line += " " + std::to_string(luck);
  }
  // Another's is taken down for good.
  if (options_.seed % 8 == 3 && some(9) == 0) post_.end(endpoints().back());
  trace_.line(line);
}

}  // namespace quittance::simulation
