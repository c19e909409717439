// Asking to be paid: a session for an order, or a free-standing one. The old QR of an order stays
// honoured when a new one is opened (law 5).
#pragma once

#include <optional>
#include <string>

#include "core/core.hpp"
#include "providers/providers.hpp"
#include "storage/storage.hpp"

namespace quittance::checkout {

/// Lifetimes, all settings.
struct CheckoutPolicy {
  base::Duration interactive_window = std::chrono::minutes(15);  ///< ends `expires_at` (C6)
  base::Duration saved_window = std::chrono::hours(24);          ///< when kept for later
  base::Duration stock_hold = std::chrono::hours(24);
  /// How long the QR itself tells the bank that it may be paid: as long as we ask about it.
  base::Duration payload_valid_for = std::chrono::hours(24 * 45);
  base::Duration hot_for{120'000};
  base::Duration first_check_after{60'000};
};

/// What a new session is for.
struct SessionPurpose {
  core::Money amount;
  std::optional<core::OrderId> order_id;
  std::optional<core::CustomerId> customer_id;
  std::string reference_id;
};

/// A session that is not yet in the books: payload made, ids drawn. invalid_request when the
/// provider cannot ask for this amount.
base::Result<core::Session> draft_session(providers::Provider& provider,
                                          const CheckoutPolicy& policy, base::Random& random,
                                          base::Time now, SessionPurpose purpose);

/// The session of an order that is still to be paid: the open one when there is one for what is
/// due, else a new one. conflict when nothing is due; invalid_request when `amount` is not what is
/// due.
base::Task<base::Result<core::Session>> open_order_session(
    storage::Store& store, providers::Provider& provider, CheckoutPolicy policy,
    const base::Clock& clock, base::Random& random, core::OrderId id, core::Money amount,
    std::string reference_id);

/// A session without an order.
base::Task<base::Result<core::Session>> open_free_session(
    storage::Store& store, providers::Provider& provider, CheckoutPolicy policy,
    const base::Clock& clock, base::Random& random, core::Money amount, std::string reference_id);

}  // namespace quittance::checkout
