// What Stripe lists: events and intents, and what disputes have taken.
#include <algorithm>

#include "providers/stripe_wire.hpp"

namespace quittance::providers::stripe {
namespace {

using base::Json;
using core::Money;

constexpr std::int64_t kPageSize = 100;

std::int64_t seconds(base::Time moment) { return base::to_ms(moment) / 1'000; }

void take(Page& page, std::optional<ListedPayment> payment, const Json& item) {
  if (payment) {
    page.payments.push_back(std::move(*payment));
  } else {
    page.unreadable.push_back(item.dump());
  }
}

/// Whether the disputed money is with us no more.
bool is_taken(const Json& dispute) {
  const std::string status = dispute["status"].text_or_empty();
  static constexpr std::string_view kTaken[] = {"needs_response", "under_review", "lost"};
  static constexpr std::string_view kKept[] = {"warning_needs_response", "warning_under_review",
                                               "warning_closed", "won", "prevented"};
  if (std::ranges::find(kTaken, status) != std::end(kTaken)) return true;
  if (std::ranges::find(kKept, status) != std::end(kKept)) return false;
  // Another word (there are some for appeals): what the account was charged with for it decides.
  // Its sum may be in another currency than the payment's, so that only its sign is read.
  std::int64_t moved = 0;
  for (const Json& entry : dispute["balance_transactions"].array()) {
    const std::int64_t amount = entry["amount"].integer().value_or(0);
    moved += amount < 0 ? -1 : (amount > 0 ? 1 : 0);
  }
  return moved < 0;
}

}  // namespace

std::optional<Money> taken_by(const Json& disputes, const ListedPayment& payment) {
  if (!disputes["data"].is_array()) return std::nullopt;
  const auto left = payment.amount.minus(payment.refunded);
  if (!left) return std::nullopt;
  Money taken = Money::zero(payment.amount.currency());
  for (const Json& dispute : disputes["data"].array()) {
    if (!is_taken(dispute)) continue;
    const auto amount =
        from_wire(dispute["amount"].integer().value_or(-1), dispute["currency"].text_or_empty());
    const auto sum = amount ? taken.plus(*amount) : std::nullopt;
    if (!sum) return std::nullopt;
    taken = *sum;
  }
  return taken.minus(*left) ? *left : taken;
}

std::string list_path(ListWindow window, bool of_events, const std::string& after) {
  std::string path = of_events ? "/v1/events?types[0]=payment_intent.succeeded"
                                 "&types[1]=charge.refunded&types[2]=charge.dispute.created"
                                 "&types[3]=charge.dispute.funds_withdrawn&"
                               : "/v1/payment_intents?expand[0]=data.latest_charge&";
  path += "created[gte]=" + std::to_string(seconds(window.since)) +
          "&created[lte]=" + std::to_string(seconds(window.until)) +
          "&limit=" + std::to_string(kPageSize);
  if (!after.empty()) path += "&starting_after=" + base::url_encode(after);
  return path;
}

ListPage page_of_intents(const Json& list) {
  ListPage read;
  for (const Json& item : list["data"].array()) {
    auto intent = read_intent(item);
    if (intent && intent->disputed) {
      read.disputed.emplace(intent->id, item.dump());
    } else {
      take(read.page, intent ? std::optional(listed(std::move(*intent))) : std::nullopt, item);
    }
  }
  return read;
}

ListPage page_of_events(const Json& list) {
  ListPage read;
  for (const Json& event : list["data"].array()) {
    const Json& object = event["data"]["object"];
    const std::string disputed = disputed_intent(object);
    if (!disputed.empty()) {
      read.disputed.emplace(disputed, event.dump());
      continue;
    }
    auto intent = intent_of_event(event);
    take(read.page, intent ? std::optional(listed(std::move(*intent))) : listed_charge(object),
         event);
  }
  return read;
}

}  // namespace quittance::providers::stripe
