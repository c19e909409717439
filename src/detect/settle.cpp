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
  const core::PassStatement statement{.kind = core::PassKind::receipt,
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

/// Completion and what always follows from it: pass, approval, outbox.
Result<storage::Rows> complete(WritableBooks& books, SettleContext& context, Order& order,
                               const storage::Approval& approval, base::Time paid_at) {
  const base::Time now = context.clock.now();
  order.status = OrderStatus::completed;
  order.completed_at = now;
  TRY_VOID(issue_pass(books, context, order, paid_at));
  TRY_VOID(books.insert_approval(approval));
  const Json payload = Json::object({{"order_id", order.id.value()},
                                     {"amount_minor", order.paid.minor()},
                                     {"currency", order.paid.currency().code()},
                                     {"completed_at", base::to_ms(now)}});
  return books.insert_outbox({.topic = "order.completed",
                              .dedupe_key = "order.completed:" + std::to_string(order.id.value()),
                              .payload = payload.dump(),
                              .created_at = now});
}

/// Writes the order's side of a decision.
Result<OrderStatus> apply_to_order(WritableBooks& books, SettleContext& context,
                                   const Loaded& loaded, const core::Evidence& evidence,
                                   const core::Decision& decision, core::EvidenceId evidence_id) {
  Order order = *loaded.order;
  order.paid = order.paid.plus(decision.counted).value_or(order.paid);
  if (decision.complete_order && order.attention == core::Attention::underpaid) {
    // Topped up (N13): what was missing is there, and nobody needs to look any more.
    order.attention = core::Attention::none;
  }
  if (decision.attention != core::Attention::none) order.attention = decision.attention;
  if (decision.commit_stock) {
    TRY(const bool all_there, take_goods(books, order, loaded.items));
    if (!all_there) order.attention = core::Attention::shortage;
  }
  if (decision.complete_order) {
    // C14: completion is approved by whoever brought the evidence; for a provider, the system.
    TRY_VOID(complete(books, context, order,
                      {.order_id = order.id,
                       .approver = evidence.actor,
                       .decision = "approved",
                       .reason = evidence.reason,
                       .evidence_id = evidence_id,
                       .created_at = context.clock.now()},
                      evidence.paid_at));
  }
  TRY(const bool unchanged, books.update_order(order, loaded.order->status, loaded.order->paid));
  if (!unchanged) return fail(ErrorCode::conflict, "The order changed meanwhile; try again.");
  return order.status;
}

Result<storage::Rows> write_audit(WritableBooks& books, SettleContext& context,
                                  const Loaded& loaded, const core::Evidence& evidence,
                                  const core::Decision& decision) {
  const Json details = Json::object({{"outcome", to_text(decision.outcome)},
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
  if (decision.settle_session && may_become(loaded.session.status, core::SessionStatus::settled)) {
    TRY(const bool unchanged, books.set_session_status(loaded.session.id, loaded.session.status,
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
  TRY(auto evidence_id, books.insert_evidence(evidence, decision.outcome));
  const bool seen_before = !evidence_id;
  Settled settled{
      .outcome = decision.outcome,
      .order_id = loaded.session.order_id,
      .order_status = loaded.order ? std::optional(loaded.order->status) : std::nullopt};
  if (!core::counts_money(decision.outcome)) {
    // Counted money that is seen again is no news; a first refusal is.
    if (decision.outcome != Outcome::already_settled && !seen_before) {
      TRY_VOID(write_audit(books, context, loaded, evidence, decision));
    }
    return settled;
  }
  if (seen_before) {
    // Refused when it was first seen, and right now: the provider has corrected itself.
    TRY(evidence_id, books.evidence_id(evidence));
    if (!evidence_id) return fail(ErrorCode::conflict, "The evidence changed; try again.");
  }
  return record(books, context, loaded, evidence, decision, *evidence_id);
}

Result<Settled> hand_over(WritableBooks& books, SettleContext& context, core::OrderId id,
                          const std::string& actor, const std::string& reason) {
  TRY(const auto found, books.order(id));
  if (!found) return fail(ErrorCode::not_found, "There is no such order.");
  if (found->status == OrderStatus::completed || found->paid != found->total) {
    return fail(ErrorCode::conflict, "Nothing is owed on this order any more.");
  }
  Order order = *found;
  order.attention = core::Attention::none;
  const base::Time now = context.clock.now();
  TRY(const auto items, books.order_items(order));
  TRY(const auto settlements, books.settlements_of_order(id));
  TRY(const bool all_there, take_goods(books, order, items));
  if (!all_there) order.attention = core::Attention::shortage;
  base::Time paid_at = now;
  for (const storage::Settlement& settlement : settlements) {
    if (!settlement.counted.is_zero()) paid_at = settlement.paid_at;
    // What is beyond the order is still to be given back.
    if (!settlement.excess.is_zero()) order.attention = core::Attention::excess;
  }
  TRY_VOID(complete(books, context, order,
                    {.order_id = id,
                     .approver = actor,
                     .decision = "approved",
                     .reason = reason,
                     .evidence_id = std::nullopt,
                     .created_at = now},
                    paid_at));
  TRY(const bool unchanged, books.update_order(order, found->status, found->paid));
  if (!unchanged) return fail(ErrorCode::conflict, "The order changed meanwhile; try again.");
  TRY_VOID(books.insert_audit({.created_at = now,
                               .actor = actor,
                               .action = "order.handed_over",
                               .subject_type = "order",
                               .subject_id = id.value(),
                               .details = Json::object({{"reason", reason}}).dump()}));
  return Settled{.outcome = Outcome::settled, .order_id = id, .order_status = order.status};
}

}  // namespace quittance::detect
