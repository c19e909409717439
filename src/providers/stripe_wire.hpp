// Stripe's dialect as pure functions: amounts, forms, signatures, PaymentIntents.
#pragma once

#include "providers/reply.hpp"

namespace quittance::providers::stripe {

/// The member of `metadata` that holds our session's id.
inline constexpr std::string_view kSessionKey = "quittance_session";

/// `usd`, and the amount in the unit that Stripe counts this currency in.
struct WireAmount {
  std::string currency;
  std::int64_t minor = 0;
};
/// nullopt beyond what Stripe takes in one payment (99 999 999 of its unit).
std::optional<WireAmount> to_wire(core::Money amount);
/// nullopt for a currency that is not ours, or what its exponent here cannot hold.
std::optional<core::Money> from_wire(std::int64_t minor, std::string_view currency);

/// A form body in the order of its adding. Values are encoded, brackets are not.
class Form {
 public:
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Whether any `v1` of a Stripe-Signature header is ours over these bytes, with `t` within
/// `tolerance` of `now` on both sides. Several secrets: while one is being rolled.
bool verify_signature(std::string_view header, std::string_view body,
                      const std::vector<base::Secret>& secrets, base::Time now,
                      base::Duration tolerance);

/// A PaymentIntent, read leniently: what is missing is empty.
struct Intent {
  std::string id;
  std::string status;
  core::Money amount;                     ///< asked for
  core::Money received;                   ///< so far
  std::optional<core::Money> refunded{};  ///< only when its charge came with it
  std::string reference{};                ///< kSessionKey
  std::string payer{};
  base::Time created_at{};
  std::optional<base::Time> paid_at{};  ///< only when its charge came with it
  bool failed_once = false;
  bool live = false;
  std::string raw{};
};
/// nullopt: no PaymentIntent, or one of a currency or amount that is not ours.
std::optional<Intent> read_intent(const base::Json& json);

/// What an intent says about money.
Answer answer_of(const Intent& intent);
ListedPayment listed(Intent intent);
/// A charge of an event, as the payment of its intent; nullopt as for intents.
std::optional<ListedPayment> listed_charge(const base::Json& charge);

/// What a payer is shown, from `next_action` if there is one.
Presentation presentation_of(const Intent& intent, const base::Json& json);

/// invalid_request for a body that is no event of Stripe's.
base::Result<Notice> read_event(std::string_view body, bool live);

}  // namespace quittance::providers::stripe
