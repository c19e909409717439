#include "core/settlement.hpp"

namespace quittance::core {
namespace {

std::optional<Outcome> refusal(const Situation& situation, const Evidence& evidence) {
  if (situation.known == Known::for_this_session) return Outcome::already_settled;
  if (situation.known == Known::for_another_session) return Outcome::evidence_reused;
  if (evidence.amount.currency() != situation.due.currency()) return Outcome::currency_mismatch;
  // A person who states that money came does not name an account; a provider that does must name
  // ours.
  if (!evidence.receiver.empty() && !situation.receiver.empty() &&
      evidence.receiver != situation.receiver) {
    return Outcome::receiver_mismatch;
  }
  if (evidence.paid_at + kClockSkewLimit < situation.session_created_at) {
    return Outcome::older_than_session;
  }
  if (evidence.amount.is_zero()) return Outcome::no_amount;
  return std::nullopt;
}

Decision all_excess(const Evidence& evidence, Money nothing) {
  return {.outcome = Outcome::excess,
          .counted = nothing,
          .excess = evidence.amount,
          .settle_session = true,
          .attention = Attention::excess};
}

Decision decide_money(const Situation& situation, const Evidence& evidence) {
  const Money nothing = Money::zero(situation.due.currency());
  if (const auto outcome = refusal(situation, evidence)) {
    return {.outcome = *outcome, .counted = nothing, .excess = nothing};
  }
  const bool owes_nothing =
      situation.order_status == OrderStatus::completed || situation.due.is_zero() ||
      (!situation.order_status && situation.session_status == SessionStatus::settled);
  if (owes_nothing) {
    return all_excess(evidence, nothing);
  }
  if (const auto missing = situation.due.minus(evidence.amount); missing && !missing->is_zero()) {
    return {.outcome = Outcome::underpaid,
            .counted = evidence.amount,
            .excess = nothing,
            .settle_session = true,
            .attention = Attention::underpaid};
  }
  const Money beyond = evidence.amount.minus(situation.due).value_or(nothing);
  if (situation.goods == Goods::gone) {
    // Paid in full, nothing to hand over: a person finds a substitute or gives the money back.
    return {.outcome = Outcome::paid_late_needs_staff,
            .counted = situation.due,
            .excess = beyond,
            .settle_session = true,
            .attention = Attention::paid_late};
  }
  Decision decision{.outcome = Outcome::settled,
                    .counted = situation.due,
                    .excess = beyond,
                    .settle_session = true,
                    .complete_order = situation.order_status.has_value(),
                    .commit_stock = situation.goods != Goods::not_counted};
  if (!beyond.is_zero()) {
    decision.outcome = Outcome::overpaid;
    decision.attention = Attention::excess;
  } else if (evidence.paid_at > situation.session_expires_at ||
             situation.order_status == OrderStatus::canceled) {
    // Law 5: a QR that was shown is honoured, also after the window and after a cancellation.
    decision.outcome = Outcome::paid_late_accepted;
  }
  return decision;
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
      return false;
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
