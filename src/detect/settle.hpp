// The one funnel (law 1): evidence goes in, and whatever follows from it is written in the same
// transaction. Nothing else in the program writes a settlement.
#pragma once

#include <optional>
#include <string>

#include "core/core.hpp"
#include "storage/storage.hpp"

namespace quittance::detect {

/// What settling needs besides the books.
struct SettleContext {
  const base::Clock& clock;
  base::Random& random;
  const base::SigningKey& pass_key;
  base::Duration pass_valid_for = std::chrono::hours(24 * 365);  ///< from the payment's date
};

/// What came of a piece of evidence.
struct Settled {
  core::Outcome outcome = core::Outcome::settled;
  std::optional<core::OrderId> order_id;
  /// Where the order stands now; empty for a free-standing session.
  std::optional<core::OrderStatus> order_status;
};

/// Decides and writes: evidence, settlement, session, order, stock, pass, approval, audit, outbox.
/// Call it inside a write transaction; an error means that nothing of it was written.
base::Result<Settled> settle(storage::WritableBooks& books, SettleContext& context,
                             const core::Evidence& evidence);

/// A named person hands the goods of an order over that is paid in full but was not completed,
/// because its goods were gone when the money came (N3). No money moves, and what came beyond the
/// order stays flagged. Stock that is missing is
/// flagged as shortage. conflict when the order is not in that state.
base::Result<Settled> hand_over(storage::WritableBooks& books, SettleContext& context,
                                core::OrderId id, const std::string& actor,
                                const std::string& reason);

}  // namespace quittance::detect
