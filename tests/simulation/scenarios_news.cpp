// Named scenarios of those who are told: a merchant's program that is dead, and mails around a
// crash.
#include <algorithm>
#include <array>

#include "simulation/scenarios.hpp"
#include "simulation/scene.hpp"

namespace quittance::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// How soon everybody is told who listens, whoever else does not.
constexpr base::Duration kSoon = seconds(2);

/// One way in which a merchant's program takes nothing. In each seed at least one of them keeps its
/// callers waiting.
struct DeadWay {
  std::string_view name;
  PostFaults faults;
};
constexpr std::array kDeadWays{
    DeadWay{"silent", {.silent = 100}},
    DeadWay{"nobody listens", {.away = 100}},
    DeadWay{"503", {.unable = 100}},
    DeadWay{"429", {.too_many = 100}},
    DeadWay{"its answers are lost", {.unheard = 100}},
    DeadWay{"503 after a while", {.unable = 100, .slow_ms = 9'000}},
};

/// An order that is completed by now.
Bought sell_one(Scene& scene, std::int64_t silk) {
  const Bought order = scene.buy_with_receipt(silk);
  scene.pay_and_show(order);
  scene.people().notice_of(scene.engine(), order, 0);
  scene.pass(seconds(1));
  scene.until(
      "the order completes", [&] { return scene.model(order).status == "completed"; },
      [&] { scene.people().bring_screenshot(scene.engine(), order, 0); }, seconds(10));
  return order;
}

std::vector<Bought> sell_some(Scene& scene, std::int64_t silk, int count) {
  std::vector<Bought> orders;
  for (int i = 0; i < count; ++i) {
    orders.push_back(sell_one(scene, silk));
    scene.pass(scene.up_to(seconds(4)));
  }
  scene.pass(kSoon);
  return orders;
}

/// Everybody but the dead one knew of these orders soon.
void expect_told_soon(Scene& scene, const std::vector<Bought>& orders, const std::string& dead) {
  std::vector<std::string> alive = scene.world().endpoints();
  std::erase(alive, dead);
  alive.emplace_back(kMail);
  for (const Bought order : orders) {
    for (const std::string& destination : alive) {
      const auto waited = scene.waited(destination, order);
      if (waited && *waited <= kSoon) continue;
      scene.broken("a dead endpoint delays nobody else (N7)",
                   destination + " is told within " + std::to_string(kSoon.count()) + " ms",
                   waited ? std::to_string(waited->count()) + " ms" : "not told");
    }
  }
}

/// One endpoint is dead while orders complete, and while the engine is killed with all that it
/// holds for it; then it is back.
void outlive(Scene& scene, std::int64_t silk, const std::string& dead, const DeadWay& way) {
  scene.world().trace().line(dead + ": " + std::string(way.name));
  scene.post().set_faults(dead, way.faults);
  std::vector<Bought> orders = sell_some(scene, silk, 12);
  expect_told_soon(scene, orders, dead);
  scene.world().die("killed with news held up",
                    scene.dice().below(2) ? Death::kill : Death::power_cut);
  scene.no_crash();
  const std::vector<Bought> more = sell_some(scene, silk, 4);
  expect_told_soon(scene, more, dead);
  scene.post().calm();
  scene.pass(minutes(20));
  orders.insert(orders.end(), more.begin(), more.end());
  for (const Bought order : orders) {
    if (scene.waited(dead, order)) continue;
    scene.broken("an endpoint that is back gets the rest", dead + " is told", "not told");
  }
}

/// The engine dies somewhere between the notice and the moment when it wrote that the mail went
/// out.
Bought crash_before_mail(Scene& scene, std::int64_t silk, CrashPlan crash) {
  const Bought order = scene.buy_with_receipt(silk);
  scene.pay_and_show(order);
  scene.world().plan_crash(crash);
  scene.people().notice_of(scene.engine(), order, 0);
  // In steps, so that its rounds come between.
  for (int step = 0; step < 5; ++step)
    scene.pass(std::chrono::milliseconds(200));
  scene.no_crash();
  scene.until(
      "the order completes", [&] { return scene.model(order).status == "completed"; },
      [&] { scene.people().bring_screenshot(scene.engine(), order, 0); }, seconds(10));
  // A lease of two minutes ends meanwhile.
  scene.pass(minutes(4));
  scene.expect_mails(order, 1);
  return order;
}

/// The server took the mail, and we do not know: killed before its answer, or its answer is lost.
Bought leave_in_doubt(Scene& scene, std::int64_t silk, bool killed) {
  scene.post().set_faults(std::string(kMail), {.unheard = 100});
  const Bought order = sell_one(scene, silk);
  scene.pass(seconds(5));
  if (scene.times_mailed(order) != 1) scene.broken("the server takes the mail", "once", "not so");
  if (killed) scene.world().die("killed in doubt of a mail", Death::power_cut);
  scene.no_crash();
  scene.post().calm();
  scene.pass(minutes(4));
  scene.expect_mails(order, 1);
  if (scene.times_mailed(order) != 2) {
    scene.broken("a mail in doubt is sent again under its id", "twice",
                 std::to_string(scene.times_mailed(order)) + " times");
  }
  return order;
}

/// All goes back while the mail server is away: there is nothing more to tell.
Bought give_back_before_mail(Scene& scene, std::int64_t silk) {
  scene.post().set_faults(std::string(kMail), {.away = 100});
  const Bought order = sell_one(scene, silk);
  const std::string reference = scene.reference(order);
  scene.until(
      "the money goes back", [&] { return scene.model(order).returns > 0; },
      [&] { scene.people().return_all(scene.engine(), order, reference); }, seconds(10));
  scene.post().calm();
  scene.pass(minutes(30));
  scene.expect_mails(order, 0);
  return order;
}

}  // namespace

void n7_dead_endpoint(Scene& scene) {
  constexpr std::uint64_t kWays = 3;
  const std::int64_t silk = scene.sell(100);
  scene.world().tell_by_itself();
  for (std::uint64_t i = 0; i < kWays; ++i) {
    const DeadWay& way = kDeadWays[(scene.world().seed() * kWays + i) % kDeadWays.size()];
    outlive(scene, silk, scene.world().endpoints()[scene.dice().below(2)], way);
  }
  scene.heal();
  scene.expect_stock(silk, 100 - 16 * static_cast<std::int64_t>(kWays));
}

void n8_crash_before_mail(Scene& scene) {
  static constexpr std::array kPoints{"before_commit", "after_commit", "job"};
  constexpr std::int64_t kMost = 6;
  const std::int64_t silk = scene.sell(60);
  std::vector<Bought> orders;
  std::uint64_t turn = scene.world().seed();
  for (const std::string_view point : kPoints) {
    for (std::int64_t i = 1; i <= kMost; ++i) {
      const Death how = ++turn % 2 == 0 ? Death::kill : Death::power_cut;
      const std::int64_t countdown = point == "job" ? 5 * i : i;
      orders.push_back(
          crash_before_mail(scene, silk, {.point = point, .countdown = countdown, .how = how}));
    }
  }
  orders.push_back(leave_in_doubt(scene, silk, true));
  orders.push_back(leave_in_doubt(scene, silk, false));
  const Bought returned = give_back_before_mail(scene, silk);
  scene.heal();
  for (const Bought order : orders)
    scene.expect_mails(order, 1);
  scene.expect_mails(returned, 0);
}

}  // namespace quittance::simulation
