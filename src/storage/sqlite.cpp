// The SQLite driver: WAL, synchronous=FULL, foreign keys, statements prepared once.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <unordered_map>

#include "storage/database.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr int kBusyTimeoutMs = 10'000;

/// SQLite counts its memory for the whole process, under one lock at every allocation. Nobody here
/// asks for the count. Only before the first connection does this have an effect.
void stop_counting_memory() {
  [[maybe_unused]] static const int switched_off = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct StatementDeleter {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct DatabaseDeleter {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};

/// A prepared statement and, for each of its parameters, which `$n` it stands for. SQLite numbers
/// them by first appearance, so `$2` may well be the first.
struct Prepared {
  std::unique_ptr<sqlite3_stmt, StatementDeleter> statement;
  std::vector<std::size_t> order;
  std::vector<std::string> columns;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(sqlite3* database) : database_(database) {}

  Result<Rows> run(const Sql& sql, std::initializer_list<Param> params) override {
    TRY_VOID(check_texts(std::span(params.begin(), params.size())));
    TRY(Prepared * prepared, prepare(&sql, [&sql] { return std::string(sql.text); }));
    Rows rows;
    rows.set_columns(prepared->columns);
    TRY_VOID(step(*prepared, std::span(params.begin(), params.size()), sql.text, rows));
    return rows;
  }

  Result<Rows> run_batch(const BatchSql& sql, const Batch& batch) override {
    TRY_VOID(check_texts(batch.params()));
    TRY(Prepared * prepared, prepare(&sql, [&sql] { return one_row_text(sql); }));
    Rows rows;
    rows.set_columns(prepared->columns);
    const std::size_t width = sql.columns.size();
    for (std::size_t i = 0; i < batch.size(width); ++i) {
      TRY_VOID(step(*prepared, batch.params().subspan(i * width, width), sql.text, rows));
    }
    return rows;
  }

  Result<Rows> run_script(std::string_view script) override {
    if (sqlite3_exec(database_.get(), std::string(script).c_str(), nullptr, nullptr, nullptr) !=
        SQLITE_OK) {
      return failure("script");
    }
    return Rows();
  }

  Result<Rows> begin_read() override {
    static constexpr Sql kBegin{"BEGIN"};
    return run(kBegin, {});
  }
  Result<Rows> begin_write() override {
    static constexpr Sql kBegin{"BEGIN IMMEDIATE"};
    return run(kBegin, {});
  }
  Result<Rows> commit() override {
    static constexpr Sql kCommit{"COMMIT"};
    return run(kCommit, {});
  }
  void rollback() override {
    static constexpr Sql kRollback{"ROLLBACK"};
    // It fails only where there is nothing to roll back, which is what was wanted.
    [[maybe_unused]] const auto done = run(kRollback, {});
  }
  std::vector<std::pair<std::string, std::string>> schema_tokens() const override {
    return {{"{id}", "INTEGER PRIMARY KEY"}, {"{int}", "INTEGER"}, {"{strict}", "STRICT"}};
  }

 private:
  /// A Sql or BatchSql is known by its address; its text is asked for once.
  template <class MakeText>
  Result<Prepared*> prepare(const void* key, MakeText make_text) {
    const auto known = prepared_.find(key);
    if (known != prepared_.end()) return &known->second;
    const std::string text = make_text();
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database_.get(), text.data(), static_cast<int>(text.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
      return failure(text);
    }
    Prepared prepared;
    prepared.statement.reset(statement);
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); ++i) {
      const std::string_view name = sqlite3_bind_parameter_name(statement, i);
      prepared.order.push_back(static_cast<std::size_t>(std::stoi(std::string(name.substr(1)))) -
                               1);
    }
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      prepared.columns.emplace_back(sqlite3_column_name(statement, i));
    }
    return &prepared_.emplace(key, std::move(prepared)).first->second;
  }

  /// A row at a time needs no table of rows: its values are the parameters.
  static std::string one_row_text(const BatchSql& sql) {
    std::string text =
        replaced(replaced(std::string(sql.text), "{from_rows}", ""), "{and_rows}", "");
    for (std::size_t i = 0; i < sql.columns.size(); ++i) {
      text = replaced(std::move(text), "{" + std::string(sql.columns[i].name) + "}",
                      "$" + std::to_string(i + 1));
    }
    return text;
  }

  /// Runs a statement once and adds what it brings to `rows`.
  Result<bool> step(Prepared& prepared, std::span<const Param> params, std::string_view text,
                    Rows& rows) {
    sqlite3_stmt* statement = prepared.statement.get();
    for (std::size_t i = 0; i < prepared.order.size(); ++i) {
      bind(statement, static_cast<int>(i) + 1, params[prepared.order[i]]);
    }
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
      read_row(statement, rows);
    rows.changed += sqlite3_changes64(database_.get());
    sqlite3_reset(statement);
    if (code != SQLITE_DONE) return failure(text);
    return true;
  }

  static void bind(sqlite3_stmt* statement, int index, const Param& param) {
    if (const auto* number = std::get_if<std::int64_t>(&param.value())) {
      sqlite3_bind_int64(statement, index, *number);
    } else if (const auto* text = std::get_if<std::string_view>(&param.value())) {
      // SQLite takes a null pointer for NULL: an empty view needs a real address.
      sqlite3_bind_text64(statement, index, text->data() ? text->data() : "", text->size(),
                          SQLITE_STATIC, SQLITE_UTF8);
    } else {
      sqlite3_bind_null(statement, index);
    }
  }

  static void read_row(sqlite3_stmt* statement, Rows& rows) {
    const int count = sqlite3_column_count(statement);
    for (int i = 0; i < count; ++i) {
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
          rows.add(static_cast<std::int64_t>(sqlite3_column_int64(statement, i)));
          break;
        case SQLITE_NULL:
          rows.add(nullptr);
          break;
        default: {
          const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, i));
          const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
          rows.add(std::string(bytes ? bytes : "", size));
        }
      }
    }
  }

  std::unexpected<base::Error> failure(std::string_view what) const {
    const int code = sqlite3_extended_errcode(database_.get());
    const std::string detail = std::string(sqlite3_errmsg(database_.get())) + " (" +
                               std::to_string(code) + ") in: " + std::string(what);
    if ((code & 0xFF) == SQLITE_CONSTRAINT) {
      return fail(ErrorCode::conflict, "This contradicts what is already recorded.", "", detail);
    }
    return fail(ErrorCode::storage_failure, "The books cannot be written just now; try again.", "",
                detail);
  }

  // Statements go before the database that they belong to.
  std::unique_ptr<sqlite3, DatabaseDeleter> database_;
  std::unordered_map<const void*, Prepared> prepared_;
};

}  // namespace

base::Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, bool read_only,
                                                      const std::string& vfs) {
  stop_counting_memory();
  sqlite3* database = nullptr;
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE | (read_only ? 0 : SQLITE_OPEN_CREATE);
  const char* vfs_name = vfs.empty() ? nullptr : vfs.c_str();
  if (sqlite3_open_v2(path.c_str(), &database, flags, vfs_name) != SQLITE_OK) {
    const std::string detail = database ? sqlite3_errmsg(database) : "out of memory";
    sqlite3_close_v2(database);
    return fail(ErrorCode::storage_failure, "The database file cannot be opened.", "", detail);
  }
  auto connection = std::make_unique<SqliteConnection>(database);
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  sqlite3_extended_result_codes(database, 1);
  // The checkpoint, because a process that was killed while it committed may have left a commit in
  // the operating system's cache: nobody may build on it before it is on disk.
  // Mapped as far as SQLite can (2 GiB): in books larger than the cache, orders are all over the
  // file, and reading a page from the map costs no call. Written it is by calls.
  const char* settings = read_only ? "PRAGMA query_only=1; PRAGMA mmap_size=2147418112;"
                                   : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                                     "PRAGMA foreign_keys=1; PRAGMA cache_size=-65536;"
                                     "PRAGMA mmap_size=2147418112;"
                                     "PRAGMA wal_autocheckpoint=8000; PRAGMA temp_store=MEMORY;"
                                     "PRAGMA wal_checkpoint(PASSIVE);";
  TRY_VOID(connection->run_script(settings));
  return connection;
}

base::Result<Rows> back_up_file(const std::string& path, const std::string& to) {
  static constexpr Sql kCopy{"VACUUM INTO $1"};
  TRY(const auto connection, open_sqlite(path, false));
  TRY_VOID(connection->run(kCopy, {to}));
  // SQLite leaves it to whoever asked for the copy to have it on disk.
  const int file = ::open(to.c_str(), O_RDONLY | O_CLOEXEC);
  const bool kept = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!kept) {
    return fail(ErrorCode::storage_failure, "The copy cannot be brought to the disk.", "", to);
  }
  return Rows();
}

}  // namespace quittance::storage
