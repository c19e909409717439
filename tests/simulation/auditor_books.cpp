// The auditor holds the tables against the model.
#include <tuple>

#include "simulation/auditor.hpp"

namespace quittance::simulation {

namespace {

constexpr storage::Sql kOrders{
    "SELECT o.id, o.transaction_id, o.status, o.stock_state, o.attention, o.paid_minor, "
    "o.total_minor, "
    "(SELECT COUNT(*) FROM settlements s WHERE s.order_id = o.id) AS settlements, "
    "(SELECT COALESCE(SUM(s.excess_minor), 0) FROM settlements s WHERE s.order_id = o.id) AS "
    "excess, (SELECT COUNT(*) FROM passes p WHERE p.order_id = o.id) AS passes, "
    "(SELECT COUNT(*) FROM approvals a WHERE a.order_id = o.id) AS approvals "
    "FROM orders o ORDER BY o.id"};
constexpr storage::Sql kProducts{"SELECT id, stock, reserved FROM products ORDER BY id"};
constexpr storage::Sql kSettlements{
    "SELECT s.provider, s.provider_ref, s.counted_minor, s.excess_minor, p.md5_hash, p.order_id, "
    "p.amount_minor FROM "
    "settlements s JOIN payment_sessions p ON p.id = s.session_row ORDER BY s.id"};
constexpr storage::Sql kAnnounced{
    "SELECT (SELECT COUNT(*) FROM outbox WHERE topic = 'order.completed') AS announced, "
    "(SELECT COUNT(*) FROM passes) AS passes, (SELECT COUNT(*) FROM orders WHERE status = "
    "'completed') AS completed"};
constexpr storage::Sql kSessions{"SELECT session_id, md5_hash FROM payment_sessions"};
constexpr storage::Sql kHolds{
    "SELECT p.id, p.stock, p.reserved, (SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i "
    "JOIN orders o ON o.id = i.order_id WHERE i.product_id = p.id AND o.stock_state = 'reserved') "
    "AS held FROM products p ORDER BY p.id"};
constexpr storage::Sql kExpired{
    "SELECT md5_hash, expires_at FROM payment_sessions WHERE status = 'expired'"};
constexpr storage::Sql kWaiting{
    "SELECT session_id, COALESCE(order_id, 0) AS order_id FROM payment_sessions WHERE "
    "next_check_at IS NOT NULL LIMIT 1"};
constexpr storage::Sql kReserved{
    "SELECT o.id, o.status, COALESCE((SELECT MAX(s.last_answer) FROM payment_sessions s WHERE "
    "s.order_id = o.id), '') AS last_answer FROM orders o WHERE o.stock_state = 'reserved' AND "
    "o.paid_minor = 0 LIMIT 1"};
constexpr storage::Sql kUnpaid{
    "SELECT id FROM orders WHERE status = 'pending' AND paid_minor = 0 LIMIT 1"};
constexpr storage::Sql kMisjudged{
    "SELECT p.md5_hash, p.status FROM payment_sessions p WHERE (p.status = 'settled') <> EXISTS "
    "(SELECT 1 FROM settlements s WHERE s.session_row = p.id AND s.provider <> 'manual') LIMIT "
    "1"};
constexpr storage::Sql kEvidence{"SELECT COUNT(*) AS n FROM evidence WHERE provider_ref = $1"};

std::string number(std::int64_t value) { return std::to_string(value); }

/// A clock of ours may be this far off; money nearer to the end than this is not judged.
constexpr std::int64_t kMarginMs = 2 * 3'600'000;

}  // namespace

void Auditor::open() {
  auto opened = parts_.machine.connect(true);
  if (opened) {
    books_ = std::move(*opened);
  } else {
    broken("the books can be read", "a connection", opened.error().detail);
  }
}

bool Auditor::check_file() {
  static constexpr storage::Sql kIntegrity{"PRAGMA integrity_check(1)"};
  static constexpr storage::Sql kReferences{"PRAGMA foreign_key_check"};
  const Rows rows = read(kIntegrity);
  if (rows.empty() || rows.front().text("integrity_check") != "ok") {
    return broken("the file is sound", "ok",
                  rows.empty() ? "nothing" : rows.front().text("integrity_check"));
  }
  if (!read(kReferences).empty()) return broken("no row refers to nothing", "none", "some do");
  return !violation_;
}

void Auditor::shelve(std::int64_t product_id, Shelf shelf) {
  model_.shelve(product_id, std::move(shelf));
}

Auditor::Rows Auditor::read(const storage::Sql& sql, std::initializer_list<storage::Param> params) {
  auto rows = books_->run(sql, params);
  if (!rows) broken("the books can be read", "rows", rows.error().detail);
  return rows ? std::move(*rows) : Rows();
}

bool Auditor::broken(std::string rule, std::string expected, std::string found) {
  if (!violation_) violation_ = Violation{std::move(rule), std::move(expected), std::move(found)};
  return false;
}

void Auditor::fetch_transfers() {
  for (sandbox::Transfer& entry : parts_.bank.transactions()) {
    const std::string hash = entry.hash;
    transfers_.try_emplace(hash, std::move(entry));
  }
}

const sandbox::Transfer* Auditor::transfer(const std::string& hash) const {
  const auto found = transfers_.find(hash);
  return found == transfers_.end() ? nullptr : &found->second;
}

bool Auditor::look() {
  fetch_transfers();
  return !violation_ && follow_log() && check_orders() && check_shelves() && check_settlements() &&
         check_promises() && glance();
}

bool Auditor::glance() {
  if (!parts_.facts.wrong_answers.empty()) {
    return broken("nobody is told what is not so", "no wrong answer",
                  parts_.facts.wrong_answers.front());
  }
  return !violation_ && check_holds() && check_expired() && check_sums();
}

bool Auditor::check_orders() {
  const Rows rows = read(kOrders);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!check_order(rows[i])) return false;
  }
  if (rows.size() != model_.orders().size()) {
    return broken("no order is lost", number(static_cast<std::int64_t>(model_.orders().size())),
                  number(static_cast<std::int64_t>(rows.size())));
  }
  return true;
}

bool Auditor::check_order(Rows::Row row) {
  const std::int64_t id = row.integer("id");
  const std::string name = "order " + number(id);
  if (!model_.knows(id)) return broken("every order is in the log", "no " + name, "a row");
  const ModelOrder& order = model_.orders().at(id);
  const std::string expected = order.status + ", goods " + order.goods + ", paid " +
                               number(order.paid) + " of " + number(order.total) + ", excess " +
                               number(order.excess) + ", settlements " + number(order.settlements);
  const std::string found = row.text("status") + ", goods " + row.text("stock_state") + ", paid " +
                            number(row.integer("paid_minor")) + " of " +
                            number(row.integer("total_minor")) + ", excess " +
                            number(row.integer("excess")) + ", settlements " +
                            number(row.integer("settlements"));
  if (expected != found) return broken(name + " is as the model says", expected, found);
  const std::int64_t proofs = order.status == "completed" ? 1 : 0;
  if (row.integer("passes") != proofs || row.integer("approvals") != proofs) {
    return broken(name + " has one pass and one approval when completed, else none", number(proofs),
                  number(row.integer("passes")) + " passes, " + number(row.integer("approvals")) +
                      " approvals");
  }
  const bool odd =
      order.excess > 0 || order.short_of_goods || (order.paid > 0 && order.status != "completed");
  // Whether money that was refused was at our account is the bank's to know, not the clerk's.
  const std::string& attention = row.text("attention");
  const bool only_refused = attention == "mismatch";
  if (odd != (attention != "none") && !(only_refused && !odd)) {
    return broken("a person is told of " + name + " when its money does not fit",
                  odd ? "attention" : "none", row.text("attention"));
  }
  if (parts_.facts.said_completed.contains(id) && row.text("status") != "completed") {
    return broken("what was said to be completed stays completed", name + " completed",
                  row.text("status"));
  }
  if (parts_.facts.said_canceled.contains(id) && row.text("status") == "pending") {
    return broken("what was said to be canceled does not wait", name + " canceled", "pending");
  }
  const auto fact = parts_.facts.orders.find(id);
  if (fact != parts_.facts.orders.end() &&
      fact->second.transaction_id != row.text("transaction_id")) {
    return broken(name + " keeps its transaction id", fact->second.transaction_id,
                  row.text("transaction_id"));
  }
  return true;
}

bool Auditor::check_shelves() {
  const Rows rows = read(kProducts);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Shelf& shelf = model_.shelves().at(rows[i].integer("id"));
    const std::string expected = number(shelf.stock) + ", reserved " + number(shelf.reserved);
    const std::string found =
        number(rows[i].integer("stock")) + ", reserved " + number(rows[i].integer("reserved"));
    if (expected != found) {
      return broken("stock of product " + number(rows[i].integer("id")), expected, found);
    }
  }
  return true;
}

bool Auditor::check_settlements() {
  settled_md5s_.clear();
  std::set<std::string> references;
  const Rows rows = read(kSettlements);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& reference = rows[i].text("provider_ref");
    if (!references.insert(reference).second) {
      return broken("no transfer is counted twice", reference + " once", "twice");
    }
    if (rows[i].text("provider") == "manual") continue;
    const sandbox::Transfer* truth = transfer(reference);
    const std::int64_t sum = rows[i].integer("counted_minor") + rows[i].integer("excess_minor");
    if (!truth || truth->amount.minor != sum) {
      return broken("all that came is counted or in excess, and no more", reference,
                    number(sum) + " minor units");
    }
    const std::int64_t asked_for = rows[i].integer("amount_minor");
    if (!rows[i].maybe_integer("order_id") &&
        rows[i].integer("counted_minor") != std::min(asked_for, sum)) {
      return broken("a QR without an order counts what it asked for, and no more",
                    number(std::min(asked_for, sum)), number(rows[i].integer("counted_minor")));
    }
    settled_md5s_.insert(rows[i].text("md5_hash"));
  }
  if (const Rows misjudged = read(kMisjudged); !misjudged.empty()) {
    return broken("a session is settled when the bank's money came for it, and only then",
                  misjudged.front().text("md5_hash") + " otherwise",
                  misjudged.front().text("status"));
  }
  return true;
}

bool Auditor::check_promises() {
  std::set<std::string> present;
  const Rows rows = read(kSessions);
  for (std::size_t i = 0; i < rows.size(); ++i)
    present.insert(rows[i].text("session_id"));
  for (const auto& [session_id, fact] : parts_.facts.sessions) {
    // C6: what stood for an order that is over, or for none, may be removed past retention.
    const auto seen = sessions_.find(session_id);
    const bool known = seen != sessions_.end();
    const bool over =
        known && (fact.order_id == 0 ? asked_to_its_end(seen->second)
                                     : model_.orders().at(fact.order_id).status != "pending");
    if (!present.contains(session_id) && !over) {
      return broken("nothing acknowledged is lost",
                    "session " + session_id + " of order " + number(fact.order_id), "no such row");
    }
  }
  const Rows announced = read(kAnnounced);
  if (announced.empty()) return false;
  const std::int64_t completed = announced.front().integer("completed");
  if (announced.front().integer("announced") != completed ||
      announced.front().integer("passes") != completed) {
    return broken("each completed order is announced once and has one pass", number(completed),
                  number(announced.front().integer("announced")) + " rows in the outbox, " +
                      number(announced.front().integer("passes")) + " passes");
  }
  return true;
}

bool Auditor::check_holds() {
  const Rows rows = read(kHolds);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t reserved = rows[i].integer("reserved");
    if (rows[i].integer("stock") < reserved || reserved < 0 ||
        reserved != rows[i].integer("held")) {
      return broken("what is reserved is what waiting orders hold, and no more than there is",
                    number(rows[i].integer("held")), number(reserved));
    }
  }
  return true;
}

/// Law 3 and 4: a session is called expired only after an answer later than its end.
bool Auditor::check_expired() {
  const Rows rows = read(kExpired);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto told = parts_.facts.told.find(rows[i].text("md5_hash"));
    if (told == parts_.facts.told.end() ||
        base::to_ms(told->second.latest) < rows[i].integer("expires_at")) {
      return broken("unknown is not no: nothing expires without an answer",
                    "session " + rows[i].text("md5_hash") + " open", "expired");
    }
  }
  return true;
}

bool Auditor::check_sums() {
  static constexpr storage::Sql kSums{
      "SELECT id, status FROM orders WHERE (status = 'completed' AND paid_minor <> total_minor) "
      "OR paid_minor > total_minor LIMIT 1"};
  const Rows rows = read(kSums);
  if (rows.empty()) return true;
  return broken("a completed order is paid in full, and none beyond",
                "order " + number(rows.front().integer("id")) + " paid in full",
                rows.front().text("status"));
}

/// What the bank shows for a QR in the end must be counted, or refused for a reason.
bool Auditor::check_transfer(const SeenSession& session, const sandbox::Transfer& best) {
  if (best.status != sandbox::TransferStatus::succeeded) return true;
  const std::int64_t end = session.created_at + parts_.retention.count() - kMarginMs;
  if (base::to_ms(best.visible_at) > end || settled_md5s_.contains(session.md5)) return true;
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

bool Auditor::conclude() {
  if (!look()) return false;
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

std::vector<std::string> Auditor::final_lines() {
  std::vector<std::string> lines;
  const Rows rows = read(kOrders);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    lines.push_back("order " + number(rows[i].integer("id")) + " " + rows[i].text("status") + " " +
                    rows[i].text("stock_state") + " " + number(rows[i].integer("paid_minor")) +
                    " " + number(rows[i].integer("excess")) + " " + rows[i].text("transaction_id"));
  }
  const Rows settlements = read(kSettlements);
  for (std::size_t i = 0; i < settlements.size(); ++i) {
    lines.push_back("settlement " + settlements[i].text("provider_ref") + " " +
                    number(settlements[i].integer("counted_minor")));
  }
  return lines;
}

}  // namespace quittance::simulation
