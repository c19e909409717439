#include "bench/raw_sqlite.hpp"

#include <sqlite3.h>

#include <memory>

#include "bench/workload.hpp"
#include "storage/storage.hpp"

namespace quittance::bench {
namespace {

struct StatementDeleter {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, StatementDeleter>;

/// A connection that the program opened, for its settings, and that SQLite's own calls use.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& file) {
    database_ = handle_opened_by([this, &file] {
      auto opened = storage::open_sqlite(file.string(), false);
      if (!opened) give_up("cannot open the books: " + opened.error().detail);
      connection_ = std::move(*opened);
    });
  }

  Statement prepare(const std::string& text) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database_, text.data(), static_cast<int>(text.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
      give_up(sqlite3_errmsg(database_));
    }
    return Statement(statement);
  }

  void run(const Statement& statement) {
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW)
      code = sqlite3_step(statement.get());
    if (code != SQLITE_DONE) give_up(sqlite3_errmsg(database_));
    sqlite3_reset(statement.get());
  }

 private:
  std::unique_ptr<storage::Connection> connection_;
  sqlite3* database_ = nullptr;
};

void bind(sqlite3_stmt* statement, const std::vector<Value>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int index = static_cast<int>(i) + 1;
    if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
      sqlite3_bind_int64(statement, index, *number);
    } else if (const auto* text = std::get_if<std::string>(&values[i])) {
      sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    } else {
      sqlite3_bind_null(statement, index);
    }
  }
}

}  // namespace

double replay(const std::filesystem::path& file, const Recording& recording) {
  Raw raw(file);
  const Statement begin = raw.prepare("BEGIN IMMEDIATE");
  const Statement commit = raw.prepare("COMMIT");
  std::vector<Statement> statements;
  for (const std::string& text : recording.statements)
    statements.push_back(raw.prepare(text));
  const std::int64_t started_us = base::monotonic_us();
  for (const auto& transaction : recording.transactions) {
    raw.run(begin);
    for (const Step& step : transaction) {
      const Statement& statement = statements[step.statement];
      bind(statement.get(), step.values);
      raw.run(statement);
    }
    raw.run(commit);
  }
  return static_cast<double>(base::monotonic_us() - started_us) / 1e6;
}

}  // namespace quittance::bench
