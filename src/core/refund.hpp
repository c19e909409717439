// `decide_refund`: what follows when money goes back. Pure and total, like `decide`; its table is
// the second half of src/core/settlement.txt.
#pragma once

#include <optional>

#include "core/settlement.hpp"

namespace quittance::core {

/// The money that goes back, as it was counted, and the order that it was counted for.
struct RefundSituation {
  Known known = Known::never;  ///< whether this refund's provider_ref was recorded before
  bool counted_before = true;  ///< whether the money that it names is in the books
  Money counted_held;          ///< of that money: counted, and not given back since
  Money excess_held;           ///< of that money: beyond the order, and not given back since
  bool whole = true;           ///< nothing of it was given back before
  bool stated = false;         ///< a person said that it came, no provider
  base::Time settled_at;       ///< when it was counted
  std::optional<OrderStatus> order_status;  ///< empty for a free-standing session
  Money order_total;
  Money order_held;    ///< of the order, or without one of the session: counted, not given back
  Money order_excess;  ///< of the order: all excess that was not given back
  base::Duration void_within{};
};

/// What is to be written. `from_counted` and `from_excess` together are what goes back, or nothing
/// at all when the outcome refuses.
struct RefundDecision {
  Outcome outcome = Outcome::refunded;
  Money from_counted;
  Money from_excess;
  std::optional<OrderStatus> status{};  ///< what the order becomes; empty: stays
  bool return_goods = false;            ///< what left the stock is set aside again
  bool revoke_pass = false;
  AttentionSet raise{};
  AttentionSet clear{};  ///< before raising

  bool operator==(const RefundDecision&) const = default;
};

/// The rule of giving back. Excess goes first, then what was counted. Total.
RefundDecision decide_refund(const RefundSituation& situation, const Evidence& evidence);

/// Whether an outcome of `decide_refund` wrote into the books.
bool returns_money(Outcome outcome);

}  // namespace quittance::core
