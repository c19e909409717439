#include "detect/returned.hpp"

namespace quittance::detect {
namespace {

using base::Result;
using base::Task;
using core::Money;
using storage::WritableBooks;

/// What the books know to have gone back of one settlement.
Result<Money> recorded(storage::Books& books, const core::Session& session,
                       const storage::Settlement& settlement) {
  Money sum = Money::zero(settlement.counted.currency());
  TRY(const auto refunds, books.refunds_of_session(session.id));
  for (const storage::Refund& refund : refunds) {
    if (refund.settlement_id != settlement.id) continue;
    const auto both = refund.from_counted.plus(refund.from_excess);
    const auto more = both ? sum.plus(*both) : std::nullopt;
    if (!more) return base::fail(base::ErrorCode::internal, "Refunds that cannot be summed.");
    sum = *more;
  }
  return sum;
}

}  // namespace

Result<std::optional<Settled>> write_returned(WritableBooks& books, const SettleContext& context,
                                              const core::Session& session,
                                              const providers::ListedPayment& payment,
                                              core::EvidenceSource source) {
  TRY(const auto settlements, books.settlements_of_session(session.id));
  for (const storage::Settlement& settlement : settlements) {
    if (settlement.provider != session.provider || settlement.provider_ref != payment.payment_ref) {
      continue;
    }
    TRY(const Money before, recorded(books, session, settlement));
    const auto more = payment.refunded.minus(before);
    if (!more || more->is_zero()) return std::optional<Settled>();
    const base::Time now = context.clock.now();
    // The total makes the reference: told twice, it is the same return.
    const core::Evidence evidence{.kind = core::EvidenceKind::refund,
                                  .source = source,
                                  .session_id = session.id,
                                  .provider = session.provider,
                                  .provider_ref = payment.payment_ref + ":returned:" +
                                                  std::to_string(payment.refunded.minor()),
                                  .amount = *more,
                                  .receiver = "",
                                  .payer = payment.payer,
                                  .paid_at = now,
                                  .seen_at = now,
                                  .actor = "system",
                                  .reason = "given back, says " + session.provider,
                                  .raw = payment.raw,
                                  .against = payment.payment_ref};
    TRY(const Settled settled, settle(books, context, evidence));
    return std::optional(settled);
  }
  return std::optional<Settled>();
}

Task<Result<std::optional<Settled>>> take_returned(storage::Store& store, SettleContext context,
                                                   Bulletin& bulletin, core::Session session,
                                                   providers::ListedPayment payment) {
  std::move_only_function<Result<std::optional<Settled>>(WritableBooks&)> work =
      [context, session = std::move(session), payment = std::move(payment)](WritableBooks& books) {
        return write_returned(books, context, session, payment, core::EvidenceSource::webhook);
      };
  CO_TRY(const auto settled, co_await store.write<std::optional<Settled>>(std::move(work)));
  if (settled && settled->order_id) bulletin.publish(*settled->order_id);
  co_return settled;
}

}  // namespace quittance::detect
