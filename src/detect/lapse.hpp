// What time does to a session and its order, once the provider has answered that no money came.
// It never moves money, and is never called after an Unknown. An order whose money all went back
// has nobody left to ask: time alone ends that one.
#pragma once

#include "core/core.hpp"
#include "storage/storage.hpp"

namespace quittance::detect {

/// Ends the interactive window and the hold on the goods when they are over; with `for_good`, past
/// retention, also the order if no other QR of it is asked about. True when anything changed.
/// `session` is as it was when the question was asked.
base::Result<bool> lapse(storage::WritableBooks& books, const core::Session& session,
                         base::Time now, bool for_good);

/// Ends what nobody asks about any more because its money came and all went back: a pending order
/// is canceled, and goods that are still set aside are given back. Returns how many orders.
base::Result<std::int64_t> lapse_abandoned(storage::WritableBooks& books, base::Time now);

/// Gives the goods of an order back, if any are set aside; the caller writes the order. Returns
/// what the log says of the stock.
base::Result<base::Json> release_goods(storage::WritableBooks& books, core::Order& order);

/// An entry of the log about an order that no money moved: how it stands now, and what became of
/// its goods.
storage::AuditEntry order_entry(const core::Order& order, std::string actor, std::string action,
                                base::Json stock, base::Time now);

}  // namespace quittance::detect
