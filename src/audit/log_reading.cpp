#include "audit/log_reading.hpp"

#include <algorithm>
#include <limits>

namespace quittance::audit {

using base::Digest;
using base::Json;
using base::Result;
using base::Subtree;
using storage::AuditEntry;
using storage::Cell;
using storage::Rows;

namespace {

constexpr std::int64_t kAtOnce = 1'000;
/// Levels whose hashes are kept (docs/audit.md).
constexpr int kStoredEvery = 8;

std::int64_t number(const Json& json) { return json.integer().value_or(0); }

}  // namespace

Result<Rows> LogReading::read(const std::function<void(std::int64_t)>& progress) {
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  TRY_VOID(check_checkpoints());
  for (bool more = true; more;) {
    TRY(const auto entries, books_.audit_after(last, kAtOnce));
    for (const AuditEntry& entry : entries) {
      TRY_VOID(read_entry(entry));
      last = entry.seq;
    }
    more = !entries.empty();
    if (more) progress(size());
  }
  for (const auto& stored : waiting_) {
    findings_.add(stored.size, "checkpoints " + std::to_string(stored.size) + ": the log ends at " +
                                   std::to_string(size()));
  }
  TRY_VOID(check_head());
  return check_products();
}

Result<Rows> LogReading::read_entry(const AuditEntry& entry) {
  if (entry.seq != expected_seq_) {
    findings_.add(expected_seq_, "audit " + std::to_string(expected_seq_) +
                                     " is not there; the next one is " + std::to_string(entry.seq));
  }
  expected_seq_ = entry.seq + 1;
  const Digest leaf = base::leaf_digest(storage::audit_bytes(entry));
  if (base::to_hex(leaf) != entry.leaf_hash) {
    findings_.add(entry.seq,
                  "audit " + std::to_string(entry.seq) + ": leaf_hash is not that of the entry");
  }
  std::vector<std::pair<Subtree, Digest>> completed;
  tree_.add(leaf, [&completed](Subtree subtree, const Digest& digest) {
    if (subtree.level % kStoredEvery == 0) completed.emplace_back(subtree, digest);
  });
  for (const auto& [subtree, digest] : completed)
    TRY_VOID(check_node(subtree, digest));
  TRY_VOID(check_checkpoints());
  const auto details = Json::parse(entry.details);
  if (!details) {
    findings_.add(entry.seq, "audit " + std::to_string(entry.seq) + ": details are no JSON");
    return Rows();
  }
  if (entry.action == "product.added") read_product(entry, *details);
  read_stock(entry, *details);
  return Rows();
}

void LogReading::read_product(const AuditEntry& entry, const Json& details) {
  const std::int64_t id = entry.subject_id;
  const auto [at, first] = products_.try_emplace(
      id, Product{.row = ExpectedRow("products " + std::to_string(id), entry.seq)});
  if (!first) return findings_.add(entry.seq, "products " + std::to_string(id) + " is added twice");
  Product& product = at->second;
  product.row.set("id", Cell(id));
  for (const char* column : {"name", "description", "picture", "price_minor", "currency"})
    product.row.set(column, details[column]);
  product.stock = number(details["stock"]);
}

void LogReading::read_stock(const AuditEntry& entry, const Json& details) {
  for (const Json& change : details["stock"].array()) {
    const auto found = products_.find(number(change["product_id"]));
    if (found == products_.end()) {
      findings_.add(entry.seq, entry.action + " moves the stock of a product that was never added");
      continue;
    }
    Product& product = found->second;
    product.stock += number(change["stock"]);
    product.reserved += number(change["reserved"]);
    product.row.changed_by(entry.seq);
    if (product.stock < 0 || product.reserved < 0) {
      findings_.add(entry.seq,
                    entry.action + ": less than nothing is left of " + product.row.name());
    }
  }
}

Result<Rows> LogReading::check_node(Subtree subtree, const Digest& digest) {
  ++nodes_;
  const auto stored = books_.audit_digest(subtree);
  if (stored && *stored == digest) return Rows();
  const auto last = static_cast<std::int64_t>((subtree.position + 1) << subtree.level);
  findings_.add(last, "audit_nodes " + std::to_string(subtree.level) + " " +
                          std::to_string(subtree.position) +
                          (stored ? " is not the hash of its entries" : " is missing"));
  return Rows();
}

Result<Rows> LogReading::check_checkpoints() {
  for (bool more = true; more;) {
    if (waiting_.empty() && !all_checkpoints_) {
      TRY(waiting_, books_.checkpoints_after(last_checkpoint_, kAtOnce));
      std::ranges::reverse(waiting_);
      all_checkpoints_ = waiting_.empty();
    }
    more = !waiting_.empty() && waiting_.back().size <= size();
    if (!more) return Rows();
    check_checkpoint(waiting_.back());
    last_checkpoint_ = waiting_.back().size;
    waiting_.pop_back();
  }
  return Rows();
}

void LogReading::check_checkpoint(const storage::StoredCheckpoint& stored) {
  ++checkpoints_;
  const std::string name = "checkpoints " + std::to_string(stored.size);
  if (stored.size != size()) return findings_.add(stored.size, name + ": there is no such size");
  if (public_key_.empty()) return;
  const auto checkpoint = open_checkpoint(public_key_, stored.note);
  if (!checkpoint) return findings_.add(stored.size, name + " is not signed with the log's key");
  if (checkpoint->size != tree_.size() || checkpoint->root != tree_.root()) {
    return findings_.add(stored.size, name + " was signed for other entries than are there now");
  }
  if (checkpoint->signed_at != stored.created_at) {
    findings_.add(stored.size, name + ": created_at is not the time in the note");
  }
}

Result<Rows> LogReading::check_head() {
  const auto head = books_.audit_frontier();
  if (!head || head->size() != tree_.size() || head->peaks() != tree_.peaks()) {
    findings_.add(size(), "audit_head is not the head of the entries that are there");
  }
  TRY(const std::int64_t nodes, books_.audit_node_count());
  if (nodes != nodes_) {
    findings_.add(size(), "audit_nodes has " + std::to_string(nodes) + " rows, not " +
                              std::to_string(nodes_));
  }
  return Rows();
}

Result<Rows> LogReading::check_products() {
  TRY(const Rows rows, books_.ledger_products());
  std::size_t found = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto known = products_.find(rows[i].integer("id"));
    if (known == products_.end()) {
      findings_.add(
          0, "products " + std::to_string(rows[i].integer("id")) + ": the log knows no such row");
      continue;
    }
    ++found;
    Product& product = known->second;
    product.row.set("stock", Cell(product.stock));
    product.row.set("reserved", Cell(product.reserved));
    const std::string difference = product.row.difference(rows[i], rows.columns());
    if (!difference.empty()) {
      findings_.add(product.row.seq(), product.row.name() + ": " + difference);
    }
  }
  if (found != products_.size()) {
    findings_.add(0, "products: " + std::to_string(products_.size() - found) +
                         " that the log knows are missing");
  }
  return Rows();
}

}  // namespace quittance::audit
