#include "detect/reconciliation.hpp"

namespace quittance::detect {

using base::Result;
using core::Money;
using storage::ReconciledPayment;

namespace {

void add(Sums& sums, Money money) { sums[std::string(money.currency().code())] += money.minor(); }

void add_sum(Sums& sums, Comparison comparison, const ReconciledPayment& payment) {
  switch (comparison) {
    case Comparison::matched:
    case Comparison::missing:
      return add(sums, *payment.counted);
    case Comparison::over:
      return add(sums, *payment.listed->minus(*payment.counted));
    case Comparison::under:
      return add(sums, *payment.counted->minus(*payment.listed));
    case Comparison::unmatched:
    case Comparison::uncounted:
      return add(sums, *payment.listed);
  }
}

}  // namespace

std::string_view to_text(Comparison comparison) {
  switch (comparison) {
    case Comparison::matched:
      return "matched";
    case Comparison::missing:
      return "missing";
    case Comparison::over:
      return "over";
    case Comparison::under:
      return "under";
    case Comparison::unmatched:
      return "unmatched";
    case Comparison::uncounted:
      return "uncounted";
  }
  return "";
}

Comparison compare(const ReconciledPayment& payment) {
  if (!payment.counted) return payment.session_id ? Comparison::uncounted : Comparison::unmatched;
  const auto order = payment.listed ? payment.listed->compare(*payment.counted) : std::nullopt;
  // Money of another currency is not the money that we counted.
  if (!order) return Comparison::missing;
  if (*order == std::strong_ordering::equal) return Comparison::matched;
  return *order == std::strong_ordering::greater ? Comparison::over : Comparison::under;
}

Result<Reconciliation> reconcile(storage::Books& books, std::string_view provider,
                                 base::Time since) {
  Reconciliation day{.since = since, .until = since + std::chrono::hours(24)};
  TRY(auto payments,
      books.reconciled_payments(provider, day.since, day.until, kReconciledLimit + 1));
  if (static_cast<std::int64_t>(payments.size()) > kReconciledLimit) {
    return base::fail(base::ErrorCode::payload_too_large,
                      "This day has too many payments to put side by side.");
  }
  TRY(const storage::SyncHead head, books.sync_head(provider));
  day.complete = head.watermark_at && *head.watermark_at >= day.until;
  for (const Comparison comparison : kComparisons)
    day.compared.emplace(comparison, ComparedPayments());
  for (ReconciledPayment& payment : payments) {
    if (payment.counted) {
      ++day.expected;
      add(day.expected_sums, *payment.counted);
    }
    const Comparison comparison = compare(payment);
    ComparedPayments& group = day.compared.at(comparison);
    add_sum(group.sums, comparison, payment);
    group.payments.push_back(std::move(payment));
  }
  return day;
}

}  // namespace quittance::detect
