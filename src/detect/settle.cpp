#include "detect/settle.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::Goods;
using core::Known;
using core::Order;
using core::OrderItem;
using core::OrderStatus;
using core::Outcome;
using core::StockState;
using storage::WritableBooks;

/// All that is loaded before deciding.
struct Loaded {
  core::Session session;
  std::optional<Order> order;
  std::vector<OrderItem> items;
  Known known = Known::never;
  Goods goods = Goods::not_counted;
};

Result<Goods> goods_of(WritableBooks& books, const Order& order,
                       const std::vector<OrderItem>& items) {
  if (items.empty()) return Goods::not_counted;
  if (order.stock_state == StockState::reserved) return Goods::set_aside;
  if (order.stock_state == StockState::committed) return Goods::not_counted;
  for (const OrderItem& item : items) {
    TRY(const auto product, books.product(item.product_id));
    if (!product || product->available() < item.quantity) return Goods::gone;
  }
  return Goods::available;
}

Result<Loaded> load(WritableBooks& books, const core::Evidence& evidence) {
  TRY(auto session, books.session(evidence.session_id));
  if (!session) return fail(ErrorCode::not_found, "There is no such payment session.");
  Loaded loaded{.session = std::move(*session), .order{}, .items{}};
  TRY(const auto counted, books.settlement(evidence.provider, evidence.provider_ref));
  if (counted) {
    loaded.known = counted->session_id == loaded.session.id ? Known::for_this_session
                                                            : Known::for_another_session;
  }
  if (!loaded.session.order_id) return loaded;
  TRY(loaded.order, books.order(*loaded.session.order_id));
  if (loaded.order && loaded.known == Known::never) {
    TRY(loaded.items, books.order_items(*loaded.order));
    TRY(loaded.goods, goods_of(books, *loaded.order, loaded.items));
  }
  return loaded;
}

core::Situation situation_of(const Loaded& loaded) {
  const core::Session& session = loaded.session;
  core::Money due = session.amount;
  if (loaded.order) {
    due = loaded.order->total.minus(loaded.order->paid)
              .value_or(core::Money::zero(loaded.order->total.currency()));
  }
  return {.known = loaded.known,
          .order_status = loaded.order ? std::optional(loaded.order->status) : std::nullopt,
          .session_status = session.status,
          .due = due,
          .goods = loaded.goods,
          .receiver = session.receiver,
          .session_created_at = session.created_at,
          .session_expires_at = session.expires_at};
}

/// Takes the goods of a completed order out of the stock, once.
Result<bool> take_goods(WritableBooks& books, Order& order, const std::vector<OrderItem>& items) {
  bool complete = true;
  for (const OrderItem& item : items) {
    if (order.stock_state == StockState::reserved) {
      TRY_VOID(books.commit_reserved(item.product_id, item.quantity));
    } else {
      TRY(const bool taken, books.commit_available(item.product_id, item.quantity));
      complete = complete && taken;
    }
  }
  order.stock_state = StockState::committed;
  return complete;
}

/// One pass per order, whatever was paid how often.
Result<bool> issue_pass(WritableBooks& books, SettleContext& context, const Order& order,
                        base::Time paid_at) {
  const core::PassStatement statement{
      .kind = core::PassKind::receipt,
      .subject = "Order " + std::to_string(order.id.value()),
      .period = "",
      .valid_until = paid_at + context.pass_valid_for,
      .nonce = base::from_hex(context.random.hex(12)).value_or("")};
  return books.insert_pass({.kind = std::string(to_text(statement.kind)),
                            .subject = statement.subject,
                            .period = statement.period,
                            .token = core::sign_pass(context.pass_key, statement),
                            .order_id = order.id,
                            .valid_from = paid_at,
                            .valid_until = statement.valid_until});
}

/// Writes the order's side of a decision.
Result<OrderStatus> apply_to_order(WritableBooks& books, SettleContext& context,
                                   const Loaded& loaded, const core::Evidence& evidence,
                                   const core::Decision& decision, core::EvidenceId evidence_id) {
  const base::Time now = context.clock.now();
  Order order = *loaded.order;
  order.paid = order.paid.plus(decision.counted).value_or(order.paid);
  if (decision.complete_order && order.attention == core::Attention::underpaid) {
    // Topped up (N13): what was missing is there, and nobody needs to look any more.
    order.attention = core::Attention::none;
  }
  if (decision.attention != core::Attention::none) order.attention = decision.attention;
  if (decision.commit_stock) {
    TRY(const bool complete, take_goods(books, order, loaded.items));
    if (!complete) order.attention = core::Attention::shortage;
  }
  if (decision.complete_order) {
    order.status = OrderStatus::completed;
    order.completed_at = now;
    TRY_VOID(issue_pass(books, context, order, evidence.paid_at));
    // C14: completion is approved by whoever brought the evidence; for a provider, the system.
    TRY_VOID(books.insert_approval({.order_id = order.id,
                                    .approver = evidence.actor,
                                    .decision = "approved",
                                    .reason = evidence.reason,
                                    .evidence_id = evidence_id,
                                    .created_at = now}));
  }
  TRY(const bool unchanged, books.update_order(order, loaded.order->status, loaded.order->paid));
  if (!unchanged) return fail(ErrorCode::conflict, "The order changed meanwhile; try again.");
  if (decision.complete_order) {
    const std::string key = "order.completed:" + std::to_string(order.id.value());
    const Json payload = Json::object({{"order_id", order.id.value()},
                                       {"amount_minor", order.paid.minor()},
                                       {"currency", order.paid.currency().code()},
                                       {"completed_at", base::to_ms(now)}});
    TRY_VOID(books.insert_outbox({.topic = "order.completed",
                                  .dedupe_key = key,
                                  .payload = payload.dump(),
                                  .created_at = now}));
  }
  return order.status;
}

Result<storage::Rows> write_audit(WritableBooks& books, SettleContext& context,
                                  const Loaded& loaded, const core::Evidence& evidence,
                                  const core::Decision& decision) {
  const Json details =
      Json::object({{"outcome", to_text(decision.outcome)},
                    {"source", to_text(evidence.source)},
                    {"provider", evidence.provider},
                    {"provider_ref", evidence.provider_ref},
                    {"session_id", loaded.session.session_id},
                    {"amount_minor", evidence.amount.minor()},
                    {"currency", evidence.amount.currency().code()},
                    {"counted_minor", decision.counted.minor()},
                    {"excess_minor", decision.excess.minor()},
                    {"reason", evidence.reason}});
  const bool of_order = loaded.order.has_value();
  return books.insert_audit(
      {.created_at = context.clock.now(),
       .actor = evidence.actor,
       .action = core::counts_money(decision.outcome) ? "settlement.recorded" : "evidence.refused",
       .subject_type = of_order ? "order" : "session",
       .subject_id = of_order ? loaded.order->id.value() : loaded.session.id.value(),
       .details = details.dump()});
}

/// Writes money that counts: the settlement and what follows from it.
Result<Settled> record(WritableBooks& books, SettleContext& context, const Loaded& loaded,
                       const core::Evidence& evidence, const core::Decision& decision,
                       core::EvidenceId evidence_id) {
  const base::Time now = context.clock.now();
  const bool manual = evidence.source == core::EvidenceSource::manual;
  TRY_VOID(books.insert_settlement({.session_id = loaded.session.id,
                                    .order_id = loaded.session.order_id,
                                    .evidence_id = evidence_id,
                                    .provider = evidence.provider,
                                    .provider_ref = evidence.provider_ref,
                                    .outcome = decision.outcome,
                                    .counted = decision.counted,
                                    .excess = decision.excess,
                                    .verification_method = manual ? "manual" : "automatic",
                                    .reason = evidence.reason,
                                    .paid_at = evidence.paid_at,
                                    .settled_at = now}));
  if (decision.settle_session &&
      may_become(loaded.session.status, core::SessionStatus::settled)) {
    TRY(const bool unchanged,
        books.set_session_status(loaded.session.id, loaded.session.status,
                                 core::SessionStatus::settled, now));
    if (!unchanged) return fail(ErrorCode::conflict, "The session changed meanwhile; try again.");
  }
  Settled settled{.outcome = decision.outcome,
                  .order_id = loaded.session.order_id,
                  .order_status = std::nullopt};
  if (loaded.order) {
    TRY(settled.order_status,
        apply_to_order(books, context, loaded, evidence, decision, evidence_id));
  }
  TRY_VOID(write_audit(books, context, loaded, evidence, decision));
  return settled;
}

}  // namespace

Result<Settled> settle(WritableBooks& books, SettleContext& context,
                       const core::Evidence& evidence) {
  TRY(const Loaded loaded, load(books, evidence));
  const core::Decision decision = core::decide(situation_of(loaded), evidence);
  TRY(const auto evidence_id, books.insert_evidence(evidence, decision.outcome));
  Settled settled{.outcome = decision.outcome,
                  .order_id = loaded.session.order_id,
                  .order_status = loaded.order ? std::optional(loaded.order->status)
                                               : std::nullopt};
  if (!evidence_id) {
    // Seen before from this very source: its consequences are in the books already.
    return settled;
  }
  if (!core::counts_money(decision.outcome)) {
    // Counted money that is seen again is no news; a refusal is.
    if (decision.outcome != Outcome::already_settled) {
      TRY_VOID(write_audit(books, context, loaded, evidence, decision));
    }
    return settled;
  }
  return record(books, context, loaded, evidence, decision, *evidence_id);
}

}  // namespace quittance::detect
