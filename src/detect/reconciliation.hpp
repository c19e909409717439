// Reconciliation: the payments of one day as our books and their provider tell of them, side by
// side.
#pragma once

#include <array>
#include <map>

#include "storage/storage.hpp"

namespace quittance::detect {

/// More payments of a provider in one day than these are not put side by side (law 9).
inline constexpr std::int64_t kReconciledLimit = 100'000;

/// How the two sides of a payment compare.
enum class Comparison {
  matched,    ///< both tell of the same amount
  missing,    ///< our books counted it, the provider's list does not have it as paid
  over,       ///< the provider tells of more than we counted
  under,      ///< the provider tells of less
  unmatched,  ///< only the provider tells of it, and it fits no session
  uncounted,  ///< it fits a session, and our books did not count it
};
inline constexpr std::array kComparisons{Comparison::matched,   Comparison::missing,
                                         Comparison::over,      Comparison::under,
                                         Comparison::unmatched, Comparison::uncounted};
std::string_view to_text(Comparison comparison);
Comparison compare(const storage::ReconciledPayment& payment);

/// Minor units by currency.
using Sums = std::map<std::string, std::int64_t>;

/// The payments of one kind. The sum is of what we counted where both sides agree or only we tell,
/// of the difference where they do not, and of what is listed where only the provider tells.
struct ComparedPayments {
  std::vector<storage::ReconciledPayment> payments;
  Sums sums;
};

struct Reconciliation {
  base::Time since;
  base::Time until;
  /// Whether the provider's list has been read beyond the end of the day.
  bool complete = false;
  std::int64_t expected = 0;  ///< payments that our books counted
  Sums expected_sums;
  std::map<Comparison, ComparedPayments> compared;
};

/// The day that begins at `since`, UTC, by the provider's moments of payment. payload_too_large
/// when there are more than kReconciledLimit.
base::Result<Reconciliation> reconcile(storage::Books& books, std::string_view provider,
                                       base::Time since);

}  // namespace quittance::detect
