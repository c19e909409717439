// Statements about evidence, and about money that went back. Facts: only ever inserted.
#include <deque>
#include <map>

#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

constexpr auto kInteger = BatchColumn::Type::integer;
constexpr auto kText = BatchColumn::Type::text;

Result<SeenEvidence> read_evidence(Rows::Row row) {
  TRY(const core::Money amount, read_money(row, "amount_minor"));
  const auto outcome = core::outcome_from(row.text("outcome"));
  if (!outcome) return unknown_word("evidence.outcome", row.text("outcome"));
  const auto source = core::evidence_source_from(row.text("source"));
  if (!source) return unknown_word("evidence.source", row.text("source"));
  const auto kind = core::evidence_kind_from(row.text("kind"));
  if (!kind) return unknown_word("evidence.kind", row.text("kind"));
  return SeenEvidence{.id = core::EvidenceId(row.integer("id")),
                      .evidence = {.kind = *kind,
                                   .source = *source,
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
                                   .raw = row.text("raw"),
                                   .approver = row.text("approver"),
                                   .against = row.text("against")},
                      .outcome = *outcome};
}

Result<Refund> read_refund(Rows::Row row) {
  TRY(const core::Money from_counted, read_money(row, "from_counted_minor"));
  TRY(const core::Money from_excess, read_money(row, "from_excess_minor"));
  const auto outcome = core::outcome_from(row.text("outcome"));
  if (!outcome) return unknown_word("refunds.outcome", row.text("outcome"));
  const auto kind = core::evidence_kind_from(row.text("kind"));
  if (!kind) return unknown_word("refunds.kind", row.text("kind"));
  return Refund{.id = core::RefundId(row.integer("id")),
                .settlement_id = core::SettlementId(row.integer("settlement_id")),
                .order_id = maybe_id<core::OrderId>(row, "order_id"),
                .evidence_id = core::EvidenceId(row.integer("evidence_id")),
                .kind = *kind,
                .provider = row.text("provider"),
                .provider_ref = row.text("provider_ref"),
                .outcome = *outcome,
                .from_counted = from_counted,
                .from_excess = from_excess,
                .actor = row.text("actor"),
                .reason = row.text("reason"),
                .refunded_at = row.time("refunded_at"),
                .recorded_at = row.time("recorded_at")};
}

#define QUITTANCE_EVIDENCE_COLUMNS                                                               \
  "e.id, e.session_row, e.kind, e.source, e.provider, e.provider_ref, e.against, "               \
  "e.amount_minor, e.currency, e.receiver, e.payer, e.paid_at, e.seen_at, e.actor, e.approver, " \
  "e.reason, e.raw, e.outcome"
#define QUITTANCE_REFUND_COLUMNS                                                           \
  "f.id, f.settlement_id, f.order_id, f.evidence_id, f.kind, f.provider, f.provider_ref, " \
  "f.outcome, f.from_counted_minor, f.from_excess_minor, f.currency, f.actor, f.reason, "  \
  "f.refunded_at, f.recorded_at"

/// What makes a row of evidence one of its kind.
using Key = std::tuple<std::int64_t, std::string, std::string, std::string, std::string>;

Key key_of_evidence(const core::Evidence& evidence) {
  return {evidence.session_id.value(), evidence.provider, evidence.provider_ref,
          std::string(to_text(evidence.source)), std::string(to_text(evidence.kind))};
}

}  // namespace

Listed<SeenEvidence> Books::evidence_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_EVIDENCE_COLUMNS
                            " FROM evidence e JOIN payment_sessions s ON s.id = e.session_row "
                            "WHERE s.order_id = $1 ORDER BY e.id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<SeenEvidence>(rows, read_evidence);
}

Found<SeenEvidence> Books::evidence(core::EvidenceId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_EVIDENCE_COLUMNS
                            " FROM evidence e WHERE e.id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<SeenEvidence>(rows, read_evidence);
}

Found<core::EvidenceId> Books::evidence_id(const core::Evidence& evidence) {
  static constexpr Sql kSql{
      "SELECT id FROM evidence WHERE session_row = $1 AND provider = $2 AND provider_ref = $3 AND "
      "source = $4 AND kind = $5"};
  TRY(const Rows rows,
      connection_.run(kSql, {evidence.session_id.value(), evidence.provider, evidence.provider_ref,
                             to_text(evidence.source), to_text(evidence.kind)}));
  if (rows.empty()) return std::optional<core::EvidenceId>();
  return std::optional(core::EvidenceId(rows.front().integer("id")));
}

Listed<Refund> Books::refunds(std::span<const MoneyRef> refs) {
  static constexpr BatchSql kSql{"SELECT " QUITTANCE_REFUND_COLUMNS
                                 " FROM refunds f {and_rows} WHERE f.provider = {ref_provider} AND "
                                 "f.provider_ref = {ref}",
                                 kRefColumns};
  TRY(const Rows rows, connection_.run_batch(kSql, batch_of(refs)));
  return read_all<Refund>(rows, read_refund);
}

Listed<Refund> Books::refunds_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_REFUND_COLUMNS
                            " FROM refunds f WHERE f.order_id = $1 ORDER BY f.id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<Refund>(rows, read_refund);
}

Listed<Refund> Books::refunds_of_session(core::SessionId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_REFUND_COLUMNS
                            " FROM refunds f JOIN settlements s ON s.id = f.settlement_id WHERE "
                            "s.session_row = $1 ORDER BY f.id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<Refund>(rows, read_refund);
}

Listed<std::optional<core::EvidenceId>> WritableBooks::insert_evidence(
    std::span<const NewEvidence> evidence) {
  static constexpr std::array kColumns{
      BatchColumn{"e_session", kInteger}, BatchColumn{"e_kind", kText},
      BatchColumn{"e_source", kText},     BatchColumn{"e_provider", kText},
      BatchColumn{"e_ref", kText},        BatchColumn{"e_against", kText},
      BatchColumn{"e_amount", kInteger},  BatchColumn{"e_currency", kText},
      BatchColumn{"e_receiver", kText},   BatchColumn{"e_payer", kText},
      BatchColumn{"e_paid_at", kInteger}, BatchColumn{"e_seen_at", kInteger},
      BatchColumn{"e_actor", kText},      BatchColumn{"e_approver", kText},
      BatchColumn{"e_reason", kText},     BatchColumn{"e_raw", kText},
      BatchColumn{"e_outcome", kText}};
  static constexpr BatchSql kSql{
      "INSERT INTO evidence (session_row, kind, source, provider, provider_ref, against, "
      "amount_minor, currency, receiver, payer, paid_at, seen_at, actor, approver, reason, raw, "
      "outcome) SELECT {e_session}, {e_kind}, {e_source}, {e_provider}, {e_ref}, {e_against}, "
      "{e_amount}, {e_currency}, {e_receiver}, {e_payer}, {e_paid_at}, {e_seen_at}, {e_actor}, "
      "{e_approver}, {e_reason}, {e_raw}, {e_outcome} {from_rows} WHERE true ON CONFLICT "
      "(session_row, provider, provider_ref, source, kind) DO NOTHING RETURNING id, session_row, "
      "provider, provider_ref, source, kind",
      kColumns};
  Batch batch;
  // What the bank says in passing must not keep its money from being counted.
  std::deque<std::string> mended;
  for (const NewEvidence& one : evidence) {
    const core::Evidence& e = *one.evidence;
    const std::string& payer = mended.emplace_back(base::made_storable(e.payer));
    const std::string& raw = mended.emplace_back(base::made_storable(e.raw));
    batch.add({e.session_id.value(), to_text(e.kind), to_text(e.source), e.provider, e.provider_ref,
               e.against, e.amount.minor(), e.amount.currency().code(), e.receiver, payer,
               e.paid_at, e.seen_at, e.actor, e.approver, e.reason, raw, to_text(one.outcome)});
  }
  TRY(const Rows rows, connection_.run_batch(kSql, batch));
  std::map<Key, std::int64_t> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ids.emplace(Key{rows[i].integer("session_row"), rows[i].text("provider"),
                    rows[i].text("provider_ref"), rows[i].text("source"), rows[i].text("kind")},
                rows[i].integer("id"));
  }
  std::vector<std::optional<core::EvidenceId>> found;
  found.reserve(evidence.size());
  for (const NewEvidence& one : evidence) {
    // The second of two equal ones was not the one that was written.
    const auto id = ids.extract(key_of_evidence(*one.evidence));
    found.push_back(id ? std::optional(core::EvidenceId(id.mapped())) : std::nullopt);
  }
  return found;
}

Result<Rows> WritableBooks::insert_refunds(std::span<const Refund> refunds) {
  static constexpr std::array kColumns{
      BatchColumn{"f_settlement", kInteger},  BatchColumn{"f_order", kInteger},
      BatchColumn{"f_evidence", kInteger},    BatchColumn{"f_kind", kText},
      BatchColumn{"f_provider", kText},       BatchColumn{"f_ref", kText},
      BatchColumn{"f_outcome", kText},        BatchColumn{"f_from_counted", kInteger},
      BatchColumn{"f_from_excess", kInteger}, BatchColumn{"f_currency", kText},
      BatchColumn{"f_actor", kText},          BatchColumn{"f_reason", kText},
      BatchColumn{"f_refunded_at", kInteger}, BatchColumn{"f_recorded_at", kInteger}};
  static constexpr BatchSql kSql{
      "INSERT INTO refunds (id, settlement_id, order_id, evidence_id, kind, provider, "
      "provider_ref, "
      "outcome, from_counted_minor, from_excess_minor, currency, actor, reason, refunded_at, "
      "recorded_at) SELECT {f_evidence}, {f_settlement}, {f_order}, {f_evidence}, {f_kind}, "
      "{f_provider}, "
      "{f_ref}, {f_outcome}, {f_from_counted}, {f_from_excess}, {f_currency}, {f_actor}, "
      "{f_reason}, {f_refunded_at}, {f_recorded_at} {from_rows}",
      kColumns};
  Batch batch;
  for (const Refund& refund : refunds) {
    batch.add({refund.settlement_id.value(), key_of(refund.order_id), refund.evidence_id.value(),
               to_text(refund.kind), refund.provider, refund.provider_ref, to_text(refund.outcome),
               refund.from_counted.minor(), refund.from_excess.minor(),
               refund.from_counted.currency().code(), refund.actor, refund.reason,
               refund.refunded_at, refund.recorded_at});
  }
  return connection_.run_batch(kSql, batch);
}

}  // namespace quittance::storage
