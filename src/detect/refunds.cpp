#include "detect/refunds.hpp"

#include <algorithm>

#include "detect/returned.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;
using core::Money;
using storage::WritableBooks;

/// Whether the provider said no, so that nothing was sent. Anything else may have been.
bool is_refusal(ErrorCode code) {
  return code == ErrorCode::provider_refused || code == ErrorCode::invalid_request ||
         code == ErrorCode::conflict || code == ErrorCode::not_found ||
         code == ErrorCode::unsupported;
}

Result<storage::Settlement> settlement_of(storage::Books& books, const RefundWish& wish) {
  TRY(const auto settlements, books.settlements_of_order(wish.order_id));
  const auto found = std::ranges::find(settlements, wish.settlement_id, &storage::Settlement::id);
  if (found != settlements.end()) return *found;
  return fail(ErrorCode::not_found, "No such money was counted for this order.", "settlement_id");
}

/// How much more than this has to be known to have gone back before the wish is fulfilled.
bool is_fulfilled(const LoggedWish& wish, Money back) {
  return back.minor() >= wish.before_minor && back.minor() - wish.before_minor >= wish.amount_minor;
}

Result<bool> check_held(storage::Books& books, const storage::Settlement& settlement,
                        Money amount) {
  if (amount.is_zero()) return fail(ErrorCode::invalid_request, "Say how much.", "amount");
  TRY(const Money refunded, recorded_returns(books, settlement, core::EvidenceKind::refund));
  TRY(const Money taken, recorded_returns(books, settlement, core::EvidenceKind::reversal));
  const auto gone = refunded.plus(taken);
  const auto came = settlement.counted.plus(settlement.excess);
  const auto held = came && gone ? came->minus(*gone) : std::nullopt;
  if (!held || !held->minus(amount)) {
    return fail(ErrorCode::conflict, "That is more than is left of this money.");
  }
  return true;
}

storage::AuditEntry entry_of(std::string_view action, const storage::Settlement& settlement,
                             std::string actor, Json details, base::Time now) {
  details.set("settlement", settlement.id.value());
  return {.created_at = now,
          .actor = std::move(actor),
          .action = std::string(action),
          .subject_type = "order",
          .subject_id = settlement.order_id ? settlement.order_id->value() : 0,
          .details = details.dump()};
}

/// The wish that this one is the same as; null: it is a new one. conflict: one of another sum is
/// under way; idempotency_mismatch: the same request was for another sum.
Result<const LoggedWish*> same_wish(const std::vector<LoggedWish>& wishes, const RefundWish& wish,
                                    Money back) {
  const LoggedWish* last = nullptr;
  for (const LoggedWish& one : wishes) {
    if (one.refused) continue;
    last = &one;
    if (wish.request.empty() || one.request != wish.request) continue;
    if (one.amount_minor == wish.amount.minor()) return &one;
    return fail(ErrorCode::idempotency_mismatch, "This request was for another sum.", "amount");
  }
  const bool over = last == nullptr || (last->answered && is_fulfilled(*last, back));
  if (over) return nullptr;
  if (last->amount_minor == wish.amount.minor()) return last;
  if (last->waits) return nullptr;
  return fail(ErrorCode::conflict,
              "Another sum of this payment is on its way back: ask for the same sum again to learn "
              "what became of it.");
}

}  // namespace

Result<Refunds::Asked> Refunds::ask(WritableBooks& books, const RefundWish& wish,
                                    const Hand& hand) const {
  const base::Time now = parts_.settle.clock.now();
  TRY(const storage::Settlement settlement, settlement_of(books, wish));
  const providers::Provider* provider = parts_.registry.find(settlement.provider);
  if (!provider || !provider->capabilities().refunds) {
    return fail(ErrorCode::unsupported,
                "Nothing can be sent back from here by " + settlement.provider + ".");
  }
  TRY(const auto session, books.session(settlement.session_id));
  if (!session) return fail(ErrorCode::not_found, "There is no such session.");
  TRY(const Money back, recorded_returns(books, settlement, core::EvidenceKind::refund));
  TRY(const auto entries, books.audit_of("order", wish.order_id.value()));
  const std::vector<LoggedWish> wishes = wishes_of(entries, settlement.id);
  TRY(const LoggedWish* same, same_wish(wishes, wish, back));
  if (same) {
    LoggedWish joined = *same;
    if (joined.waits && joined.actor != hand.actor) {
      joined.waits = false;
      TRY_VOID(books.insert_audit(
          entry_of(kRefundConfirmed, settlement, hand.actor,
                   Json::object({{"key", joined.key}, {"reason", hand.reason}}), now)));
    }
    return Asked{std::move(joined), settlement, *session, wish.amount};
  }
  TRY_VOID(check_held(books, settlement, wish.amount));
  LoggedWish fresh{
      .key = "refund-" + session->session_id + "-" + std::to_string(settlement.id.value()) + "-" +
             std::to_string(wishes.size() + 1) + "-" + std::to_string(wish.amount.minor()),
      .actor = hand.actor,
      .reason = hand.reason,
      .request = wish.request,
      .amount_minor = wish.amount.minor(),
      .before_minor = back.minor(),
      // With what went back before: in parts below the limit it would need nobody else.
      .waits = parts_.settle.policy.needs_second_approver(back.plus(wish.amount).value_or(back))};
  Json details = Json::object({{"key", fresh.key},
                               {"provider", settlement.provider},
                               {"payment_ref", settlement.provider_ref},
                               {"amount_minor", fresh.amount_minor},
                               {"currency", wish.amount.currency().code()},
                               {"before_minor", fresh.before_minor},
                               {"reason", fresh.reason},
                               {"request", fresh.request},
                               {"waits", fresh.waits}});
  TRY_VOID(
      books.insert_audit(entry_of(kRefundAsked, settlement, hand.actor, std::move(details), now)));
  return Asked{std::move(fresh), settlement, *session, wish.amount};
}

Task<Result<SentBack>> Refunds::send(RefundWish wish, Hand hand) {
  CO_TRY_VOID(check_reason(hand));
  const core::OrderId order = wish.order_id;
  // Named first: g++ 12 destroys a lambda twice that is made inside a co_await.
  std::move_only_function<Result<Asked>(WritableBooks&)> work =
      [this, wish = std::move(wish), hand = std::move(hand)](WritableBooks& books) {
        return ask(books, wish, hand);
      };
  CO_TRY(Asked asked, co_await parts_.store.write<Asked>(std::move(work)));
  if (asked.logged.waits) {
    co_return SentBack{.outcome = core::Outcome::awaiting_approval};
  }
  providers::Provider* provider = parts_.registry.find(asked.settlement.provider);
  const std::string key = asked.logged.key;
  bool first = false;
  base::Callback<Answer> shared([this, &key, &first](base::Callback<Answer>::Resume resume) {
    const std::lock_guard lock(mutex_);
    const auto [flight, inserted] = flights_.try_emplace(key);
    first = inserted;
    if (inserted) {
      // The one that asks does not wait for itself.
      resume(SentBack{});
    } else {
      flight->second.push_back(std::move(resume));
    }
  });
  Answer answer = co_await shared;
  if (!first) co_return answer;
  answer = co_await carry_out(*provider, std::move(asked));
  land(key, answer);
  parts_.bulletin.publish(order);
  co_return answer;
}

void Refunds::land(const std::string& key, const Answer& answer) {
  std::vector<base::Callback<Answer>::Resume> waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto flight = flights_.find(key);
    waiting = std::move(flight->second);
    flights_.erase(flight);
  }
  for (auto& resume : waiting)
    resume(answer);
}

Task<Result<SentBack>> Refunds::carry_out(providers::Provider& provider, Asked asked) {
  // What has gone back meanwhile, by a lost answer or by somebody in the provider's dashboard, is
  // not sent once more.
  CO_TRY(auto gone, co_await look(provider, asked));
  if (gone) {
    if (!asked.logged.answered) CO_TRY_VOID(co_await note(asked, "seen", ""));
    gone->outcome = core::Outcome::already_refunded;
    co_return *gone;
  }
  // The words of whoever asked first: under one key the same has to be asked.
  providers::RefundDraft draft{.session = asked.session,
                               .payment_ref = asked.settlement.provider_ref,
                               .amount = asked.amount,
                               .reason = asked.logged.reason,
                               .idempotency_key = asked.logged.key};
  auto answer = co_await provider.refund(std::move(draft));
  co_return co_await judge(provider, std::move(asked), std::move(answer));
}

Task<Result<SentBack>> Refunds::judge(providers::Provider& provider, Asked asked,
                                      Result<providers::RefundRef> answer) {
  if (answer && answer->state == providers::RefundState::failed) {
    answer = fail(ErrorCode::provider_refused, "The provider says that this refund failed.");
  }
  if (!answer && is_refusal(answer.error().code)) {
    CO_TRY_VOID(co_await note(asked, "refused", answer.error().message));
    co_return fail(ErrorCode::provider_refused, answer.error().message, answer.error().param,
                   answer.error().detail);
  }
  if (answer) CO_TRY_VOID(co_await note(asked, "accepted", answer->provider_ref));
  auto seen = co_await look(provider, asked);
  if (seen && *seen) {
    if (!answer) CO_TRY_VOID(co_await note(asked, "seen", ""));
    co_return **seen;
  }
  if (answer) co_return SentBack{};
  parts_.log.warning("refund.unknown", {{"provider", asked.settlement.provider},
                                        {"key", asked.logged.key},
                                        {"detail", answer.error().detail}});
  co_return fail(ErrorCode::provider_unavailable,
                 "The provider gave no clear answer: the money may be on its way back. Ask for the "
                 "same again; it is not sent twice.");
}

Task<Result<std::optional<SentBack>>> Refunds::look(providers::Provider& provider, Asked asked) {
  std::string ref = asked.settlement.provider_ref;
  CO_TRY(auto payment, co_await provider.payment(std::move(ref)));
  if (!payment) co_return std::optional<SentBack>();
  SettleContext context = parts_.settle;
  core::Session session = asked.session;
  CO_TRY(const auto taken, co_await take_returned(parts_.store, std::move(context), parts_.bulletin,
                                                  std::move(session), std::move(*payment),
                                                  core::EvidenceSource::poll));
  storage::Reading<std::optional<SentBack>> find =
      [&asked, &taken](storage::Books& books) -> Result<std::optional<SentBack>> {
    TRY(const Money back, recorded_returns(books, asked.settlement, core::EvidenceKind::refund));
    if (!is_fulfilled(asked.logged, back)) return std::optional<SentBack>();
    return std::optional(
        SentBack{.outcome = taken ? taken->outcome : core::Outcome::already_refunded});
  };
  co_return co_await parts_.store.read(std::move(find));
}

Task<Result<bool>> Refunds::note(const Asked& asked, std::string answer, std::string words) {
  const bool refused = answer == "refused";
  Json details = Json::object({{"key", asked.logged.key},
                               {"answer", std::move(answer)},
                               {refused ? "reason" : "provider_ref", base::made_storable(words)}});
  storage::AuditEntry entry = entry_of(kRefundAnswered, asked.settlement, "system",
                                       std::move(details), parts_.settle.clock.now());
  std::move_only_function<Result<bool>(WritableBooks&)> work =
      [entry = std::move(entry)](WritableBooks& books) -> Result<bool> {
    TRY_VOID(books.insert_audit(entry));
    return true;
  };
  co_return co_await parts_.store.write<bool>(std::move(work));
}

}  // namespace quittance::detect
