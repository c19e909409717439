// Money that a provider says is gone again: given back by our hand in its dashboard, or taken back
// by the payer's bank (a dispute).
#pragma once

#include "detect/bulletin.hpp"
#include "detect/settle.hpp"
#include "providers/providers.hpp"

namespace quittance::detect {

/// Writes what has gone back of a payment beyond what the books know, through the funnel: a refund,
/// a reversal, or one after the other; the last of them is told. nullopt: nothing new, or this
/// money was never counted. A dispute that was won is nothing new: what it took stays written.
base::Result<std::optional<Settled>> write_returned(storage::WritableBooks& books,
                                                    const SettleContext& context,
                                                    const core::Session& session,
                                                    const providers::ListedPayment& payment,
                                                    core::EvidenceSource source);

/// The same as a write of its own, for what a notice told or we asked for ourselves.
base::Task<base::Result<std::optional<Settled>>> take_returned(
    storage::Store& store, SettleContext context, Bulletin& bulletin, core::Session session,
    providers::ListedPayment payment, core::EvidenceSource source);

/// What the books know to have gone back of one settlement: taken by disputes (`reversal`), or in
/// any other way (`refund`).
base::Result<core::Money> recorded_returns(storage::Books& books,
                                           const storage::Settlement& settlement,
                                           core::EvidenceKind kind);

}  // namespace quittance::detect
