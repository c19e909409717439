// What the program sends to PostgreSQL while it writes, taken down as it passes into libpq: what
// is replayed as ceiling cannot drift from what the program does.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace quittance::bench {

/// A statement as it was prepared.
struct SentStatement {
  std::string text;
  std::vector<unsigned> types;  ///< oids; 0: the server infers it
};

/// One execution of it. Values are bytes in the form that `formats` names; no value is NULL.
struct SentStep {
  std::size_t statement = 0;  ///< index into SentRecording::statements
  std::vector<std::optional<std::string>> values;
  std::vector<int> formats;
};

/// Transactions without their BEGIN and COMMIT, and without the lock and the mark that the program
/// takes with BEGIN.
struct SentRecording {
  std::vector<SentStatement> statements;
  std::vector<std::vector<SentStep>> transactions;
};

/// Runs `work` and takes down every transaction in it with new rows. One connection may
/// write.
SentRecording record_sent(const std::function<void()>& work);

/// Replays a recording on a copy of the books that it was made on, by libpq alone: statements
/// prepared once, one after the other on one connection, commit by commit. Returns the seconds that
/// it took; gives up when a statement fails.
double replay_sent(const std::string& address, const SentRecording& recording);

}  // namespace quittance::bench
