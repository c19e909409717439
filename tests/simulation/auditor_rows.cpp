// The auditor holds rows of the tables against the model.
#include <algorithm>

#include "simulation/auditor.hpp"

namespace quittance::simulation {

namespace {

constexpr storage::Sql kOrder{
    "SELECT o.id, o.transaction_id, o.status, o.stock_state, o.attention, o.paid_minor, "
    "o.refunded_minor, o.total_minor, "
    "(SELECT COUNT(*) FROM settlements s WHERE s.order_id = o.id) AS settlements, "
    "(SELECT COALESCE(SUM(s.excess_minor), 0) FROM settlements s WHERE s.order_id = o.id) - "
    "(SELECT COALESCE(SUM(r.from_excess_minor), 0) FROM refunds r WHERE r.order_id = o.id) AS "
    "excess, (SELECT COUNT(*) FROM refunds r WHERE r.order_id = o.id) AS returns, "
    "(SELECT COUNT(*) FROM passes p WHERE p.order_id = o.id) AS passes, "
    "(SELECT COUNT(*) FROM passes p WHERE p.order_id = o.id AND p.state = 'active') AS valid, "
    "(SELECT COUNT(*) FROM approvals a WHERE a.order_id = o.id AND a.decision = 'approved') AS "
    "approvals, (SELECT COUNT(*) FROM approvals a WHERE a.order_id = o.id AND a.decision = "
    "'rejected') AS rejections, "
    "(SELECT COUNT(*) FROM outbox x WHERE x.dedupe_key >= 'order.completed:' || o.id || ':' AND "
    "x.dedupe_key < 'order.completed:' || o.id || ';') AS announced "
    "FROM orders o WHERE o.id = $1"};
constexpr storage::Sql kProduct{"SELECT stock, reserved FROM products WHERE id = $1"};
constexpr storage::Sql kSession{
    "SELECT md5_hash, status, expires_at FROM payment_sessions WHERE id = $1"};
constexpr storage::Sql kSettlement{
    "SELECT s.provider, s.provider_ref, s.verification_method, s.counted_minor, s.excess_minor, "
    "p.order_id, p.amount_minor FROM settlements s JOIN payment_sessions p ON p.id = s.session_row "
    "WHERE s.id "
    "= $1"};
constexpr storage::Sql kReturn{
    "SELECT order_id, kind, provider_ref, from_counted_minor, from_excess_minor FROM refunds WHERE "
    "id = $1"};
constexpr storage::Sql kPass{"SELECT order_id FROM passes WHERE rowid = $1"};
constexpr storage::Sql kAnnounced{
    "SELECT topic, dedupe_key, payload, distributed_at FROM outbox WHERE id = $1"};

std::string number(std::int64_t value) { return std::to_string(value); }

}  // namespace

bool Auditor::check_order(std::int64_t id) {
  const Rows rows = read(kOrder, {id});
  if (rows.empty()) {
    if (!model_.knows(id)) return true;
    return broken("no order is lost", "order " + number(id), "no such row");
  }
  return check_order_row(rows.front()) && check_proofs(rows.front()) && check_said(rows.front());
}

bool Auditor::check_order_row(Rows::Row row) {
  const std::int64_t id = row.integer("id");
  const std::string name = "order " + number(id);
  if (!model_.knows(id)) return broken("every order is in the log", "no " + name, "a row");
  const ModelOrder& order = model_.orders().at(id);
  const std::string expected =
      order.status + ", goods " + order.goods + ", paid " + number(order.paid) + " of " +
      number(order.total) + " in " + number(static_cast<std::int64_t>(order.pieces.size())) +
      ", given back " + number(order.refunded) + " in " + number(order.returns) + ", excess " +
      number(order.excess_left()) + ", attention " + order.attention();
  const std::string found =
      row.text("status") + ", goods " + row.text("stock_state") + ", paid " +
      number(row.integer("paid_minor")) + " of " + number(row.integer("total_minor")) + " in " +
      number(row.integer("settlements")) + ", given back " + number(row.integer("refunded_minor")) +
      " in " + number(row.integer("returns")) + ", excess " + number(row.integer("excess")) +
      ", attention " + row.text("attention");
  if (expected != found) return broken(name + " is as the model says", expected, found);
  if (order.paid - order.refunded > order.total) {
    return broken("no order holds more than it costs", name + " paid in full", found);
  }
  return true;
}

/// What a completion brings: a pass, an approval, an announcement.
bool Auditor::check_proofs(Rows::Row row) {
  const std::string name = "order " + number(row.integer("id"));
  const ModelOrder& order = model_.orders().at(row.integer("id"));
  const std::int64_t passes = order.completions > 0 ? 1 : 0;
  const std::int64_t valid = order.pass ? 1 : 0;
  if (row.integer("passes") != passes || row.integer("valid") != valid) {
    return broken(name + " has one pass once it was completed, valid while it is",
                  number(passes) + ", valid " + number(valid),
                  number(row.integer("passes")) + ", valid " + number(row.integer("valid")));
  }
  if (row.integer("approvals") != order.completions ||
      row.integer("rejections") != order.rejections) {
    return broken(name + " has an approval for each completion", number(order.completions),
                  number(row.integer("approvals")));
  }
  if (row.integer("announced") != order.completions) {
    return broken("each completion is announced once", number(order.completions),
                  number(row.integer("announced")) + " rows in the outbox for " + name);
  }
  return true;
}

/// What people were told of it stays true.
bool Auditor::check_said(Rows::Row row) {
  const std::int64_t id = row.integer("id");
  const std::string name = "order " + number(id);
  const bool went_back = model_.orders().at(id).returns > 0;
  if (parts_.facts.said_completed.contains(id) && row.text("status") != "completed" && !went_back) {
    return broken("what was said to be completed stays completed", name + " completed",
                  row.text("status"));
  }
  if (parts_.facts.said_canceled.contains(id) && row.text("status") == "pending" && !went_back) {
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

bool Auditor::check_shelf(std::int64_t id) {
  const Rows rows = read(kProduct, {id});
  const auto known = model_.shelves().find(id);
  // A product that was put up and not yet acknowledged.
  if (rows.empty() || known == model_.shelves().end()) return true;
  const Shelf& shelf = known->second;
  const std::string expected = number(shelf.stock) + ", reserved " + number(shelf.reserved);
  const std::string found = number(rows.front().integer("stock")) + ", reserved " +
                            number(rows.front().integer("reserved"));
  if (expected != found) return broken("stock of product " + number(id), expected, found);
  if (shelf.reserved < 0 || shelf.reserved > shelf.stock) {
    return broken("no more is held than there is, and never less than nothing", expected, found);
  }
  return true;
}

/// Law 3 and 4: a session is called expired only after an answer later than its end, and settled
/// only by the bank's money.
bool Auditor::check_session(std::int64_t row_id) {
  const Rows rows = read(kSession, {row_id});
  if (rows.empty()) return true;
  const Rows::Row row = rows.front();
  const std::string& status = row.text("status");
  const std::string& md5 = row.text("md5_hash");
  const auto told = parts_.facts.told.find(md5);
  if (status == "expired" && (told == parts_.facts.told.end() ||
                              base::to_ms(told->second.latest) < row.integer("expires_at"))) {
    return broken("unknown is not no: nothing expires without an answer",
                  "session " + md5 + " open", "expired");
  }
  const bool settled = status == "settled";
  if (settled != settled_md5s_.contains(md5) && !(settled && stated_md5s_.contains(md5))) {
    return broken("a session is settled when the bank's money came for it, and only then",
                  md5 + " otherwise", status);
  }
  return true;
}

/// A row may have been rolled back, but not removed.
bool Auditor::check_gone(std::string_view what, std::int64_t row_id) {
  if (!seen_rows_.contains({what, row_id})) return true;
  return broken("no fact is removed", std::string(what) + " " + number(row_id), "no such row");
}

bool Auditor::check_settlement(std::int64_t row_id) {
  const Rows rows = read(kSettlement, {row_id});
  if (rows.empty()) return check_gone("settlement", row_id);
  seen_rows_.insert({"settlement", row_id});
  const Rows::Row row = rows.front();
  const std::string& reference = row.text("provider_ref");
  const std::string key = row.text("provider") + ":" + reference;
  if (ref_rows_.try_emplace(key, row_id).first->second != row_id) {
    return broken("no transfer is counted twice", reference + " once", "twice");
  }
  if (row.text("verification_method") == "manual") return true;
  const sandbox::Transfer* truth = transfer(reference);
  const std::int64_t sum = row.integer("counted_minor") + row.integer("excess_minor");
  if (!truth || truth->amount.minor != sum) {
    return broken("all that came is counted or in excess, and no more", reference,
                  number(sum) + " minor units");
  }
  const std::int64_t asked_for = row.integer("amount_minor");
  if (!row.maybe_integer("order_id") && row.integer("counted_minor") != std::min(asked_for, sum)) {
    return broken("a QR without an order counts what it asked for, and no more",
                  number(std::min(asked_for, sum)), number(row.integer("counted_minor")));
  }
  return true;
}

bool Auditor::check_pass(std::int64_t row_id) {
  const Rows rows = read(kPass, {row_id});
  if (rows.empty()) return check_gone("pass", row_id);
  seen_rows_.insert({"pass", row_id});
  return check_order(rows.front().integer("order_id"));
}

bool Auditor::check_return(std::int64_t row_id) {
  const Rows rows = read(kReturn, {row_id});
  if (rows.empty()) return check_gone("refund", row_id);
  seen_rows_.insert({"refund", row_id});
  const Rows::Row row = rows.front();
  const std::string name = row.text("kind") + ":" + row.text("provider_ref");
  const auto known = model_.returns().find(name);
  if (known == model_.returns().end()) {
    return broken("every return is in the log", "no " + name, "a row");
  }
  const Returned& expected = known->second;
  if (row.integer("order_id") != expected.order_id ||
      row.integer("from_counted_minor") != expected.from_counted ||
      row.integer("from_excess_minor") != expected.from_excess) {
    return broken(
        "what went back is as the model says, excess first",
        number(expected.from_counted) + " counted, " + number(expected.from_excess) + " in excess",
        number(row.integer("from_counted_minor")) + " counted, " +
            number(row.integer("from_excess_minor")) + " in excess");
  }
  return true;
}

/// What is announced has happened, and under its own key.
bool Auditor::check_announcement(std::int64_t row_id) {
  const Rows rows = read(kAnnounced, {row_id});
  if (rows.empty()) return check_gone("announcement", row_id);
  const bool known = !seen_rows_.insert({"announcement", row_id}).second;
  const std::string& topic = rows.front().text("topic");
  const std::string& key = rows.front().text("dedupe_key");
  const auto payload = base::Json::parse(rows.front().text("payload"));
  const std::int64_t id = payload ? (*payload)["order_id"].integer().value_or(0) : 0;
  if (!model_.knows(id)) return broken("news is of orders", "an order", key);
  if (rows.front().maybe_time("distributed_at") && !check_distributed(row_id, topic, id)) {
    return false;
  }
  if (topic == "order.completed") {
    if (!key.starts_with("order.completed:" + number(id) + ":")) {
      return broken("each completion is announced once", "the key of order " + number(id), key);
    }
    // That it was handed on changes nothing else.
    return known || check_order(id);
  }
  if (topic != "order.refunded") return true;
  const std::string kind = (*payload)["kind"].text_or_empty();
  // Behind the topic and the kind: provider, colon, reference.
  const std::string behind = key.substr(std::min(key.size(), topic.size() + kind.size() + 2));
  const std::string reference = behind.substr(behind.find(':') + 1);
  if (announced_returns_.try_emplace(kind + ":" + reference, row_id).first->second != row_id ||
      !model_.returns().contains(kind + ":" + reference)) {
    return broken("each return is announced once, and only when there is one", "no news", key);
  }
  return true;
}

}  // namespace quittance::simulation
