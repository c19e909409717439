// Money that a provider says it gave back: by our hand in its dashboard, or by its own.
#pragma once

#include "detect/bulletin.hpp"
#include "detect/settle.hpp"
#include "providers/providers.hpp"

namespace quittance::detect {

/// Writes what has gone back of a payment beyond what the books know, through the funnel. nullopt:
/// nothing new, or this money was never counted.
base::Result<std::optional<Settled>> write_returned(storage::WritableBooks& books,
                                                    const SettleContext& context,
                                                    const core::Session& session,
                                                    const providers::ListedPayment& payment,
                                                    core::EvidenceSource source);

/// The same as a write of its own, for what a notice told.
base::Task<base::Result<std::optional<Settled>>> take_returned(storage::Store& store,
                                                               SettleContext context,
                                                               Bulletin& bulletin,
                                                               core::Session session,
                                                               providers::ListedPayment payment);

}  // namespace quittance::detect
