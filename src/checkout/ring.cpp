#include "checkout/ring.hpp"

#include <algorithm>

namespace quittance::checkout {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::Session;
using storage::Books;

namespace {

constexpr std::string_view kPhone = "payer_phone";

/// Empty: it has rung nobody, or we do not know whom.
Result<std::string> phone_of(Books& books, core::SessionId id) {
  TRY(const auto beside, books.presentation(id));
  const auto json = Json::parse(beside.value_or(""));
  return json ? (*json)[kPhone].text_or_empty() : std::string();
}

}  // namespace

Ring ring_of(const providers::Provider& provider, const CheckoutPolicy& policy,
             std::string_view phone) {
  if (!provider.capabilities().rings_phone) return {};
  return {.rings = true, .phone = std::string(phone), .limit = policy.rings};
}

Result<void> may_ring(const Ring& ring) {
  if (!ring.rings) return {};
  if (digits_of(ring.phone).empty()) {
    return fail(ErrorCode::invalid_request, "Give the number of the phone that shall be asked.",
                std::string(kPhone));
  }
  if (ring.limit != nullptr) return ring.limit->check(ring.phone);
  return {};
}

Result<void> count_ring(const Ring& ring) {
  TRY_VOID(may_ring(ring));
  if (ring.limit != nullptr) return ring.limit->count(ring.phone);
  return {};
}

Result<bool> is_on_phone(Books& books, const Session& session, const Ring& ring) {
  if (ring.phone.empty()) return true;
  TRY(const std::string phone, phone_of(books, session.id));
  if (phone.empty()) return !session.presented();
  // Where the answer of a push was lost, it may be ringing all the same. A second push for the same
  // session would take its place, and money for the first would be asked about no more (law 5).
  return session.presented() && same_phone(phone, ring.phone);
}

Result<void> write_phone(storage::WritableBooks& books, const Session& session, const Ring& ring) {
  if (ring.phone.empty()) return {};
  // Without a reference and a QR it stays what it is: not presented.
  TRY_VOID(
      books.present_session(session, Json::object({{std::string(kPhone), ring.phone}}).dump()));
  return {};
}

Result<void> check_phones_of_order(Books& books, const std::vector<Session>& sessions,
                                   const Session& draft, const Ring& ring) {
  if (ring.phone.empty()) return {};
  std::vector<std::string> others;
  for (const Session& session : sessions) {
    const bool lately = draft.created_at - session.created_at < kPhonesWithin;
    if (session.provider != draft.provider || !lately) continue;
    TRY(std::string phone, phone_of(books, session.id));
    if (phone.empty() || same_phone(phone, ring.phone)) continue;
    const bool known = std::ranges::any_of(
        others, [&phone](const std::string& other) { return same_phone(other, phone); });
    if (!known) others.push_back(std::move(phone));
  }
  if (others.size() < kPhonesPerOrder) return {};
  return fail(ErrorCode::rate_limited,
              "This order has asked as many phones as it may in a day. Pay in another way.",
              std::string(kPhone));
}

}  // namespace quittance::checkout
