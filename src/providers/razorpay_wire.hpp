// Razorpay's dialect as pure functions: signatures, payments, events.
#pragma once

#include "providers/reply.hpp"

namespace quittance::providers::razorpay {

/// The member of `notes` that holds our session's id.
inline constexpr std::string_view kSessionNote = "quittance_session";

/// Lower-case hex HMAC-SHA256 of the bytes under any of the secrets. There is no time in it: what
/// is replayed is known by its event id.
bool verify_signature(std::string_view signature, std::string_view body,
                      const std::vector<base::Secret>& secrets);

/// A member of `notes`; empty when notes are the `[]` of a payment without any.
std::string note_of(const base::Json& notes, std::string_view name);

/// A payment entity. Only `captured` is money that is the merchant's. `provider_ref` is empty: the
/// entity does not name the code that it came by. nullopt: no payment, or not in a currency of
/// ours.
std::optional<ListedPayment> read_payment(const base::Json& entity);

/// What the payments of one code say; the earliest that was captured counts.
Answer answer_of(const std::vector<ListedPayment>& payments);

/// What a payer is shown of a QR code entity; nullopt when it is none.
std::optional<Presentation> read_code(const base::Json& entity);

/// `event_id` empty: the SHA-256 of the body stands for it. invalid_request for a body that is no
/// event of Razorpay's.
base::Result<Notice> read_event(std::string_view body, std::string_view event_id);

}  // namespace quittance::providers::razorpay
