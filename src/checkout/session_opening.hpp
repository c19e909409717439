// Asking to be paid: a session for an order, or a free-standing one. The old QR of an order stays
// honoured when a new one is opened (law 5).
#pragma once

#include <optional>
#include <string>

#include "checkout/phone.hpp"
#include "core/core.hpp"
#include "providers/providers.hpp"
#include "storage/storage.hpp"

namespace quittance::checkout {

/// Lifetimes and addresses, all settings. Whoever is given one by reference needs it until its Task
/// has ended, and `rings` too.
struct CheckoutPolicy {
  base::Duration interactive_window = std::chrono::minutes(15);  ///< ends `expires_at` (C6)
  base::Duration saved_window = std::chrono::hours(24);          ///< when kept for later
  base::Duration stock_hold = std::chrono::hours(24);
  /// How long the QR itself tells the bank that it may be paid: as long as we ask about it.
  base::Duration payload_valid_for = std::chrono::hours(24 * 45);
  base::Duration hot_for{120'000};
  base::Duration first_check_after{60'000};
  /// Of a booking, and how long it is held without one (C18).
  core::Money booking_deposit =
      *core::Money::from_minor(3'000'000, *core::Currency::from_code("MNT"));
  base::Duration booking_hold = std::chrono::minutes(10);
  std::string public_url{};     ///< where a provider can call us back; empty: nowhere
  base::Secret callback_key{};  ///< makes the token in such a URL
  RingLimit* rings = nullptr;   ///< counts how often phones are rung; nullptr: nobody does
};

/// What a new session is for.
struct SessionPurpose {
  core::Money amount;
  std::optional<core::OrderId> order_id{};
  std::optional<core::CustomerId> customer_id{};
  std::string reference_id{};
};

/// A part of what an order owes, asked for as an invoice of its own.
struct PartPayment {
  core::OrderId order_id;
  core::Money amount;  ///< at most what is due
  std::string description{};
  bool booking =
      false;  ///< its deposit: what is held for it is let go when it does not come in time
  std::optional<storage::ReceiptWish> receipt{};  ///< written with the request
};

/// Writes that somebody wants a tax receipt; due at once when the order is paid already.
base::Result<storage::Rows> wish_receipt(storage::WritableBooks& books,
                                         const storage::ReceiptWish& wish);

/// What presenting takes beside the session.
struct ShowTo {
  std::string description{};  ///< empty: `Order 17`, or the bill number
  std::string payer_phone{};  ///< for a push; written beside the session
};

/// Whether the provider has ended what it was asked for: a push that was refused, an intent that is
/// canceled. A code of ours alone is never over: after a transfer that failed it can be paid again.
bool is_over(const core::Session& session);

/// A session that is not yet in the books: ids drawn, and the payload made if that takes no
/// network. invalid_request when the provider cannot ask for this amount.
base::Task<base::Result<core::Session>> draft_session(providers::Provider& provider,
                                                      const CheckoutPolicy& policy,
                                                      base::Random& random, base::Time now,
                                                      SessionPurpose purpose);

/// Has the provider present a session that is in the books, and writes what it gave; a session that
/// was presented before comes back as it is. An error leaves the session open: it can be shown
/// again, and until then nobody can have paid it by a code of ours. rate_limited on `payer_phone`
/// when a phone would be rung too often.
base::Task<base::Result<core::Session>> show_session(storage::Store& store,
                                                     providers::Provider& provider,
                                                     const CheckoutPolicy& policy,
                                                     core::Session session, ShowTo to);

/// The session of an order that is still to be paid: the open one when there is one for what is
/// due, else a new one. Where a phone is rung, another number is another session, beside the first.
/// conflict when nothing is due; invalid_request when `amount` is not what is due; rate_limited on
/// `payer_phone` when that phone was rung too often, or too many of them for this order.
base::Task<base::Result<core::Session>> open_order_session(
    storage::Store& store, providers::Provider& provider, const CheckoutPolicy& policy,
    const base::Clock& clock, base::Random& random, core::OrderId id, core::Money amount,
    std::string reference_id, ShowTo to);

/// A session for a part of what an order owes: the open one when there is one for just as much,
/// else a new one, numbered `INV-<order>-<ms>`. invalid_request on `amount` when that is nothing or
/// more than is due; conflict when nothing is due.
base::Task<base::Result<core::Session>> open_part_session(storage::Store& store,
                                                          providers::Provider& provider,
                                                          const CheckoutPolicy& policy,
                                                          const base::Clock& clock,
                                                          base::Random& random, PartPayment part);

/// A session without an order.
base::Task<base::Result<core::Session>> open_free_session(storage::Store& store,
                                                          providers::Provider& provider,
                                                          const CheckoutPolicy& policy,
                                                          const base::Clock& clock,
                                                          base::Random& random, core::Money amount,
                                                          std::string reference_id, ShowTo to);

}  // namespace quittance::checkout
