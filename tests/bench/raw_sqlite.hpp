// The ceiling: SQLite itself, with nothing of ours around it.
#pragma once

#include <filesystem>

#include "bench/recording.hpp"

namespace quittance::bench {

/// How a recording is replayed.
struct Replay {
  std::size_t group_size = 1;  ///< transactions of the recording per commit
  std::size_t count = 1;       ///< transactions to replay, from the first; no more than there are
  bool savepoints = false;     ///< each of them behind a savepoint, as the Store does it
};

/// Replays a recording on a copy of the books that it was made on: statements prepared once,
/// parameters bound, rows stepped through. The connection's settings are those of the program.
/// Returns transactions a second; gives up when a statement fails.
double replay(const std::filesystem::path& file, const Recording& recording, Replay how);

}  // namespace quittance::bench
