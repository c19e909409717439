// The ceiling: SQLite itself, with nothing of ours around it.
#pragma once

#include <filesystem>

#include "bench/recording.hpp"

namespace quittance::bench {

/// Replays a recording on a copy of the books that it was made on, commit by commit: statements
/// prepared once, parameters bound, rows stepped through. The connection's settings are those of
/// the program. Returns the seconds that it took; gives up when a statement fails.
double replay(const std::filesystem::path& file, const Recording& recording);

}  // namespace quittance::bench
