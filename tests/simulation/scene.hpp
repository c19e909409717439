// What a scenario may do in its world: tell people, the bank, the clock and the power what to do,
// let time go by, and say what must have come of it.
#pragma once

#include <string>
#include <string_view>

#include "simulation/world.hpp"

namespace quittance::simulation {

/// Thrown when a rule is broken: the scenario ends there.
struct SceneOver {};

/// An order of a scenario, by its place in its customer's memory.
using Bought = std::size_t;

/// One way in which the bank cannot be asked.
struct Outage {
  std::string_view name;
  sandbox::Faults bank{};
  WireFaults wire{};
};
/// Every kind of it that N5 names, and more.
std::span<const Outage> outages();

class Scene {
 public:
  /// What each piece costs, in cents.
  static constexpr std::int64_t kPrice = 1'000;

  explicit Scene(World& world) : world_(world) {}

  // People. What has to be acknowledged is tried again until it is, also after a crash.
  std::int64_t sell(std::int64_t stock);
  Bought buy(std::int64_t product_id, std::int64_t quantity = 1);
  /// The same, by a customer who wants the receipt by mail.
  Bought buy_with_receipt(std::int64_t product_id);
  /// Another QR of the order, once the one before it has run out; its place among them.
  std::size_t show_another(Bought order);
  /// Pays a QR. Less or more than it asks for when `terms` says so.
  void pay(Bought order, std::size_t qr = 0, sandbox::PaymentTerms terms = {});
  /// Pays and, where the bank shows it late, waits until it does.
  void pay_and_show(Bought order, std::size_t qr = 0);
  /// The bank's reference of what paid this QR; empty: nothing it shows now.
  std::string reference(Bought order, std::size_t qr = 0);
  Population& people() { return world_.people(); }
  Post& post() { return world_.post(); }
  Engine& engine() { return world_.engine(); }
  const ModelOrder& model(Bought order);

  // Time.
  base::Time now() const { return world_.now(); }
  void pass(base::Duration duration);
  /// Up to so much time, evenly drawn.
  base::Duration up_to(base::Duration most);
  base::Random& dice() { return world_.dice(); }
  World& world() { return world_; }

  // What goes wrong.
  /// Calls that are slow, lost, refused or answered with rubbish, as drawn; never all of them.
  void trouble();
  void calm();
  void outage(const Outage& outage);
  /// A crash somewhere ahead, or none.
  void maybe_crash();
  void no_crash() { world_.plan_crash({}); }

  /// Acts, again and again, until `done`; the rule `what` is broken when it never is.
  void until(std::string_view what, auto done, auto act, base::Duration pause, int times = kTimes) {
    for (int i = 0; i < times && !done(); ++i) {
      act();
      pass(pause);
    }
    if (!done()) broken(what, "in the end", "never");
  }
  /// The storm is over, and the forty-five days go by. Nobody acts after this.
  void heal();

  // What must have come of it.
  void expect(Bought order, std::string_view expected);
  /// So many mails of the order were taken, by their ids.
  void expect_mails(Bought order, std::int64_t expected);
  /// How often a mail of the order was taken.
  std::int64_t times_mailed(Bought order);
  /// From the completion until this destination knew; empty: it does not.
  std::optional<base::Duration> waited(const std::string& destination, Bought order);
  void expect_stock(std::int64_t product_id, std::int64_t expected);
  [[noreturn]] void broken(std::string_view rule, std::string expected, std::string found);

 private:
  Bought buy_one(std::int64_t product_id, std::int64_t quantity, bool by_mail);
  /// A crash may swallow a wish; nine in ten swallowed in a row do not happen.
  static constexpr int kTimes = 60;

  World& world_;
};

}  // namespace quittance::simulation
