#include "detect/listed.hpp"

#include <algorithm>

namespace quittance::detect {
namespace {

using base::Json;
using base::Result;
using core::Session;
using providers::ListedPayment;
using providers::PaymentState;
using storage::ProviderPayment;
using storage::WritableBooks;

/// Money that came stays come: an older word about it, read later, takes nothing back.
int rank_of(std::string_view state) {
  if (state == to_text(PaymentState::refunded)) return 2;
  return state == to_text(PaymentState::paid) ? 1 : 0;
}

ProviderPayment record_of(const std::string& provider, const ListedPayment& payment,
                          base::Time now) {
  return {.provider = provider,
          .payment_ref = payment.payment_ref,
          .provider_ref = payment.provider_ref,
          .merchant_reference = payment.merchant_reference,
          .state = std::string(to_text(payment.state)),
          .amount = payment.amount,
          .refunded = payment.refunded,
          .payer = payment.payer,
          .created_at = payment.created_at,
          .paid_at = payment.paid_at,
          .raw = base::made_storable(payment.raw.substr(0, kListedRawLimit)),
          .session_id = std::nullopt,
          .first_seen_at = now,
          .changed_at = now};
}

PaymentState state_of(std::string_view text) {
  for (const PaymentState state :
       {PaymentState::authorized, PaymentState::paid, PaymentState::failed, PaymentState::canceled,
        PaymentState::refunded}) {
    if (text == to_text(state)) return state;
  }
  return PaymentState::pending;
}

/// A payment as the books know it by now: what was said of it before may be newer.
ListedPayment as_known(ListedPayment payment, const ProviderPayment& record) {
  payment.state = state_of(record.state);
  payment.amount = record.amount;
  payment.refunded = record.refunded;
  payment.paid_at = record.paid_at;
  return payment;
}

/// Reasons that time or an administrator may end: then the payment admits by itself. Whatever else
/// was refused waits for a person, who knows whether the payer still wants it.
bool may_be_admitted_later(std::string_view outcome) {
  return outcome.empty() || outcome == "not_captured" || outcome == "no_event" ||
         outcome == "details_missing";
}

/// Whether the provider says something new of it; `record` takes it over.
bool take_over(ProviderPayment& record, const ProviderPayment& told) {
  const bool older = rank_of(told.state) < rank_of(record.state) ||
                     (rank_of(told.state) > 0 && record.refunded.minus(told.refunded) &&
                      record.refunded != told.refunded);
  ProviderPayment next = record;
  // A look at one payment tells whose code it came by, a list does not.
  if (!told.provider_ref.empty()) next.provider_ref = told.provider_ref;
  if (!told.merchant_reference.empty()) next.merchant_reference = told.merchant_reference;
  if (!older) {
    next.state = told.state;
    next.amount = told.amount;
    next.refunded = told.refunded;
    if (!told.payer.empty()) next.payer = base::made_storable(told.payer);
    // Some lists know only when the money was asked for: the later moment is that of the money.
    if (told.paid_at) next.paid_at = std::max(next.paid_at.value_or(*told.paid_at), *told.paid_at);
    next.raw = told.raw;
  }
  // The same fact in other words is no news, but the newest words are kept with the next news.
  ProviderPayment without_words = next;
  without_words.raw = record.raw;
  const bool changed = without_words != record;
  record = std::move(next);
  return changed;
}

storage::AuditEntry entry_of(const ProviderPayment& record, std::string_view action,
                             base::Time now) {
  const Json details =
      Json::object({{"provider", record.provider},
                    {"payment_ref", record.payment_ref},
                    {"state", record.state},
                    {"amount_minor", record.amount.minor()},
                    {"refunded_minor", record.refunded.minor()},
                    {"currency", record.amount.currency().code()},
                    {"session", record.session_id ? Json(record.session_id->value()) : Json()},
                    {"outcome", record.outcome}});
  return {.created_at = now,
          .actor = "system",
          .action = std::string(action),
          .subject_type = "provider_payment",
          .subject_id = record.id,
          .details = details.dump()};
}

core::Evidence evidence_of(const Session& session, const ListedPayment& payment, base::Time now) {
  // Its reference says that it answers this session, so it cannot be older, whatever zone the
  // provider's clock is in.
  const base::Time said = payment.paid_at.value_or(payment.created_at);
  return {.source = core::EvidenceSource::sync,
          .session_id = session.id,
          .provider = session.provider,
          .provider_ref = payment.payment_ref,
          .amount = payment.amount,
          .receiver = "",
          .payer = payment.payer,
          .paid_at = std::clamp(said, session.created_at, std::max(session.created_at, now)),
          .seen_at = now,
          .actor = "system",
          .reason = "listed by " + session.provider,
          .raw = payment.raw};
}

bool may_be_kept(const ListedPayment& payment) {
  return !payment.payment_ref.empty() && base::is_storable(payment.payment_ref) &&
         base::is_storable(payment.provider_ref) && base::is_storable(payment.merchant_reference) &&
         payment.amount.currency() == payment.refunded.currency();
}

/// One page on its way into the books.
class Writing {
 public:
  Writing(WritableBooks& books, const SettleContext& context, const std::string& provider,
          const Admit& admit)
      : books_(books),
        context_(context),
        provider_(provider),
        admit_(admit),
        now_(context.clock.now()) {}

  Result<PageWritten> write(const SeenPage& page) {
    actor_ = page.actor;
    for (const SeenPayment& seen : page.payments) {
      if (may_be_kept(seen.payment)) {
        TRY_VOID(write_one(seen));
      } else {
        TRY_VOID(keep_unreadable(seen.payment.raw));
      }
    }
    for (const std::string& raw : page.unreadable)
      TRY_VOID(keep_unreadable(raw));
    return std::move(written_);
  }

 private:
  /// Only of a payment that was asked for by itself: else it may have come by a code of ours.
  bool is_registration(const ProviderPayment& record, const ListedPayment& payment) const {
    const bool by_hand = actor_ != "system";
    return admit_ && payment.registration && record.looked_up_at &&
           (by_hand || may_be_admitted_later(record.outcome)) &&
           (has_money(payment) || payment.state == PaymentState::authorized);
  }

  Result<bool> keep_unreadable(const std::string& raw) {
    ++written_.unreadable;
    return books_.insert_unreadable_payment(provider_,
                                            std::string_view(raw).substr(0, kListedRawLimit), now_);
  }

  Result<bool> write_one(const SeenPayment& seen) {
    TRY(auto session, session_of_listed(books_, provider_, seen.payment));
    TRY(auto known, books_.provider_payment(provider_, seen.payment.payment_ref));
    const ProviderPayment told = record_of(provider_, seen.payment, now_);
    ProviderPayment record = known.value_or(told);
    bool changed = known ? take_over(record, told) : true;
    const ListedPayment payment = as_known(seen.payment, record);
    if (seen.looked_up) record.looked_up_at = now_;
    if (!session && is_registration(record, payment)) {
      TRY(Admitted admitted, admit_(books_, provider_, payment, actor_));
      changed = changed || admitted.outcome != record.outcome;
      record.outcome = std::move(admitted.outcome);
      session = std::move(admitted.session);
      if (session) ++written_.attendees;
    }
    if (session && record.session_id != session->id) {
      record.session_id = session->id;
      changed = true;
    }
    // What did not count before is handed in again only when there is something new about it.
    if (session && has_money(payment) && (changed || record.outcome.empty())) {
      TRY(const std::string outcome, hand_in(*session, payment));
      changed = changed || outcome != record.outcome;
      record.outcome = outcome;
    } else if (session && has_money(payment) && payment.disputed) {
      // A dispute changes nothing else of what the record holds.
      TRY(auto returned, take_returns(*session, payment));
      changed = changed || (returned && *returned != record.outcome);
      if (returned) record.outcome = std::move(*returned);
    }
    if (!known) {
      TRY(record.id, books_.insert_provider_payment(record));
      ++written_.created;
    } else if (changed || seen.looked_up) {
      if (changed) record.changed_at = now_;
      TRY_VOID(books_.update_provider_payment(record));
      if (changed) ++written_.updated;
    }
    if (changed) {
      TRY_VOID(books_.insert_audit(entry_of(
          record, known ? "provider_payment.changed" : "provider_payment.recorded", now_)));
    }
    return true;
  }

  /// What became of its money: what this run's funnel said, or `counted` when it was counted
  /// before.
  Result<std::string> hand_in(const Session& session, const ListedPayment& payment) {
    const storage::MoneyRef refs[] = {{provider_, payment.payment_ref}};
    TRY(const auto settlements, books_.settlements(refs));
    std::string outcome = "counted";
    if (settlements.empty()) {
      TRY(const Settled settled, settle(books_, context_, evidence_of(session, payment, now_)));
      outcome = to_text(settled.outcome);
      if (core::counts_money(settled.outcome)) ++written_.settled;
      note(settled.order_id);
    }
    TRY(auto returned, take_returns(session, payment));
    return std::move(returned).value_or(std::move(outcome));
  }

  /// What the funnel said of money that is gone again; nullopt: nothing is that the books do not
  /// know.
  Result<std::optional<std::string>> take_returns(const Session& session,
                                                  const ListedPayment& payment) {
    const bool disputed = payment.disputed && !payment.disputed->is_zero();
    if (payment.refunded.is_zero() && !disputed) return std::optional<std::string>();
    TRY(const auto returned,
        write_returned(books_, context_, session, payment, core::EvidenceSource::sync));
    if (!returned) return std::optional<std::string>();
    ++written_.returned;
    note(returned->order_id);
    return std::optional(std::string(to_text(returned->outcome)));
  }

  void note(std::optional<core::OrderId> order) {
    if (order) written_.orders.push_back(*order);
  }

  WritableBooks& books_;
  const SettleContext& context_;
  const std::string& provider_;
  const Admit& admit_;
  base::Time now_;
  std::string actor_;
  PageWritten written_;
};

}  // namespace

bool has_money(const ListedPayment& payment) {
  return payment.state == PaymentState::paid || payment.state == PaymentState::refunded;
}

Result<std::optional<Session>> session_of_listed(storage::Books& books, const std::string& provider,
                                                 const ListedPayment& payment) {
  const storage::MoneyRef refs[] = {{provider, payment.payment_ref}};
  TRY(const auto settlements, books.settlements(refs));
  if (!settlements.empty()) return books.session(settlements.front().session_id);
  TRY(const auto record, books.provider_payment(provider, payment.payment_ref));
  if (record && record->session_id) return books.session(*record->session_id);
  if (!payment.merchant_reference.empty()) {
    TRY(auto named, books.session_by_public_id(payment.merchant_reference));
    if (named && named->provider == provider) return named;
  }
  if (payment.provider_ref.empty()) return std::optional<Session>();
  return books.session_by_provider_ref(provider, payment.provider_ref);
}

Result<std::vector<std::string>> unknown_refs(storage::Books& books, const std::string& provider,
                                              const std::vector<SeenPayment>& payments) {
  std::vector<std::string> refs;
  for (const SeenPayment& seen : payments) {
    const ListedPayment& payment = seen.payment;
    const bool matters = has_money(payment) || payment.state == PaymentState::authorized;
    if (!matters || seen.looked_up || !may_be_kept(payment)) continue;
    TRY(const auto session, session_of_listed(books, provider, payment));
    if (session) continue;
    TRY(const auto record, books.provider_payment(provider, payment.payment_ref));
    if (!record || !record->looked_up_at) refs.push_back(payment.payment_ref);
  }
  return refs;
}

Result<PageWritten> write_listed(WritableBooks& books, const SettleContext& context,
                                 const std::string& provider, const SeenPage& page,
                                 const Admit& admit) {
  return Writing(books, context, provider, admit).write(page);
}

}  // namespace quittance::detect
