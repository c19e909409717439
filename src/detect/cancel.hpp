// Canceling an order: the provider is asked about every QR of it first (law 4).
#pragma once

#include "detect/asker.hpp"

namespace quittance::detect {

/// What canceling came to.
enum class CancelResult {
  canceled,   ///< also when it was canceled before
  completed,  ///< the money had come: the order is completed instead
};

/// Asks, then cancels and gives the goods back. Its QRs stay honoured: they are asked about as
/// before. provider_unavailable when the provider cannot say; not_found.
base::Task<base::Result<CancelResult>> cancel_order(storage::Store& store, Asker& asker,
                                                    Bulletin& bulletin, const base::Clock& clock,
                                                    core::OrderId id, std::string actor);

}  // namespace quittance::detect
