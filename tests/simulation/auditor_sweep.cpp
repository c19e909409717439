// The auditor goes through everything: all rows, and what only all of them together can tell.
#include <set>
#include <tuple>

#include "simulation/auditor.hpp"

namespace quittance::simulation {

namespace {

constexpr storage::Sql kOrders{"SELECT id FROM orders ORDER BY id"};
constexpr storage::Sql kProducts{"SELECT id FROM products ORDER BY id"};
constexpr storage::Sql kSessions{"SELECT id FROM payment_sessions ORDER BY id"};
constexpr storage::Sql kSettlements{"SELECT id FROM settlements ORDER BY id"};
constexpr storage::Sql kReturns{"SELECT id FROM refunds ORDER BY id"};
constexpr storage::Sql kAnnounced{"SELECT id FROM outbox ORDER BY id"};
constexpr storage::Sql kDeliveries{"SELECT id FROM deliveries ORDER BY id"};
constexpr storage::Sql kEnded{"SELECT rowid AS id FROM ended_endpoints"};
constexpr storage::Sql kCounts{
    "SELECT (SELECT COUNT(*) FROM outbox WHERE topic = 'order.completed') AS completed, "
    "(SELECT COUNT(*) FROM outbox WHERE topic = 'order.refunded') AS returned, "
    "(SELECT COUNT(*) FROM outbox WHERE topic = 'receipt.requested') AS receipts, "
    "(SELECT COUNT(*) FROM passes) AS passes, (SELECT COUNT(*) FROM refunds) AS refunds, "
    "(SELECT COUNT(*) FROM orders) AS orders, "
    "(SELECT COUNT(*) FROM settlements) AS settlements"};
constexpr storage::Sql kPresent{"SELECT session_id FROM payment_sessions"};
constexpr storage::Sql kStock{"SELECT id, stock, reserved FROM products ORDER BY id"};
constexpr storage::Sql kHeld{
    "SELECT i.product_id, SUM(i.quantity) AS held FROM orders o JOIN order_items i ON i.order_id = "
    "o.id WHERE o.stock_state = 'reserved' GROUP BY i.product_id"};
constexpr storage::Sql kWaiting{
    "SELECT session_id, COALESCE(order_id, 0) AS order_id FROM payment_sessions WHERE "
    "next_check_at IS NOT NULL LIMIT 1"};
constexpr storage::Sql kReserved{
    "SELECT o.id, o.status, COALESCE((SELECT MAX(s.last_answer) FROM payment_sessions s WHERE "
    "s.order_id = o.id), '') AS last_answer FROM orders o WHERE o.stock_state = 'reserved' AND "
    "o.paid_minor = o.refunded_minor LIMIT 1"};
constexpr storage::Sql kUnpaid{
    "SELECT id FROM orders WHERE status = 'pending' AND paid_minor = refunded_minor LIMIT 1"};
constexpr storage::Sql kEvidence{"SELECT COUNT(*) AS n FROM evidence WHERE provider_ref = $1"};
constexpr storage::Sql kFinalOrders{
    "SELECT id, status, stock_state, paid_minor, transaction_id FROM orders ORDER BY id"};
constexpr storage::Sql kFinalSettlements{
    "SELECT provider_ref, counted_minor, excess_minor FROM settlements ORDER BY id"};
constexpr storage::Sql kIntegrity{"PRAGMA integrity_check(1)"};
constexpr storage::Sql kReferences{"PRAGMA foreign_key_check"};

std::string number(std::int64_t value) { return std::to_string(value); }

/// A clock of ours may be this far off; money nearer to the end than this is not judged.
constexpr std::int64_t kMarginMs = 2 * 3'600'000;

}  // namespace

bool Auditor::sweep() {
  fetch_transfers();
  const bool sound = !violation_ && follow_log() && check_counts() && check_holds() &&
                     check_promises() && check_all(kOrders, &Auditor::check_order) &&
                     check_all(kProducts, &Auditor::check_shelf) &&
                     check_all(kSessions, &Auditor::check_session) &&
                     check_all(kSettlements, &Auditor::check_settlement) &&
                     check_all(kReturns, &Auditor::check_return) &&
                     check_all(kAnnounced, &Auditor::check_announcement) &&
                     check_all(kEnded, &Auditor::check_ended) && check_letters() &&
                     check_all(kDeliveries, &Auditor::check_delivery) && check_said_returned();
  if (ChangedRows* changed = parts_.machine.changed_rows()) changed->forget_all();
  return sound && !violation_;
}

bool Auditor::check_all(const storage::Sql& ids, Check check) {
  const Rows rows = read(ids);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!(this->*check)(rows[i].integer("id"))) return false;
  }
  return true;
}

bool Auditor::check_file() {
  const Rows rows = read(kIntegrity);
  if (rows.empty() || rows.front().text("integrity_check") != "ok") {
    return broken("the file is sound", "ok",
                  rows.empty() ? "nothing" : rows.front().text("integrity_check"));
  }
  if (!read(kReferences).empty()) return broken("no row refers to nothing", "none", "some do");
  return !violation_;
}

bool Auditor::check_counts() {
  const Rows rows = read(kCounts);
  if (rows.empty()) return false;
  const Rows::Row row = rows.front();
  std::int64_t completions = 0;
  std::int64_t passes = 0;
  std::int64_t receipts = 0;
  for (const auto& [id, order] : model_.orders()) {
    completions += order.completions;
    receipts += order.receipts_wanted;
    passes += order.completions > 0 ? 1 : 0;
  }
  const auto returns = static_cast<std::int64_t>(model_.returns().size());
  const auto expect = [&](std::string_view what, std::int64_t count) {
    if (row.integer(what) == count) return true;
    return broken("nothing is lost and nothing doubled: " + std::string(what), number(count),
                  number(row.integer(what)));
  };
  return expect("orders", static_cast<std::int64_t>(model_.orders().size())) &&
         expect("settlements", static_cast<std::int64_t>(seen_refs_.size())) &&
         expect("completed", completions) && expect("passes", passes) &&
         expect("refunds", returns) && expect("returned", returns) && expect("receipts", receipts);
}

bool Auditor::check_holds() {
  std::map<std::int64_t, std::int64_t> held;
  const Rows holds = read(kHeld);
  for (std::size_t i = 0; i < holds.size(); ++i)
    held[holds[i].integer("product_id")] = holds[i].integer("held");
  const Rows rows = read(kStock);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t reserved = rows[i].integer("reserved");
    const std::int64_t expected = held[rows[i].integer("id")];
    if (rows[i].integer("stock") < reserved || reserved != expected) {
      return broken("what is reserved is what waiting orders hold, and no more than there is",
                    number(expected), number(reserved));
    }
  }
  return true;
}

bool Auditor::check_said_returned() {
  for (const std::string& name : parts_.facts.said_returned) {
    if (!model_.returns().contains(name)) {
      return broken("what was said to have gone back is in the books", name, "nothing");
    }
  }
  for (const auto& [id, times] : parts_.facts.said_receipts) {
    if (!model_.knows(id) || model_.orders().at(id).receipts_wanted < times) {
      return broken("what was said to be sent again is in the books", "order " + number(id),
                    "nothing");
    }
  }
  return true;
}

bool Auditor::check_promises() {
  std::set<std::string> present;
  const Rows rows = read(kPresent);
  for (std::size_t i = 0; i < rows.size(); ++i)
    present.insert(rows[i].text("session_id"));
  for (const auto& [session_id, fact] : parts_.facts.sessions) {
    if (present.contains(session_id)) continue;
    // C6: what stood for an order that is over, or for none, may be removed past retention.
    const SeenSession* seen = session(session_id);
    const bool over =
        seen && (fact.order_id == 0 ? asked_to_its_end(*seen)
                                    : model_.orders().at(fact.order_id).status != "pending");
    if (!over) {
      return broken("nothing acknowledged is lost",
                    "session " + session_id + " of order " + number(fact.order_id), "no such row");
    }
  }
  return true;
}

/// What the bank shows for a QR in the end must be counted, or refused for a reason.
bool Auditor::check_transfer(const SeenSession& session, const sandbox::Transfer& best) {
  if (best.status != sandbox::TransferStatus::succeeded) return true;
  const std::int64_t end = session.created_at + parts_.retention.count() - kMarginMs;
  if (base::to_ms(best.visible_at) > end || settled_md5s_.contains(session.md5) ||
      stated_md5s_.contains(session.md5)) {
    return true;
  }
  if (best.receiver == parts_.merchant_account &&
      currency_code(best.amount.currency) == session.currency) {
    return broken("every transfer that reached us within retention is counted or in excess",
                  best.hash + " of " + number(best.amount.minor) + " for order " +
                      number(session.order_id) + " (QR " + session.md5 + ")",
                  "no settlement");
  }
  const Rows rows = read(kEvidence, {best.hash});
  if (rows.empty() || rows.front().integer("n") == 0) {
    return broken("money that does not fit is kept as evidence", best.hash, "no evidence");
  }
  return true;
}

bool Auditor::check_quiet() {
  if (const Rows rows = read(kWaiting); !rows.empty()) {
    return broken("all is quiet when no money can come any more", "nothing to ask about",
                  "session " + rows.front().text("session_id") + " of order " +
                      number(rows.front().integer("order_id")));
  }
  if (const Rows rows = read(kUnpaid); !rows.empty()) {
    return broken("an order that was never paid lapses in the end",
                  "order " + number(rows.front().integer("id")) + " canceled", "pending");
  }
  if (const Rows rows = read(kReserved); !rows.empty()) {
    return broken("no hold of an unpaid order outlives its end",
                  "order " + number(rows.front().integer("id")) + " without goods held",
                  rows.front().text("status") + ", goods reserved, last answer " +
                      rows.front().text("last_answer"));
  }
  return true;
}

bool Auditor::conclude() {
  if (!sweep() || !check_file() || !check_reading()) return false;
  std::map<std::string, const sandbox::Transfer*> shown;
  const auto rank = [](const sandbox::Transfer& entry) {
    return std::tuple(entry.status == sandbox::TransferStatus::failed, entry.created_at,
                      entry.sequence);
  };
  for (const auto& [hash, entry] : transfers_) {
    const sandbox::Transfer*& best = shown[entry.md5];
    if (!best || rank(entry) < rank(*best)) best = &entry;
  }
  for (const auto& [session_id, session] : sessions_) {
    const auto best = shown.find(session.md5);
    if (best != shown.end() && !check_transfer(session, *best->second)) return false;
  }
  return check_told() && check_quiet();
}

std::vector<std::string> Auditor::final_lines() {
  std::vector<std::string> lines;
  const Rows orders = read(kFinalOrders);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    lines.push_back("order " + number(orders[i].integer("id")) + " " + orders[i].text("status") +
                    " " + orders[i].text("stock_state") + " " +
                    number(orders[i].integer("paid_minor")) + " " +
                    orders[i].text("transaction_id"));
  }
  const Rows settlements = read(kFinalSettlements);
  for (std::size_t i = 0; i < settlements.size(); ++i) {
    lines.push_back("settlement " + settlements[i].text("provider_ref") + " " +
                    number(settlements[i].integer("counted_minor")) + " " +
                    number(settlements[i].integer("excess_minor")));
  }
  return lines;
}

}  // namespace quittance::simulation
