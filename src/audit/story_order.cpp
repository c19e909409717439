// What an entry says of the order itself: where it stands, its goods, its pass.
#include <algorithm>

#include "audit/story.hpp"

namespace quittance::audit {

using base::Json;
using storage::Cell;
using storage::LedgerTable;

namespace {

std::int64_t number(const Json& json) { return json.integer().value_or(0); }

}  // namespace

void Story::read_order(const Json& details) {
  const Json& after = details["order"];
  if (after.is_null()) return expect(details["stock"].is_null(), "goods move without an order");
  ExpectedRow& order = expect_row(LedgerTable::orders, std::to_string(id_));
  order.changed_by(entry_->seq);
  for (const char* column :
       {"status", "paid_minor", "refunded_minor", "stock_state", "attention", "completed_at"}) {
    order.set(column, after[column]);
  }
  expect(number(after["paid_minor"]) == paid_,
         "paid_minor is not the sum of what was counted, " + std::to_string(paid_));
  expect(number(after["refunded_minor"]) == refunded_,
         "refunded_minor is not the sum of what went back, " + std::to_string(refunded_));
  const std::string status = after["status"].text_or_empty();
  const bool completes = status == "completed" && status_ != "completed";
  expect(!completes || paid_ - refunded_ == total_, "it is completed with " +
                                                        std::to_string(paid_ - refunded_) + " of " +
                                                        std::to_string(total_));
  expect(status != "refunded" || paid_ == refunded_, "it is refunded, but money is left");
  expect(status != "canceled" || status_ == "canceled" || paid_ == refunded_,
         "it is canceled, but money is left");
  const std::string stock_state = after["stock_state"].text_or_empty();
  expect(status != "completed" || ordered_.empty() || stock_state == "committed",
         "it is completed, but its goods are not taken");
  read_goods(details, stock_state_, stock_state);
  const std::int64_t gone = [this] {
    std::int64_t pieces = 0;
    for (const auto& [product, missing] : missing_)
      pieces += missing;
    return pieces;
  }();
  const bool flagged = after["attention"].text_or_empty().find("shortage") != std::string::npos;
  expect(!completes || (gone != 0) == flagged, "goods are missing in silence");
  status_ = status;
  stock_state_ = stock_state;
}

void Story::read_goods(const Json& details, const std::string& before, const std::string& after) {
  std::map<std::int64_t, Goods> moved;
  for (const Json& change : details["stock"].array()) {
    Goods& goods = moved[number(change["product_id"])];
    goods.stock += number(change["stock"]);
    goods.reserved += number(change["reserved"]);
  }
  std::erase_if(moved, [](const auto& change) { return change.second == Goods{}; });
  std::map<std::int64_t, Goods> right;
  for (const auto& [product, pieces] : ordered_) {
    Goods& goods = right[product];
    if (before == after) continue;
    if (after == "reserved") goods.reserved += pieces;
    if (before == "reserved") goods.reserved -= pieces;
    if (before == "committed") goods.stock += pieces - missing_[product];
    if (after != "committed") {
      missing_[product] = 0;
      continue;
    }
    // Less than was ordered may be there; then nothing of a line is taken (C12).
    const auto found = moved.find(product);
    const std::int64_t taken = found == moved.end() ? 0 : -found->second.stock;
    missing_[product] = std::clamp<std::int64_t>(pieces - taken, 0, pieces);
    goods.stock -= pieces - missing_[product];
  }
  std::erase_if(right, [](const auto& change) { return change.second == Goods{}; });
  expect(moved == right, "the stock does not change by what was ordered");
}

void Story::read_approval(const Json& details, const Json& evidence, const std::string& decision) {
  const std::string key =
      std::to_string(base::to_ms(entry_->created_at)) + "|" + std::to_string(number(evidence));
  const std::string second = details["approver"].text_or_empty();
  ExpectedRow& row = expect_row(LedgerTable::approvals, key);
  row.set_any("id");
  row.set("order_id", Cell(id_));
  row.set("approver", Cell(second.empty() ? entry_->actor : second));
  row.set("decision", Cell(decision));
  row.set("reason", details["reason"]);
  row.set("evidence_id", evidence);
  row.set("created_at", Cell(base::to_ms(entry_->created_at)));
}

void Story::read_pass(const Json& pass) {
  const std::string key = pass["kind"].text_or_empty() + "|" + pass["subject"].text_or_empty() +
                          "|" + pass["period"].text_or_empty();
  const bool known = rows_.contains({LedgerTable::passes, key});
  const bool active = pass["state"].text_or_empty() == "active";
  expect(known || active, "a pass is revoked that was never issued");
  ExpectedRow& row = expect_row(LedgerTable::passes, key);
  row.changed_by(entry_->seq);
  row.set("state", pass["state"]);
  if (!active) return;
  // A pass that is issued again stays the same token, and is never shortened.
  const std::int64_t until = std::max(number(pass["valid_until"]), pass_until_[key]);
  pass_until_[key] = until;
  row.set("valid_until", Cell(until));
  if (known) return;
  row.set("kind", pass["kind"]);
  row.set("shown", pass["subject"]);
  row.set("period", pass["period"]);
  row.set_sha256("token", pass["token_sha256"].text_or_empty());
  row.set("order_id", Cell(id_));
  row.set("valid_from", pass["valid_from"]);
  row.set("created_at", pass["valid_from"]);
}

}  // namespace quittance::audit
