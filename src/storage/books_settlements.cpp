// Statements about evidence, settlements and what follows from them. Facts: only ever inserted.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

Result<Settlement> read_settlement(Rows::Row row) {
  TRY(const core::Money counted, read_money(row, "counted_minor"));
  TRY(const core::Money excess, read_money(row, "excess_minor"));
  const auto outcome = core::outcome_from(row.text("outcome"));
  if (!outcome) return unknown_word("settlements.outcome", row.text("outcome"));
  return Settlement{.id = core::SettlementId(row.integer("id")),
                    .session_id = core::SessionId(row.integer("session_row")),
                    .order_id = maybe_id<core::OrderId>(row, "order_id"),
                    .evidence_id = core::EvidenceId(row.integer("evidence_id")),
                    .provider = row.text("provider"),
                    .provider_ref = row.text("provider_ref"),
                    .outcome = *outcome,
                    .counted = counted,
                    .excess = excess,
                    .verification_method = row.text("verification_method"),
                    .reason = row.text("reason"),
                    .paid_at = row.time("paid_at"),
                    .settled_at = row.time("settled_at")};
}

Result<SeenEvidence> read_evidence(Rows::Row row) {
  TRY(const core::Money amount, read_money(row, "amount_minor"));
  const auto outcome = core::outcome_from(row.text("outcome"));
  if (!outcome) return unknown_word("evidence.outcome", row.text("outcome"));
  const auto source = core::evidence_source_from(row.text("source"));
  if (!source) return unknown_word("evidence.source", row.text("source"));
  return SeenEvidence{.id = core::EvidenceId(row.integer("id")),
                      .evidence = {.source = *source,
                                   .session_id = core::SessionId(row.integer("session_row")),
                                   .provider = row.text("provider"),
                                   .provider_ref = row.text("provider_ref"),
                                   .amount = amount,
                                   .receiver = row.text("receiver"),
                                   .payer = row.text("payer"),
                                   .paid_at = row.time("paid_at"),
                                   .seen_at = row.time("seen_at"),
                                   .actor = row.text("actor"),
                                   .reason = row.text("reason"),
                                   .raw = row.text("raw")},
                      .outcome = *outcome};
}

Result<Pass> read_pass(Rows::Row row) {
  return Pass{.kind = row.text("kind"),
              .subject = row.text("subject"),
              .period = row.text("period"),
              .token = row.text("token"),
              .order_id = maybe_id<core::OrderId>(row, "order_id"),
              .active = row.text("state") == "active",
              .valid_from = row.time("valid_from"),
              .valid_until = row.time("valid_until")};
}

#define QUITTANCE_SETTLEMENT_COLUMNS                                                         \
  "id, session_row, order_id, evidence_id, provider, provider_ref, outcome, counted_minor, " \
  "excess_minor, currency, verification_method, reason, paid_at, settled_at"
#define QUITTANCE_PASS_COLUMNS \
  "kind, subject, period, token, order_id, state, valid_from, valid_until"

}  // namespace

Found<Settlement> Books::settlement(std::string_view provider, std::string_view provider_ref) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_SETTLEMENT_COLUMNS
                            " FROM settlements WHERE provider = $1 AND provider_ref = $2"};
  TRY(const Rows rows, connection_.run(kSql, {provider, provider_ref}));
  return read_first<Settlement>(rows, read_settlement);
}

Listed<Settlement> Books::settlements_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_SETTLEMENT_COLUMNS
                            " FROM settlements WHERE order_id = $1 ORDER BY id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<Settlement>(rows, read_settlement);
}

Listed<SeenEvidence> Books::evidence_of_order(core::OrderId id) {
  static constexpr Sql kSql{
      "SELECT e.id, e.session_row, e.source, e.provider, e.provider_ref, e.amount_minor, "
      "e.currency, e.receiver, e.payer, e.paid_at, e.seen_at, e.actor, e.reason, e.raw, e.outcome "
      "FROM evidence e JOIN payment_sessions s ON s.id = e.session_row WHERE s.order_id = $1 "
      "ORDER BY e.id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<SeenEvidence>(rows, read_evidence);
}

Found<core::EvidenceId> Books::evidence_id(const core::Evidence& evidence) {
  static constexpr Sql kSql{
      "SELECT id FROM evidence WHERE session_row = $1 AND provider = $2 AND "
      "provider_ref = $3 AND source = $4"};
  TRY(const Rows rows, connection_.run(kSql, {evidence.session_id.value(), evidence.provider,
                                              evidence.provider_ref, to_text(evidence.source)}));
  if (rows.empty()) return std::optional<core::EvidenceId>();
  return std::optional(core::EvidenceId(rows.front().integer("id")));
}

Listed<Approval> Books::approvals_of_order(core::OrderId id) {
  static constexpr Sql kSql{
      "SELECT order_id, approver, decision, reason, evidence_id, created_at "
      "FROM approvals WHERE order_id = $1 ORDER BY id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  std::vector<Approval> approvals;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    approvals.push_back({.order_id = core::OrderId(rows[i].integer("order_id")),
                         .approver = rows[i].text("approver"),
                         .decision = rows[i].text("decision"),
                         .reason = rows[i].text("reason"),
                         .evidence_id = maybe_id<core::EvidenceId>(rows[i], "evidence_id"),
                         .created_at = rows[i].time("created_at")});
  }
  return approvals;
}

Found<Pass> Books::pass_by_token(std::string_view token) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_PASS_COLUMNS " FROM passes WHERE token = $1"};
  TRY(const Rows rows, connection_.run(kSql, {token}));
  return read_first<Pass>(rows, read_pass);
}

Found<Pass> Books::pass_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_PASS_COLUMNS
                            " FROM passes WHERE order_id = $1 ORDER BY id LIMIT 1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<Pass>(rows, read_pass);
}

Result<std::optional<core::EvidenceId>> WritableBooks::insert_evidence(
    const core::Evidence& evidence, core::Outcome outcome) {
  static constexpr Sql kSql{
      "INSERT INTO evidence (session_row, source, provider, provider_ref, amount_minor, currency, "
      "receiver, payer, paid_at, seen_at, actor, reason, raw, outcome) VALUES ($1, $2, $3, $4, $5, "
      "$6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (session_row, provider, provider_ref, "
      "source) DO NOTHING RETURNING id"};
  TRY(const Rows rows,
      connection_.run(
          kSql, {evidence.session_id.value(), to_text(evidence.source), evidence.provider,
                 evidence.provider_ref, evidence.amount.minor(), evidence.amount.currency().code(),
                 evidence.receiver, evidence.payer, evidence.paid_at, evidence.seen_at,
                 evidence.actor, evidence.reason, evidence.raw, to_text(outcome)}));
  if (rows.empty()) return std::optional<core::EvidenceId>();
  return std::optional(core::EvidenceId(rows.front().integer("id")));
}

Result<Rows> WritableBooks::insert_settlement(const Settlement& settlement) {
  static constexpr Sql kSql{
      "INSERT INTO settlements (session_row, order_id, evidence_id, provider, provider_ref, "
      "outcome, counted_minor, excess_minor, currency, verification_method, reason, paid_at, "
      "settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"};
  return connection_.run(
      kSql, {settlement.session_id.value(), key_of(settlement.order_id),
             settlement.evidence_id.value(), settlement.provider, settlement.provider_ref,
             to_text(settlement.outcome), settlement.counted.minor(), settlement.excess.minor(),
             settlement.counted.currency().code(), settlement.verification_method,
             settlement.reason, settlement.paid_at, settlement.settled_at});
}

Result<bool> WritableBooks::insert_pass(const Pass& pass) {
  static constexpr Sql kSql{
      "INSERT INTO passes (kind, subject, period, token, order_id, state, valid_from, valid_until, "
      "created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7) ON CONFLICT (kind, subject, period) "
      "DO NOTHING"};
  TRY(const Rows rows,
      connection_.run(kSql,
                      {pass.kind, pass.subject, pass.period, pass.token, key_of(pass.order_id),
                       pass.active ? "active" : "revoked", pass.valid_from, pass.valid_until}));
  return rows.changed == 1;
}

Result<Rows> WritableBooks::insert_approval(const Approval& approval) {
  static constexpr Sql kSql{
      "INSERT INTO approvals (order_id, approver, decision, reason, "
      "evidence_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)"};
  return connection_.run(
      kSql, {approval.order_id.value(), approval.approver, approval.decision, approval.reason,
             key_of(approval.evidence_id), approval.created_at});
}

Result<Rows> WritableBooks::insert_outbox(const OutboxEntry& entry) {
  static constexpr Sql kSql{
      "INSERT INTO outbox (topic, dedupe_key, payload, created_at, next_attempt_at) VALUES ($1, "
      "$2, $3, $4, $4) ON CONFLICT (dedupe_key) DO NOTHING"};
  return connection_.run(kSql, {entry.topic, entry.dedupe_key, entry.payload, entry.created_at});
}

}  // namespace quittance::storage
