// The second reading of the books: orders, stock, payments, passes and balances worked out again
// from the log alone, and held against the tables. Shares no code with deciding and settling.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "audit/findings.hpp"
#include "audit/story.hpp"
#include "storage/storage.hpp"

namespace quittance::audit {

struct VerifyOptions {
  std::string public_key;  ///< of the log, 32 raw bytes; empty: signatures are not checked
  /// Told from time to time how many entries are read.
  std::function<void(std::int64_t entries)> progress = [](std::int64_t) {};
};

struct Report {
  std::int64_t entries = 0;
  base::Digest root{};
  std::int64_t checkpoints = 0;
  std::size_t products = 0;
  std::int64_t orders = 0;
  std::int64_t sessions = 0;  ///< without an order
  Balances balances;
  Findings findings;
};

/// Reads log and tables; `books` must show one moment (storage::open_snapshot). Takes memory for a
/// few hundred orders and for the products, however long the log is.
base::Result<Report> verify_log(storage::Books& books, const VerifyOptions& options);

/// For people: what was read and what does not fit.
std::string report_text(const Report& report);

}  // namespace quittance::audit
