#include "sandbox/population.hpp"

#include "sandbox/desk.hpp"
#include "sandbox/payers.hpp"

namespace quittance::sandbox {

void Population::meet(std::string_view rail, const std::vector<Waiting>& waiting,
                      std::int64_t speed, base::Time now, base::Random& random) {
  for (const Waiting& one : waiting) {
    std::pair<std::string, std::string> key(rail, one.ref);
    if (!met_.insert(key).second) continue;
    met_order_.push_back(std::move(key));
    if (met_order_.size() > kMetLimit) {
      met_.erase(met_order_.front());
      met_order_.pop_front();
    }
    if (const auto delay = draw_pay_delay(random)) {
      coming_.emplace(now + *delay / speed, Coming{std::string(rail), one.ref});
    }
  }
}

std::vector<Population::Coming> Population::take_due(base::Time now) {
  std::vector<Coming> due;
  const auto end = coming_.upper_bound(now);
  for (auto one = coming_.begin(); one != end; ++one)
    due.push_back(std::move(one->second));
  coming_.erase(coming_.begin(), end);
  return due;
}

void meet_payers_at(Desk& desk, RailRoom& room, RailDesk& rail_desk) {
  const std::int64_t speed = desk.faults.population_speed;
  if (speed == 0) return;
  desk.hall.population().meet(room.rail.name, room.rail.waiting(rail_desk), speed, desk.clock.now(),
                              desk.random);
}

std::int64_t send_payers_at(Desk& desk) {
  std::int64_t paid = 0;
  const base::Time now = desk.clock.now();
  for (const auto& [name, ref] : desk.hall.population().take_due(now)) {
    RailRoom* room = desk.hall.find(name);
    if (room == nullptr) continue;
    RailDesk rail_desk = desk.hall.desk(*room, now, desk.random, desk.options.public_url);
    Act pays{.choice = std::string(room->rail.choices.front().name)};
    // A request that is paid or over by then is this payer's bad luck.
    if (room->rail.act(rail_desk, ref, pays)) ++paid;
  }
  return paid;
}

void Population::clear() {
  met_.clear();
  met_order_.clear();
  coming_.clear();
}

}  // namespace quittance::sandbox
