// Statements about the poller's due queue.
#include <algorithm>
#include <array>

#include "storage/books.hpp"

namespace quittance::storage {

using base::Result;
using core::DueSession;

namespace {

/// Takes those of `candidates` that are not among `chosen` yet, until there are `limit`.
void choose(std::vector<DueSession>& chosen, const std::vector<DueSession>& candidates,
            std::int64_t limit) {
  for (const DueSession& candidate : candidates) {
    if (static_cast<std::int64_t>(chosen.size()) >= limit) return;
    if (std::ranges::find(chosen, candidate.id, &DueSession::id) == chosen.end()) {
      chosen.push_back(candidate);
    }
  }
}

Listed<DueSession> read_due(Connection& connection, const Sql& sql,
                            std::initializer_list<Param> params) {
  TRY(const Rows rows, connection.run(sql, params));
  std::vector<DueSession> due;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    due.push_back({.id = core::SessionId(rows[i].integer("id")),
                   .due_at = rows[i].time("next_check_at"),
                   .age_band = static_cast<std::size_t>(rows[i].integer("age_band"))});
  }
  return due;
}

/// The longest due of each age band, as many of each as could be taken in all: the best of all are
/// among them, because within a band whoever waits longest is best.
Listed<DueSession> longest_due(Connection& connection, const Sql& sql, std::string_view provider,
                               base::Time moment, std::int64_t limit) {
  std::vector<DueSession> all;
  for (std::size_t band = 0; band < core::kAgeBands.size(); ++band) {
    TRY(const auto due,
        read_due(connection, sql, {provider, static_cast<std::int64_t>(band), moment, limit}));
    all.insert(all.end(), due.begin(), due.end());
  }
  return all;
}

}  // namespace

Found<base::Time> Books::next_due(std::string_view provider) {
  static constexpr Sql kSql{
      "SELECT next_check_at FROM payment_sessions WHERE provider = $1 AND age_band = $2 AND "
      "next_check_at IS NOT NULL ORDER BY next_check_at LIMIT 1"};
  std::optional<base::Time> first;
  for (std::size_t band = 0; band < core::kAgeBands.size(); ++band) {
    TRY(const Rows rows, connection_.run(kSql, {provider, static_cast<std::int64_t>(band)}));
    if (rows.empty()) continue;
    const base::Time due_at = rows.front().time("next_check_at");
    first = first ? std::min(*first, due_at) : due_at;
  }
  return first;
}

Result<Rows> WritableBooks::wake_hot_sessions(std::string_view provider, base::Time now,
                                              base::Time lease_until) {
  static constexpr Sql kSql{
      "UPDATE payment_sessions SET next_check_at = $2 WHERE provider = $1 AND hot_until > $2 AND "
      "next_check_at > $2 AND next_check_at <= $3"};
  return connection_.run(kSql, {provider, now, lease_until});
}

Listed<core::Session> WritableBooks::claim_due_sessions(std::string_view provider,
                                                        const Claiming& claiming,
                                                        std::int64_t limit) {
  // The sign keeps both engines from walking through what is due, where the few hot ones are an
  // index of their own.
  static constexpr Sql kHot{
      "SELECT id, next_check_at, age_band FROM payment_sessions WHERE hot_until > $2 AND "
      "+next_check_at <= $2 AND provider = $1 ORDER BY +next_check_at, id LIMIT $3"};
  static constexpr Sql kDue{
      "SELECT id, next_check_at, age_band FROM payment_sessions WHERE provider = $1 AND "
      "age_band = $2 AND next_check_at <= $3 ORDER BY next_check_at, id LIMIT $4"};
  // Planned by another clock (N14).
  static constexpr Sql kPlannedByAnotherClock{
      "SELECT id, next_check_at, age_band FROM payment_sessions WHERE provider = $1 AND "
      "age_band = $2 AND next_check_at > $3 ORDER BY next_check_at, id LIMIT $4"};
  static constexpr std::array kColumns{BatchColumn{"key", BatchColumn::Type::integer},
                                       BatchColumn{"lease_until", BatchColumn::Type::integer}};
  static constexpr BatchSql kLease{
      "UPDATE payment_sessions SET next_check_at = {lease_until} {from_rows} WHERE "
      "payment_sessions.id = {key}",
      kColumns};
  const base::Time now = claiming.now;
  std::vector<DueSession> chosen;
  // One second in four belongs to whoever waits longest: any number of open pages must not keep the
  // rest from ever being asked about (law 4).
  if (base::to_ms(now) / 1000 % 4 != 3) {
    TRY(const auto hot, read_due(connection_, kHot, {provider, now, limit}));
    choose(chosen, hot, limit);
  }
  const std::pair<const Sql*, base::Time> rest_of[] = {
      {&kDue, now}, {&kPlannedByAnotherClock, now + claiming.longest_pause}};
  for (const auto& [sql, moment] : rest_of) {
    if (static_cast<std::int64_t>(chosen.size()) >= limit) break;
    TRY(auto due, longest_due(connection_, *sql, provider, moment, limit));
    core::rank(due, claiming.ranking, now);
    choose(chosen, due, limit);
  }
  if (chosen.empty()) return std::vector<core::Session>();
  Batch leases;
  std::vector<core::SessionId> ids;
  for (const DueSession& session : chosen) {
    ids.push_back(session.id);
    leases.add({session.id.value(), claiming.lease_until});
  }
  TRY_VOID(connection_.run_batch(kLease, leases));
  TRY(auto claimed, sessions(ids));
  std::ranges::sort(claimed, {}, [&ids](const core::Session& session) {
    return std::ranges::find(ids, session.id) - ids.begin();
  });
  return claimed;
}

Result<DetectionFigures> Books::detection_figures(std::string_view provider, base::Time now) {
  static constexpr Sql kDue{
      "SELECT COUNT(*) AS n, MIN(next_check_at) AS oldest FROM payment_sessions WHERE "
      "provider = $1 AND next_check_at <= $2"};
  static constexpr Sql kOpen{
      "SELECT COUNT(*) AS n, MIN(CASE WHEN unknowns > 0 THEN created_at END) AS oldest_unknown "
      "FROM payment_sessions WHERE next_check_at IS NOT NULL AND provider = $1"};
  // What people said is no detection.
  static constexpr Sql kDelays{
      "SELECT settled_at - paid_at AS delay_ms FROM settlements WHERE provider = $1 AND "
      "verification_method = 'automatic' AND settled_at > $2 ORDER BY id DESC LIMIT 1000"};
  // A notice and a list may tell of the same payment.
  static constexpr Sql kNeverMatched{
      "SELECT COUNT(*) AS n FROM notices n WHERE provider = $1 AND outcome = 'no_session' AND NOT "
      "EXISTS (SELECT 1 FROM provider_payments p WHERE p.provider = n.provider AND p.payment_ref = "
      "n.payment_ref)"};
  TRY(const Rows due, connection_.run(kDue, {provider, now}));
  TRY(const Rows open, connection_.run(kOpen, {provider}));
  TRY(const Rows delays, connection_.run(kDelays, {provider, now - kDelaysOver}));
  TRY(const Rows unmatched, connection_.run(kNeverMatched, {provider}));
  TRY(const std::int64_t listed, unmatched_payment_count(provider));
  DetectionFigures figures{.due_sessions = due.front().integer("n"),
                           .oldest_due_at = due.front().maybe_time("oldest"),
                           .open_sessions = open.front().integer("n"),
                           .oldest_unknown_at = open.front().maybe_time("oldest_unknown"),
                           .never_matched = listed + unmatched.front().integer("n"),
                           .delays_ms = {}};
  for (std::size_t i = 0; i < delays.size(); ++i) {
    figures.delays_ms.push_back(delays[i].integer("delay_ms"));
  }
  return figures;
}

}  // namespace quittance::storage
