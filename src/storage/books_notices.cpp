// Statements about providers' notices: stored as they came, processed at our own pace.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

#define QUITTANCE_NOTICE_COLUMNS                                                            \
  "id, provider, notice_id, kind, provider_ref, payment_ref, merchant_reference, headers, " \
  "query, body, received_at, attempts, outcome, processed_at"

Result<StoredNotice> read_notice(Rows::Row row) {
  return StoredNotice{.id = row.integer("id"),
                      .provider = row.text("provider"),
                      .notice_id = row.text("notice_id"),
                      .kind = row.text("kind"),
                      .provider_ref = row.text("provider_ref"),
                      .payment_ref = row.text("payment_ref"),
                      .merchant_reference = row.text("merchant_reference"),
                      .headers = row.text("headers"),
                      .query = row.text("query"),
                      .body = row.text("body"),
                      .received_at = row.time("received_at"),
                      .attempts = row.integer("attempts"),
                      .outcome = row.text("outcome"),
                      .processed = row.maybe_time("processed_at").has_value()};
}

}  // namespace

Found<base::Time> Books::next_notice() {
  static constexpr Sql kSql{
      "SELECT next_attempt_at FROM notices WHERE next_attempt_at IS NOT NULL ORDER BY "
      "next_attempt_at LIMIT 1"};
  TRY(const Rows rows, connection_.run(kSql, {}));
  if (rows.empty()) return std::optional<base::Time>();
  return rows.front().maybe_time("next_attempt_at");
}

Found<StoredNotice> Books::notice(std::string_view provider, std::string_view notice_id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_NOTICE_COLUMNS
                            " FROM notices WHERE provider = $1 AND notice_id = $2"};
  TRY(const Rows rows, connection_.run(kSql, {provider, notice_id}));
  return read_first<StoredNotice>(rows, read_notice);
}

Result<bool> WritableBooks::insert_notice(const StoredNotice& notice) {
  static constexpr Sql kSql{
      "INSERT INTO notices (provider, notice_id, kind, provider_ref, payment_ref, "
      "merchant_reference, headers, query, body, received_at, next_attempt_at) VALUES ($1, $2, $3, "
      "$4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT (provider, notice_id) DO NOTHING"};
  // Kept to be read by people: what it is about has been read out of it.
  const std::string headers = base::made_storable(notice.headers);
  const std::string query = base::made_storable(notice.query);
  const std::string body = base::made_storable(notice.body);
  TRY(const Rows rows,
      connection_.run(kSql, {notice.provider, notice.notice_id, notice.kind, notice.provider_ref,
                             notice.payment_ref, notice.merchant_reference, headers, query, body,
                             notice.received_at}));
  return rows.changed == 1;
}

Listed<StoredNotice> WritableBooks::claim_due_notices(base::Time now, base::Time lease_until,
                                                      std::int64_t limit) {
  static constexpr Sql kSql{
      "UPDATE notices SET next_attempt_at = $2, attempts = attempts + 1 WHERE id IN (SELECT id "
      "FROM notices WHERE next_attempt_at <= $1 ORDER BY next_attempt_at, id LIMIT $3) "
      "RETURNING " QUITTANCE_NOTICE_COLUMNS};
  TRY(const Rows rows, connection_.run(kSql, {now, lease_until, limit}));
  return read_all<StoredNotice>(rows, read_notice);
}

Result<Rows> WritableBooks::finish_notice(std::int64_t id, std::string_view outcome,
                                          base::Time now) {
  static constexpr Sql kSql{
      "UPDATE notices SET outcome = $2, processed_at = $3, next_attempt_at = NULL WHERE id = $1"};
  return connection_.run(kSql, {id, outcome, now});
}

Result<Rows> WritableBooks::postpone_notice(std::int64_t id, std::string_view outcome,
                                            base::Time until) {
  static constexpr Sql kSql{
      "UPDATE notices SET outcome = $2, next_attempt_at = $3 WHERE id = $1 AND processed_at IS "
      "NULL"};
  return connection_.run(kSql, {id, outcome, until});
}

Result<std::int64_t> WritableBooks::delete_old_notices(base::Time received_before) {
  static constexpr Sql kSql{
      "DELETE FROM notices WHERE received_at < $1 AND processed_at IS NOT NULL"};
  TRY(const Rows rows, connection_.run(kSql, {received_before}));
  return rows.changed;
}

}  // namespace quittance::storage
