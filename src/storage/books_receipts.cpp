// Statements about tax receipts, and about requests that are closed at their provider.
#include <array>

#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

constexpr std::array kStates{ReceiptState::waiting, ReceiptState::asked, ReceiptState::issued,
                             ReceiptState::voided, ReceiptState::refused};

#define QUITTANCE_RECEIPT_COLUMNS                                                               \
  "settlement_id, order_id, provider, payment_ref, receiver_type, receiver, wanted, state, "    \
  "attempts, next_attempt_at, last_error, receipt_ref, receipt_id, details, qr_data, lottery, " \
  "created_at, issued_at, voided_at"

Result<StoredReceipt> read_receipt(Rows::Row row) {
  StoredReceipt receipt{.settlement_id = core::SettlementId(row.integer("settlement_id")),
                        .order_id = core::OrderId(row.integer("order_id")),
                        .provider = row.text("provider"),
                        .payment_ref = row.text("payment_ref"),
                        .receiver_type = row.text("receiver_type"),
                        .receiver = row.text("receiver"),
                        .wanted = row.integer("wanted") == 1,
                        .attempts = row.integer("attempts"),
                        .next_attempt_at = row.maybe_time("next_attempt_at"),
                        .last_error = row.text("last_error"),
                        .receipt_ref = row.text("receipt_ref"),
                        .receipt_id = row.text("receipt_id"),
                        .details = row.text("details"),
                        .qr_data = base::Secret(row.text("qr_data")),
                        .lottery = base::Secret(row.text("lottery")),
                        .created_at = row.time("created_at"),
                        .issued_at = row.maybe_time("issued_at"),
                        .voided_at = row.maybe_time("voided_at")};
  for (const ReceiptState state : kStates) {
    if (to_text(state) != row.text("state")) continue;
    receipt.state = state;
    return receipt;
  }
  return unknown_word("tax_receipts.state", row.text("state"));
}

Result<ReceiptWish> read_wish(Rows::Row row) {
  return ReceiptWish{.order_id = core::OrderId(row.integer("order_id")),
                     .receiver_type = row.text("receiver_type"),
                     .receiver = row.text("receiver"),
                     .asked_by = row.text("asked_by"),
                     .asked_at = row.time("asked_at")};
}

#define QUITTANCE_WISH_COLUMNS "order_id, receiver_type, receiver, asked_by, asked_at"

}  // namespace

std::string_view to_text(ReceiptState state) {
  switch (state) {
    case ReceiptState::waiting:
      return "waiting";
    case ReceiptState::asked:
      return "asked";
    case ReceiptState::issued:
      return "issued";
    case ReceiptState::voided:
      return "voided";
    case ReceiptState::refused:
      return "refused";
  }
  return "";
}

Found<ReceiptWish> Books::receipt_wish(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_WISH_COLUMNS
                            " FROM receipt_wishes WHERE order_id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<ReceiptWish>(rows, read_wish);
}

Listed<StoredReceipt> Books::receipts_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_RECEIPT_COLUMNS
                            " FROM tax_receipts WHERE order_id = $1 ORDER BY settlement_id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<StoredReceipt>(rows, read_receipt);
}

Listed<StoredReceipt> Books::due_receipts(base::Time now, std::int64_t limit) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_RECEIPT_COLUMNS
                            " FROM tax_receipts WHERE next_attempt_at <= $1 ORDER BY "
                            "next_attempt_at, settlement_id LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {now, limit}));
  return read_all<StoredReceipt>(rows, read_receipt);
}

Listed<ReceiptWish> Books::due_receipt_wishes(base::Time now, std::int64_t limit) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_WISH_COLUMNS
                            " FROM receipt_wishes WHERE due_at <= $1 ORDER BY due_at, order_id "
                            "LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {now, limit}));
  return read_all<ReceiptWish>(rows, read_wish);
}

Result<Rows> WritableBooks::save_receipt_wish(const ReceiptWish& wish,
                                              std::optional<base::Time> due_at) {
  static constexpr Sql kSql{
      "INSERT INTO receipt_wishes (order_id, receiver_type, receiver, asked_by, asked_at, due_at) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (order_id) DO UPDATE SET receiver_type = "
      "excluded.receiver_type, receiver = excluded.receiver, due_at = "
      "COALESCE(receipt_wishes.due_at, excluded.due_at) WHERE NOT EXISTS (SELECT 1 FROM "
      "tax_receipts t WHERE t.order_id = receipt_wishes.order_id)"};
  return connection_.run(kSql, {wish.order_id.value(), wish.receiver_type, wish.receiver,
                                wish.asked_by, wish.asked_at, Param(due_at)});
}

Result<Rows> WritableBooks::mature_receipt_wishes(std::span<const core::OrderId> orders,
                                                  base::Time now) {
  static constexpr std::array kColumns{BatchColumn{"key", BatchColumn::Type::integer},
                                       BatchColumn{"w_due_at", BatchColumn::Type::integer}};
  static constexpr BatchSql kSql{
      "UPDATE receipt_wishes SET due_at = {w_due_at} {from_rows} WHERE "
      "receipt_wishes.order_id = {key}",
      kColumns};
  Batch batch;
  for (const core::OrderId id : orders)
    batch.add({id.value(), now});
  if (batch.empty()) return Rows();
  return connection_.run_batch(kSql, batch);
}

Result<Rows> WritableBooks::make_receipts(const ReceiptWish& wish, std::string_view provider,
                                          base::Time now) {
  // Of money that the provider itself confirmed, that counts, and that has not gone back.
  static constexpr Sql kSql{
      "INSERT INTO tax_receipts (settlement_id, order_id, provider, payment_ref, receiver_type, "
      "receiver, created_at, next_attempt_at) SELECT s.id, o.id, s.provider, s.provider_ref, $3, "
      "$4, $5, $5 FROM settlements s JOIN orders o ON o.id = s.order_id WHERE s.order_id = $1 AND "
      "s.provider = $2 AND s.counted_minor > 0 AND s.verification_method = 'automatic' AND "
      "o.status = 'completed' AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.settlement_id = "
      "s.id) ON CONFLICT DO NOTHING"};
  return connection_.run(kSql,
                         {wish.order_id.value(), provider, wish.receiver_type, wish.receiver, now});
}

Result<Rows> WritableBooks::finish_receipt_wish(core::OrderId id) {
  static constexpr Sql kSql{"UPDATE receipt_wishes SET due_at = NULL WHERE order_id = $1"};
  return connection_.run(kSql, {id.value()});
}

Result<Rows> WritableBooks::begin_receipt(const StoredReceipt& receipt, ReceiptState state,
                                          base::Time lease_until) {
  static constexpr Sql kSql{
      "UPDATE tax_receipts SET attempts = attempts + 1, state = $2, next_attempt_at = $3 WHERE "
      "settlement_id = $1"};
  return connection_.run(kSql, {receipt.settlement_id.value(), to_text(state), lease_until});
}

Result<bool> WritableBooks::finish_receipt(const StoredReceipt& receipt, base::Time now) {
  // Its money may have gone back meanwhile: then the next thing is due at once.
  static constexpr Sql kSql{
      "UPDATE tax_receipts SET state = $3, last_error = $4, receipt_ref = $5, receipt_id = $6, "
      "details = $7, qr_data = $8, lottery = $9, issued_at = $10, voided_at = $11, "
      "next_attempt_at = CASE WHEN wanted = $12 THEN $13 ELSE $14 END WHERE settlement_id = $1 "
      "AND attempts = $2"};
  TRY(const Rows rows,
      connection_.run(kSql,
                      {receipt.settlement_id.value(), receipt.attempts, to_text(receipt.state),
                       receipt.last_error, receipt.receipt_ref, receipt.receipt_id, receipt.details,
                       receipt.qr_data.reveal(), receipt.lottery.reveal(), Param(receipt.issued_at),
                       Param(receipt.voided_at), std::int64_t{receipt.wanted ? 1 : 0},
                       Param(receipt.next_attempt_at), now}));
  return rows.changed == 1;
}

Result<Rows> WritableBooks::unwant_receipts(std::span<const core::SettlementId> settlements,
                                            base::Time now) {
  static constexpr std::array kColumns{BatchColumn{"key", BatchColumn::Type::integer},
                                       BatchColumn{"t_due_at", BatchColumn::Type::integer}};
  // Whoever is asking just now writes what came of it first.
  static constexpr BatchSql kSql{
      "UPDATE tax_receipts SET wanted = 0, next_attempt_at = CASE WHEN state = 'asked' THEN "
      "next_attempt_at ELSE {t_due_at} END {from_rows} WHERE tax_receipts.settlement_id = {key} "
      "AND wanted = 1",
      kColumns};
  Batch batch;
  for (const core::SettlementId id : settlements)
    batch.add({id.value(), now});
  if (batch.empty()) return Rows();
  return connection_.run_batch(kSql, batch);
}

Result<Rows> WritableBooks::close_session_at(core::SessionId id,
                                             std::optional<base::Time> closing_at) {
  static constexpr Sql kSql{"UPDATE payment_sessions SET closing_at = $2 WHERE id = $1"};
  return connection_.run(kSql, {id.value(), Param(closing_at)});
}

Listed<core::Session> WritableBooks::claim_closing_sessions(base::Time now, base::Time lease_until,
                                                            std::int64_t limit) {
  static constexpr Sql kDue{
      "SELECT id FROM payment_sessions WHERE closing_at <= $1 ORDER BY closing_at, id LIMIT $2"};
  TRY(const Rows rows, connection_.run(kDue, {now, limit}));
  std::vector<core::SessionId> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ids.emplace_back(rows[i].integer("id"));
    TRY_VOID(close_session_at(ids.back(), lease_until));
  }
  if (ids.empty()) return std::vector<core::Session>();
  return sessions(ids);
}

Result<bool> Books::closing_waits(base::Time now) {
  static constexpr Sql kSql{
      "SELECT COUNT(*) AS n FROM (SELECT id FROM payment_sessions WHERE closing_at <= $1 LIMIT 1) "
      "AS due"};
  TRY(const Rows rows, connection_.run(kSql, {now}));
  return rows.front().integer("n") > 0;
}

Result<std::int64_t> Books::stuck_session_count(std::string_view provider, base::Time before) {
  static constexpr Sql kSql{
      "SELECT COUNT(*) AS n FROM payment_sessions WHERE closing_at IS NOT NULL AND provider = $1 "
      "AND expires_at < $2"};
  TRY(const Rows rows, connection_.run(kSql, {provider, before}));
  return rows.front().integer("n");
}

}  // namespace quittance::storage
