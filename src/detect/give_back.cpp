// Money that goes back: the other half of the funnel.
#include "detect/effects.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::Evidence;
using core::Known;
using core::Money;
using core::RefundDecision;

/// Sums over all that was counted for the order or the session.
struct Held {
  Money counted;
  Money excess;
};

Held held_of(Desk& desk, const SessionEntry& session, Money nothing) {
  Held held{.counted = nothing, .excess = nothing};
  for (const SettlementEntry* entry : desk.ledger.settlements_of(session.now)) {
    held.counted = held.counted.plus(entry->counted_held()).value_or(held.counted);
    held.excess = held.excess.plus(entry->excess_held()).value_or(held.excess);
  }
  return held;
}

core::RefundSituation situation_of(Desk& desk, const Evidence& evidence,
                                   const SessionEntry& session, const OrderEntry* order,
                                   const SettlementEntry* original) {
  const Money nothing = Money::zero(session.now.amount.currency());
  const Held held = held_of(desk, session, nothing);
  Known known = Known::never;
  if (const auto recorded = desk.ledger.refund(evidence)) {
    const bool for_this = original && original->settlement.id == *recorded;
    known = for_this ? Known::for_this_session : Known::for_another_session;
  }
  const bool person = original && original->settlement.verification_method == "manual";
  return {.known = known,
          .counted_before = original != nullptr,
          .counted_held = original ? original->counted_held() : nothing,
          .excess_held = original ? original->excess_held() : nothing,
          .whole = original && !original->touched(),
          .stated = person,
          .settled_at = original ? original->settlement.settled_at : base::Time(),
          .order_status = order ? std::optional(order->now.status) : std::nullopt,
          .order_total = order ? order->now.total : session.now.amount,
          .order_held = held.counted,
          .order_excess = held.excess,
          .void_within = desk.context.policy.void_within};
}

void change_order(OrderEntry& order, const RefundDecision& decision) {
  order.now.refunded = order.now.refunded.plus(decision.from_counted).value_or(order.now.refunded);
  if (decision.status) order.now.status = *decision.status;
  order.now.attention.clear(decision.clear);
  order.now.attention.raise(decision.raise);
  order.changed = true;
}

void announce(Desk& desk, const Evidence& evidence, const OrderEntry& order,
              const RefundDecision& decision) {
  const Json payload = Json::object({{"order_id", order.now.id.value()},
                                     {"kind", to_text(evidence.kind)},
                                     {"amount_minor", evidence.amount.minor()},
                                     {"currency", evidence.amount.currency().code()},
                                     {"outcome", to_text(decision.outcome)},
                                     {"status", to_text(order.now.status)}});
  desk.effects.outbox.push_back(
      {.topic = "order.refunded",
       .dedupe_key = "order.refunded:" + std::string(to_text(evidence.kind)) + ":" +
                     evidence.provider + ":" + evidence.provider_ref,
       .payload = payload.dump(),
       .created_at = desk.now});
}

/// Writes an accepted return of money of `original`.
void record(Desk& desk, const Evidence& evidence, const SessionEntry& session, OrderEntry* order,
            SettlementEntry& original, const RefundDecision& decision, std::size_t evidence_at) {
  original.counted_back =
      original.counted_back.plus(decision.from_counted).value_or(original.counted_back);
  original.excess_back =
      original.excess_back.plus(decision.from_excess).value_or(original.excess_back);
  if (original.counted_held().is_zero()) {
    desk.effects.without_receipt.push_back(original.settlement.id);
  }
  desk.ledger.add_refund(evidence, original.settlement.id);
  desk.effects.refunds.push_back({.evidence = evidence_at,
                                  .row = {.settlement_id = original.settlement.id,
                                          .order_id = session.now.order_id,
                                          .evidence_id = {},
                                          .kind = evidence.kind,
                                          .provider = evidence.provider,
                                          .provider_ref = evidence.provider_ref,
                                          .outcome = decision.outcome,
                                          .from_counted = decision.from_counted,
                                          .from_excess = decision.from_excess,
                                          .actor = evidence.actor,
                                          .reason = evidence.reason,
                                          .refunded_at = evidence.paid_at,
                                          .recorded_at = desk.now}});
  Consequences consequences;
  if (order) {
    consequences = undo_order(desk, *order, decision.return_goods, decision.revoke_pass);
    change_order(*order, decision);
    announce(desk, evidence, *order, decision);
  }
  Json details = Json::object({{"outcome", to_text(decision.outcome)},
                               {"from_counted_minor", decision.from_counted.minor()},
                               {"from_excess_minor", decision.from_excess.minor()}});
  desk.effects.audit.push_back({.evidence = evidence_at,
                                .row = audit_of(desk, "refund.recorded", evidence, session, order,
                                                std::move(details), consequences)});
}

}  // namespace

Result<Settled> give_back(Desk& desk, const Evidence& evidence) {
  const SessionEntry& session = *desk.ledger.session(evidence.session_id);
  OrderEntry* order = session.now.order_id ? desk.ledger.order(*session.now.order_id) : nullptr;
  SettlementEntry* original = desk.ledger.settlement(evidence.provider, evidence.against);
  const bool of_it = original && (order ? original->settlement.order_id == session.now.order_id
                                        : original->settlement.session_id == session.now.id);
  if (!of_it) original = nullptr;
  if (original && !original->stored) {
    return fail(ErrorCode::conflict, "This money is only just being counted; try again.");
  }
  const RefundDecision decision =
      core::decide_refund(situation_of(desk, evidence, session, order, original), evidence);
  const std::size_t evidence_at = desk.effects.evidence.size();
  desk.effects.evidence.push_back({.evidence = &evidence, .outcome = decision.outcome});
  if (core::returns_money(decision.outcome)) {
    record(desk, evidence, session, order, *original, decision, evidence_at);
  } else {
    const bool known = decision.outcome == core::Outcome::already_refunded;
    NewEntry entry =
        audit_of(desk, known ? "evidence.repeated" : "evidence.refused", evidence, session, order,
                 Json::object({{"outcome", to_text(decision.outcome)}}), {});
    entry.if_new = true;
    desk.effects.audit.push_back({.evidence = evidence_at, .row = std::move(entry)});
  }
  return Settled{.outcome = decision.outcome,
                 .order_id = session.now.order_id,
                 .order_status = order ? std::optional(order->now.status) : std::nullopt};
}

}  // namespace quittance::detect
