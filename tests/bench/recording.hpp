// The statements of real writes, with their parameters, taken down by SQLite's own tracing while
// the program works: what is replayed as ceiling cannot drift from what the program does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

struct sqlite3;

namespace quittance::bench {

using Value = std::variant<std::monostate, std::int64_t, std::string>;

/// One execution of a statement.
struct Step {
  std::size_t statement = 0;  ///< index into Recording::statements
  std::vector<Value> values;  ///< in the order of SQLite's own parameter numbers
};

/// Transactions without their BEGIN and COMMIT.
struct Recording {
  std::vector<std::string> statements;
  std::vector<std::vector<Step>> transactions;
  /// Statements of the whole, without savepoints.
  std::size_t steps() const;
};

/// Runs `work` and takes down every transaction with new rows of the first connection that it
/// opens. What opening the books itself takes is left out.
Recording record(const std::function<void()>& work);

/// Runs `open`, which opens a connection, and returns SQLite's handle of it.
sqlite3* handle_opened_by(const std::function<void()>& open);

}  // namespace quittance::bench
