#include "simulation/scenarios.hpp"

#include <algorithm>
#include <array>

#include "simulation/scene.hpp"

namespace quittance::simulation {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// How an order of one piece ends that was paid once, whatever happened.
constexpr std::string_view kPaidOnce =
    "completed, goods committed, 1000 counted in 1, 0 back in 0, excess 0, attention none, "
    "completed 1";

bool completed(Scene& scene, Bought order) { return scene.model(order).status == "completed"; }

/// In every order of the four: the notice, our question, a person and a screenshot.
void n1_all_at_once(Scene& scene) {
  std::array<int, 4> acts{0, 1, 2, 3};
  const std::int64_t silk = scene.sell(60);
  std::vector<Bought> orders;
  do {
    scene.trouble();
    const Bought order = scene.buy(silk);
    orders.push_back(order);
    scene.people().open_page(scene.engine(), order);
    scene.pass(scene.up_to(seconds(20)));
    scene.pay_and_show(order);
    scene.maybe_crash();
    for (const int act : acts) {
      Engine& engine = scene.engine();
      if (act == 0) scene.people().notice_of(engine, order, 0);
      if (act == 1) scene.world().start_tick();
      if (act == 2) scene.people().state_paid_by(engine, order, scene.reference(order));
      if (act == 3) scene.people().bring_screenshot(engine, order, 0);
    }
    scene.pass(minutes(1));
  } while (std::ranges::next_permutation(acts).found);
  scene.heal();
  for (const Bought order : orders)
    scene.expect(order, kPaidOnce);
  scene.expect_stock(silk, 60 - 24);
}

/// Where the engine dies in one interleaving of N2.
constexpr std::array kPoints{"before_commit", "after_commit", "job"};
constexpr std::int64_t kMostCommits = 6;

/// A "no" that was given before the money was there arrives around the end of the window, and a
/// notice, a screenshot and the cleaning come around it: each a millisecond after the other.
void race_the_end(Scene& scene, Bought order, const std::array<int, 4>& acts, CrashPlan crash,
                  base::Time end) {
  const base::Time asked_at = end - seconds(2);
  const auto slot = std::ranges::find(acts, 0) - acts.begin();
  scene.pass(asked_at - scene.now());
  scene.people().open_page(scene.engine(), order);
  scene.pass(base::Duration{0});
  // The bank makes its answer halfway, and the money is there half a second later.
  sandbox::Faults slow;
  slow.latency_ms = 2'000 + slot;
  scene.world().set_faults(slow, {});
  scene.world().start_tick();
  scene.pass(milliseconds(1));
  scene.calm();
  scene.pass(end - scene.now());
  scene.world().plan_crash(crash);
  for (const int act : acts) {
    Engine& engine = scene.engine();
    if (act == 1) scene.people().notice_of(engine, order, 0);
    if (act == 2) scene.people().bring_screenshot(engine, order, 0);
    if (act == 3) scene.people().clean(engine);
    scene.pass(milliseconds(1));
  }
  scene.pass(seconds(10));
  scene.no_crash();
}

/// One order, paid a minute before its window ends; the bank shows it half a second before the
/// race.
Bought race_once(Scene& scene, std::int64_t silk, const std::array<int, 4>& acts, CrashPlan crash) {
  const Bought order = scene.buy(silk);
  const base::Time window_end = scene.now() + minutes(15) - seconds(1);
  static constexpr std::array<base::Duration, 4> kAround{milliseconds(-1), milliseconds(0),
                                                         milliseconds(1), hours(24) - minutes(15)};
  const base::Time end = window_end + kAround[scene.world().seed() % 4];
  scene.pass(window_end - minutes(1) - scene.now());
  sandbox::Faults late;
  late.not_found_for_ms = (end - milliseconds(500) - scene.now()).count();
  scene.world().set_faults(late, {});
  scene.pay(order);
  scene.calm();
  race_the_end(scene, order, acts, crash, end);
  return order;
}

void n2_end_of_the_window(Scene& scene) {
  std::array<int, 4> acts{0, 1, 2, 3};
  const std::int64_t silk = scene.sell(1'000);
  std::vector<Bought> orders;
  std::uint64_t turn = scene.world().seed();
  do {
    orders.push_back(race_once(scene, silk, acts, {}));
    for (const char* point : kPoints) {
      for (std::int64_t countdown = 1; countdown <= kMostCommits; ++countdown) {
        const Death how = ++turn % 2 == 0 ? Death::kill : Death::power_cut;
        orders.push_back(
            race_once(scene, silk, acts, {.point = point, .countdown = countdown, .how = how}));
      }
    }
  } while (std::ranges::next_permutation(acts).found);
  scene.heal();
  for (const Bought order : orders)
    scene.expect(order, kPaidOnce);
  scene.expect_stock(silk, 1'000 - static_cast<std::int64_t>(orders.size()));
}

/// Paid a minute before the window ends, and shown by the bank three days later. The last piece.
Bought forget_for_three_days(Scene& scene, std::int64_t product_id) {
  const Bought order = scene.buy(product_id);
  scene.pass(minutes(14) - seconds(1));
  sandbox::Faults late;
  late.not_found_for_ms = base::Duration(hours(72)).count();
  scene.world().set_faults(late, {});
  scene.pay(order);
  scene.trouble();
  scene.maybe_crash();
  scene.pass(hours(48) + scene.up_to(hours(12)));
  scene.expect(order,
               "pending, goods released, 0 counted in 0, 0 back in 0, excess 0, attention "
               "none, completed 0");
  return order;
}

void n3_goods_left(Scene& scene) {
  const std::int64_t silk = scene.sell(1);
  const Bought order = forget_for_three_days(scene, silk);
  scene.heal();
  scene.expect(order, kPaidOnce);
  scene.expect_stock(silk, 0);
}

void n3_goods_gone(Scene& scene) {
  const std::int64_t silk = scene.sell(1);
  const Bought order = forget_for_three_days(scene, silk);
  scene.no_crash();
  scene.calm();
  const Bought faster = scene.buy(silk);
  scene.pay(faster);
  scene.pass(hours(30));
  scene.expect(order,
               "pending, goods released, 1000 counted in 1, 0 back in 0, excess 0, "
               "attention paid_late, completed 0");
  scene.expect(faster, kPaidOnce);
  scene.maybe_crash();
  const bool hands_over = scene.dice().below(2) == 0;
  const std::string reference = scene.reference(order);
  scene.until(
      "staff end what was paid late", [&] { return scene.model(order).status != "pending"; },
      [&] {
        Engine& engine = scene.engine();
        if (hands_over) return scene.people().state_paid_by(engine, order, "");
        scene.people().return_all(engine, order, reference);
      },
      minutes(1));
  scene.heal();
  scene.expect(order, hands_over ? "completed, goods committed, 1000 counted in 1, 0 back in 0, "
                                   "excess 0, attention shortage, completed 1"
                                 : "refunded, goods released, 1000 counted in 1, 1000 back in 1, "
                                   "excess 0, attention none, completed 0");
  scene.expect_stock(silk, 0);
}

void n4_notice_after_refund(Scene& scene) {
  const std::int64_t silk = scene.sell(5);
  scene.trouble();
  const Bought order = scene.buy(silk);
  scene.pay_and_show(order);
  const std::string reference = scene.reference(order);
  const auto bring = [&] { scene.people().bring_screenshot(scene.engine(), order, 0); };
  scene.until("the order completes", [&] { return completed(scene, order); }, bring, minutes(2));
  scene.maybe_crash();
  scene.until(
      "the money goes back", [&] { return scene.model(order).returns > 0; },
      [&] { scene.people().return_all(scene.engine(), order, reference); }, minutes(1));
  for (int i = 0; i < 6; ++i) {
    scene.maybe_crash();
    scene.pass(scene.up_to(hours(30)));
    scene.people().notice_of(scene.engine(), order, 0);
    bring();
    scene.people().notice_of(scene.engine(), order, 0);
    scene.pass(minutes(1));
  }
  scene.heal();
  scene.expect(order,
               "refunded, goods committed, 1000 counted in 1, 1000 back in 1, excess 0, "
               "attention none, completed 1");
  scene.expect_stock(silk, 4);
}

/// Three kinds of outage, by the seed: each lasts beyond the end of the window and of the hold.
void n5_no_answer_is_no_no(Scene& scene) {
  const std::int64_t silk = scene.sell(60);
  constexpr std::uint64_t kOutages = 3;
  for (std::uint64_t i = 0; i < kOutages; ++i) {
    const Outage& outage = outages()[(scene.world().seed() * kOutages + i) % outages().size()];
    scene.no_crash();
    scene.calm();
    const Bought paid = scene.buy(silk);
    const Bought unpaid = scene.buy(silk);
    scene.outage(outage);
    scene.pass(scene.up_to(minutes(10)));
    scene.pay(paid);
    scene.maybe_crash();
    scene.pass(hours(25) + scene.up_to(hours(4)));
    for (const Bought order : {paid, unpaid}) {
      scene.expect(order,
                   "pending, goods reserved, 0 counted in 0, 0 back in 0, excess 0, "
                   "attention none, completed 0");
    }
    scene.calm();
    scene.pass(hours(3));
    scene.expect(paid, kPaidOnce);
    scene.expect(unpaid,
                 "pending, goods released, 0 counted in 0, 0 back in 0, excess 0, "
                 "attention none, completed 0");
  }
  scene.heal();
  scene.expect_stock(silk, 60 - static_cast<std::int64_t>(kOutages));
}

void n6_two_qrs_paid(Scene& scene) {
  const std::int64_t silk = scene.sell(5);
  const Bought order = scene.buy(silk);
  scene.pass(minutes(16) + scene.up_to(hours(2)));
  const std::size_t second = scene.show_another(order);
  scene.trouble();
  const bool first_first = scene.dice().below(2) == 0;
  scene.pay(order, first_first ? 0 : second);
  scene.maybe_crash();
  scene.pass(scene.up_to(minutes(12)));
  scene.pay(order, first_first ? second : 0);
  scene.until(
      "both sums are in the books", [&] { return scene.model(order).pieces.size() == 2; }, [] {},
      hours(1));
  scene.expect(order,
               "completed, goods committed, 1000 counted in 2, 0 back in 0, excess 1000, "
               "attention excess, completed 1");
  std::string beyond;
  for (const auto& [reference, piece] : scene.model(order).pieces)
    if (piece.excess > 0) beyond = reference;
  scene.maybe_crash();
  scene.until(
      "the excess goes back", [&] { return scene.model(order).returns > 0; },
      [&] { scene.people().return_all(scene.engine(), order, beyond); }, minutes(1));
  scene.heal();
  scene.expect(order,
               "completed, goods committed, 1000 counted in 2, 0 back in 1, excess 0, "
               "attention none, completed 1");
  scene.expect_stock(silk, 4);
}

void n13_part_beyond_and_foreign(Scene& scene) {
  const std::int64_t silk = scene.sell(9);
  const Bought part = scene.buy(silk);
  const Bought beyond = scene.buy(silk);
  const Bought foreign = scene.buy(silk);
  scene.trouble();
  const auto cents = static_cast<std::int64_t>(1 + scene.dice().below(998));
  const auto some = core::Money::from_minor(cents, *core::Currency::from_code("USD"));
  scene.pay(part, 0, {.amount = some->decimal()});
  scene.pay(beyond, 0, {.amount = "12.50"});
  scene.pay(foreign, 0, {.amount = "10", .currency = "KHR"});
  scene.maybe_crash();
  scene.pass(minutes(16));
  scene.until(
      "the part is in the books", [&] { return !scene.model(part).pieces.empty(); }, [] {},
      hours(1));
  scene.maybe_crash();
  scene.pay(part, scene.show_another(part));
  scene.pay(foreign, scene.show_another(foreign));
  scene.heal();
  scene.expect(part,
               "completed, goods committed, 1000 counted in 2, 0 back in 0, excess 0, "
               "attention none, completed 1");
  scene.expect(beyond,
               "completed, goods committed, 1000 counted in 1, 0 back in 0, excess 250, "
               "attention excess, completed 1");
  scene.expect(foreign,
               "completed, goods committed, 1000 counted in 1, 0 back in 0, excess 0, "
               "attention mismatch, completed 1");
  scene.expect_stock(silk, 6);
}

/// Back before the customer pays, between the payment and our look, or while nobody pays; and later
/// forward again.
void n14_clock_set_back(Scene& scene) {
  const std::int64_t silk = scene.sell(40);
  for (int turn = 0; turn < 12; ++turn) {
    scene.world().set_clock(base::Duration{0});
    const Bought order = scene.buy(silk);
    const Bought unpaid = scene.buy(silk);
    scene.pass(minutes(1) + scene.up_to(minutes(12)));
    const bool before = turn % 2 == 0;
    if (!before) scene.pay(order);
    scene.pass(scene.up_to(minutes(1)));
    scene.world().set_clock(-hours(1));
    if (before) scene.pay(order);
    // It must not wait until the clock has caught up.
    scene.pass(minutes(10));
    scene.expect(order, kPaidOnce);
    scene.expect(unpaid,
                 "pending, goods reserved, 0 counted in 0, 0 back in 0, excess 0, "
                 "attention none, completed 0");
    scene.maybe_crash();
    scene.pass(scene.up_to(hours(5)));
    scene.no_crash();
  }
  scene.heal();
  scene.expect_stock(silk, 40 - 12);
}

/// The screenshot is five days old, it is three in the morning, and the bank is out until six.
void n15_old_screenshot_at_night(Scene& scene) {
  const std::int64_t silk = scene.sell(5);
  const Bought order = scene.buy(silk);
  const base::Duration day = hours(24);
  const base::Duration into_day{base::to_ms(scene.now()) % day.count()};
  scene.pass(day * 5 + (day - into_day) + hours(3));
  scene.outage(outages()[scene.dice().below(outages().size())]);
  scene.pay(order);
  for (int death = 0; death < 2; ++death) {
    scene.pass(scene.up_to(hours(1)));
    scene.people().bring_screenshot(scene.engine(), order, 0);
    scene.world().die("killed in the night",
                      scene.dice().below(2) ? Death::kill : Death::power_cut);
  }
  scene.pass(hours(1));
  scene.calm();
  scene.pass(hours(2));
  scene.expect(order, kPaidOnce);
  scene.heal();
  scene.expect(order, kPaidOnce);
  scene.expect_stock(silk, 4);
}

constexpr std::array kScenarios{
    Scenario{"N1_all_at_once",
             "notice, question, staff and screenshot in one millisecond: one settlement",
             Plant::counted_twice, n1_all_at_once},
    Scenario{"N2_end_of_the_window",
             "the expiry tick and the success in every interleaving, with every crash: completed",
             Plant::swaps_blindly, n2_end_of_the_window},
    Scenario{"N3_goods_left", "paid in time, seen three days later, goods left: completed",
             Plant::payment_forgotten, n3_goods_left},
    Scenario{"N3_goods_gone", "the same, goods gone: staff hand over or give back",
             Plant::hold_kept, n3_goods_gone},
    Scenario{"N4_notice_after_refund", "notices after a refund take no goods",
             Plant::pass_not_revoked, n4_notice_after_refund},
    Scenario{"N5_no_answer_is_no_no", "no kind of outage ends anything", Plant::unknown_is_no,
             n5_no_answer_is_no_no},
    Scenario{"N6_two_qrs_paid", "one is counted, the other is excess and goes back",
             Plant::excess_swallowed, n6_two_qrs_paid},
    Scenario{"N7_dead_endpoint", "a dead endpoint delays nobody else, and gets the rest later",
             Plant::one_line_for_all, n7_dead_endpoint},
    Scenario{"N8_crash_before_mail", "a crash between commit and mail: once by its id",
             Plant::mail_renamed, n8_crash_before_mail},
    Scenario{"N13_part_beyond_and_foreign", "part and rest, too much, another currency",
             Plant::amount_in_riel, n13_part_beyond_and_foreign},
    Scenario{"N14_clock_set_back", "an hour back: found in time, and nothing ends early",
             Plant::trusts_its_clock, n14_clock_set_back},
    Scenario{"N15_old_screenshot_at_night",
             "five days old, paid in an outage, killed twice: settled once by morning",
             Plant::stops_looking, n15_old_screenshot_at_night},
};

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* scenario_of(std::string_view name) {
  const auto row = std::ranges::find(kScenarios, name, &Scenario::name);
  return row == kScenarios.end() ? nullptr : &*row;
}

}  // namespace quittance::simulation
