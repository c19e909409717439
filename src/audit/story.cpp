#include "audit/story.hpp"

#include <algorithm>

namespace quittance::audit {

using base::Json;
using storage::Cell;
using storage::LedgerSubject;
using storage::LedgerTable;

namespace {

std::int64_t number(const Json& json) { return json.integer().value_or(0); }

Cell moment(base::Time time) { return base::to_ms(time); }

std::string key_of(LedgerTable table, storage::Rows::Row row) {
  if (table == LedgerTable::passes) {
    return row.text("kind") + "|" + row.text("shown") + "|" + row.text("period");
  }
  if (table == LedgerTable::approvals) {
    return std::to_string(row.integer("created_at")) + "|" +
           std::to_string(row.maybe_integer("evidence_id").value_or(0));
  }
  return std::to_string(row.integer("id"));
}

}  // namespace

Story::Story(LedgerSubject kind, std::int64_t id, Findings& findings)
    : kind_(kind), id_(id), findings_(findings) {}

void Story::expect(bool fits, const std::string& otherwise) {
  if (fits) return;
  const std::string subject = kind_ == LedgerSubject::order ? "order " : "session ";
  findings_.add(entry_->seq, entry_->action + " of " + subject + std::to_string(id_) +
                                 " does not follow from what came before: " + otherwise);
}

ExpectedRow& Story::expect_row(LedgerTable table, const std::string& key) {
  const std::string name = std::string(to_text(table)) + " " + key;
  return rows_.try_emplace({table, key}, name, entry_->seq).first->second;
}

void Story::read(const storage::AuditEntry& entry, const Json& details) {
  entry_ = &entry;
  if (entry.action == "order.placed") return read_placed(details);
  if (entry.action == "session.opened") return read_session(details["session"]);
  if (kind_ == LedgerSubject::order) {
    expect(placed_, "there is no such order yet");
    if (!placed_) return;
  }
  if (!details["evidence_id"].is_null()) read_evidence(details);
  const std::string status = status_;
  if (entry.action == "settlement.recorded") read_settlement(details);
  if (entry.action == "refund.recorded") read_refund(details);
  if (kind_ == LedgerSubject::session) return;
  read_order(details);
  const bool completes = status_ == "completed" && status != "completed";
  if (completes) read_approval(details, details["evidence_id"], "approved");
  if (entry.action == "approval.rejected") read_approval(details, details["claim"], "rejected");
  if (!details["pass"].is_null()) read_pass(details["pass"]);
  expect(!completes || !details["pass"].is_null(), "an order is completed without a pass");
}

void Story::read_placed(const Json& details) {
  expect(!placed_, "it was placed before");
  placed_ = true;
  ExpectedRow& order = expect_row(LedgerTable::orders, std::to_string(id_));
  order.set("id", Cell(id_));
  order.set_sha256("order_secret", details["order_secret_sha256"].text_or_empty());
  for (const char* column : {"transaction_id", "customer_id", "payment_method", "total_minor",
                             "currency", "reserved_until"}) {
    order.set(column, details[column]);
  }
  status_ = "pending";
  stock_state_ = "reserved";
  total_ = number(details["total_minor"]);
  order.set("status", Cell(status_));
  order.set("stock_state", Cell(stock_state_));
  order.set("attention", Cell(std::string("none")));
  order.set("paid_minor", Cell(std::int64_t{0}));
  order.set("refunded_minor", Cell(std::int64_t{0}));
  order.set("created_at", moment(entry_->created_at));
  order.set("completed_at", Cell(nullptr));
  std::int64_t sum = 0;
  for (const Json& item : details["items"].array()) {
    ExpectedRow& row = expect_row(LedgerTable::order_items, std::to_string(number(item["row"])));
    row.set("id", item["row"]);
    row.set("order_id", Cell(id_));
    for (const char* column : {"product_id", "name", "quantity", "price_minor"})
      row.set(column, item[column]);
    row.set_any("missing");  // held against their sum, in finish()
    sum += number(item["quantity"]) * number(item["price_minor"]);
    ordered_[number(item["product_id"])] += number(item["quantity"]);
  }
  expect(sum == total_, "its items cost " + std::to_string(sum));
  read_goods(details, "", "reserved");
  read_session(details["session"]);
}

void Story::read_session(const Json& session) {
  const std::int64_t key = number(session["row"]);
  ExpectedRow& row = expect_row(LedgerTable::payment_sessions, std::to_string(key));
  row.set("id", session["row"]);
  row.set("order_id", kind_ == LedgerSubject::order ? Cell(id_) : Cell(nullptr));
  // Of a payment on a provider's own page it began with that, before we knew.
  const Json& began = session["created_at"];
  row.set("created_at", began.is_null() ? moment(entry_->created_at) : Cell(number(began)));
  for (const char* column : {"session_id", "payment_id", "provider", "environment", "amount_minor",
                             "currency", "bill_number"}) {
    row.set(column, session[column]);
  }
  sessions_[session["session_id"].text_or_empty()] = key;
  if (kind_ == LedgerSubject::session) return expect(key == id_, "it is another session");
  expect(placed_, "there is no such order yet");
  expect_row(LedgerTable::orders, std::to_string(id_))
      .set("payment_session_id", session["session_id"]);
}

void Story::read_evidence(const Json& details) {
  const auto session = sessions_.find(details["session_id"].text_or_empty());
  expect(session != sessions_.end(), "it names a session that was never opened");
  const std::string key = std::to_string(number(details["evidence_id"]));
  // What is seen again is the same row, as it was seen first.
  if (session == sessions_.end() || rows_.contains({LedgerTable::evidence, key})) return;
  ExpectedRow& row = expect_row(LedgerTable::evidence, key);
  row.set("id", details["evidence_id"]);
  row.set("session_row", Cell(session->second));
  for (const char* column : {"kind", "source", "provider", "provider_ref", "amount_minor",
                             "currency", "paid_at", "seen_at", "reason", "outcome"}) {
    row.set(column, details[column]);
  }
  for (const char* column : {"against", "receiver", "payer", "approver"})
    row.set(column, Cell(details[column].text_or_empty()));
  row.set("actor", Cell(entry_->actor));
  row.set_sha256("raw", details["raw_sha256"].text_or_empty());
}

void Story::read_settlement(const Json& details) {
  const std::string key = std::to_string(number(details["evidence_id"]));
  expect(!rows_.contains({LedgerTable::settlements, key}), "this money was counted before");
  ExpectedRow& row = expect_row(LedgerTable::settlements, key);
  row.set("id", details["evidence_id"]);
  row.set("evidence_id", details["evidence_id"]);
  row.set("session_row", Cell(sessions_[details["session_id"].text_or_empty()]));
  row.set("order_id", kind_ == LedgerSubject::order ? Cell(id_) : Cell(nullptr));
  for (const char* column : {"provider", "provider_ref", "outcome", "counted_minor", "excess_minor",
                             "currency", "reason", "paid_at"}) {
    row.set(column, details[column]);
  }
  const bool by_hand = details["source"].text_or_empty() == "manual";
  row.set("verification_method", Cell(std::string(by_hand ? "manual" : "automatic")));
  row.set("settled_at", moment(entry_->created_at));
  const std::int64_t counted = number(details["counted_minor"]);
  const std::int64_t excess = number(details["excess_minor"]);
  expect(details["kind"].text_or_empty() == "payment", "only a payment is counted");
  expect(counted >= 0 && excess >= 0 && counted + excess == number(details["amount_minor"]),
         "counted and excess are not what came");
  paid_ += counted;
  const auto ref =
      std::pair(details["provider"].text_or_empty(), details["provider_ref"].text_or_empty());
  money_[ref] = {.row = number(details["evidence_id"]),
                 .counted = counted,
                 .excess = excess,
                 .currency = details["currency"].text_or_empty()};
}

void Story::read_refund(const Json& details) {
  const std::string key = std::to_string(number(details["evidence_id"]));
  expect(!rows_.contains({LedgerTable::refunds, key}), "this money went back before");
  const auto original =
      money_.find({details["provider"].text_or_empty(), details["against"].text_or_empty()});
  expect(original != money_.end(), "the money that it gives back was never counted");
  if (original == money_.end()) return;
  Money& money = original->second;
  ExpectedRow& row = expect_row(LedgerTable::refunds, key);
  row.set("id", details["evidence_id"]);
  row.set("settlement_id", Cell(money.row));
  row.set("order_id", kind_ == LedgerSubject::order ? Cell(id_) : Cell(nullptr));
  row.set("evidence_id", details["evidence_id"]);
  for (const char* column : {"kind", "provider", "provider_ref", "outcome", "from_counted_minor",
                             "from_excess_minor", "currency", "reason"}) {
    row.set(column, details[column]);
  }
  row.set("actor", Cell(entry_->actor));
  row.set("refunded_at", details["paid_at"]);
  row.set("recorded_at", moment(entry_->created_at));
  const std::int64_t counted = number(details["from_counted_minor"]);
  const std::int64_t excess = number(details["from_excess_minor"]);
  expect(counted >= 0 && excess >= 0 && counted + excess == number(details["amount_minor"]),
         "the parts are not what went back");
  money.counted_back += counted;
  money.excess_back += excess;
  expect(money.counted_back <= money.counted && money.excess_back <= money.excess,
         "more went back than had come");
  refunded_ += counted;
}

void Story::compare(LedgerTable table, storage::Rows::Row row,
                    std::span<const std::string> columns) {
  const Key key{table, key_of(table, row)};
  const std::string name = std::string(to_text(table)) + " " + key.second;
  const auto expected = rows_.find(key);
  if (expected == rows_.end()) return findings_.add(0, name + ": the log knows no such row");
  if (!found_.insert(key).second) return findings_.add(0, name + " is there twice");
  if (table == LedgerTable::order_items) missing_found_ += row.integer("missing");
  const std::string difference = expected->second.difference(row, columns);
  if (!difference.empty()) findings_.add(expected->second.seq(), name + ": " + difference);
}

void Story::finish(Balances& balances) {
  for (const auto& [key, row] : rows_) {
    if (found_.contains(key) || key.first == LedgerTable::payment_sessions) continue;
    findings_.add(row.seq(), row.name() + " is missing");
  }
  std::int64_t missing = 0;
  for (const auto& [product, pieces] : missing_)
    missing += pieces;
  if (missing != missing_found_) {
    findings_.add(entry_ ? entry_->seq : 0, "order_items of order " + std::to_string(id_) +
                                                ": missing is " + std::to_string(missing_found_) +
                                                " in all, the log says " + std::to_string(missing));
  }
  for (const auto& [ref, money] : money_) {
    Balance& balance = balances[money.currency];
    balance.counted += money.counted;
    balance.excess += money.excess;
    balance.given_back += money.counted_back + money.excess_back;
  }
}

}  // namespace quittance::audit
