// A named, authorised, audited person says that the money came (C13).
#pragma once

#include "detect/bulletin.hpp"
#include "detect/settle.hpp"

namespace quittance::detect {

/// Reasons shorter or longer than this are refused (bytes).
inline constexpr std::size_t kReasonLeast = 5;
inline constexpr std::size_t kReasonMost = 500;

/// Marks what an order still owes as received; an order that is paid but waits for goods that were
/// gone is handed over. invalid_request without a reason; not_found; conflict when nothing is owed.
base::Task<base::Result<Settled>> mark_paid(storage::Store& store, SettleContext& context,
                                            Bulletin& bulletin, core::OrderId id, std::string actor,
                                            std::string reason);

}  // namespace quittance::detect
