#include "simulation/population.hpp"

#include <algorithm>

#include "simulation/post.hpp"

namespace quittance::simulation {

using base::Result;
using base::Task;
using core::Money;
using storage::Books;
using storage::WritableBooks;

namespace {

std::string text_of(std::int64_t value) { return std::to_string(value); }

Money minor_of(std::int64_t minor, const Money& like) {
  return Money::from_minor(minor, like.currency()).value_or(like);
}

}  // namespace

Remembered* Population::somebody() {
  if (orders_.empty()) return nullptr;
  const std::uint64_t count = orders_.size();
  // People care about what is recent; now and then about anything at all (law 5).
  const std::uint64_t recent = std::min<std::uint64_t>(count, 12);
  const bool old = stage_.dice.below(4) == 0;
  return &orders_[old ? stage_.dice.below(count) : count - 1 - stage_.dice.below(recent)];
}

void Population::act(Engine& engine) {
  struct Row {
    std::uint64_t weight;
    Acts act;
  };
  static constexpr Row kRows[] = {
      {180, &Population::order},     {200, &Population::look},
      {100, &Population::pay_again}, {60, &Population::open_session},
      {80, &Population::recover},    {30, &Population::ask_without_order},
      {60, &Population::cancel},     {80, &Population::verify},
      {60, &Population::mark_paid},  {20, &Population::second_look},
      {40, &Population::give_back},  {50, &Population::notice},
      {8, &Population::reverse},     {12, &Population::restock},
      {5, &Population::clean},       {15, &Population::send_receipt},
  };
  std::uint64_t sum = 0;
  for (const Row& row : kRows)
    sum += row.weight;
  std::uint64_t drawn = stage_.dice.below(sum);
  for (const Row& row : kRows) {
    if (drawn < row.weight) return (this->*row.act)(engine);
    drawn -= row.weight;
  }
}

void Population::crowd(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  stage_.trace.line("crowd at order " + text_of(one->id));
  const std::int64_t id = one->id;
  const std::string qr = one->qrs.back();
  if (stage_.dice.below(2) == 0) pay(qr, {});
  base::spawn(engine.executor, ask(engine, id));
  base::spawn(engine.executor, bring_code(engine, qr));
  if (stage_.dice.below(3) == 0) {
    stage_.facts.manual_asked.insert(id);
    base::spawn(engine.executor, state_paid(engine, id, ""));
    base::spawn(engine.executor, state_paid(engine, id, ""));
  }
  if (stage_.dice.below(3) == 0) {
    stage_.facts.cancel_asked.insert(id);
    base::spawn(engine.executor, cancel_one(engine, id));
  }
  // The bank's notice, a refund and a reversal in the same breath.
  if (stage_.dice.below(2) == 0) notice(engine);
  if (stage_.dice.below(4) == 0) base::spawn(engine.executor, return_some(engine, id, false));
  base::spawn(engine.executor, ask(engine, id));
}

void Population::order(Engine& engine) {
  // Now and then a few people want the last piece in the same millisecond.
  const std::uint64_t buyers = stage_.dice.below(6) == 0 ? 3 : 1;
  for (std::uint64_t i = 0; i < buyers; ++i)
    order_one(engine);
}

void Population::order_one(Engine& engine) {
  const bool riel = stage_.dice.below(4) == 0;
  std::vector<std::int64_t> products = riel ? stage_.riel_products : stage_.dollar_products;
  const std::uint64_t kinds = 1 + stage_.dice.below(std::min<std::uint64_t>(3, products.size()));
  checkout::OrderDraft draft;
  std::vector<Item> items;
  for (std::uint64_t i = 0; i < kinds; ++i) {
    const std::uint64_t at = stage_.dice.below(products.size());
    const auto quantity = static_cast<std::int64_t>(1 + stage_.dice.below(3));
    draft.items.push_back({core::ProductId(products[at]), quantity});
    items.push_back({products[at], quantity});
    products.erase(products.begin() + static_cast<std::ptrdiff_t>(at));
  }
  std::ranges::sort(items, {}, &Item::product_id);
  draft.payment_method = "KHQR";
  draft.customer_name = "Customer " + text_of(static_cast<std::int64_t>(++tickets_));
  draft.customer_email = draw_email();
  stage_.facts.unanswered[tickets_] = {.items = std::move(items), .email = draft.customer_email};
  base::spawn(engine.executor, place(engine, std::move(draft), tickets_));
}

std::string Population::draw_email() {
  const std::uint64_t drawn = stage_.dice.below(100);
  const std::string name = "customer" + text_of(static_cast<std::int64_t>(tickets_));
  if (drawn < 6) return name + std::string(kKnownDomain);
  if (drawn < 7) return name + std::string(kUnknownDomain);
  return drawn < 8 ? name + " at the market" : "";
}

Task<void> Population::place(Engine& engine, checkout::OrderDraft draft, std::uint64_t ticket) {
  checkout::AlsoWrite nothing = [](WritableBooks&, const checkout::PlacedOrder&) {
    return Result<storage::Rows>(storage::Rows());
  };
  const auto placed =
      co_await checkout::place_order(*engine.store, engine.bakong(), stage_.checkout, stage_.clock,
                                     stage_.engine_random, std::move(draft), std::move(nothing));
  const Wish wish = stage_.facts.unanswered.at(ticket);
  stage_.facts.unanswered.erase(ticket);
  if (!placed) {
    stage_.trace.line("order refused: " + std::string(error_row(placed.error().code).wire));
    co_return;
  }
  const std::int64_t id = placed->order.id.value();
  stage_.trace.line("order " + text_of(id) + " placed, " + placed->order.total.text());
  stage_.facts.orders[id] = {placed->order.transaction_id, wish};
  stage_.facts.sessions[placed->session.session_id] = {id, placed->session.md5_hash,
                                                       placed->session.amount.minor()};
  orders_.push_back({.id = id,
                     .transaction_id = placed->order.transaction_id,
                     .total = placed->order.total,
                     .qrs = {placed->session.qr_data},
                     .sessions = {placed->session.id}});
  plan_payment(placed->session.qr_data, placed->session.amount);
}

void Population::plan_payment(const std::string& qr, Money amount) {
  if (stage_.only_told) return;
  const std::uint64_t drawn = stage_.dice.below(100);
  const base::Duration soon{static_cast<std::int64_t>(stage_.dice.below(20 * 60'000))};
  if (drawn < 50) {
    const auto paid = stage_.bank.pay_by_curve({.qr = qr}, stage_.payers_speed);
    stage_.trace.line(paid && *paid ? "will pay by the curve" : "will never pay");
  } else if (drawn < 70) {
    pay(qr, {.delay = soon});
  } else if (drawn < 76 && amount.minor() > 1) {
    const auto part = 1 + stage_.dice.below(static_cast<std::uint64_t>(amount.minor() - 1));
    pay(qr, {.amount = minor_of(static_cast<std::int64_t>(part), amount).decimal(), .delay = soon});
  } else if (drawn < 84) {
    pay(qr, {.amount = minor_of(amount.minor() + 100, amount).decimal(), .delay = soon});
  } else if (drawn < 87) {
    const bool dollars = amount.currency().code() == "USD";
    pay(qr, {.amount = "5", .currency = dollars ? "KHR" : "USD", .delay = soon});
  } else if (drawn < 90) {
    pay(qr, {.receiver = "somebody.else@otherbank", .delay = soon});
  } else if (drawn < 93) {
    pay(qr, {.delay = soon, .status = sandbox::TransferStatus::failed});
  } else if (drawn < 95) {
    pay(qr, {.delay = soon, .status = sandbox::TransferStatus::refunded});
  }
}

void Population::pay(const std::string& qr, sandbox::PaymentTerms terms) {
  const auto paid = stage_.bank.pay({.qr = qr, .terms = std::move(terms)});
  stage_.trace.line(paid ? "pays " + paid->hash.substr(0, 8) : "cannot pay");
}

void Population::pay_again(Engine&) {
  const Remembered* one = somebody();
  if (!one) return;
  // Whichever screenshot is at hand: the newest QR or one from before it.
  const std::string& qr = one->qrs[stage_.dice.below(one->qrs.size())];
  const std::uint64_t drawn = stage_.dice.below(10);
  sandbox::PaymentTerms terms;
  if (drawn == 0) terms.amount = minor_of(1, one->total).decimal();
  if (drawn == 1) terms.status = sandbox::TransferStatus::failed;
  pay(qr, std::move(terms));
}

void Population::look(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  base::spawn(engine.executor, heat(engine, one->sessions.back()));
}

/// What an open page does (C2).
Task<void> Population::heat(Engine& engine, core::SessionId id) {
  const base::Time now = stage_.clock.now();
  const base::Time until = now + stage_.hot_for;
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [id, now, until](WritableBooks& books) { return books.heat_session(id, now, until); };
  const auto heated = co_await engine.store->write<storage::Rows>(std::move(work));
  stage_.trace.line("page of session " + text_of(id.value()) + (heated ? "" : " failed"));
}

void Population::open_session(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  const auto index = static_cast<std::size_t>(one - orders_.data());
  base::spawn(engine.executor, open_another(engine, index));
}

Task<void> Population::open_another(Engine& engine, std::size_t index) {
  const core::OrderId id(orders_[index].id);
  const auto order = engine.store->read_here<std::optional<core::Order>>(
      [id](Books& books) { return books.order(id); });
  if (!order) co_return;
  if (!*order) {
    stage_.facts.wrong_answers.push_back("order " + text_of(id.value()) + " is not there");
    co_return;
  }
  const Money due = (*order)->total.minus((*order)->paid).value_or((*order)->total);
  std::string reference = "page";
  checkout::ShowTo plainly;
  const auto opened = co_await checkout::open_order_session(
      *engine.store, engine.bakong(), stage_.checkout, stage_.clock, stage_.engine_random, id, due,
      std::move(reference), std::move(plainly));
  if (!opened) {
    stage_.trace.line("no further QR: " + std::string(error_row(opened.error().code).wire));
    co_return;
  }
  stage_.trace.line("QR " + opened->md5_hash + " for order " + text_of(id.value()));
  stage_.facts.sessions[opened->session_id] = {id.value(), opened->md5_hash,
                                               opened->amount.minor()};
  Remembered& one = orders_[index];
  if (std::ranges::find(one.sessions, opened->id) != one.sessions.end()) co_return;
  one.qrs.push_back(opened->qr_data);
  one.sessions.push_back(opened->id);
  plan_payment(opened->qr_data, opened->amount);
}

/// A QR that stands for no order (S0.53).
void Population::ask_without_order(Engine& engine) {
  const auto currency = core::Currency::from_code(stage_.dice.below(2) == 0 ? "USD" : "KHR");
  const auto amount =
      Money::from_minor(static_cast<std::int64_t>(100 + stage_.dice.below(100'000)), *currency);
  base::spawn(engine.executor, open_alone(engine, *amount));
}

Task<void> Population::open_alone(Engine& engine, Money amount) {
  std::string reference = "donation";
  checkout::ShowTo plainly;
  const auto opened = co_await checkout::open_free_session(
      *engine.store, engine.bakong(), stage_.checkout, stage_.clock, stage_.engine_random, amount,
      std::move(reference), std::move(plainly));
  if (!opened) co_return;
  stage_.trace.line("QR " + opened->md5_hash + " for no order");
  stage_.facts.sessions[opened->session_id] = {0, opened->md5_hash, amount.minor()};
  plan_payment(opened->qr_data, amount);
}

}  // namespace quittance::simulation
