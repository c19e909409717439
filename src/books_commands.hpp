// The commands that move the books as a whole (main.cpp names them). Each returns the program's
// exit code.
#pragma once

#include <string>

#include "config.hpp"

namespace quittance {

/// Copies all books from one database to another, empty one, and compares them afterwards. Each is
/// a file of SQLite or an address postgres://…; the source may be in use.
int run_copy(const std::string& from, const std::string& to);

/// Writes the books, as of one moment, and the keys into a new folder that a server can be started
/// on; the installation may be in use.
int run_backup(const Config& config, const std::string& to);

}  // namespace quittance
