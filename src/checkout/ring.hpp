// The phone that a request to pay rings. Its number stays beside the session and is there before
// the phone rings, so that another number is another request (law 5), also after a restart.
#pragma once

#include "checkout/session_opening.hpp"

namespace quittance::checkout {

struct Ring {
  bool rings = false;   ///< the provider rings phones
  std::string phone{};  ///< as it was typed; empty where none is rung
  RingLimit* limit = nullptr;
};
Ring ring_of(const providers::Provider& provider, const CheckoutPolicy& policy,
             std::string_view phone);

/// To be asked before anything is written. On `payer_phone`: invalid_request where a number is
/// missing, rate_limited when that phone was rung often enough.
base::Result<void> may_ring(const Ring& ring);
/// The same at the moment of ringing: it is counted.
base::Result<void> count_ring(const Ring& ring);

/// Whether an open session is known to ring this phone, or has rung none so far. Who names no phone
/// wants none in particular.
base::Result<bool> is_on_phone(storage::Books& books, const core::Session& session,
                               const Ring& ring);
/// Writes beside a session, which was not presented so far, whom it is going to ring.
base::Result<void> write_phone(storage::WritableBooks& books, const core::Session& session,
                               const Ring& ring);
/// rate_limited on `payer_phone` when the order of these sessions has had enough other phones rung
/// by this provider.
base::Result<void> check_phones_of_order(storage::Books& books,
                                         const std::vector<core::Session>& sessions,
                                         const core::Session& draft, const Ring& ring);

}  // namespace quittance::checkout
