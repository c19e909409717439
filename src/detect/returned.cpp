#include "detect/returned.hpp"

namespace quittance::detect {
namespace {

using base::Result;
using base::Task;
using core::Money;
using storage::WritableBooks;

core::Evidence evidence_of(const core::Session& session, const providers::ListedPayment& payment,
                           core::EvidenceKind kind, Money total, core::EvidenceSource source,
                           base::Time now) {
  const bool by_dispute = kind == core::EvidenceKind::reversal;
  return {.kind = kind,
          .source = source,
          .session_id = session.id,
          .provider = session.provider,
          // The total makes the reference: told twice, it is the same return.
          .provider_ref = payment.payment_ref + (by_dispute ? ":disputed:" : ":returned:") +
                          std::to_string(total.minor()),
          .amount = total,
          .receiver = "",
          .payer = payment.payer,
          .paid_at = now,
          .seen_at = now,
          .actor = "system",
          .reason = (by_dispute ? "taken back in a dispute, says " : "given back, says ") +
                    session.provider,
          .raw = payment.raw,
          .against = payment.payment_ref};
}

/// What went in one way beyond what the books know of it.
Result<std::optional<Settled>> write_one(WritableBooks& books, const SettleContext& context,
                                         const core::Session& session,
                                         const storage::Settlement& settlement,
                                         const providers::ListedPayment& payment,
                                         core::EvidenceKind kind, core::EvidenceSource source) {
  const Money total = kind == core::EvidenceKind::reversal
                          ? payment.disputed.value_or(Money::zero(payment.amount.currency()))
                          : payment.refunded;
  TRY(const Money before, recorded_returns(books, settlement, kind));
  const auto more = total.minus(before);
  if (!more || more->is_zero()) return std::optional<Settled>();
  core::Evidence evidence = evidence_of(session, payment, kind, total, source, context.clock.now());
  evidence.amount = *more;
  TRY(const Settled settled, settle(books, context, evidence));
  return std::optional(settled);
}

}  // namespace

Result<Money> recorded_returns(storage::Books& books, const storage::Settlement& settlement,
                               core::EvidenceKind kind) {
  const bool by_dispute = kind == core::EvidenceKind::reversal;
  Money sum = Money::zero(settlement.counted.currency());
  TRY(const auto refunds, books.refunds_of_session(settlement.session_id));
  for (const storage::Refund& refund : refunds) {
    if (refund.settlement_id != settlement.id) continue;
    if ((refund.kind == core::EvidenceKind::reversal) != by_dispute) continue;
    const auto both = refund.from_counted.plus(refund.from_excess);
    const auto more = both ? sum.plus(*both) : std::nullopt;
    if (!more) return base::fail(base::ErrorCode::internal, "Refunds that cannot be summed.");
    sum = *more;
  }
  return sum;
}

Result<std::optional<Settled>> write_returned(WritableBooks& books, const SettleContext& context,
                                              const core::Session& session,
                                              const providers::ListedPayment& payment,
                                              core::EvidenceSource source) {
  TRY(const auto settlements, books.settlements_of_session(session.id));
  std::optional<Settled> last;
  for (const storage::Settlement& settlement : settlements) {
    if (settlement.provider != session.provider || settlement.provider_ref != payment.payment_ref) {
      continue;
    }
    for (const auto kind : {core::EvidenceKind::refund, core::EvidenceKind::reversal}) {
      TRY(const auto written,
          write_one(books, context, session, settlement, payment, kind, source));
      if (written) last = written;
    }
    break;
  }
  return last;
}

Task<Result<std::optional<Settled>>> take_returned(storage::Store& store, SettleContext context,
                                                   Bulletin& bulletin, core::Session session,
                                                   providers::ListedPayment payment,
                                                   core::EvidenceSource source) {
  std::move_only_function<Result<std::optional<Settled>>(WritableBooks&)> work =
      [context, session = std::move(session), payment = std::move(payment),
       source](WritableBooks& books) {
        return write_returned(books, context, session, payment, source);
      };
  CO_TRY(const auto settled, co_await store.write<std::optional<Settled>>(std::move(work)));
  if (settled && settled->order_id) bulletin.publish(*settled->order_id);
  co_return settled;
}

}  // namespace quittance::detect
