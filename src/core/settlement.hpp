// `decide`: what follows from a piece of evidence. Pure, total, and the only place that says so.
// The table in words: src/core/settlement.txt, which the test walks exhaustively.
#pragma once

#include <optional>
#include <string_view>

#include "core/evidence.hpp"
#include "core/order.hpp"
#include "core/policy.hpp"
#include "core/session.hpp"

namespace quittance::core {

/// What came of a piece of evidence, in order of precedence: the first that applies is the answer.
/// The first half is about money that comes (`decide`), the second about money that goes back
/// (`decide_refund`, core/refund.hpp).
enum class Outcome {
  already_settled,        ///< this very money is counted for this session (law 2)
  evidence_reused,        ///< this very money is counted for another session
  currency_mismatch,      ///< money of another currency
  receiver_mismatch,      ///< money that reached somebody else
  older_than_session,     ///< money from before we asked for it
  no_amount,              ///< nothing moved
  awaiting_approval,      ///< a person's word, to be confirmed by a second person (C13)
  refunded_before,        ///< the order was refunded: recorded, to be given back
  excess,                 ///< the order needs no more money: recorded, to be given back (C33)
  underpaid,              ///< counted, but the order is still owed something
  paid_late_needs_staff,  ///< counted in full, but a person decides about the goods
  overpaid,               ///< settles the order; what is beyond it is to be given back
  paid_late_accepted,     ///< settles although the interactive window was over
  settled,                ///< the ordinary case

  already_refunded,  ///< this very refund is recorded
  unknown_original,  ///< the money that it gives back was never counted
  more_than_held,    ///< more than is left of that money
  void_refused,      ///< only a person's whole claim can be taken back, and only for a while
  voided,            ///< a person's claim is taken back; the order owes it again
  excess_returned,   ///< only what came beyond the order went back
  refunded_partly,   ///< part of what was counted went back
  refunded,          ///< nothing that was counted is left with us
};
std::string_view to_text(Outcome outcome);
std::optional<Outcome> outcome_from(std::string_view text);

/// Whether this provider_ref was recorded before.
enum class Known { never, for_this_session, for_another_session };

/// Whether the goods can be handed over if the order completes now.
enum class Goods {
  set_aside,    ///< reserved for this order
  available,    ///< the hold has ended, but enough is left
  gone,         ///< the hold has ended, and less is left than was ordered
  not_counted,  ///< the session stands for no goods
};

/// All that `decide` looks at. `order_status` is empty for a free-standing session.
struct Situation {
  Known known = Known::never;
  std::optional<OrderStatus> order_status;
  SessionStatus session_status = SessionStatus::open;
  Money due;  ///< still owed by the order, or the session's amount without one
  Goods goods = Goods::set_aside;
  std::string_view receiver;  ///< account the session names; empty: any of ours
  base::Time session_created_at;
  base::Time session_expires_at;
  LatePolicy late = LatePolicy::accept;
  bool needs_approval = false;  ///< a person's word that a second person has not confirmed yet
};

/// A provider's clock may be this much behind ours before money counts as older than the session.
/// More than an hour, because our own may have been an hour ahead when the session was made (N14);
/// it costs nothing, because the reference that is asked by belongs to this session alone.
inline constexpr base::Duration kClockSkewLimit{2 * 60 * 60 * 1000};

/// What is to be written. Money in `counted` and `excess` together is what came, or nothing at all
/// when the outcome refuses the evidence.
struct Decision {
  Outcome outcome = Outcome::settled;
  Money counted;                ///< goes to the order's `paid`
  Money excess;                 ///< to be given back
  bool settle_session = false;  ///< the session becomes settled
  bool complete_order = false;  ///< pending (or canceled) becomes completed; pass is issued
  bool commit_stock = false;    ///< goods leave the stock
  AttentionSet raise{};         ///< what a person should look at from now on
  AttentionSet clear{};         ///< what nobody needs to look at any more; cleared before raising

  bool operator==(const Decision&) const = default;
};

/// The rule of settling. Total: every combination has an answer; the same input, the same answer.
Decision decide(const Situation& situation, const Evidence& evidence);

/// Whether an outcome of a payment wrote money into the books.
bool counts_money(Outcome outcome);

}  // namespace quittance::core
