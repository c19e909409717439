// What persons have stated of an order's money: under which references, how much, and what a second
// person refused.
#pragma once

#include <set>
#include <string>

#include "core/core.hpp"
#include "storage/storage.hpp"

namespace quittance::detect {

/// What a second person would not confirm.
base::Result<std::set<core::EvidenceId>> refused_claims(storage::Books& books, core::OrderId order);

/// One hand-made payment per sum already received: a double click is the same evidence. What is
/// said after a second person refused it is said anew.
base::Result<std::string> made_reference(storage::Books& books, const core::Order& order,
                                         bool needs_two);

/// The reference that a person names; conflict for one that a second person refused.
base::Result<std::string> named_reference(storage::Books& books, const core::Order& order,
                                          const std::string& provider_ref, bool needs_two);

/// What persons have stated of this order so far, and nobody has taken back.
base::Result<core::Money> stated_so_far(storage::Books& books, const core::Order& order);

/// Whether a claim may still be confirmed: all that is due, or a part that still is.
bool still_due(const core::Evidence& claim, const core::Order& order);

/// Whether a person's reference is counted for this order; conflict when it is for another one.
base::Result<bool> is_counted(storage::Books& books, core::OrderId id,
                              const std::string& reference);

}  // namespace quittance::detect
