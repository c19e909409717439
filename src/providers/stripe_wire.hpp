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
  bool disputed = false;  ///< its charge was disputed, whatever became of that
  bool live = false;
  std::string raw{};
};
/// nullopt: no PaymentIntent, or one of a currency or amount that is not ours.
std::optional<Intent> read_intent(const base::Json& json);
/// The intent that an event is about; nullopt: it is about something else, or as above.
std::optional<Intent> intent_of_event(const base::Json& event);

/// What an intent says about money.
Answer answer_of(const Intent& intent);
ListedPayment listed(Intent intent);
/// A charge of an event, as the payment of its intent; nullopt as for intents.
std::optional<ListedPayment> listed_charge(const base::Json& charge);

/// The intent that a dispute is about; empty: it is no dispute, or of a charge without one.
std::string disputed_intent(const base::Json& dispute);
/// What a list of disputes has taken of this payment and keeps: what is being disputed is gone
/// until the dispute is won, an inquiry takes nothing. Never more than is left of it. nullopt: one
/// of them cannot be read.
std::optional<core::Money> taken_by(const base::Json& disputes, const ListedPayment& payment);

/// Where a page of their list is asked for: of events (paid, given back, disputed), or of intents.
std::string list_path(ListWindow window, bool of_events, const std::string& after);
/// A page as it came, and what it tells of disputes: those payments have to be asked about.
struct ListPage {
  Page page;
  std::map<std::string, std::string> disputed{};  ///< what was said of it, by the intent's id
};
ListPage page_of_intents(const base::Json& list);
ListPage page_of_events(const base::Json& list);

/// What a payer is shown, from `next_action` if there is one.
Presentation presentation_of(const Intent& intent, const base::Json& json);

/// invalid_request for a body that is no event of Stripe's.
base::Result<Notice> read_event(std::string_view body, bool live);

}  // namespace quittance::providers::stripe
