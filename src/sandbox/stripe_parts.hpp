// What the files of the Stripe simulator share (wire facts: docs/providers/stripe.md).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/rail.hpp"

namespace quittance::sandbox::stripe {

/// One request on its way through.
struct Call {
  RailDesk& desk;
  const base::HttpRequest& request;
  base::Json params;  ///< of the body (POST) or the query (GET), all texts
  std::string id{};   ///< in the path
  std::string idempotency_key{};
  std::string request_id{};

  std::string text(std::string_view name) const { return params[name].text_or_empty(); }
  std::optional<std::int64_t> number(std::string_view name) const;
};

base::HttpResponse answer(const base::Json& object);
/// `extra` members go into the error object.
base::HttpResponse error(int status, std::string_view type, std::string_view code,
                         std::string_view message, std::string_view param = {},
                         const base::Json& extra = {});
base::HttpResponse invalid(std::string_view param, std::string_view message,
                           std::string_view code = "parameter_invalid");
base::HttpResponse missing(std::string_view object, const std::string& id, std::string_view param);
/// 503 when the shelf could not take what was done.
base::HttpResponse unkept();

/// A page of a list: `limit`, `starting_after`, `ending_before`, `created`, and what `fits`.
base::HttpResponse list(Call& call, std::string_view kind, std::string_view object,
                        const std::function<bool(const base::Json&)>& fits);

/// Minor units as Stripe counts them: no decimals for some, two for the rest.
int exponent_of(std::string_view currency);
std::optional<std::int64_t> minor_of(std::string_view decimal, std::string_view currency);
/// `USD 12.50`.
std::string sum_for_people(std::int64_t minor, std::string_view currency);

/// Keeps an event with a snapshot of `object`, and sends it.
void emit(RailDesk& desk, std::string_view type, const base::Json& object,
          const Call* caused_by = nullptr);
void seal(RailDesk& desk, Delivery& delivery);

base::HttpResponse create_intent(Call& call);
base::HttpResponse show_intent(Call& call);
base::HttpResponse list_intents(Call& call);
base::HttpResponse update_intent(Call& call);
base::HttpResponse confirm_intent(Call& call);
base::HttpResponse capture_intent(Call& call);
base::HttpResponse cancel_intent(Call& call);

base::HttpResponse create_refund(Call& call);
base::HttpResponse show_refund(Call& call);
base::HttpResponse list_refunds(Call& call);
base::HttpResponse show_charge(Call& call);
base::HttpResponse list_charges(Call& call);
base::HttpResponse show_dispute(Call& call);
base::HttpResponse list_disputes(Call& call);
base::HttpResponse show_event(Call& call);
base::HttpResponse list_events(Call& call);

/// How a payer's or a card's attempt ends.
enum class Attempt { paid, declined, processing };
/// Carries the attempt out on a copy of the intent, keeps it with its charge, and emits. The intent
/// as it is then; storage_failure when it cannot be kept.
base::Result<base::Json> attempt_payment(RailDesk& desk, base::Json intent, Attempt attempt,
                                         std::optional<std::int64_t> received,
                                         const Call* caused_by = nullptr);

/// The payer's bank takes a paid intent's money back (`dispute`, of a part with `amount`), only
/// asks about it (`inquire`), or the shop wins what was taken (`win`). The dispute as it is then.
base::Result<base::Json> act_on_dispute(RailDesk& desk, const base::Json& intent, const Act& act);

/// Whether a dispute holds money of this charge.
bool is_taken_back(const RailDesk& desk, const base::Json& charge);

/// Whether an intent can be paid by card.
bool takes_cards(const base::Json& intent);
std::vector<Waiting> waiting(RailDesk& desk);
std::optional<std::string> find(RailDesk& desk, std::string_view code);
base::Result<base::Json> act(RailDesk& desk, const std::string& ref, const Act& act);

}  // namespace quittance::sandbox::stripe
