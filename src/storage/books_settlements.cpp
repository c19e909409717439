// Statements about settlements and what follows from them. Facts: only ever inserted.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

constexpr auto kInteger = BatchColumn::Type::integer;
constexpr auto kText = BatchColumn::Type::text;

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

Listed<Settlement> Books::settlements(std::span<const MoneyRef> refs) {
  static constexpr BatchSql kSql{"SELECT " QUITTANCE_SETTLEMENT_COLUMNS
                                 " FROM settlements {and_rows} WHERE provider = {ref_provider} "
                                 "AND provider_ref = {ref}",
                                 kRefColumns};
  TRY(const Rows rows, connection_.run_batch(kSql, batch_of(refs)));
  return read_all<Settlement>(rows, read_settlement);
}

Listed<Settlement> Books::settlements_of_session(core::SessionId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_SETTLEMENT_COLUMNS
                            " FROM settlements WHERE session_row = $1 ORDER BY id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<Settlement>(rows, read_settlement);
}

Listed<Settlement> Books::settlements_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_SETTLEMENT_COLUMNS
                            " FROM settlements WHERE order_id = $1 ORDER BY id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<Settlement>(rows, read_settlement);
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
                            " FROM passes WHERE order_id = $1 ORDER BY created_at LIMIT 1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<Pass>(rows, read_pass);
}

Result<Rows> WritableBooks::insert_settlements(std::span<const Settlement> settlements) {
  static constexpr std::array kColumns{
      BatchColumn{"s_session", kInteger},   BatchColumn{"s_order", kInteger},
      BatchColumn{"s_evidence", kInteger},  BatchColumn{"s_provider", kText},
      BatchColumn{"s_ref", kText},          BatchColumn{"s_outcome", kText},
      BatchColumn{"s_counted", kInteger},   BatchColumn{"s_excess", kInteger},
      BatchColumn{"s_currency", kText},     BatchColumn{"s_method", kText},
      BatchColumn{"s_reason", kText},       BatchColumn{"s_paid_at", kInteger},
      BatchColumn{"s_settled_at", kInteger}};
  static constexpr BatchSql kSql{
      "INSERT INTO settlements (id, session_row, order_id, evidence_id, provider, provider_ref, "
      "outcome, counted_minor, excess_minor, currency, verification_method, reason, paid_at, "
      "settled_at) SELECT {s_evidence}, {s_session}, {s_order}, {s_evidence}, {s_provider}, "
      "{s_ref}, "
      "{s_outcome}, {s_counted}, {s_excess}, {s_currency}, {s_method}, {s_reason}, {s_paid_at}, "
      "{s_settled_at} {from_rows}",
      kColumns};
  Batch batch;
  for (const Settlement& settlement : settlements) {
    batch.add({settlement.session_id.value(), key_of(settlement.order_id),
               settlement.evidence_id.value(), settlement.provider, settlement.provider_ref,
               to_text(settlement.outcome), settlement.counted.minor(), settlement.excess.minor(),
               settlement.counted.currency().code(), settlement.verification_method,
               settlement.reason, settlement.paid_at, settlement.settled_at});
  }
  return connection_.run_batch(kSql, batch);
}

Result<Rows> WritableBooks::insert_passes(std::span<const Pass> passes) {
  static constexpr std::array kColumns{
      BatchColumn{"p_kind", kText},          BatchColumn{"p_subject", kText},
      BatchColumn{"p_period", kText},        BatchColumn{"p_token", kText},
      BatchColumn{"p_order", kInteger},      BatchColumn{"p_state", kText},
      BatchColumn{"p_valid_from", kInteger}, BatchColumn{"p_valid_until", kInteger}};
  static constexpr BatchSql kSql{
      "INSERT INTO passes (kind, subject, period, token, order_id, state, valid_from, valid_until, "
      "created_at) SELECT {p_kind}, {p_subject}, {p_period}, {p_token}, {p_order}, {p_state}, "
      "{p_valid_from}, {p_valid_until}, {p_valid_from} {from_rows} WHERE true ON CONFLICT (kind, "
      "subject, period) DO UPDATE SET state = excluded.state, valid_until = CASE WHEN "
      "excluded.valid_until > passes.valid_until THEN excluded.valid_until ELSE "
      "passes.valid_until END",
      kColumns};
  Batch batch;
  for (const Pass& pass : passes) {
    batch.add({pass.kind, pass.subject, pass.period, pass.token, key_of(pass.order_id),
               pass.active ? "active" : "revoked", pass.valid_from, pass.valid_until});
  }
  return connection_.run_batch(kSql, batch);
}

Result<Rows> WritableBooks::revoke_passes(std::span<const core::OrderId> orders) {
  static constexpr BatchSql kSql{
      "UPDATE passes SET state = 'revoked' {from_rows} WHERE passes.order_id = {key}", kKeyColumns};
  return connection_.run_batch(kSql, batch_of(orders));
}

Result<Rows> WritableBooks::insert_approvals(std::span<const Approval> approvals) {
  static constexpr std::array kColumns{
      BatchColumn{"a_order", kInteger},    BatchColumn{"a_approver", kText},
      BatchColumn{"a_decision", kText},    BatchColumn{"a_reason", kText},
      BatchColumn{"a_evidence", kInteger}, BatchColumn{"a_created_at", kInteger}};
  static constexpr BatchSql kSql{
      "INSERT INTO approvals (order_id, approver, decision, reason, evidence_id, created_at) "
      "SELECT {a_order}, {a_approver}, {a_decision}, {a_reason}, {a_evidence}, {a_created_at} "
      "{from_rows}",
      kColumns};
  Batch batch;
  for (const Approval& approval : approvals) {
    batch.add({approval.order_id.value(), approval.approver, approval.decision, approval.reason,
               key_of(approval.evidence_id), approval.created_at});
  }
  return connection_.run_batch(kSql, batch);
}

}  // namespace quittance::storage
