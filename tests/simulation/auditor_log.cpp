// The auditor follows the log: it takes from it only in what order things happened; what they
// meant comes from the bank, from people and from the model.
#include <algorithm>

#include "simulation/auditor.hpp"

namespace quittance::simulation {

using base::Json;

namespace {

constexpr storage::Sql kLog{
    "SELECT seq, created_at, action, subject_id, details FROM audit WHERE seq > $1 ORDER BY seq"};
constexpr storage::Sql kLogEnd{"SELECT COALESCE(MAX(seq), 0) AS last FROM audit"};
constexpr storage::Sql kItems{
    "SELECT product_id, quantity FROM order_items WHERE order_id = $1 ORDER BY product_id"};
constexpr storage::Sql kEmail{
    "SELECT c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1"};
constexpr storage::Sql kSession{
    "SELECT COALESCE(order_id, 0) AS order_id, md5_hash, amount_minor, currency, created_at, "
    "expires_at FROM payment_sessions WHERE session_id = $1"};
constexpr storage::Sql kHold{"SELECT reserved_until FROM orders WHERE id = $1"};

std::string name_of(std::int64_t order_id) { return "order " + std::to_string(order_id); }

}  // namespace

bool Auditor::holds_money(std::int64_t order_id) const {
  const ModelOrder& order = model_.orders().at(order_id);
  return order.paid != order.refunded;
}

bool Auditor::follow_log() {
  const Rows last = read(kLogEnd);
  if (last.empty() || last.front().integer("last") < log_read_) {
    return broken("what was once in the log stays there", "entry " + std::to_string(log_read_),
                  "a shorter log");
  }
  const Rows entries = read(kLog, {log_read_});
  for (std::size_t i = 0; i < entries.size(); ++i) {
    log_read_ = entries[i].integer("seq");
    if (!follow(entries[i])) return false;
  }
  return true;
}

bool Auditor::follow(Rows::Row entry) {
  const std::string& action = entry.text("action");
  const std::int64_t id = entry.integer("subject_id");
  const auto details = Json::parse(entry.text("details"));
  if (!details) return broken("the log is readable", "JSON", entry.text("details"));
  if (action == "order.placed") return follow_placed(id, *details);
  if (action == "session.opened") return follow_session((*details)["session_id"].text_or_empty());
  if (action == "settlement.recorded") return follow_settled(id, *details);
  if (action == "evidence.refused") return follow_refused(id, *details);
  if (action == "refund.recorded") return follow_returned(id, *details);
  if (action == "approval.requested") return follow_second_person(id, *details);
  if (action == "approval.rejected") return follow_rejected(id);
  if (action == "order.hold_ended") return follow_hold_ended(id);
  if (action == "order.lapsed") return follow_lapsed(id);
  if (action == "order.canceled") return follow_canceled(id, entry.time("created_at"));
  if (action == "order.handed_over") return follow_handed_over(id);
  if (action == "receipt.requested") return follow_receipt_wanted(id);
  if (action == "evidence.repeated" || action == "sessions.cleaned" || action == "product.added") {
    return true;
  }
  return broken("every entry of the log is known", "a known action", action);
}

bool Auditor::follow_placed(std::int64_t id, const Json& details) {
  const Rows rows = read(kItems, {id});
  const Rows customer = read(kEmail, {id});
  Wish wish{.items = {}, .email = customer.empty() ? "" : customer.front().text("email")};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    wish.items.push_back({rows[i].integer("product_id"), rows[i].integer("quantity")});
  }
  if (const auto fact = parts_.facts.orders.find(id); fact != parts_.facts.orders.end()) {
    if (fact->second.wish != wish) {
      return broken("an order holds what was acknowledged", name_of(id) + " as acknowledged",
                    std::to_string(wish.items.size()) + " other items, for " + wish.email);
    }
  } else {
    auto& asked = parts_.facts.unanswered;
    const auto match =
        std::ranges::find_if(asked, [&wish](const auto& entry) { return entry.second == wish; });
    if (match == asked.end()) {
      return broken("an order is placed when a customer asks for it", "no " + name_of(id),
                    "an order that nobody asked for");
    }
    asked.erase(match);
  }
  model_.place(id, std::move(wish));
  return follow_session(details["session_id"].text_or_empty());
}

bool Auditor::follow_session(const std::string& session_id) {
  const Rows rows = read(kSession, {session_id});
  if (rows.empty()) return broken("a session that was opened is there", session_id, "nothing");
  const SeenSession seen{.session_id = session_id,
                         .order_id = rows.front().integer("order_id"),
                         .md5 = rows.front().text("md5_hash"),
                         .currency = rows.front().text("currency"),
                         .created_at = rows.front().integer("created_at"),
                         .expires_at = rows.front().integer("expires_at")};
  const auto fact = parts_.facts.sessions.find(session_id);
  if (fact != parts_.facts.sessions.end() &&
      (fact->second.md5 != seen.md5 || fact->second.order_id != seen.order_id ||
       fact->second.amount_minor != rows.front().integer("amount_minor"))) {
    return broken("a QR is kept as it was shown", fact->second.md5, seen.md5);
  }
  const auto [known, added] = sessions_.insert_or_assign(session_id, seen);
  if (added) sessions_of_[seen.order_id].push_back(&known->second);
  return true;
}

/// Somebody must have asked for it, and the bank must have said that no money came (law 4).
bool Auditor::follow_canceled(std::int64_t id, base::Time moment) {
  if (!parts_.facts.cancel_asked.contains(id) || holds_money(id)) {
    return broken("an order is canceled when somebody asks for it and nothing is paid",
                  name_of(id) + " goes on", "canceled");
  }
  bool may_be_paid = false;
  bool asked = false;
  for (const SeenSession* session : sessions_of_[id]) {
    if (answered_for_good(*session)) continue;
    const std::int64_t end = session->created_at + (parts_.retention / 2).count();
    may_be_paid = may_be_paid || base::to_ms(moment) < end;
    const auto told = parts_.facts.told.find(session->md5);
    if (told == parts_.facts.told.end()) continue;
    const auto answer = told->second.moments.lower_bound(moment - std::chrono::seconds(1));
    asked = asked || (answer != told->second.moments.end() && *answer <= moment);
  }
  if (may_be_paid && !asked) {
    return broken("an order is canceled only after the bank has answered (law 4)",
                  name_of(id) + " goes on", "canceled without an answer");
  }
  model_.cancel(id);
  return true;
}

/// The bank has said that this QR was paid: there is nothing more to ask.
bool Auditor::answered_for_good(const SeenSession& session) const {
  return settled_md5s_.contains(session.md5) || stated_md5s_.contains(session.md5);
}

/// Whether a readable answer about any QR of the order came at that moment or later.
bool Auditor::asked_since(std::int64_t order_id, std::int64_t moment) const {
  const auto sessions = sessions_of_.find(order_id);
  return sessions != sessions_of_.end() &&
         std::ranges::any_of(sessions->second, [&](const SeenSession* session) {
           if (answered_for_good(*session)) return true;
           const auto told = parts_.facts.told.find(session->md5);
           return told != parts_.facts.told.end() && base::to_ms(told->second.latest) >= moment;
         });
}

bool Auditor::follow_hold_ended(std::int64_t id) {
  const Rows rows = read(kHold, {id});
  if (rows.empty() || !asked_since(id, rows.front().integer("reserved_until"))) {
    return broken("a hold ends only after the bank has answered (law 4)",
                  name_of(id) + " holds its goods", "released without an answer");
  }
  model_.release(id);
  return true;
}

bool Auditor::asked_to_its_end(const SeenSession& session) const {
  const auto told = parts_.facts.told.find(session.md5);
  if (answered_for_good(session)) return true;
  const std::int64_t end = session.created_at + parts_.retention.count();
  return told != parts_.facts.told.end() && base::to_ms(told->second.latest) >= end;
}

bool Auditor::follow_lapsed(std::int64_t id) {
  for (const SeenSession* session : sessions_of_[id]) {
    if (!asked_to_its_end(*session)) {
      return broken("an order lapses only when each of its QRs was asked about to its end",
                    name_of(id) + " waits", "lapsed before session " + session->md5);
    }
  }
  if (holds_money(id)) {
    return broken("an order that holds money does not lapse", name_of(id) + " waits", "lapsed");
  }
  model_.cancel(id);
  return true;
}

/// Staff want a receipt sent once more: of an order that has one.
bool Auditor::follow_receipt_wanted(std::int64_t id) {
  const bool asked = parts_.facts.receipt_asked.contains(id);
  if (!asked || !model_.knows(id) || model_.orders().at(id).status != "completed" ||
      model_.orders().at(id).email.empty()) {
    return broken("a receipt is sent again when staff ask for it and there is one",
                  "none of " + name_of(id), "asked for");
  }
  model_.want_receipt(id);
  return true;
}

}  // namespace quittance::simulation
