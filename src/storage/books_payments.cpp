// Statements about payments as their providers tell of them.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

namespace {

#define QUITTANCE_PAYMENT_COLUMNS                                                      \
  "id, provider, payment_ref, provider_ref, merchant_reference, state, amount_minor, " \
  "refunded_minor, currency, payer, created_at, paid_at, raw, session_row, outcome, "  \
  "looked_up_at, first_seen_at, changed_at"
#define QUITTANCE_PAYMENTS_WHERE \
  "SELECT " QUITTANCE_PAYMENT_COLUMNS " FROM provider_payments WHERE "

/// Settlements are looked for by when they were written: so much later, and earlier by a clock
/// that differs, money of a day may have been counted.
constexpr base::Duration kSettledWithin = std::chrono::hours(24 * 50);
constexpr base::Duration kClocksDiffer = std::chrono::hours(24);

Result<ProviderPayment> read_payment(Rows::Row row) {
  TRY(const core::Money amount, read_money(row, "amount_minor"));
  TRY(const core::Money refunded, read_money(row, "refunded_minor"));
  return ProviderPayment{.id = row.integer("id"),
                         .provider = row.text("provider"),
                         .payment_ref = row.text("payment_ref"),
                         .provider_ref = row.text("provider_ref"),
                         .merchant_reference = row.text("merchant_reference"),
                         .state = row.text("state"),
                         .amount = amount,
                         .refunded = refunded,
                         .payer = row.text("payer"),
                         .created_at = row.time("created_at"),
                         .paid_at = row.maybe_time("paid_at"),
                         .raw = row.text("raw"),
                         .session_id = maybe_id<core::SessionId>(row, "session_row"),
                         .outcome = row.text("outcome"),
                         .looked_up_at = row.maybe_time("looked_up_at"),
                         .first_seen_at = row.time("first_seen_at"),
                         .changed_at = row.time("changed_at")};
}

Result<std::optional<core::Money>> read_side(Rows::Row row, std::string_view amount,
                                             std::string_view currency) {
  const auto minor = row.maybe_integer(amount);
  if (!minor) return std::optional<core::Money>();
  const auto known = core::Currency::from_code(row.text(currency));
  if (!known) return unknown_word(currency, row.text(currency));
  TRY(const core::Money money, core::Money::from_minor(*minor, *known));
  return std::optional(money);
}

Result<ReconciledPayment> read_reconciled(Rows::Row row) {
  TRY(const auto counted, read_side(row, "counted", "counted_currency"));
  TRY(const auto listed, read_side(row, "listed", "listed_currency"));
  return ReconciledPayment{.payment_ref = row.text("payment_ref"),
                           .payment_id = row.maybe_integer("payment_id").value_or(0),
                           .counted = counted,
                           .listed = listed,
                           .session_id = maybe_id<core::SessionId>(row, "session_row"),
                           .order_id = maybe_id<core::OrderId>(row, "order_id"),
                           .outcome = row.text_or_empty("outcome"),
                           .paid_at = row.time("paid_at")};
}

}  // namespace

Found<ProviderPayment> Books::provider_payment(std::string_view provider,
                                               std::string_view payment_ref) {
  static constexpr Sql kSql{QUITTANCE_PAYMENTS_WHERE "provider = $1 AND payment_ref = $2"};
  TRY(const Rows rows, connection_.run(kSql, {provider, payment_ref}));
  return read_first<ProviderPayment>(rows, read_payment);
}

Found<ProviderPayment> Books::provider_payment(std::int64_t id) {
  static constexpr Sql kSql{QUITTANCE_PAYMENTS_WHERE "id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id}));
  return read_first<ProviderPayment>(rows, read_payment);
}

Listed<ProviderPayment> Books::provider_payments(const ProviderPaymentFilter& filter) {
  static constexpr Sql kAll{QUITTANCE_PAYMENTS_WHERE
                            "($1 = '' OR provider = $1) AND id < $2 ORDER BY id DESC LIMIT $3"};
  static constexpr Sql kUnmatched{
      QUITTANCE_PAYMENTS_WHERE
      "session_row IS NULL AND state IN ('authorized', 'paid', 'refunded') AND ($1 = '' OR "
      "provider = $1) AND id < $2 ORDER BY id DESC LIMIT $3"};
  TRY(const Rows rows,
      connection_.run(filter.unmatched ? kUnmatched : kAll,
                      {filter.provider, filter.before.value_or(INT64_MAX), filter.limit}));
  return read_all<ProviderPayment>(rows, read_payment);
}

Listed<ProviderPayment> Books::event_payments(std::int64_t event_id,
                                              std::optional<std::int64_t> before,
                                              std::int64_t limit) {
  static constexpr Sql kSql{
      QUITTANCE_PAYMENTS_WHERE
      "session_row IN (SELECT s.id FROM attendees a JOIN payment_sessions s ON s.order_id = "
      "a.order_id WHERE a.event_id = $1) AND id < $2 ORDER BY id DESC LIMIT $3"};
  TRY(const Rows rows, connection_.run(kSql, {event_id, before.value_or(INT64_MAX), limit}));
  return read_all<ProviderPayment>(rows, read_payment);
}

Result<std::int64_t> Books::unmatched_payment_count(std::string_view provider) {
  static constexpr Sql kSql{
      "SELECT COUNT(*) AS n FROM provider_payments WHERE session_row IS NULL AND state IN "
      "('authorized', 'paid', 'refunded') AND ($1 = '' OR provider = $1)"};
  TRY(const Rows rows, connection_.run(kSql, {provider}));
  return rows.front().integer("n");
}

Listed<ProviderPayment> Books::unfinished_payments(std::string_view provider, base::Time since,
                                                   base::Time until, std::int64_t limit) {
  static constexpr Sql kSql{
      QUITTANCE_PAYMENTS_WHERE
      "provider = $1 AND state IN ('pending', 'authorized') AND created_at >= $2 AND created_at < "
      "$3 ORDER BY CASE state WHEN 'authorized' THEN 0 ELSE 1 END, COALESCE(looked_up_at, 0), id "
      "LIMIT $4"};
  TRY(const Rows rows, connection_.run(kSql, {provider, since, until, limit}));
  return read_all<ProviderPayment>(rows, read_payment);
}

Listed<ReconciledPayment> Books::reconciled_payments(std::string_view provider, base::Time from,
                                                     base::Time until, std::int64_t limit) {
  static constexpr Sql kCounted{
      "SELECT s.provider_ref AS payment_ref, p.id AS payment_id, s.counted_minor + s.excess_minor "
      "AS counted, s.currency AS counted_currency, p.amount_minor AS listed, p.currency AS "
      "listed_currency, s.session_row AS session_row, s.order_id AS order_id, s.outcome AS "
      "outcome, s.paid_at AS paid_at FROM settlements s LEFT JOIN provider_payments p ON "
      "p.provider = s.provider AND p.payment_ref = s.provider_ref AND p.state IN ('paid', "
      "'refunded') WHERE s.provider = $1 AND s.settled_at >= $2 AND s.settled_at < $3 AND "
      "s.paid_at >= $4 AND s.paid_at < $5 ORDER BY s.paid_at, s.id LIMIT $6"};
  static constexpr Sql kOnlyListed{
      "SELECT p.payment_ref AS payment_ref, p.id AS payment_id, s.counted_minor AS counted, "
      "s.currency AS counted_currency, p.amount_minor AS listed, p.currency AS listed_currency, "
      "p.session_row AS session_row, t.order_id AS order_id, p.outcome AS outcome, p.paid_at AS "
      "paid_at FROM provider_payments p LEFT JOIN settlements s ON s.provider = p.provider AND "
      "s.provider_ref = p.payment_ref LEFT JOIN payment_sessions t ON t.id = p.session_row WHERE "
      "p.provider = $1 AND p.paid_at >= $2 AND p.paid_at < $3 AND p.state IN ('paid', "
      "'refunded') AND s.id IS NULL ORDER BY p.paid_at, p.id LIMIT $4"};
  TRY(const Rows counted, connection_.run(kCounted, {provider, from - kClocksDiffer,
                                                     until + kSettledWithin, from, until, limit}));
  TRY(const Rows only_listed, connection_.run(kOnlyListed, {provider, from, until, limit}));
  TRY(auto payments, read_all<ReconciledPayment>(counted, read_reconciled));
  TRY(auto others, read_all<ReconciledPayment>(only_listed, read_reconciled));
  for (ReconciledPayment& other : others)
    payments.push_back(std::move(other));
  return payments;
}

Result<std::int64_t> WritableBooks::insert_provider_payment(const ProviderPayment& payment) {
  static constexpr Sql kSql{
      "INSERT INTO provider_payments (provider, payment_ref, provider_ref, merchant_reference, "
      "state, amount_minor, refunded_minor, currency, payer, created_at, paid_at, raw, "
      "session_row, outcome, looked_up_at, first_seen_at, changed_at) VALUES ($1, $2, $3, $4, $5, "
      "$6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id"};
  const std::string payer = base::made_storable(payment.payer);
  const std::string raw = base::made_storable(payment.raw);
  TRY(const Rows rows,
      connection_.run(kSql, {payment.provider, payment.payment_ref, payment.provider_ref,
                             payment.merchant_reference, payment.state, payment.amount.minor(),
                             payment.refunded.minor(), payment.amount.currency().code(), payer,
                             payment.created_at, payment.paid_at, raw, key_of(payment.session_id),
                             payment.outcome, payment.looked_up_at, payment.first_seen_at,
                             payment.changed_at}));
  return rows.front().integer("id");
}

Result<Rows> WritableBooks::update_provider_payment(const ProviderPayment& payment) {
  static constexpr Sql kSql{
      "UPDATE provider_payments SET provider_ref = $2, merchant_reference = $3, state = $4, "
      "amount_minor = $5, refunded_minor = $6, currency = $7, payer = $8, created_at = $9, paid_at "
      "= $10, raw = $11, session_row = $12, outcome = $13, looked_up_at = $14, changed_at = $15 "
      "WHERE id = $1"};
  const std::string payer = base::made_storable(payment.payer);
  const std::string raw = base::made_storable(payment.raw);
  return connection_.run(
      kSql, {payment.id, payment.provider_ref, payment.merchant_reference, payment.state,
             payment.amount.minor(), payment.refunded.minor(), payment.amount.currency().code(),
             payer, payment.created_at, payment.paid_at, raw, key_of(payment.session_id),
             payment.outcome, payment.looked_up_at, payment.changed_at});
}

Result<bool> WritableBooks::insert_unreadable_payment(std::string_view provider,
                                                      std::string_view raw, base::Time now) {
  static constexpr Sql kSql{
      "INSERT INTO unreadable_payments (provider, sha256, raw, first_seen_at) VALUES ($1, $2, $3, "
      "$4) ON CONFLICT (provider, sha256) DO NOTHING"};
  const std::string kept = base::made_storable(raw);
  const std::string hash = base::sha256_hex(raw);
  TRY(const Rows rows, connection_.run(kSql, {provider, hash, kept, now}));
  return rows.changed == 1;
}

}  // namespace quittance::storage
