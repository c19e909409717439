// A place at an event for whoever registered and paid on a provider's own payment page: the order
// that we never took is made for the money, which then goes through the funnel like any other
// (docs/events.md).
#pragma once

#include <optional>
#include <string>

#include "checkout/session_opening.hpp"

namespace quittance::checkout {

/// What came of a registration.
enum class AdmissionOutcome {
  admitted,
  not_captured,     ///< the money is only authorized
  refunded,         ///< all or a part of it went back already, and the rest is less than the price
  details_missing,  ///< without a name or a roll number nobody can be let in
  event_over,       ///< it names no event, and the one that takes such is over
  no_event,         ///< it names none of ours, and no event takes those that name none
  other_currency,   ///< than the price's
  below_price,
  registered_before,  ///< somebody else's payment holds the place under this roll number
  event_full,
};
/// A stable word, shown to staff.
std::string_view to_text(AdmissionOutcome outcome);

struct Admission {
  AdmissionOutcome outcome = AdmissionOutcome::admitted;
  /// The session that the payment answers from now on; there when admitted. Its order holds one
  /// place.
  std::optional<core::Session> session{};
};

/// Who registers, and by what payment.
struct Admitting {
  std::string provider;
  std::string environment;  ///< of the provider
  providers::ListedPayment payment;
  std::string actor = "system";  ///< how the log names whoever has them admitted
};

/// Writes customer, order, session and attendee, or says why not. To be called inside a write
/// transaction in which the money is handed to the funnel afterwards.
base::Result<Admission> admit(storage::WritableBooks& books, const CheckoutPolicy& policy,
                              base::Random& random, base::Time now, const Admitting& admitting);

}  // namespace quittance::checkout
