// Statements about news for others: the outbox, and each piece's way to each destination.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

std::string_view to_text(DeliveryKind kind) {
  return kind == DeliveryKind::mail ? "mail" : "merchant_webhook";
}

std::string_view to_text(DeliveryState state) {
  switch (state) {
    case DeliveryState::pending:
      return "pending";
    case DeliveryState::delivered:
      return "delivered";
    case DeliveryState::dead:
      return "dead";
  }
  return "";
}

namespace {

constexpr auto kInteger = BatchColumn::Type::integer;
constexpr auto kText = BatchColumn::Type::text;

#define QUITTANCE_DELIVERY_COLUMNS                                                             \
  "d.id AS id, d.destination AS destination, d.kind AS kind, d.order_id AS order_id, d.state " \
  "AS state, d.attempts AS attempts, d.last_error AS last_error, d.created_at AS created_at, " \
  "d.next_attempt_at AS next_attempt_at, d.delivered_at AS delivered_at, o.id AS outbox_id, "  \
  "o.topic AS topic, o.dedupe_key AS dedupe_key, o.payload AS payload, o.created_at AS "       \
  "happened_at"

Result<OutboxEntry> read_outbox(Rows::Row row) {
  return OutboxEntry{.topic = row.text("topic"),
                     .dedupe_key = row.text("dedupe_key"),
                     .payload = row.text("payload"),
                     .created_at = row.time("happened_at"),
                     .id = row.integer("outbox_id")};
}

Result<DeliveryKind> read_kind(const std::string& word) {
  for (const DeliveryKind kind : {DeliveryKind::merchant_webhook, DeliveryKind::mail}) {
    if (to_text(kind) == word) return kind;
  }
  return unknown_word("deliveries.kind", word);
}

Result<DeliveryState> read_state(const std::string& word) {
  for (const DeliveryState state :
       {DeliveryState::pending, DeliveryState::delivered, DeliveryState::dead}) {
    if (to_text(state) == word) return state;
  }
  return unknown_word("deliveries.state", word);
}

Result<Delivery> read_delivery(Rows::Row row) {
  TRY(const DeliveryKind kind, read_kind(row.text("kind")));
  TRY(const DeliveryState state, read_state(row.text("state")));
  TRY(OutboxEntry news, read_outbox(row));
  return Delivery{.id = row.integer("id"),
                  .destination = row.text("destination"),
                  .kind = kind,
                  .order_id = maybe_id<core::OrderId>(row, "order_id"),
                  .state = state,
                  .attempts = row.integer("attempts"),
                  .last_error = row.text("last_error"),
                  .created_at = row.time("created_at"),
                  .next_attempt_at = row.maybe_time("next_attempt_at"),
                  .delivered_at = row.maybe_time("delivered_at"),
                  .news = std::move(news)};
}

}  // namespace

Result<bool> Books::outbox_waits() {
  static constexpr Sql kSql{"SELECT id FROM outbox WHERE distributed_at IS NULL LIMIT 1"};
  TRY(const Rows rows, connection_.run(kSql, {}));
  return !rows.empty();
}

Listed<OutboxEntry> Books::undistributed_outbox(std::int64_t limit) {
  static constexpr Sql kSql{
      "SELECT id AS outbox_id, topic, dedupe_key, payload, created_at AS happened_at FROM outbox "
      "WHERE distributed_at IS NULL ORDER BY id LIMIT $1"};
  TRY(const Rows rows, connection_.run(kSql, {limit}));
  return read_all<OutboxEntry>(rows, read_outbox);
}

Found<base::Time> Books::next_delivery(std::string_view destination) {
  static constexpr Sql kSql{
      "SELECT next_attempt_at FROM deliveries WHERE destination = $1 AND next_attempt_at IS NOT "
      "NULL ORDER BY next_attempt_at LIMIT 1"};
  TRY(const Rows rows, connection_.run(kSql, {destination}));
  if (rows.empty()) return std::optional<base::Time>();
  return rows.front().maybe_time("next_attempt_at");
}

Listed<Delivery> Books::deliveries_of_order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_DELIVERY_COLUMNS
                            " FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE "
                            "d.order_id = $1 ORDER BY d.id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_all<Delivery>(rows, read_delivery);
}

Result<bool> Books::endpoint_ended(std::string_view destination) {
  static constexpr Sql kSql{"SELECT ended_at FROM ended_endpoints WHERE destination = $1"};
  TRY(const Rows rows, connection_.run(kSql, {destination}));
  return !rows.empty();
}

Result<Rows> WritableBooks::insert_outbox(std::span<const OutboxEntry> entries) {
  static constexpr std::array kColumns{
      BatchColumn{"o_topic", kText}, BatchColumn{"o_dedupe_key", kText},
      BatchColumn{"o_payload", kText}, BatchColumn{"o_created_at", kInteger}};
  static constexpr BatchSql kSql{
      "INSERT INTO outbox (topic, dedupe_key, payload, created_at) SELECT {o_topic}, "
      "{o_dedupe_key}, {o_payload}, {o_created_at} {from_rows} WHERE true ON CONFLICT "
      "(dedupe_key) DO NOTHING",
      kColumns};
  Batch batch;
  for (const OutboxEntry& entry : entries)
    batch.add({entry.topic, entry.dedupe_key, entry.payload, entry.created_at});
  return connection_.run_batch(kSql, batch);
}

Result<Rows> WritableBooks::insert_deliveries(std::span<const NewDelivery> deliveries,
                                              base::Time now) {
  static constexpr std::array kColumns{
      BatchColumn{"d_outbox", kInteger}, BatchColumn{"d_destination", kText},
      BatchColumn{"d_kind", kText}, BatchColumn{"d_order", kInteger},
      BatchColumn{"d_created_at", kInteger}};
  static constexpr BatchSql kSql{
      "INSERT INTO deliveries (outbox_id, destination, kind, order_id, state, created_at, "
      "next_attempt_at) SELECT {d_outbox}, {d_destination}, {d_kind}, {d_order}, 'pending', "
      "{d_created_at}, {d_created_at} {from_rows} WHERE true ON CONFLICT (outbox_id, destination) "
      "DO NOTHING",
      kColumns};
  Batch batch;
  for (const NewDelivery& delivery : deliveries) {
    batch.add({delivery.outbox_id, delivery.destination, to_text(delivery.kind),
               key_of(delivery.order_id), now});
  }
  if (batch.empty()) return Rows();
  return connection_.run_batch(kSql, batch);
}

Result<Rows> WritableBooks::mark_distributed(std::span<const OutboxEntry> entries, base::Time now) {
  static constexpr std::array kColumns{BatchColumn{"o_id", kInteger},
                                       BatchColumn{"o_now", kInteger}};
  static constexpr BatchSql kSql{
      "UPDATE outbox SET distributed_at = {o_now} {from_rows} WHERE outbox.id = {o_id}", kColumns};
  Batch batch;
  for (const OutboxEntry& entry : entries)
    batch.add({entry.id, now});
  if (batch.empty()) return Rows();
  return connection_.run_batch(kSql, batch);
}

Listed<Delivery> WritableBooks::claim_due_deliveries(std::string_view destination,
                                                     const Claiming& claiming, std::int64_t limit) {
  // What is planned further ahead than anybody plans was planned by a clock that has been set back.
  static constexpr Sql kDue{
      "SELECT id FROM deliveries WHERE destination = $1 AND (next_attempt_at <= $2 OR "
      "next_attempt_at > $3) ORDER BY next_attempt_at, id LIMIT $4"};
  static constexpr std::array kColumns{BatchColumn{"d_id", kInteger},
                                       BatchColumn{"d_lease", kInteger}};
  static constexpr BatchSql kTake{
      "UPDATE deliveries SET next_attempt_at = {d_lease}, attempts = attempts + 1 {from_rows} "
      "WHERE deliveries.id = {d_id}",
      kColumns};
  static constexpr std::array kIdColumns{BatchColumn{"d_id", kInteger}};
  static constexpr BatchSql kRead{"SELECT " QUITTANCE_DELIVERY_COLUMNS
                                  " FROM deliveries d JOIN outbox o ON o.id = d.outbox_id "
                                  "{and_rows} WHERE d.id = {d_id}",
                                  kIdColumns};
  const base::Time furthest = claiming.now + claiming.longest_pause;
  TRY(const Rows due, connection_.run(kDue, {destination, claiming.now, furthest, limit}));
  if (due.empty()) return std::vector<Delivery>();
  Batch taken;
  Batch ids;
  for (std::size_t i = 0; i < due.size(); ++i) {
    taken.add({due[i].integer("id"), claiming.lease_until});
    ids.add({due[i].integer("id")});
  }
  TRY_VOID(connection_.run_batch(kTake, taken));
  TRY(const Rows rows, connection_.run_batch(kRead, ids));
  return read_all<Delivery>(rows, read_delivery);
}

Result<Rows> WritableBooks::finish_delivery(std::int64_t id, base::Time now) {
  static constexpr Sql kSql{
      "UPDATE deliveries SET state = 'delivered', last_error = '', next_attempt_at = NULL, "
      "delivered_at = $2 WHERE id = $1 AND state <> 'delivered'"};
  return connection_.run(kSql, {id, now});
}

Result<Rows> WritableBooks::postpone_delivery(const Delivery& attempt, std::string_view error,
                                              base::Time until) {
  static constexpr Sql kSql{
      "UPDATE deliveries SET last_error = $3, next_attempt_at = $4 WHERE id = $1 AND attempts = $2 "
      "AND state = 'pending'"};
  return connection_.run(kSql, {attempt.id, attempt.attempts, error, until});
}

Result<Rows> WritableBooks::bury_delivery(const Delivery& attempt, std::string_view error) {
  static constexpr Sql kSql{
      "UPDATE deliveries SET state = 'dead', last_error = $3, next_attempt_at = NULL WHERE id = $1 "
      "AND attempts = $2 AND state = 'pending'"};
  return connection_.run(kSql, {attempt.id, attempt.attempts, error});
}

Result<Rows> WritableBooks::end_endpoint(std::string_view destination, base::Time now) {
  static constexpr Sql kEnd{
      "INSERT INTO ended_endpoints (destination, ended_at) VALUES ($1, $2) ON CONFLICT "
      "(destination) DO NOTHING"};
  static constexpr Sql kBury{
      "UPDATE deliveries SET state = 'dead', last_error = 'endpoint_gone', next_attempt_at = NULL "
      "WHERE destination = $1 AND state = 'pending'"};
  TRY_VOID(connection_.run(kEnd, {destination, now}));
  return connection_.run(kBury, {destination});
}

Result<std::int64_t> WritableBooks::bury_overdue_deliveries(base::Time created_before,
                                                            base::Time now) {
  static constexpr Sql kSql{
      "UPDATE deliveries SET state = 'dead', last_error = CASE WHEN last_error = '' THEN "
      "'expired' ELSE last_error END, next_attempt_at = NULL WHERE next_attempt_at <= $2 AND "
      "created_at < $1"};
  TRY(const Rows rows, connection_.run(kSql, {created_before, now}));
  return rows.changed;
}

}  // namespace quittance::storage
