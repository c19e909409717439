// A row of a table as the log has it, to be held against the row that is there.
#pragma once

#include <map>
#include <span>
#include <string>

#include "storage/storage.hpp"

namespace quittance::audit {

class ExpectedRow {
 public:
  /// `name` is how findings call it: `orders 17`. `seq` is the entry that made it.
  ExpectedRow(std::string name, std::int64_t seq) : name_(std::move(name)), seq_(seq) {}

  /// Says what a column holds; null for a JSON value that is neither text nor integer.
  void set(const std::string& column, const base::Json& value);
  void set(const std::string& column, storage::Cell value) {
    columns_[column] = {std::move(value)};
  }
  /// The log has only the SHA-256 (hex) of what the column holds.
  void set_sha256(const std::string& column, std::string hex) {
    columns_[column] = {std::move(hex), Kind::sha256};
  }
  /// A column that nothing hangs on.
  void set_any(const std::string& column) { columns_[column] = {nullptr, Kind::any}; }
  /// A later entry changed it.
  void changed_by(std::int64_t seq) { seq_ = seq; }

  const std::string& name() const { return name_; }
  std::int64_t seq() const { return seq_; }
  /// `paid_minor is 500, the log says 400`; empty when every column is as it should be. A column
  /// that the log says nothing of does not fit either; `subject` is no column.
  std::string difference(storage::Rows::Row row, std::span<const std::string> columns) const;

 private:
  enum class Kind { exact, sha256, any };
  struct Column {
    storage::Cell value = nullptr;
    Kind kind = Kind::exact;
  };
  std::string name_;
  std::int64_t seq_;
  std::map<std::string, Column> columns_;
};

}  // namespace quittance::audit
