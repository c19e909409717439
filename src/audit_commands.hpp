// The commands that read the audit log (main.cpp names them). Each returns the program's exit code.
#pragma once

#include <string>

#include "config.hpp"

namespace quittance {

/// Prints what was read and what does not fit; 1 when anything does not. `database` empty: the one
/// of the data folder.
int run_verify_log(const Config& config, const std::string& database);

/// Prints the history of an order.
int run_why(const Config& config, const std::string& database, std::int64_t order_id);

/// Checks a proof file; `key` empty: the key in the file, and says so.
int run_verify_proof(const std::string& file, const std::string& key);

}  // namespace quittance
