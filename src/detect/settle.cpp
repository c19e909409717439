#include "detect/settle.hpp"

#include "detect/effects.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::Decision;
using core::Evidence;
using core::Known;
using core::OrderStatus;
using core::Outcome;
using storage::WritableBooks;

core::Situation situation_of(Desk& desk, const Claim& claim, const SessionEntry& session,
                             const OrderEntry* order) {
  const Evidence& evidence = claim.evidence;
  const SettlementEntry* counted = desk.ledger.settlement(evidence.provider, evidence.provider_ref);
  Known known = Known::never;
  if (counted) {
    known = counted->settlement.session_id == session.now.id ? Known::for_this_session
                                                             : Known::for_another_session;
  }
  const core::SettlePolicy& policy = desk.context.policy;
  const bool claimed = evidence.source == core::EvidenceSource::manual && evidence.approver.empty();
  const auto stated = claim.stated_before ? claim.stated_before->plus(evidence.amount)
                                          : std::optional(evidence.amount);
  return {
      .known = known,
      .order_status = order ? std::optional(order->now.status) : std::nullopt,
      .session_status = session.now.status,
      .due = order ? order->now.due() : session.now.amount,
      .goods = order ? desk.ledger.goods_of(*order) : core::Goods::not_counted,
      .receiver = session.now.receiver,
      .session_created_at = session.now.created_at,
      .session_expires_at = session.now.expires_at,
      .late = policy.late,
      .needs_approval = claimed && policy.needs_second_approver(stated.value_or(evidence.amount))};
}

void settle_session(Desk& desk, SessionEntry& session) {
  if (!may_become(session.now.status, core::SessionStatus::settled)) return;
  session.now.status = core::SessionStatus::settled;
  session.now.completed_at = desk.now;
}

/// True when that changed the order.
bool flag(OrderEntry* order, const Decision& decision) {
  if (!order) return false;
  core::AttentionSet attention = order->now.attention;
  attention.clear(decision.clear);
  attention.raise(decision.raise);
  if (attention == order->now.attention) return false;
  order->now.attention = attention;
  order->changed = true;
  return true;
}

Json decision_details(const Decision& decision) {
  return Json::object({{"outcome", to_text(decision.outcome)},
                       {"counted_minor", decision.counted.minor()},
                       {"excess_minor", decision.excess.minor()}});
}

/// What the log calls money that does not count.
std::string refusal_action(Outcome outcome) {
  if (outcome == Outcome::awaiting_approval) return "approval.requested";
  return outcome == Outcome::already_settled ? "evidence.repeated" : "evidence.refused";
}

/// Money that counts: the settlement and what follows from it.
void record(Desk& desk, const Claim& claim, SessionEntry& session, OrderEntry* order,
            const Decision& decision, std::size_t evidence_at) {
  const Evidence& evidence = claim.evidence;
  const bool by_hand = evidence.source == core::EvidenceSource::manual;
  storage::Settlement settlement{.session_id = session.now.id,
                                 .order_id = session.now.order_id,
                                 .evidence_id = {},
                                 .provider = evidence.provider,
                                 .provider_ref = evidence.provider_ref,
                                 .outcome = decision.outcome,
                                 .counted = decision.counted,
                                 .excess = decision.excess,
                                 .verification_method = by_hand ? "manual" : "automatic",
                                 .reason = evidence.reason,
                                 .paid_at = evidence.paid_at,
                                 .settled_at = desk.now};
  desk.ledger.add(settlement);
  desk.effects.settlements.push_back({.evidence = evidence_at, .row = std::move(settlement)});
  Consequences consequences;
  if (order) {
    order->now.paid = order->now.paid.plus(decision.counted).value_or(order->now.paid);
    order->changed = true;
    if (decision.complete_order) {
      const std::string& approver = evidence.approver.empty() ? evidence.actor : evidence.approver;
      consequences = complete_order(desk, *order,
                                    {.take_goods = decision.commit_stock,
                                     .paid_at = evidence.paid_at,
                                     .approver = approver,
                                     .reason = evidence.reason,
                                     .evidence = evidence_at,
                                     .pass_token = claim.pass_token,
                                     .cause = evidence.provider + ":" + evidence.provider_ref});
    }
  }
  desk.effects.audit.push_back({.evidence = evidence_at,
                                .row = audit_of(desk, "settlement.recorded", evidence, session,
                                                order, decision_details(decision), consequences)});
}

Result<Settled> take_payment(Desk& desk, const Claim& claim, SessionEntry& session,
                             OrderEntry* order) {
  const Evidence& evidence = claim.evidence;
  const Decision decision = core::decide(situation_of(desk, claim, session, order), evidence);
  const std::size_t evidence_at = desk.effects.evidence.size();
  desk.effects.evidence.push_back({.evidence = &evidence, .outcome = decision.outcome});
  // Cleared and raised before the order completes, which may raise a shortage.
  const bool flagged = flag(order, decision);
  if (decision.settle_session) settle_session(desk, session);
  if (core::counts_money(decision.outcome)) {
    record(desk, claim, session, order, decision, evidence_at);
  } else {
    NewEntry entry = audit_of(desk, refusal_action(decision.outcome), evidence, session, order,
                              decision_details(decision), {});
    entry.if_new = !flagged;
    desk.effects.audit.push_back({.evidence = evidence_at, .row = std::move(entry)});
  }
  return Settled{.outcome = decision.outcome,
                 .order_id = session.now.order_id,
                 .order_status = order ? std::optional(order->now.status) : std::nullopt};
}

Result<Settled> take(Desk& desk, const Claim& claim) {
  SessionEntry* session = desk.ledger.session(claim.evidence.session_id);
  if (!session) return fail(ErrorCode::not_found, "There is no such payment session.");
  if (claim.evidence.kind != core::EvidenceKind::payment) return give_back(desk, claim.evidence);
  OrderEntry* order = session->now.order_id ? desk.ledger.order(*session->now.order_id) : nullptr;
  return take_payment(desk, claim, *session, order);
}

/// The ids under which the evidence stands now, and whether each is new.
Result<std::vector<core::EvidenceId>> write_evidence(WritableBooks& books, Effects& effects,
                                                     std::vector<bool>& is_new) {
  TRY(const auto inserted, books.insert_evidence(effects.evidence));
  std::vector<core::EvidenceId> ids;
  for (std::size_t i = 0; i < inserted.size(); ++i) {
    is_new.push_back(inserted[i].has_value());
    if (inserted[i]) {
      ids.push_back(*inserted[i]);
      continue;
    }
    TRY(const auto known, books.evidence_id(*effects.evidence[i].evidence));
    if (!known) return fail(ErrorCode::conflict, "The evidence changed; try again.");
    ids.push_back(*known);
  }
  return ids;
}

Result<storage::Rows> write(WritableBooks& books, Ledger& ledger, Effects& effects,
                            base::Time now) {
  std::vector<bool> is_new;
  TRY(const auto ids, write_evidence(books, effects, is_new));
  std::vector<storage::Settlement> settlements;
  for (auto& [at, row] : effects.settlements) {
    row.evidence_id = ids[*at];
    settlements.push_back(std::move(row));
  }
  std::vector<storage::Refund> refunds;
  for (auto& [at, row] : effects.refunds) {
    row.evidence_id = ids[*at];
    refunds.push_back(std::move(row));
  }
  std::vector<storage::Approval> approvals;
  for (auto& [at, row] : effects.approvals) {
    if (at) row.evidence_id = ids[*at];
    approvals.push_back(std::move(row));
  }
  TRY_VOID(books.insert_settlements(settlements));
  TRY_VOID(books.insert_refunds(refunds));
  TRY_VOID(ledger.write(books));
  TRY_VOID(books.insert_passes(effects.passes));
  TRY_VOID(books.revoke_passes(effects.revoked));
  TRY_VOID(books.insert_approvals(approvals));
  TRY_VOID(books.insert_outbox(effects.outbox));
  TRY_VOID(books.mature_receipt_wishes(effects.completed, now));
  TRY_VOID(books.unwant_receipts(effects.without_receipt, now));
  for (auto& [at, row] : effects.audit) {
    if (row.if_new && at && !is_new[*at]) continue;
    if (at) row.details.set("evidence_id", ids[*at].value());
    row.entry.details = row.details.dump();
    TRY_VOID(books.insert_audit(std::move(row.entry)));
  }
  return storage::Rows();
}

}  // namespace

SettledList settle(WritableBooks& books, const SettleContext& context,
                   std::span<const Claim* const> claims) {
  std::vector<const Evidence*> evidence;
  evidence.reserve(claims.size());
  for (const Claim* claim : claims)
    evidence.push_back(&claim->evidence);
  TRY(Ledger ledger, Ledger::load(books, evidence));
  Effects effects;
  Desk desk{.context = context, .now = context.clock.now(), .ledger = ledger, .effects = effects};
  std::vector<Result<Settled>> settled;
  settled.reserve(claims.size());
  for (const Claim* claim : claims) {
    settled.push_back(take(desk, *claim));
    const bool alone = claims.size() == 1;
    // It looks at rows that are not written yet; alone it will find them.
    if (!settled.back() && settled.back().error().code == ErrorCode::conflict && !alone) {
      return std::unexpected(settled.back().error());
    }
  }
  TRY_VOID(write(books, ledger, effects, desk.now));
  return settled;
}

Result<Settled> settle(WritableBooks& books, const SettleContext& context,
                       const Evidence& evidence) {
  return settle(books, context, Claim{.evidence = evidence});
}

Result<Settled> settle(WritableBooks& books, const SettleContext& context, const Claim& claim) {
  const Claim* claims[] = {&claim};
  TRY(auto settled, settle(books, context, claims));
  return std::move(settled.front());
}

Result<Settled> hand_over(WritableBooks& books, const SettleContext& context, core::OrderId id,
                          const std::string& actor, const std::string& reason) {
  TRY(Ledger ledger, Ledger::load_order(books, id));
  OrderEntry* order = ledger.order(id);
  if (!order) return fail(ErrorCode::not_found, "There is no such order.");
  const bool waits =
      order->now.status == OrderStatus::pending || order->now.status == OrderStatus::canceled;
  if (!waits || !order->now.due().is_zero()) {
    return fail(ErrorCode::conflict, "Nothing is owed on this order any more.");
  }
  Effects effects;
  Desk desk{.context = context, .now = context.clock.now(), .ledger = ledger, .effects = effects};
  TRY(const auto settlements, books.settlements_of_order(id));
  base::Time paid_at = desk.now;
  std::int64_t last_counted = 0;
  for (const storage::Settlement& settlement : settlements) {
    if (settlement.counted.is_zero()) continue;
    paid_at = settlement.paid_at;
    last_counted = settlement.id.value();
  }
  // What is beyond the order is still to be given back, so `excess` stays.
  order->now.attention.clear(core::Attention::underpaid | core::Attention::paid_late |
                             core::Attention::approval);
  const Consequences consequences =
      complete_order(desk, *order,
                     {.take_goods = true,
                      .paid_at = paid_at,
                      .approver = actor,
                      .reason = reason,
                      .evidence = std::nullopt,
                      .pass_token = "",
                      // It was owed again since the time before: this is news again.
                      .cause = "handed_over:" + std::to_string(last_counted)});
  effects.audit.push_back({.evidence = std::nullopt,
                           .row = audit_of_hand_over(desk, *order, actor, reason, consequences)});
  TRY_VOID(write(books, ledger, effects, desk.now));
  return Settled{.outcome = Outcome::settled, .order_id = id, .order_status = order->now.status};
}

}  // namespace quittance::detect
