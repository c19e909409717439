// The database port: what the statements need of an engine. Two thin drivers stand below it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/base.hpp"

namespace quittance::storage {

/// One statement, written once, used by both engines. Placeholders are `$1`, `$2`, …; every Sql is
/// a constant with static storage, so that a driver may know it again by its address.
struct Sql {
  std::string_view text;
};

/// A column of a Batch, and of what type it is.
struct BatchColumn {
  std::string_view name;
  enum class Type { integer, text } type;
};

/// One statement that is carried out for many rows of values: by SQLite for one after the other, by
/// PostgreSQL for all at once, as a table `r` made from arrays. In its text `{name}` stands for a
/// value of the row; `{from_rows}` for `FROM` and that table; `{and_rows}` for the table behind
/// another one in a FROM. Static storage, like Sql.
///
///     UPDATE orders SET status = {status} {from_rows} WHERE orders.id = {id}
///     SELECT o.id FROM orders o {and_rows} WHERE o.id = {id}
struct BatchSql {
  std::string_view text;
  std::span<const BatchColumn> columns;
};

/// What goes into a placeholder. Texts are borrowed for the time of the call.
class Param {
 public:
  Param(std::nullptr_t) {}
  Param(std::int64_t value) : value_(value) {}
  Param(std::string_view value) : value_(value) {}
  Param(const std::string& value) : value_(std::string_view(value)) {}
  Param(const char* value) : value_(std::string_view(value)) {}
  Param(base::Time moment) : value_(base::to_ms(moment)) {}
  Param(bool) = delete;
  template <class T>
  Param(const std::optional<T>& value) {
    if (value) *this = Param(*value);
  }
  const std::variant<std::nullptr_t, std::int64_t, std::string_view>& value() const {
    return value_;
  }

 private:
  std::variant<std::nullptr_t, std::int64_t, std::string_view> value_ = nullptr;
};

/// A cell: null, integer or text.
using Cell = std::variant<std::nullptr_t, std::int64_t, std::string>;

/// Rows of a result; cells are reached by the column's name, which must be among those selected.
class Rows {
 public:
  /// One row, valid as long as its Rows.
  class Row {
   public:
    Row(const Rows& rows, std::size_t index) : rows_(rows), index_(index) {}
    std::int64_t integer(std::string_view column) const;
    const std::string& text(std::string_view column) const;
    std::optional<std::int64_t> maybe_integer(std::string_view column) const;
    std::string text_or_empty(std::string_view column) const;
    base::Time time(std::string_view column) const { return base::from_ms(integer(column)); }
    std::optional<base::Time> maybe_time(std::string_view column) const;
    const Cell& cell(std::string_view column) const;

   private:
    const Rows& rows_;
    std::size_t index_;
  };

  std::size_t size() const { return columns_.empty() ? 0 : cells_.size() / columns_.size(); }
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t index) const { return Row(*this, index); }
  Row front() const { return Row(*this, 0); }
  /// Rows that the statement changed.
  std::int64_t changed = 0;

  /// The names are borrowed: a driver keeps them with the statement, as long as its connection.
  void set_columns(std::span<const std::string> columns) { columns_ = columns; }
  std::size_t column_count() const { return columns_.size(); }
  std::span<const std::string> columns() const { return columns_; }
  void add(Cell cell) {
    // Most results are one row.
    if (cells_.empty()) cells_.reserve(columns_.size());
    cells_.push_back(std::move(cell));
  }

 private:
  std::span<const std::string> columns_;
  std::vector<Cell> cells_;
};

/// Rows of values for a BatchSql, one Param for each of its columns. Texts are borrowed until the
/// Batch is run.
class Batch {
 public:
  void add(std::initializer_list<Param> row) { params_.insert(params_.end(), row); }
  bool empty() const { return params_.empty(); }
  std::size_t size(std::size_t columns) const { return params_.size() / columns; }
  std::span<const Param> params() const { return params_; }

 private:
  std::vector<Param> params_;
};

/// What stands below: for the few statements that cannot be the same for both.
enum class Engine { sqlite, postgres };

/// One connection to one database; used by one thread at a time. Errors are `storage_failure`;
/// `conflict` when a constraint refused (unique, check, foreign key, type); `invalid_request` when
/// a text cannot be stored (`base::is_storable`). After a failure inside a transaction nothing more
/// may be counted on but a rollback, to a savepoint or of the whole.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual base::Result<Rows> run(const Sql& sql, std::initializer_list<Param> params = {}) = 0;
  /// Carries a statement out for every row; what comes back are the rows of all, in no order that
  /// anybody may rely on, and the sum of what changed.
  virtual base::Result<Rows> run_batch(const BatchSql& sql, const Batch& batch) = 0;
  /// Several statements without parameters; for migrations.
  virtual base::Result<Rows> run_script(std::string_view script) = 0;
  /// What is read until rollback() is as of one moment, whatever is written meanwhile.
  virtual base::Result<Rows> begin_read() = 0;
  /// Takes the write lock at once, so that no later statement can fail for want of it.
  virtual base::Result<Rows> begin_write() = 0;
  virtual base::Result<Rows> commit() = 0;
  virtual void rollback() = 0;
  /// Whether something failed since begin_write() that may well go right when the same transaction
  /// is done again from its beginning: a serialisation failure, a deadlock, a lost connection.
  virtual bool worth_redoing() const { return false; }
  /// Whether the last commit() failed in such a way that it may have taken place.
  virtual bool in_doubt() const { return false; }
  /// Finds out whether the commit that is in doubt took place; an error when that cannot be known
  /// yet.
  virtual base::Result<bool> took_place() { return false; }
  virtual Engine engine() const { return Engine::sqlite; }
  /// The words in which this engine's schema differs (001_init.sql), as {token, text}.
  virtual std::vector<std::pair<std::string, std::string>> schema_tokens() const = 0;
};

/// `text` with every `token` in it replaced by `word`.
std::string replaced(std::string text, std::string_view token, std::string_view word);

/// Refuses the texts that not every engine can hold.
base::Result<bool> check_texts(std::span<const Param> params);

/// Opens a connection; `path` is a file. `read_only` connections refuse to write. `vfs` names the
/// SQLite VFS that carries the file; empty: the operating system's.
base::Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, bool read_only,
                                                      const std::string& vfs = "");
/// Opens a database for reading all of it as it is at one moment, whatever is written meanwhile.
base::Result<std::unique_ptr<Connection>> open_snapshot(const std::string& database);
/// The same for PostgreSQL; `url` is postgres://… as libpq reads it. A connection that is lost is
/// made anew at the next use outside a transaction.
base::Result<std::unique_ptr<Connection>> open_postgres(const std::string& url, bool read_only);
/// Writes a copy of a SQLite file, as of one moment, to a new file, durably; the original may be in
/// use.
base::Result<Rows> back_up_file(const std::string& path, const std::string& to);
/// Whether `database` is the address of a PostgreSQL database; else it is a file.
bool is_postgres(std::string_view database);
/// Opens whichever of the two `database` names.
base::Result<std::unique_ptr<Connection>> open_database(const std::string& database,
                                                        bool read_only);

}  // namespace quittance::storage
