// Statements about the pulling of providers' lists: whose turn it is, and what each run did.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

#define QUITTANCE_SYNC_RUN_COLUMNS                                                           \
  "id, provider, reason, actor, state, error, since_at, until_at, started_at, finished_at, " \
  "fetched, created, updated, settled, returned, attendees, unmatched, unreadable, "         \
  "failed"

Result<SyncRun> read_run(Rows::Row row) {
  return SyncRun{.id = row.integer("id"),
                 .provider = row.text("provider"),
                 .reason = row.text("reason"),
                 .actor = row.text("actor"),
                 .state = row.text("state"),
                 .error = row.text("error"),
                 .since_at = row.time("since_at"),
                 .until_at = row.time("until_at"),
                 .started_at = row.time("started_at"),
                 .finished_at = row.maybe_time("finished_at"),
                 .fetched = row.integer("fetched"),
                 .created = row.integer("created"),
                 .updated = row.integer("updated"),
                 .settled = row.integer("settled"),
                 .returned = row.integer("returned"),
                 .attendees = row.integer("attendees"),
                 .unmatched = row.integer("unmatched"),
                 .unreadable = row.integer("unreadable"),
                 .failed = row.integer("failed")};
}

}  // namespace

Result<SyncHead> Books::sync_head(std::string_view provider) {
  static constexpr Sql kSql{
      "SELECT watermark_at, run_id, lease_until, started_at FROM sync_heads WHERE provider = $1"};
  TRY(const Rows rows, connection_.run(kSql, {provider}));
  SyncHead head{.provider = std::string(provider)};
  if (rows.empty()) return head;
  head.watermark_at = rows.front().maybe_time("watermark_at");
  head.run_id = rows.front().maybe_integer("run_id");
  head.lease_until = rows.front().maybe_time("lease_until");
  head.started_at = rows.front().maybe_time("started_at");
  return head;
}

Found<SyncRun> Books::sync_run(std::int64_t id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_SYNC_RUN_COLUMNS " FROM sync_runs WHERE id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id}));
  return read_first<SyncRun>(rows, read_run);
}

Listed<SyncRun> Books::sync_runs(std::string_view provider, std::optional<std::int64_t> before,
                                 std::int64_t limit) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_SYNC_RUN_COLUMNS
                            " FROM sync_runs WHERE ($1 = '' OR provider = $1) AND id < $2 "
                            "ORDER BY id DESC LIMIT $3"};
  TRY(const Rows rows, connection_.run(kSql, {provider, before.value_or(INT64_MAX), limit}));
  return read_all<SyncRun>(rows, read_run);
}

Result<std::int64_t> WritableBooks::insert_sync_run(const SyncRun& run) {
  static constexpr Sql kSql{
      "INSERT INTO sync_runs (provider, reason, actor, state, since_at, until_at, started_at) "
      "VALUES ($1, $2, $3, 'running', $4, $5, $6) RETURNING id"};
  TRY(const Rows rows, connection_.run(kSql, {run.provider, run.reason, run.actor, run.since_at,
                                              run.until_at, run.started_at}));
  return rows.front().integer("id");
}

Result<Rows> WritableBooks::update_sync_run(const SyncRun& run) {
  static constexpr Sql kSql{
      "UPDATE sync_runs SET state = $2, error = $3, finished_at = $4, fetched = $5, created = $6, "
      "updated = $7, settled = $8, returned = $9, attendees = $10, unmatched = $11, unreadable = "
      "$12, failed = $13 WHERE id = $1 AND state = 'running'"};
  return connection_.run(
      kSql, {run.id, run.state, run.error, run.finished_at, run.fetched, run.created, run.updated,
             run.settled, run.returned, run.attendees, run.unmatched, run.unreadable, run.failed});
}

Result<Rows> WritableBooks::abandon_sync_run(std::int64_t id, base::Time now) {
  static constexpr Sql kSql{
      "UPDATE sync_runs SET state = 'abandoned', error = 'It stopped in the middle.', finished_at "
      "= $2 WHERE id = $1 AND state = 'running'"};
  return connection_.run(kSql, {id, now});
}

Result<std::int64_t> WritableBooks::delete_old_sync_runs(base::Time finished_before) {
  static constexpr Sql kSql{
      "DELETE FROM sync_runs WHERE finished_at < $1 AND id NOT IN "
      "(SELECT MAX(id) FROM sync_runs WHERE state = 'done' GROUP BY provider)"};
  TRY(const Rows rows, connection_.run(kSql, {finished_before}));
  return rows.changed;
}

Result<bool> WritableBooks::take_sync_lease(const SyncHead& expected, const SyncHead& taken) {
  static constexpr Sql kMake{
      "INSERT INTO sync_heads (provider) VALUES ($1) ON CONFLICT (provider) DO NOTHING"};
  static constexpr Sql kTake{
      "UPDATE sync_heads SET run_id = $2, lease_until = $3, started_at = $4 WHERE provider = $1 "
      "AND COALESCE(run_id, 0) = $5 AND COALESCE(lease_until, 0) = $6"};
  TRY_VOID(connection_.run(kMake, {taken.provider}));
  const std::int64_t lease_then =
      expected.lease_until ? base::to_ms(*expected.lease_until) : std::int64_t{0};
  TRY(const Rows rows,
      connection_.run(kTake, {taken.provider, taken.run_id, taken.lease_until, taken.started_at,
                              expected.run_id.value_or(0), lease_then}));
  return rows.changed == 1;
}

Result<bool> WritableBooks::renew_sync_lease(const SyncRun& run, base::Time lease_until) {
  static constexpr Sql kSql{
      "UPDATE sync_heads SET lease_until = $3 WHERE provider = $1 AND run_id = $2"};
  TRY(const Rows rows, connection_.run(kSql, {run.provider, run.id, lease_until}));
  return rows.changed == 1;
}

Result<bool> WritableBooks::release_sync_lease(const SyncRun& run,
                                               std::optional<base::Time> watermark_at) {
  static constexpr Sql kSql{
      "UPDATE sync_heads SET run_id = NULL, lease_until = NULL, watermark_at = COALESCE($3, "
      "watermark_at) WHERE provider = $1 AND run_id = $2"};
  TRY(const Rows rows, connection_.run(kSql, {run.provider, run.id, watermark_at}));
  return rows.changed == 1;
}

}  // namespace quittance::storage
