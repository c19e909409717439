// Statements about payment sessions and the questions asked for them.
#include <array>

#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

#define QUITTANCE_SESSION_COLUMNS                                                        \
  "id, session_id, payment_id, order_id, customer_id, provider, environment, receiver, " \
  "provider_ref, object_type, object_id, amount_minor, currency, qr_data, md5_hash, "    \
  "bill_number, reference_id, status, "                                                  \
  "payment_verification_status, created_at, expires_at, completed_at, next_check_at, "   \
  "hot_until, checks, unknowns, last_answer, last_checked_at"
#define QUITTANCE_SESSIONS_WHERE "SELECT " QUITTANCE_SESSION_COLUMNS " FROM payment_sessions WHERE "

Found<core::Session> Books::session(core::SessionId id) {
  static constexpr Sql kSql{QUITTANCE_SESSIONS_WHERE "id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<core::Session>(rows, read_session);
}

Listed<core::Session> Books::sessions(std::span<const core::SessionId> ids) {
  static constexpr BatchSql kSql{"SELECT " QUITTANCE_SESSION_COLUMNS
                                 " FROM payment_sessions {and_rows} WHERE id = {key}",
                                 kKeyColumns};
  TRY(const Rows rows, connection_.run_batch(kSql, batch_of(ids)));
  return read_all<core::Session>(rows, read_session);
}

Listed<OrderSession> Books::newest_sessions(std::span<const core::OrderId> ids) {
  static constexpr BatchSql kSql{
      "SELECT order_id, MAX(id) AS id FROM payment_sessions {and_rows} WHERE order_id = {key} "
      "GROUP BY order_id",
      kKeyColumns};
  TRY(const Rows rows, connection_.run_batch(kSql, batch_of(ids)));
  std::vector<OrderSession> newest;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    newest.push_back({.order_id = core::OrderId(rows[i].integer("order_id")),
                      .session_id = core::SessionId(rows[i].integer("id"))});
  }
  return newest;
}

Found<core::Session> Books::session_by_public_id(std::string_view session_id) {
  static constexpr Sql kSql{QUITTANCE_SESSIONS_WHERE "session_id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {session_id}));
  return read_first<core::Session>(rows, read_session);
}

Listed<core::Session> Books::sessions_by_md5(std::string_view md5_hash) {
  static constexpr Sql kSql{QUITTANCE_SESSIONS_WHERE "md5_hash = $1 ORDER BY id DESC LIMIT 20"};
  TRY(const Rows rows, connection_.run(kSql, {md5_hash}));
  return read_all<core::Session>(rows, read_session);
}

Listed<core::Session> Books::sessions_by_bill_number(std::string_view bill_number) {
  static constexpr Sql kSql{QUITTANCE_SESSIONS_WHERE "bill_number = $1 ORDER BY id DESC LIMIT 20"};
  TRY(const Rows rows, connection_.run(kSql, {bill_number}));
  return read_all<core::Session>(rows, read_session);
}

Found<core::Session> Books::session_by_provider_ref(std::string_view provider,
                                                    std::string_view provider_ref) {
  static constexpr Sql kSql{QUITTANCE_SESSIONS_WHERE "provider = $1 AND provider_ref = $2"};
  TRY(const Rows rows, connection_.run(kSql, {provider, provider_ref}));
  return read_first<core::Session>(rows, read_session);
}

Found<std::string> Books::presentation(core::SessionId id) {
  static constexpr Sql kSql{"SELECT presentation FROM payment_sessions WHERE id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional(rows.front().text_or_empty("presentation"));
}

Listed<core::Session> Books::sessions_of_order(core::OrderId id) {
  static constexpr Sql kSql{QUITTANCE_SESSIONS_WHERE "order_id = $1 ORDER BY id DESC LIMIT 100"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<core::Session>(rows, read_session);
}

Listed<core::Session> Books::sessions_of_customer(core::CustomerId id, std::int64_t limit) {
  static constexpr Sql kSql{QUITTANCE_SESSIONS_WHERE "customer_id = $1 ORDER BY id DESC LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {id.value(), limit}));
  return read_all<core::Session>(rows, read_session);
}

Listed<Query> Books::queries_of_order(core::OrderId id, std::int64_t limit) {
  static constexpr Sql kSql{
      "SELECT q.session_row, q.source, q.first_asked_at, q.asked_at, q.times, q.duration_ms, "
      "q.answer, q.reason FROM queries q JOIN payment_sessions s ON s.id = q.session_row "
      "WHERE s.order_id = $1 "
      "ORDER BY q.id DESC LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {id.value(), limit}));
  std::vector<Query> queries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    queries.push_back({.session_id = core::SessionId(rows[i].integer("session_row")),
                       .source = rows[i].text("source"),
                       .asked_at = rows[i].time("asked_at"),
                       .duration_ms = rows[i].integer("duration_ms"),
                       .answer = rows[i].text("answer"),
                       .reason = rows[i].text("reason"),
                       .first_asked_at = rows[i].time("first_asked_at"),
                       .times = rows[i].integer("times")});
  }
  return queries;
}

Result<core::SessionId> WritableBooks::insert_session(const core::Session& session) {
  static constexpr Sql kSql{
      "INSERT INTO payment_sessions (session_id, payment_id, order_id, customer_id, provider, "
      "environment, receiver, amount_minor, currency, qr_data, md5_hash, bill_number, "
      "reference_id, status, created_at, expires_at, next_check_at, hot_until, provider_ref, "
      "object_type, object_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
      "$14, "
      "$15, $16, $17, $18, $19, $20, $21) RETURNING id"};
  TRY(const Rows rows, connection_.run(kSql, {session.session_id,
                                              session.payment_id,
                                              key_of(session.order_id),
                                              key_of(session.customer_id),
                                              session.provider,
                                              session.environment,
                                              session.receiver,
                                              session.amount.minor(),
                                              session.amount.currency().code(),
                                              session.qr_data,
                                              session.md5_hash,
                                              session.bill_number,
                                              session.reference_id,
                                              to_text(session.status),
                                              session.created_at,
                                              session.expires_at,
                                              Param(session.next_check_at),
                                              Param(session.hot_until),
                                              text_or_null(session.provider_ref),
                                              text_or_null(session.object_type),
                                              text_or_null(session.object_id)}));
  return core::SessionId(rows.front().integer("id"));
}

Result<bool> WritableBooks::present_session(const core::Session& session,
                                            std::string_view presentation) {
  static constexpr Sql kSql{
      "UPDATE payment_sessions SET provider_ref = $2, qr_data = $3, md5_hash = $4, receiver = $5, "
      "expires_at = $6, presentation = $7 WHERE id = $1 AND provider_ref IS NULL AND qr_data = ''"};
  TRY(const Rows rows,
      connection_.run(kSql,
                      {session.id.value(), text_or_null(session.provider_ref), session.qr_data,
                       session.md5_hash, session.receiver, session.expires_at, presentation}));
  return rows.changed == 1;
}

Result<bool> WritableBooks::set_session_statuses(std::span<const SessionChange> changes) {
  static constexpr std::array kColumns{BatchColumn{"key", BatchColumn::Type::integer},
                                       BatchColumn{"then_status", BatchColumn::Type::text},
                                       BatchColumn{"new_status", BatchColumn::Type::text},
                                       BatchColumn{"new_completed", BatchColumn::Type::integer}};
  // What is settled is asked about no more: its money is counted.
  static constexpr BatchSql kSql{
      "UPDATE payment_sessions SET status = {new_status}, completed_at = {new_completed}, "
      "next_check_at = CASE WHEN {new_status} = 'settled' THEN NULL ELSE next_check_at END, "
      "payment_verification_status = CASE WHEN {new_status} = 'settled' THEN 'verified' ELSE "
      "payment_verification_status END {from_rows} WHERE payment_sessions.id = {key} AND "
      "status = {then_status}",
      kColumns};
  Batch batch;
  for (const SessionChange& change : changes) {
    batch.add({change.id.value(), to_text(change.expected), to_text(change.status),
               Param(change.completed_at)});
  }
  TRY(const Rows rows, connection_.run_batch(kSql, batch));
  return rows.changed == static_cast<std::int64_t>(changes.size());
}

Result<bool> WritableBooks::set_session_status(core::SessionId id, core::SessionStatus expected,
                                               core::SessionStatus status,
                                               std::optional<base::Time> completed_at) {
  const SessionChange change{
      .id = id, .expected = expected, .status = status, .completed_at = completed_at};
  return set_session_statuses(std::span(&change, 1));
}

Result<Rows> WritableBooks::note_check(core::SessionId id, std::string_view last_answer,
                                       base::Time now, std::optional<base::Time> next_check_at) {
  static constexpr Sql kSql{
      "UPDATE payment_sessions SET checks = checks + 1, unknowns = CASE WHEN $2 = 'unknown' THEN "
      "unknowns + 1 ELSE 0 END, last_answer = $2, last_checked_at = $3, "
      "next_check_at = $4, hot_until = CASE WHEN hot_until > $3 THEN hot_until ELSE NULL END, "
      "age_band = CASE WHEN $3 - created_at < $5 THEN 0 WHEN $3 - created_at < $6 THEN 1 ELSE 2 "
      "END WHERE id = $1 AND status <> 'settled'"};
  static_assert(core::kAgeBands.size() == 3);
  return connection_.run(
      kSql, {id.value(), last_answer, now, Param(next_check_at), core::kAgeBands[0].until.count(),
             core::kAgeBands[1].until.count()});
}

Result<Rows> WritableBooks::set_verification_status(core::SessionId id,
                                                    core::VerificationStatus status) {
  static constexpr Sql kSql{
      "UPDATE payment_sessions SET payment_verification_status = $2 WHERE id = $1"};
  return connection_.run(kSql, {id.value(), to_text(status)});
}

Result<Rows> WritableBooks::heat_session(core::SessionId id, base::Time now, base::Time hot_until) {
  static constexpr Sql kSql{
      "UPDATE payment_sessions SET hot_until = $3, next_check_at = CASE WHEN next_check_at < $2 "
      "THEN next_check_at ELSE $2 END WHERE id = $1 AND status <> 'settled'"};
  return connection_.run(kSql, {id.value(), now, hot_until});
}

Result<Rows> WritableBooks::insert_query(const Query& query) {
  static constexpr Sql kAgain{
      "UPDATE queries SET asked_at = $3, duration_ms = $4, times = times + 1 WHERE id = (SELECT "
      "MAX(id) FROM queries WHERE session_row = $1) AND source = $2 AND answer = 'not_yet'"};
  static constexpr Sql kSql{
      "INSERT INTO queries (session_row, source, first_asked_at, asked_at, duration_ms, answer, "
      "reason) VALUES ($1, $2, $3, $3, $4, $5, $6)"};
  if (query.source == "poll" && query.answer == "not_yet") {
    TRY(Rows again, connection_.run(kAgain, {query.session_id.value(), query.source, query.asked_at,
                                             query.duration_ms}));
    if (again.changed == 1) return again;
  }
  return connection_.run(kSql, {query.session_id.value(), query.source, query.asked_at,
                                query.duration_ms, query.answer, query.reason});
}

Result<Rows> WritableBooks::insert_queries(std::span<const Query* const> queries) {
  static constexpr std::array kColumns{BatchColumn{"session_key", BatchColumn::Type::integer},
                                       BatchColumn{"q_source", BatchColumn::Type::text},
                                       BatchColumn{"q_asked_at", BatchColumn::Type::integer},
                                       BatchColumn{"q_duration", BatchColumn::Type::integer},
                                       BatchColumn{"q_answer", BatchColumn::Type::text},
                                       BatchColumn{"q_reason", BatchColumn::Type::text}};
  static constexpr BatchSql kSql{
      "INSERT INTO queries (session_row, source, first_asked_at, asked_at, duration_ms, answer, "
      "reason) SELECT {session_key}, {q_source}, {q_asked_at}, {q_asked_at}, {q_duration}, "
      "{q_answer}, {q_reason} {from_rows}",
      kColumns};
  Batch batch;
  for (const Query* query : queries) {
    batch.add({query->session_id.value(), query->source, query->asked_at, query->duration_ms,
               query->answer, query->reason});
  }
  return connection_.run_batch(kSql, batch);
}

Result<std::int64_t> WritableBooks::expire_overdue_sessions(base::Time now) {
  static constexpr Sql kSql{
      "UPDATE payment_sessions SET status = 'expired' WHERE status = 'open' AND expires_at <= $1 "
      "AND last_answer = 'not_yet' AND last_checked_at >= expires_at"};
  TRY(const Rows rows, connection_.run(kSql, {now}));
  return rows.changed;
}

Result<std::int64_t> WritableBooks::hurry_overdue_sessions(base::Time now) {
  static constexpr Sql kSql{
      "UPDATE payment_sessions SET next_check_at = $1 WHERE status = 'open' AND expires_at <= $1 "
      "AND next_check_at > $1"};
  TRY(const Rows rows, connection_.run(kSql, {now}));
  return rows.changed;
}

Result<std::int64_t> WritableBooks::delete_stale_sessions(base::Time retained_since) {
  // C6: only what is past retention, stands for nothing that waits, and holds no money.
  static constexpr Sql kSql{
      "DELETE FROM payment_sessions WHERE created_at < $1 AND status IN ('expired', 'canceled', "
      "'failed') AND next_check_at IS NULL AND NOT EXISTS (SELECT 1 FROM evidence e WHERE "
      "e.session_row = payment_sessions.id) AND NOT EXISTS (SELECT 1 FROM orders o WHERE "
      "o.id = payment_sessions.order_id AND o.status = 'pending')"};
  TRY(const Rows rows, connection_.run(kSql, {retained_since}));
  return rows.changed;
}

}  // namespace quittance::storage
