// What a scenario may ask of those who are told.
#include <algorithm>

#include "simulation/scene.hpp"

namespace quittance::simulation {

std::optional<base::Duration> Scene::waited(const std::string& destination, Bought order) {
  const std::int64_t id = people().orders()[order].id;
  const std::string completed = "order " + std::to_string(id) + " completed";
  std::optional<base::Time> happened;
  std::optional<base::Time> told;
  for (const Brought& one : world_.letters().brought) {
    if (one.order_id != id) continue;
    const bool of_it = one.destination == kMail || one.news.starts_with(completed);
    if (!of_it) continue;
    if (one.destination != kMail) happened = one.happened_at;
    if (one.destination == destination && !told) told = one.at;
  }
  if (!happened || !told) return std::nullopt;
  return *told - *happened;
}

std::int64_t Scene::times_mailed(Bought order) {
  const std::int64_t id = people().orders()[order].id;
  std::set<std::string> ids;
  for (const Brought& one : world_.letters().brought)
    if (one.destination == kMail && one.order_id == id) ids.insert(one.id);
  std::int64_t times = 0;
  for (const std::string& one : ids)
    times += world_.letters().tried.at({std::string(kMail), one}).taken;
  return times;
}

void Scene::expect_mails(Bought order, std::int64_t expected) {
  const std::int64_t id = people().orders()[order].id;
  const std::int64_t found = world_.auditor().mails_taken(id);
  if (found == expected) return;
  broken("a mail goes out once by its id (N8)",
         std::to_string(expected) + " for order " + std::to_string(id), std::to_string(found));
}

}  // namespace quittance::simulation
