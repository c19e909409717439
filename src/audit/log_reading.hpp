// The log itself, from its first entry to its last: numbers, hashes, tree, checkpoints; and the
// stock of every product, which many orders move.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/expected_row.hpp"
#include "audit/findings.hpp"

namespace quittance::audit {

class LogReading {
 public:
  /// `public_key` is the log's; empty: signatures are not checked.
  LogReading(storage::Books& books, Findings& findings, std::string public_key)
      : books_(books), findings_(findings), public_key_(std::move(public_key)) {}

  /// Reads everything; `progress` is told how many entries are read from time to time.
  base::Result<storage::Rows> read(const std::function<void(std::int64_t)>& progress);

  std::int64_t size() const { return static_cast<std::int64_t>(tree_.size()); }
  base::Digest root() const { return tree_.root(); }
  std::int64_t checkpoints() const { return checkpoints_; }
  std::size_t products() const { return products_.size(); }

 private:
  struct Product {
    ExpectedRow row;
    std::int64_t stock = 0;
    std::int64_t reserved = 0;
  };
  base::Result<storage::Rows> read_entry(const storage::AuditEntry& entry);
  void read_product(const storage::AuditEntry& entry, const base::Json& details);
  void read_stock(const storage::AuditEntry& entry, const base::Json& details);
  base::Result<storage::Rows> check_node(base::Subtree subtree, const base::Digest& digest);
  base::Result<storage::Rows> check_checkpoints();
  void check_checkpoint(const storage::StoredCheckpoint& stored);
  base::Result<storage::Rows> check_head();
  base::Result<storage::Rows> check_products();

  storage::Books& books_;
  Findings& findings_;
  std::string public_key_;
  base::Frontier tree_;
  std::int64_t expected_seq_ = 1;
  std::int64_t nodes_ = 0;
  std::int64_t checkpoints_ = 0;
  std::vector<storage::StoredCheckpoint> waiting_;  ///< checkpoints, the next one last
  bool all_checkpoints_ = false;                    ///< none is left to fetch
  std::int64_t last_checkpoint_ = -1;
  std::map<std::int64_t, Product> products_;
};

}  // namespace quittance::audit
