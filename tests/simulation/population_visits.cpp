// People who come back: with a code, or with a wish to cancel.
#include "simulation/population.hpp"

namespace quittance::simulation {

using base::Result;
using base::Task;
using core::OrderStatus;
using storage::Books;

namespace {

std::string text_of(std::int64_t value) { return std::to_string(value); }

std::string_view word(detect::AskResult result) {
  switch (result) {
    case detect::AskResult::paid:
      return "paid";
    case detect::AskResult::not_yet:
      return "not yet";
    case detect::AskResult::unknown:
      return "unknown";
    case detect::AskResult::postponed:
      return "postponed";
  }
  return "";
}

}  // namespace

/// Somebody was told where an order stands: from here on that is a promise.
void Population::heard(std::int64_t order_id, OrderStatus status) {
  if (status == OrderStatus::completed) stage_.facts.said_completed.insert(order_id);
}

void Population::recover(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  const std::string& qr = one->qrs[stage_.dice.below(one->qrs.size())];
  const std::string code = "KHQR:order_id=" + text_of(one->id) +
                           ":transaction_id=" + one->transaction_id +
                           ":amount=" + one->total.decimal();
  const std::string simple =
      "ORDER_" + text_of(one->id) + "_" + one->transaction_id + "_" + one->total.decimal();
  switch (stage_.dice.below(5)) {
    case 0:
      return base::spawn(engine.executor, bring_code(engine, code));
    case 1:
      return base::spawn(engine.executor, bring_code(engine, simple));
    case 2:
      return base::spawn(engine.executor, bring_code(engine, qr.substr(0, qr.size() / 2)));
    default:
      return base::spawn(engine.executor, bring_code(engine, qr));
  }
}

Task<void> Population::bring_code(Engine& engine, std::string text) {
  const qr::Payload payload = qr::read_payload(text);
  const auto found = engine.store->read_here<std::optional<detect::Recovered>>(
      [&payload](Books& books) { return detect::find_by_code(books, payload); });
  if (!found || !*found) {
    stage_.trace.line("code of " + text_of(static_cast<std::int64_t>(text.size())) +
                      " bytes finds nothing");
    co_return;
  }
  const core::OrderId id = (*found)->order.id;
  const auto asked =
      co_await detect::ask_for_order(*engine.store, *engine.asker, id, detect::AskReason::recovery);
  stage_.trace.line("code of order " + text_of(id.value()) + ": " +
                    std::string(asked ? word(asked->result) : "failed"));
  if (asked && asked->settled && asked->settled->order_status) {
    heard(asked->settled->order_id->value(), *asked->settled->order_status);
  }
}

void Population::verify(Engine& engine) {
  const Remembered* one = somebody();
  if (one) base::spawn(engine.executor, ask(engine, one->id));
}

Task<void> Population::ask(Engine& engine, std::int64_t id) {
  const auto asked = co_await detect::ask_for_order(*engine.store, *engine.asker, core::OrderId(id),
                                                    detect::AskReason::verify_instantly);
  stage_.trace.line("staff verify order " + text_of(id) + ": " +
                    std::string(asked ? word(asked->result) : "failed"));
  if (asked && asked->settled && asked->settled->order_status) {
    heard(asked->settled->order_id->value(), *asked->settled->order_status);
  }
}

void Population::cancel(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  stage_.facts.cancel_asked.insert(one->id);
  base::spawn(engine.executor, cancel_one(engine, one->id));
}

Task<void> Population::cancel_one(Engine& engine, std::int64_t id) {
  std::string actor = "customer";
  const auto canceled =
      co_await detect::cancel_order(*engine.store, *engine.asker, engine.bulletin, stage_.clock,
                                    core::OrderId(id), std::move(actor));
  if (!canceled) {
    stage_.trace.line("order " + text_of(id) +
                      " not canceled: " + std::string(error_row(canceled.error().code).wire));
    co_return;
  }
  const bool completed = *canceled == detect::CancelResult::completed;
  stage_.trace.line("order " + text_of(id) + (completed ? " was paid" : " canceled"));
  (completed ? stage_.facts.said_completed : stage_.facts.said_canceled).insert(id);
}

void Population::clean(Engine& engine) { base::spawn(engine.executor, clean_now(engine)); }

Task<void> Population::clean_now(Engine& engine) {
  std::string actor = "admin";
  const auto cleaned = co_await detect::clean_up(
      *engine.store, stage_.clock, engine.asker->policy().retention(), std::move(actor));
  stage_.trace.line("cleaned " + (cleaned ? text_of(*cleaned) : std::string("nothing")));
}

}  // namespace quittance::simulation
