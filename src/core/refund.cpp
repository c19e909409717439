#include "core/refund.hpp"

#include <algorithm>

namespace quittance::core {
namespace {

Money held(const RefundSituation& situation) {
  return situation.counted_held.plus(situation.excess_held).value_or(situation.counted_held);
}

std::optional<Outcome> refusal(const RefundSituation& situation, const Evidence& evidence) {
  if (situation.known == Known::for_this_session) return Outcome::already_refunded;
  if (situation.known == Known::for_another_session) return Outcome::evidence_reused;
  if (!situation.counted_before) return Outcome::unknown_original;
  if (evidence.amount.currency() != situation.counted_held.currency()) {
    return Outcome::currency_mismatch;
  }
  if (evidence.amount.is_zero()) return Outcome::no_amount;
  if (!held(situation).minus(evidence.amount)) return Outcome::more_than_held;
  if (evidence.kind == EvidenceKind::voided) {
    const bool in_time = evidence.seen_at <= situation.settled_at + situation.void_within;
    const bool all_of_it = situation.whole && evidence.amount == held(situation);
    if (!situation.stated || !in_time || !all_of_it) return Outcome::void_refused;
  }
  return std::nullopt;
}

/// All that was counted for the order is gone, or a void took some of it.
void change_order(const RefundSituation& situation, const Evidence& evidence, Money left,
                  RefundDecision& decision) {
  const bool paid_up = situation.order_status == OrderStatus::completed ||
                       situation.order_held == situation.order_total;
  const bool completed = situation.order_status == OrderStatus::completed;
  if (evidence.kind == EvidenceKind::voided) {
    // As if it had never been said: the order owes it again.
    if (completed) decision.status = OrderStatus::pending;
    decision.return_goods = completed;
    decision.revoke_pass = completed;
    decision.clear =
        decision.clear | Attention::paid_late | Attention::underpaid | Attention::shortage;
    if (!left.is_zero()) decision.raise = Attention::underpaid;
    return;
  }
  if (!left.is_zero()) return;
  decision.revoke_pass = completed;
  decision.clear =
      decision.clear | Attention::paid_late | Attention::underpaid | Attention::shortage;
  if (paid_up) decision.status = OrderStatus::refunded;
}

Outcome outcome_of(const Evidence& evidence, Money from_counted, Money left) {
  if (evidence.kind == EvidenceKind::voided) return Outcome::voided;
  if (from_counted.is_zero()) return Outcome::excess_returned;
  return left.is_zero() ? Outcome::refunded : Outcome::refunded_partly;
}

}  // namespace

RefundDecision decide_refund(const RefundSituation& situation, const Evidence& evidence) {
  const Money nothing = Money::zero(situation.counted_held.currency());
  RefundDecision decision{.from_counted = nothing, .from_excess = nothing};
  if (const auto refused = refusal(situation, evidence)) {
    decision.outcome = *refused;
    return decision;
  }
  const auto beyond_excess = evidence.amount.minus(situation.excess_held);
  decision.from_excess = beyond_excess ? situation.excess_held : evidence.amount;
  decision.from_counted = beyond_excess.value_or(nothing);
  const Money left = situation.order_held.minus(decision.from_counted).value_or(nothing);
  decision.outcome = outcome_of(evidence, decision.from_counted, left);
  const auto excess_left = situation.order_excess.minus(decision.from_excess);
  if (!excess_left || excess_left->is_zero()) decision.clear = Attention::excess;
  if (situation.order_status && !decision.from_counted.is_zero()) {
    change_order(situation, evidence, left, decision);
  }
  if (evidence.kind == EvidenceKind::reversal)
    decision.raise = decision.raise | Attention::reversed;
  return decision;
}

bool returns_money(Outcome outcome) {
  return outcome == Outcome::voided || outcome == Outcome::excess_returned ||
         outcome == Outcome::refunded_partly || outcome == Outcome::refunded;
}

}  // namespace quittance::core
