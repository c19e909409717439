// What time does to a session and its order, once the provider has answered that no money came.
// It never moves money, and is never called after an Unknown.
#pragma once

#include "core/core.hpp"
#include "storage/storage.hpp"

namespace quittance::detect {

/// Ends the interactive window and the hold on the goods when they are over; with `for_good`, past
/// retention, also the order if no other QR of it is asked about. True when anything changed.
/// `session` is as it was when the question was asked.
base::Result<bool> lapse(storage::WritableBooks& books, const core::Session& session,
                         base::Time now, bool for_good);

/// Gives the goods of an order back; the caller writes the order.
base::Result<storage::Rows> release_goods(storage::WritableBooks& books, core::Order& order);

}  // namespace quittance::detect
