#include "audit/verify_log.hpp"

#include <limits>

#include "audit/log_reading.hpp"
#include "audit/money_text.hpp"

namespace quittance::audit {
namespace {

using base::Json;
using base::Result;
using storage::LedgerSubject;
using storage::LedgerTable;
using storage::Rows;

constexpr std::int64_t kAtOnce = 200;
constexpr std::array kTables{LedgerTable::orders,           LedgerTable::order_items,
                             LedgerTable::payment_sessions, LedgerTable::evidence,
                             LedgerTable::settlements,      LedgerTable::refunds,
                             LedgerTable::passes,           LedgerTable::approvals};

/// Rows that were held against the log, by table.
using Seen = std::array<std::int64_t, kTables.size()>;

Result<Rows> read_stories(storage::Books& books, LedgerSubject kind,
                          std::span<const std::int64_t> ids, Report& report, Seen& seen) {
  std::map<std::int64_t, Story> stories;
  const auto story = [&](std::int64_t id) -> Story& {
    return stories.try_emplace(id, kind, id, report.findings).first->second;
  };
  TRY(const auto entries, books.ledger_entries(kind, ids.front(), ids.back()));
  for (const storage::AuditEntry& entry : entries) {
    // What cannot be read was found when the log itself was read.
    const auto details = Json::parse(entry.details);
    if (details) story(entry.subject_id).read(entry, *details);
  }
  for (std::size_t i = 0; i < kTables.size(); ++i) {
    TRY(const Rows rows, books.ledger_rows(kTables[i], kind, ids.front(), ids.back()));
    seen[i] += static_cast<std::int64_t>(rows.size());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      story(rows[row].integer("subject")).compare(kTables[i], rows[row], rows.columns());
    }
  }
  for (auto& [id, one] : stories)
    one.finish(report.balances);
  return Rows();
}

Result<std::int64_t> read_subjects(storage::Books& books, LedgerSubject kind, Report& report,
                                   Seen& seen) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t count = 0;
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  for (bool more = true; more;) {
    TRY(const auto ids, books.ledger_subjects(kind, first, kAtOnce));
    if (ids.empty()) return count;
    TRY_VOID(read_stories(books, kind, ids, report, seen));
    count += static_cast<std::int64_t>(ids.size());
    more = ids.back() != kMost;
    if (more) first = ids.back() + 1;
  }
  return count;
}

}  // namespace

Result<Report> verify_log(storage::Books& books, const VerifyOptions& options) {
  Report report;
  LogReading log(books, report.findings, options.public_key);
  TRY_VOID(log.read(options.progress));
  report.entries = log.size();
  report.root = log.root();
  report.checkpoints = log.checkpoints();
  report.products = log.products();
  Seen seen{};
  TRY(report.orders, read_subjects(books, LedgerSubject::order, report, seen));
  TRY(report.sessions, read_subjects(books, LedgerSubject::session, report, seen));
  for (std::size_t i = 0; i < kTables.size(); ++i) {
    TRY(const std::int64_t size, books.ledger_size(kTables[i]));
    if (size == seen[i]) continue;
    report.findings.add(0, std::string(to_text(kTables[i])) + ": " +
                               std::to_string(size - seen[i]) +
                               " rows belong to no order and no session");
  }
  return report;
}

std::string report_text(const Report& report) {
  std::string text = "entries      " + std::to_string(report.entries) + "\nroot         " +
                     base::to_hex(report.root) + "\ncheckpoints  " +
                     std::to_string(report.checkpoints) + "\nproducts     " +
                     std::to_string(report.products) + "\norders       " +
                     std::to_string(report.orders) + "\nsessions     " +
                     std::to_string(report.sessions) + " without an order\n";
  for (const auto& [code, balance] : report.balances) {
    text += "money        " + money_text(balance.counted, code) + " counted, " +
            money_text(balance.excess, code) + " in excess, " +
            money_text(balance.given_back, code) + " given back\n";
  }
  if (report.findings.empty()) return text + "Everything fits.\n";
  text += std::to_string(report.findings.count()) + " do not fit:\n";
  for (const Finding& finding : report.findings.sorted()) {
    text += finding.seq == 0 ? "  no entry: " : "  entry " + std::to_string(finding.seq) + ": ";
    text += finding.text + "\n";
  }
  return text;
}

}  // namespace quittance::audit
