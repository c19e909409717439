#include "simulation/scene.hpp"

#include <array>

namespace quittance::simulation {

namespace {

using std::chrono::seconds;

sandbox::Faults always(std::int64_t sandbox::Faults::* knob) {
  sandbox::Faults faults;
  faults.*knob = 100;
  return faults;
}

sandbox::Faults too_many() {
  sandbox::Faults faults = always(&sandbox::Faults::too_many_requests_percent);
  faults.retry_after_s = 300;
  return faults;
}

sandbox::Faults no_token() {
  sandbox::Faults faults;
  faults.unauthorized = true;
  return faults;
}

const std::array kOutages{
    Outage{.name = "silence", .wire = {.hang = 100}},
    Outage{.name = "replies are lost", .wire = {.lose_reply = 100}},
    Outage{.name = "maintenance page", .bank = always(&sandbox::Faults::error_rate_percent)},
    Outage{.name = "500", .bank = always(&sandbox::Faults::server_error_percent)},
    Outage{.name = "403 page", .bank = always(&sandbox::Faults::forbidden_html_percent)},
    Outage{.name = "429", .bank = too_many()},
    Outage{.name = "rubbish", .bank = always(&sandbox::Faults::garbage_percent)},
    Outage{.name = "half a reply", .bank = always(&sandbox::Faults::truncated_percent)},
    Outage{.name = "token expired", .bank = no_token()},
};

std::string number(std::int64_t value) { return std::to_string(value); }

}  // namespace

std::span<const Outage> outages() { return kOutages; }

std::int64_t Scene::sell(std::int64_t stock) {
  const auto price = core::Money::from_minor(kPrice, *core::Currency::from_code("USD"));
  const auto shown = [this] { return people().dollar_products().back(); };
  const std::int64_t before = shown();
  until(
      "a product is put up", [&] { return shown() != before; },
      [&] { people().sell(engine(), *price, stock); }, seconds(1));
  return shown();
}

Bought Scene::buy(std::int64_t product_id, std::int64_t quantity) {
  return buy_one(product_id, quantity, false);
}

Bought Scene::buy_with_receipt(std::int64_t product_id) { return buy_one(product_id, 1, true); }

Bought Scene::buy_one(std::int64_t product_id, std::int64_t quantity, bool by_mail) {
  const std::size_t before = people().orders().size();
  until(
      "an order is placed", [&] { return people().orders().size() > before; },
      [&] { people().buy(engine(), product_id, quantity, by_mail); }, seconds(1));
  return before;
}

std::size_t Scene::show_another(Bought order) {
  const auto shown = [&] { return people().orders()[order].qrs.size(); };
  const std::size_t before = shown();
  until(
      "another QR is shown", [&] { return shown() > before; },
      [&] { people().show_another(engine(), order); }, std::chrono::minutes(1));
  return before;
}

void Scene::pay(Bought order, std::size_t qr, sandbox::PaymentTerms terms) {
  people().pay(people().orders()[order].qrs[qr], std::move(terms));
}

void Scene::pay_and_show(Bought order, std::size_t qr) {
  pay(order, qr);
  until(
      "the bank shows a transfer", [&] { return !reference(order, qr).empty(); }, [] {},
      std::chrono::minutes(10));
}

std::string Scene::reference(Bought order, std::size_t qr) {
  const sandbox::Transfer* seen = people().transfer_for(people().orders()[order].qrs[qr]);
  return seen ? seen->hash : "";
}

const ModelOrder& Scene::model(Bought order) {
  return world_.auditor().model().orders().at(people().orders()[order].id);
}

void Scene::pass(base::Duration duration) {
  if (!world_.pass(duration)) throw SceneOver{};
}

base::Duration Scene::up_to(base::Duration most) {
  return base::Duration{
      static_cast<std::int64_t>(dice().below(static_cast<std::uint64_t>(most.count()) + 1))};
}

void Scene::trouble() { world_.draw_faults(1); }

void Scene::calm() { world_.set_faults({}, {}); }

void Scene::outage(const Outage& outage) {
  world_.trace().line("outage: " + std::string(outage.name));
  world_.set_faults(outage.bank, outage.wire);
}

void Scene::maybe_crash() {
  if (dice().below(2) == 0) world_.arm_crash();
}

void Scene::heal() {
  world_.heal();
  if (world_.auditor().violation()) throw SceneOver{};
}

void Scene::expect(Bought order, std::string_view expected) {
  const ModelOrder& one = model(order);
  const std::string found = one.status + ", goods " + one.goods + ", " + number(one.paid) +
                            " counted in " + number(static_cast<std::int64_t>(one.pieces.size())) +
                            ", " + number(one.refunded) + " back in " + number(one.returns) +
                            ", excess " + number(one.excess_left()) + ", attention " +
                            one.attention() + ", completed " + number(one.completions);
  if (found != expected) {
    broken("order " + number(people().orders()[order].id) + " ends as the scenario says",
           std::string(expected), found);
  }
}

void Scene::expect_stock(std::int64_t product_id, std::int64_t expected) {
  const std::int64_t found = world_.auditor().model().shelves().at(product_id).stock;
  if (found != expected) {
    broken("so many pieces are left of product " + number(product_id), number(expected),
           number(found));
  }
}

void Scene::broken(std::string_view rule, std::string expected, std::string found) {
  world_.auditor().report({std::string(rule), std::move(expected), std::move(found)});
  throw SceneOver{};
}

}  // namespace quittance::simulation
