// Statements of the second reader: whole rows, as they stand, by what they are about.
#include "storage/books.hpp"

namespace quittance::storage {

using base::Result;

namespace {

#define QUITTANCE_EVIDENCE                                                             \
  "e.id, e.session_row, e.kind, e.source, e.provider, e.provider_ref, e.against, "     \
  "e.amount_minor, e.currency, e.receiver, e.payer, e.paid_at, e.seen_at, e.actor, "   \
  "e.approver, e.reason, e.raw, e.outcome FROM payment_sessions p JOIN evidence e ON " \
  "e.session_row = p.id "
#define QUITTANCE_SETTLEMENTS                                                                 \
  "s.id, s.session_row, s.order_id, s.evidence_id, s.provider, s.provider_ref, s.outcome, "   \
  "s.counted_minor, s.excess_minor, s.currency, s.verification_method, s.reason, s.paid_at, " \
  "s.settled_at "
#define QUITTANCE_REFUNDS                                                                  \
  "f.id, f.settlement_id, f.order_id, f.evidence_id, f.kind, f.provider, f.provider_ref, " \
  "f.outcome, f.from_counted_minor, f.from_excess_minor, f.currency, f.actor, f.reason, "  \
  "f.refunded_at, f.recorded_at "
#define QUITTANCE_SESSION_FACTS                                                               \
  "p.id, p.session_id, p.payment_id, p.order_id, p.provider, p.environment, p.amount_minor, " \
  "p.currency, p.bill_number, p.created_at FROM payment_sessions p "

constexpr Sql kOfOrders[] = {
    {"SELECT id AS subject, id, transaction_id, payment_session_id, order_secret, customer_id, "
     "status, stock_state, attention, total_minor, paid_minor, refunded_minor, currency, "
     "payment_method, created_at, reserved_until, completed_at FROM orders WHERE id >= $1 AND id "
     "<= $2 ORDER BY id"},
    {"SELECT order_id AS subject, id, order_id, product_id, name, quantity, missing, price_minor "
     "FROM order_items WHERE order_id >= $1 AND order_id <= $2 ORDER BY order_id, id"},
    {"SELECT p.order_id AS subject, " QUITTANCE_SESSION_FACTS
     "WHERE p.order_id >= $1 AND p.order_id <= $2 ORDER BY p.order_id, p.id"},
    {"SELECT p.order_id AS subject, " QUITTANCE_EVIDENCE
     "WHERE p.order_id >= $1 AND p.order_id <= $2 ORDER BY p.order_id, e.id"},
    {"SELECT s.order_id AS subject, " QUITTANCE_SETTLEMENTS
     "FROM settlements s WHERE s.order_id >= $1 AND s.order_id <= $2 ORDER BY s.order_id, s.id"},
    {"SELECT f.order_id AS subject, " QUITTANCE_REFUNDS
     "FROM refunds f WHERE f.order_id >= $1 AND f.order_id <= $2 ORDER BY f.order_id, f.id"},
    {"SELECT order_id AS subject, kind, subject AS shown, period, token, order_id, state, "
     "valid_from, valid_until, created_at FROM passes WHERE order_id >= $1 AND order_id <= $2 "
     "ORDER BY order_id, created_at"},
    {"SELECT order_id AS subject, id, order_id, approver, decision, reason, evidence_id, "
     "created_at FROM approvals WHERE order_id >= $1 AND order_id <= $2 ORDER BY order_id, id"}};

// Sessions without an order have no items, passes or approvals.
constexpr Sql kOfSessions[] = {
    {"SELECT p.id AS subject, " QUITTANCE_SESSION_FACTS
     "WHERE p.order_id IS NULL AND p.id >= $1 AND p.id <= $2 ORDER BY p.id"},
    {"SELECT p.id AS subject, " QUITTANCE_EVIDENCE
     "WHERE p.order_id IS NULL AND p.id >= $1 AND p.id <= $2 ORDER BY p.id, e.id"},
    {"SELECT p.id AS subject, " QUITTANCE_SETTLEMENTS
     "FROM payment_sessions p JOIN evidence e ON e.session_row = p.id JOIN settlements s ON s.id "
     "= e.id WHERE s.order_id IS NULL AND p.order_id IS NULL AND p.id >= $1 AND p.id <= $2 ORDER "
     "BY p.id, s.id"},
    {"SELECT p.id AS subject, " QUITTANCE_REFUNDS
     "FROM payment_sessions p JOIN evidence e ON e.session_row = p.id JOIN refunds f ON f.id = "
     "e.id WHERE f.order_id IS NULL AND p.order_id IS NULL AND p.id >= $1 AND p.id <= $2 ORDER "
     "BY p.id, f.id"}};

constexpr Sql kSizes[] = {
    {"SELECT COUNT(*) AS n FROM orders"},           {"SELECT COUNT(*) AS n FROM order_items"},
    {"SELECT COUNT(*) AS n FROM payment_sessions"}, {"SELECT COUNT(*) AS n FROM evidence"},
    {"SELECT COUNT(*) AS n FROM settlements"},      {"SELECT COUNT(*) AS n FROM refunds"},
    {"SELECT COUNT(*) AS n FROM passes"},           {"SELECT COUNT(*) AS n FROM approvals"}};

std::string_view subject_type(LedgerSubject kind) {
  return kind == LedgerSubject::order ? "order" : "session";
}

const Sql* statement_of(LedgerTable table, LedgerSubject kind) {
  const auto index = static_cast<std::size_t>(table);
  if (kind == LedgerSubject::order) return &kOfOrders[index];
  switch (table) {
    case LedgerTable::payment_sessions:
      return &kOfSessions[0];
    case LedgerTable::evidence:
      return &kOfSessions[1];
    case LedgerTable::settlements:
      return &kOfSessions[2];
    case LedgerTable::refunds:
      return &kOfSessions[3];
    case LedgerTable::orders:
    case LedgerTable::order_items:
    case LedgerTable::passes:
    case LedgerTable::approvals:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

std::string_view to_text(LedgerTable table) {
  switch (table) {
    case LedgerTable::orders:
      return "orders";
    case LedgerTable::order_items:
      return "order_items";
    case LedgerTable::payment_sessions:
      return "payment_sessions";
    case LedgerTable::evidence:
      return "evidence";
    case LedgerTable::settlements:
      return "settlements";
    case LedgerTable::refunds:
      return "refunds";
    case LedgerTable::passes:
      return "passes";
    case LedgerTable::approvals:
      return "approvals";
  }
  return "";
}

Listed<std::int64_t> Books::ledger_subjects(LedgerSubject kind, std::int64_t first,
                                            std::int64_t limit) {
  static constexpr Sql kOrders{
      "SELECT id FROM (SELECT id FROM orders WHERE id >= $1 ORDER BY id LIMIT $2) AS books UNION "
      "SELECT id FROM (SELECT DISTINCT subject_id AS id FROM audit WHERE subject_type = 'order' "
      "AND subject_id >= $1 ORDER BY id LIMIT $2) AS log ORDER BY id LIMIT $2"};
  static constexpr Sql kSessions{
      "SELECT id FROM (SELECT id FROM payment_sessions WHERE order_id IS NULL AND id >= $1 ORDER "
      "BY id LIMIT $2) AS books UNION SELECT id FROM (SELECT DISTINCT subject_id AS id FROM audit "
      "WHERE subject_type = 'session' AND subject_id >= $1 ORDER BY id LIMIT $2) AS log ORDER BY "
      "id LIMIT $2"};
  TRY(const Rows rows,
      connection_.run(kind == LedgerSubject::order ? kOrders : kSessions, {first, limit}));
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < rows.size(); ++i)
    ids.push_back(rows[i].integer("id"));
  return ids;
}

Listed<AuditEntry> Books::ledger_entries(LedgerSubject kind, std::int64_t first,
                                         std::int64_t last) {
  static constexpr Sql kSql{
      "SELECT seq, created_at, actor, action, subject_id, details FROM audit WHERE subject_type = "
      "$1 AND subject_id >= $2 AND subject_id <= $3 ORDER BY subject_id, seq"};
  TRY(const Rows rows, connection_.run(kSql, {subject_type(kind), first, last}));
  std::vector<AuditEntry> entries;
  entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    entries.push_back({.created_at = rows[i].time("created_at"),
                       .actor = rows[i].text("actor"),
                       .action = rows[i].text("action"),
                       .subject_type = std::string(subject_type(kind)),
                       .subject_id = rows[i].integer("subject_id"),
                       .details = rows[i].text("details"),
                       .seq = rows[i].integer("seq")});
  }
  return entries;
}

Result<Rows> Books::ledger_rows(LedgerTable table, LedgerSubject kind, std::int64_t first,
                                std::int64_t last) {
  const Sql* statement = statement_of(table, kind);
  if (!statement) return Rows();
  return connection_.run(*statement, {first, last});
}

Result<std::int64_t> Books::ledger_size(LedgerTable table) {
  TRY(const Rows rows, connection_.run(kSizes[static_cast<std::size_t>(table)]));
  return rows.front().integer("n");
}

Result<Rows> Books::ledger_products() {
  static constexpr Sql kSql{
      "SELECT id, name, description, picture, price_minor, currency, stock, reserved FROM products "
      "ORDER BY id"};
  return connection_.run(kSql);
}

}  // namespace quittance::storage
