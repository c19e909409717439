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
  core::SettlePolicy policy{};
};

/// A piece of evidence on its way into the funnel, with the pass that its order gets if it
/// completes: signed beforehand, because the writer has better things to do.
struct Claim {
  core::Evidence evidence;
  std::string pass_token{};  ///< empty: signed when it is needed
  /// What persons have stated of this order before: whether a second one is needed is a question
  /// of all of it together, or a large sum could be said in small parts.
  std::optional<core::Money> stated_before{};
};
Claim make_claim(const SettleContext& context, core::Evidence evidence,
                 std::optional<core::OrderId> order_id);

/// What came of a piece of evidence.
struct Settled {
  core::Outcome outcome = core::Outcome::settled;
  std::optional<core::OrderId> order_id;
  /// Where the order stands now; empty for a free-standing session.
  std::optional<core::OrderStatus> order_status;
};

/// One answer for each claim, in their order.
using SettledList = base::Result<std::vector<base::Result<Settled>>>;

/// Decides and writes: evidence, settlements and refunds, sessions, orders, stock, passes,
/// approvals, audit, outbox; each claim as if those before it were written already. Call it inside
/// a write transaction; an error of the whole means that nothing of it may stay, an error of one
/// claim that nothing of that one was written.
SettledList settle(storage::WritableBooks& books, const SettleContext& context,
                   std::span<const Claim* const> claims);

/// The same for one.
base::Result<Settled> settle(storage::WritableBooks& books, const SettleContext& context,
                             const core::Evidence& evidence);
base::Result<Settled> settle(storage::WritableBooks& books, const SettleContext& context,
                             const Claim& claim);

/// A named person hands the goods of an order over that is paid in full but was not completed,
/// because its goods were gone when the money came (N3). No money moves, and what came beyond the
/// order stays flagged. Stock that is missing is flagged as shortage. conflict when the order is
/// not in that state.
base::Result<Settled> hand_over(storage::WritableBooks& books, const SettleContext& context,
                                core::OrderId id, const std::string& actor,
                                const std::string& reason);

}  // namespace quittance::detect
