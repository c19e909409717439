#include "core/settlement.hpp"

namespace quittance::core {
namespace {

/// What a completed order, and one that is paid in full, need nobody for any more.
const AttentionSet kAskedForMore = Attention::underpaid | Attention::approval;
const AttentionSet kUnfinished = kAskedForMore | Attention::paid_late;

Decision refuse(Outcome outcome, Money nothing, Attention attention = Attention::none) {
  return {.outcome = outcome, .counted = nothing, .excess = nothing, .raise = attention};
}

std::optional<Decision> refusal(const Situation& situation, const Evidence& evidence) {
  const Money nothing = Money::zero(situation.due.currency());
  if (situation.known == Known::for_this_session) {
    // Nothing new, but it is the provider's word that this session is paid.
    Decision decision = refuse(Outcome::already_settled, nothing);
    decision.settle_session = true;
    return decision;
  }
  if (situation.known == Known::for_another_session) {
    return refuse(Outcome::evidence_reused, nothing, Attention::mismatch);
  }
  // A person who states that money came does not name an account; a provider that does must name
  // ours.
  const bool foreign = !evidence.receiver.empty() && !situation.receiver.empty() &&
                       evidence.receiver != situation.receiver;
  if (evidence.amount.currency() != situation.due.currency()) {
    return refuse(Outcome::currency_mismatch, nothing,
                  foreign ? Attention::none : Attention::mismatch);
  }
  if (foreign) return refuse(Outcome::receiver_mismatch, nothing);
  if (evidence.paid_at + kClockSkewLimit < situation.session_created_at) {
    return refuse(Outcome::older_than_session, nothing);
  }
  if (evidence.amount.is_zero()) return refuse(Outcome::no_amount, nothing);
  if (situation.needs_approval) {
    return refuse(Outcome::awaiting_approval, nothing, Attention::approval);
  }
  return std::nullopt;
}

std::optional<Decision> all_excess(const Situation& situation, const Evidence& evidence) {
  const bool owes_nothing =
      situation.order_status == OrderStatus::completed ||
      situation.order_status == OrderStatus::refunded || situation.due.is_zero() ||
      (!situation.order_status && situation.session_status == SessionStatus::settled);
  if (!owes_nothing) return std::nullopt;
  return Decision{.outcome = situation.order_status == OrderStatus::refunded
                                 ? Outcome::refunded_before
                                 : Outcome::excess,
                  .counted = Money::zero(situation.due.currency()),
                  .excess = evidence.amount,
                  .settle_session = true,
                  .raise = Attention::excess};
}

/// Enough money for all that is due.
Decision decide_enough(const Situation& situation, const Evidence& evidence) {
  const Money nothing = Money::zero(situation.due.currency());
  const Money beyond = evidence.amount.minus(situation.due).value_or(nothing);
  // Law 5: a QR that was shown is honoured, also after the window and after a cancellation.
  const bool late = evidence.paid_at > situation.session_expires_at ||
                    situation.order_status == OrderStatus::canceled;
  const AttentionSet excess = beyond.is_zero() ? Attention::none : Attention::excess;
  if (situation.goods == Goods::gone ||
      (late && situation.late == LatePolicy::staff && situation.order_status)) {
    // A person hands over what there is, finds a substitute, or gives the money back.
    return {.outcome = Outcome::paid_late_needs_staff,
            .counted = situation.due,
            .excess = beyond,
            .settle_session = true,
            .raise = excess | Attention::paid_late,
            .clear = kAskedForMore};
  }
  Decision decision{.outcome = Outcome::settled,
                    .counted = situation.due,
                    .excess = beyond,
                    .settle_session = true,
                    .complete_order = situation.order_status.has_value(),
                    .commit_stock = situation.goods != Goods::not_counted,
                    .raise = excess,
                    .clear = kUnfinished};
  if (!beyond.is_zero()) {
    decision.outcome = Outcome::overpaid;
  } else if (late) {
    decision.outcome = Outcome::paid_late_accepted;
  }
  return decision;
}

Decision decide_money(const Situation& situation, const Evidence& evidence) {
  if (const auto refused = refusal(situation, evidence)) return *refused;
  if (const auto excess = all_excess(situation, evidence)) return *excess;
  if (const auto missing = situation.due.minus(evidence.amount); missing && !missing->is_zero()) {
    return {.outcome = Outcome::underpaid,
            .counted = evidence.amount,
            .excess = Money::zero(situation.due.currency()),
            .settle_session = true,
            .raise = Attention::underpaid,
            .clear = Attention::approval};
  }
  return decide_enough(situation, evidence);
}

}  // namespace

Decision decide(const Situation& situation, const Evidence& evidence) {
  Decision decision = decide_money(situation, evidence);
  // What a person says ends no question: the provider's own money may still come, and is then
  // excess (C33).
  if (evidence.source == EvidenceSource::manual) decision.settle_session = false;
  return decision;
}

bool counts_money(Outcome outcome) {
  switch (outcome) {
    case Outcome::already_settled:
    case Outcome::evidence_reused:
    case Outcome::currency_mismatch:
    case Outcome::receiver_mismatch:
    case Outcome::older_than_session:
    case Outcome::no_amount:
    case Outcome::awaiting_approval:
    case Outcome::already_refunded:
    case Outcome::unknown_original:
    case Outcome::more_than_held:
    case Outcome::void_refused:
    case Outcome::voided:
    case Outcome::excess_returned:
    case Outcome::refunded_partly:
    case Outcome::refunded:
      return false;
    case Outcome::refunded_before:
    case Outcome::excess:
    case Outcome::underpaid:
    case Outcome::paid_late_needs_staff:
    case Outcome::overpaid:
    case Outcome::paid_late_accepted:
    case Outcome::settled:
      return true;
  }
  return false;
}

}  // namespace quittance::core
