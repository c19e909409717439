#include "detect/manual.hpp"

#include <map>

#include "detect/order_details.hpp"
#include "detect/stated.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using core::Evidence;
using storage::WritableBooks;
using Work = std::move_only_function<Result<Settled>(WritableBooks&)>;

Result<bool> check(const Hand& hand, std::string_view provider_ref) {
  TRY_VOID(check_reason(hand));
  if (provider_ref.size() > kReferenceMost) {
    return fail(ErrorCode::invalid_request, "A reference has at most 128 characters.",
                "provider_ref");
  }
  return true;
}

Evidence said_by(const Hand& hand, base::Time now) {
  return {.source = core::EvidenceSource::manual,
          .provider = "manual",
          .amount = core::Money::zero(*core::Currency::from_code("USD")),
          .paid_at = now,
          .seen_at = now,
          .actor = hand.actor,
          .reason = hand.reason};
}

/// The money of this order that a person names.
Result<storage::Settlement> settlement_of(WritableBooks& books, core::OrderId order,
                                          core::SettlementId id) {
  TRY(const auto settlements, books.settlements_of_order(order));
  for (const storage::Settlement& settlement : settlements) {
    if (settlement.id == id) return settlement;
  }
  return fail(ErrorCode::not_found, "No such money was counted for this order.", "settlement_id");
}

/// What somebody said about this order, and nobody has confirmed or refused yet.
Result<storage::SeenEvidence> waiting_claim(WritableBooks& books, const core::Order& order,
                                            core::EvidenceId id) {
  TRY(const auto claims, books.evidence_of_order(order.id));
  TRY(const auto refused, refused_claims(books, order.id));
  for (const storage::SeenEvidence& claim : claims) {
    if (refused.contains(claim.id)) continue;
    if (claim.id != id || claim.outcome != core::Outcome::awaiting_approval) continue;
    if (!order.attention.has(core::Attention::approval)) break;
    return claim;
  }
  return fail(ErrorCode::conflict, "Nothing on this order waits for a second person any more.");
}

std::string refusal_text(core::Outcome outcome) {
  if (outcome == core::Outcome::more_than_held) return "That is more than is left of this money.";
  if (outcome == core::Outcome::currency_mismatch) return "This money is of another currency.";
  if (outcome == core::Outcome::no_amount) return "Say how much went back.";
  if (outcome == core::Outcome::void_refused) {
    return "Only what a person said can be taken back, all of it, and only for a short while. Give "
           "the money back as a refund instead.";
  }
  return "This money cannot be given back.";
}

/// A refusal of what a person asked for is an error to that person, and leaves no trace.
Result<Settled> accepted(Result<Settled> settled) {
  if (!settled || core::returns_money(settled->outcome) ||
      settled->outcome == core::Outcome::already_refunded) {
    return settled;
  }
  return fail(ErrorCode::conflict, refusal_text(settled->outcome));
}

}  // namespace

Result<bool> check_reason(const Hand& hand) {
  if (hand.reason.size() < kReasonLeast || hand.reason.size() > kReasonMost) {
    return fail(ErrorCode::invalid_request,
                "Say in 5 to 500 characters why you know that the money came or went.", "reason");
  }
  return true;
}

Manual::Manual(storage::Store& store, SettleContext context, Bulletin& bulletin)
    : store_(store),
      context_(std::move(context)),
      bulletin_(bulletin),
      together_{[this](WritableBooks& books, std::span<const Said* const> said) {
        return settle_said(books, said);
      }} {}

SettledList Manual::settle_said(WritableBooks& books, std::span<const Said* const> said) {
  std::vector<core::OrderId> ids;
  for (const Said* one : said)
    ids.push_back(one->id);
  TRY(const auto orders, books.orders(ids));
  TRY(const auto newest, books.newest_sessions(ids));
  std::map<core::OrderId, const core::Order*> order_of;
  for (const core::Order& order : orders)
    order_of.emplace(order.id, &order);
  std::map<core::OrderId, core::SessionId> session_of;
  for (const storage::OrderSession& row : newest)
    session_of.emplace(row.order_id, row.session_id);
  std::vector<Claim> claims;
  std::vector<std::optional<Result<Settled>>> answers(said.size());
  std::vector<std::size_t> claimed;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const auto order = order_of.find(said[i]->id);
    const auto session = session_of.find(said[i]->id);
    if (order == order_of.end()) {
      answers[i] = fail(ErrorCode::not_found, "There is no such order.");
    } else if (order->second->due().is_zero()) {
      continue;  // handed over below
    } else if (session == session_of.end()) {
      answers[i] = fail(ErrorCode::conflict, "This order has never been asked to be paid.");
    } else {
      Claim claim = said[i]->claim;
      claim.evidence.session_id = session->second;
      claim.evidence.amount = order->second->due();
      const bool needs_two = context_.policy.needs_second_approver(claim.evidence.amount);
      const bool named = !said[i]->provider_ref.empty();
      auto reference =
          named ? named_reference(books, *order->second, said[i]->provider_ref, needs_two)
                : made_reference(books, *order->second, needs_two);
      if (!reference) {
        answers[i] = std::unexpected(reference.error());
        continue;
      }
      claim.evidence.provider_ref = std::move(*reference);
      if (named) {
        TRY(const auto row, books.session(session->second));
        claim.evidence.provider = row->provider;
      }
      TRY(claim.stated_before, stated_so_far(books, *order->second));
      claims.push_back(std::move(claim));
      claimed.push_back(i);
    }
  }
  std::vector<const Claim*> pointers;
  for (const Claim& claim : claims)
    pointers.push_back(&claim);
  TRY(auto settled, settle(books, context_, pointers));
  for (std::size_t i = 0; i < claimed.size(); ++i)
    answers[claimed[i]] = std::move(settled[i]);
  std::vector<Result<Settled>> results;
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (!answers[i]) {
      const Evidence& evidence = said[i]->claim.evidence;
      answers[i] = hand_over(books, context_, said[i]->id, evidence.actor, evidence.reason);
    }
    results.push_back(std::move(*answers[i]));
  }
  return results;
}

Task<Result<Settled>> Manual::mark_paid(core::OrderId id, Hand hand, std::string provider_ref) {
  CO_TRY_VOID(check(hand, provider_ref));
  Said said{.id = id,
            .claim = make_claim(context_, said_by(hand, context_.clock.now()), id),
            .provider_ref = std::move(provider_ref)};
  auto settled = co_await store_.write_together(together_, std::move(said));
  if (settled && settled->outcome == core::Outcome::evidence_reused) {
    settled =
        fail(ErrorCode::conflict, "This reference is counted for another order.", "provider_ref");
  }
  if (settled && settled->outcome == core::Outcome::already_settled) {
    // Said twice in one breath; a moment later it would be an order that owes nothing.
    settled = fail(ErrorCode::conflict, "Nothing is owed on this order any more.");
  }
  if (settled) bulletin_.publish(id);
  co_return settled;
}

Task<Result<Settled>> Manual::take_part(core::OrderId id, TakenPart part, Hand hand) {
  CO_TRY_VOID(check(hand, part.reference));
  // Named first: g++ 12 destroys a lambda twice that is made inside a co_await.
  Work work = [this, id, part = std::move(part),
               hand = std::move(hand)](WritableBooks& books) -> Result<Settled> {
    TRY(const auto order, books.order(id));
    if (!order) return fail(ErrorCode::not_found, "There is no such order.");
    const bool named = !part.reference.empty();
    if (named) {
      TRY(const bool known, is_counted(books, id, part.reference));
      if (known) {
        return Settled{.outcome = core::Outcome::already_settled,
                       .order_id = id,
                       .order_status = order->status};
      }
    }
    if (order->due().is_zero()) {
      return fail(ErrorCode::conflict, "Nothing is owed on this order any more.");
    }
    if (part.amount.is_zero() || !order->due().minus(part.amount)) {
      return fail(ErrorCode::invalid_request,
                  "What is due on this order is " + order->due().text() + ".", "amount");
    }
    const core::OrderId ids[] = {id};
    TRY(const auto newest, books.newest_sessions(ids));
    if (newest.empty()) {
      return fail(ErrorCode::conflict, "This order has never been asked to be paid.");
    }
    const bool may_be_refused = !context_.policy.second_approver_from.empty();
    Claim claim{.evidence = said_by(hand, context_.clock.now())};
    TRY(claim.evidence.provider_ref,
        named ? named_reference(books, *order, part.reference, may_be_refused)
              : made_reference(books, *order, may_be_refused));
    claim.evidence.session_id = newest.front().session_id;
    claim.evidence.amount = part.amount;
    claim.evidence.raw = base::Json::object({{"method", part.method}}).dump();
    TRY(claim.stated_before, stated_so_far(books, *order));
    return settle(books, context_, claim);
  };
  co_return co_await write(id, std::move(work));
}

Task<Result<Settled>> Manual::write(core::OrderId id,
                                    std::move_only_function<Result<Settled>(WritableBooks&)> work) {
  auto settled = co_await store_.write<Settled>(std::move(work));
  if (settled) bulletin_.publish(id);
  co_return settled;
}

Task<Result<Settled>> Manual::confirm(core::OrderId id, core::EvidenceId evidence, Hand hand) {
  CO_TRY_VOID(check(hand, ""));
  // Named first: g++ 12 destroys a lambda twice that is made inside a co_await.
  Work work = [this, id, evidence,
               hand = std::move(hand)](WritableBooks& books) -> Result<Settled> {
    TRY(const auto order, books.order(id));
    if (!order) return fail(ErrorCode::not_found, "There is no such order.");
    TRY(auto claim, waiting_claim(books, *order, evidence));
    if (claim.evidence.actor == hand.actor) {
      return fail(ErrorCode::forbidden, "Somebody else than the first person must confirm it.");
    }
    if (!still_due(claim.evidence, *order)) {
      return fail(ErrorCode::conflict,
                  "What is due on this order has changed since this was said: refuse it.");
    }
    claim.evidence.approver = hand.actor;
    return settle(books, context_, claim.evidence);
  };
  co_return co_await write(id, std::move(work));
}

Task<Result<Settled>> Manual::reject(core::OrderId id, core::EvidenceId evidence, Hand hand) {
  CO_TRY_VOID(check(hand, ""));
  // Named first: g++ 12 destroys a lambda twice that is made inside a co_await.
  Work work = [this, id, evidence,
               hand = std::move(hand)](WritableBooks& books) -> Result<Settled> {
    TRY(const auto found, books.order(id));
    if (!found) return fail(ErrorCode::not_found, "There is no such order.");
    TRY(const auto claim, waiting_claim(books, *found, evidence));
    core::Order order = *found;
    order.attention.clear(core::Attention::approval);
    TRY(const bool unchanged, books.update_order(order, *found));
    if (!unchanged) return fail(ErrorCode::conflict, "The order changed meanwhile; try again.");
    const base::Time now = context_.clock.now();
    const storage::Approval refusal{.order_id = id,
                                    .approver = hand.actor,
                                    .decision = "rejected",
                                    .reason = hand.reason,
                                    .evidence_id = claim.id,
                                    .created_at = now};
    TRY_VOID(books.insert_approvals(std::span(&refusal, 1)));
    TRY_VOID(books.insert_audit(
        {.created_at = now,
         .actor = hand.actor,
         .action = "approval.rejected",
         .subject_type = "order",
         .subject_id = id.value(),
         .details = base::Json::object({{"reason", hand.reason},
                                        {"provider_ref", claim.evidence.provider_ref},
                                        {"claim", claim.id.value()},
                                        {"order", order_details(order)}})
                        .dump()}));
    return Settled{.outcome = claim.outcome, .order_id = id, .order_status = order.status};
  };
  co_return co_await write(id, std::move(work));
}

Task<Result<Settled>> Manual::refund(core::OrderId id, GivenBack given, Hand hand) {
  CO_TRY_VOID(check(hand, given.provider_ref));
  // Named first: g++ 12 destroys a lambda twice that is made inside a co_await.
  Work work = [this, id, given = std::move(given),
               hand = std::move(hand)](WritableBooks& books) -> Result<Settled> {
    TRY(const auto original, settlement_of(books, id, given.settlement_id));
    TRY(const auto earlier, books.refunds_of_order(id));
    Evidence evidence = said_by(hand, context_.clock.now());
    evidence.kind = core::EvidenceKind::refund;
    evidence.session_id = original.session_id;
    evidence.provider = original.provider;
    evidence.provider_ref = given.provider_ref.empty()
                                ? "refund-" + std::to_string(original.id.value()) + "-" +
                                      std::to_string(earlier.size() + 1)
                                : given.provider_ref;
    evidence.against = original.provider_ref;
    evidence.amount = given.amount;
    return accepted(settle(books, context_, evidence));
  };
  co_return co_await write(id, std::move(work));
}

Task<Result<Settled>> Manual::take_back(core::OrderId id, core::SettlementId settlement,
                                        Hand hand) {
  CO_TRY_VOID(check(hand, ""));
  // Named first: g++ 12 destroys a lambda twice that is made inside a co_await.
  Work work = [this, id, settlement,
               hand = std::move(hand)](WritableBooks& books) -> Result<Settled> {
    TRY(const auto original, settlement_of(books, id, settlement));
    Evidence evidence = said_by(hand, context_.clock.now());
    evidence.kind = core::EvidenceKind::voided;
    evidence.session_id = original.session_id;
    evidence.provider = original.provider;
    evidence.provider_ref = "void-" + std::to_string(original.id.value());
    evidence.against = original.provider_ref;
    evidence.amount = original.counted.plus(original.excess).value_or(original.counted);
    return accepted(settle(books, context_, evidence));
  };
  co_return co_await write(id, std::move(work));
}

}  // namespace quittance::detect
