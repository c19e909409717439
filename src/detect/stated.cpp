#include "detect/stated.hpp"

#include <algorithm>

namespace quittance::detect {

using base::ErrorCode;
using base::fail;
using base::Result;
using core::Evidence;

namespace {

/// The method of a part that a person took; empty for a claim of all that is due.
std::string method_in(const Evidence& evidence) {
  const auto said = base::Json::parse(evidence.raw);
  return said ? (*said)["method"].text_or_empty() : std::string();
}

}  // namespace

Result<std::set<core::EvidenceId>> refused_claims(storage::Books& books, core::OrderId order) {
  TRY(const auto approvals, books.approvals_of_order(order));
  std::set<core::EvidenceId> refused;
  for (const storage::Approval& approval : approvals) {
    if (approval.decision == "rejected" && approval.evidence_id) {
      refused.insert(*approval.evidence_id);
    }
  }
  return refused;
}

Result<std::string> made_reference(storage::Books& books, const core::Order& order,
                                   bool needs_two) {
  std::string reference =
      "order-" + std::to_string(order.id.value()) + "-after-" + std::to_string(order.paid.minor());
  if (!needs_two) return reference;
  TRY(const auto refused, refused_claims(books, order.id));
  if (!refused.empty()) reference += "-again-" + std::to_string(refused.size());
  return reference;
}

Result<std::string> named_reference(storage::Books& books, const core::Order& order,
                                    const std::string& provider_ref, bool needs_two) {
  if (!needs_two) return provider_ref;
  TRY(const auto refused, refused_claims(books, order.id));
  TRY(const auto seen, books.evidence_of_order(order.id));
  for (const storage::SeenEvidence& claim : seen) {
    if (claim.evidence.provider_ref == provider_ref && refused.contains(claim.id)) {
      return fail(ErrorCode::conflict, "Somebody refused to confirm this reference.",
                  "provider_ref");
    }
  }
  return provider_ref;
}

Result<core::Money> stated_so_far(storage::Books& books, const core::Order& order) {
  core::Money sum = core::Money::zero(order.total.currency());
  if (order.paid.is_zero()) return sum;
  TRY(const auto settlements, books.settlements_of_order(order.id));
  TRY(const auto refunds, books.refunds_of_order(order.id));
  for (const storage::Settlement& settlement : settlements) {
    // What was only paid back was stated all the same.
    const bool taken_back = std::ranges::any_of(refunds, [&](const storage::Refund& refund) {
      return refund.settlement_id == settlement.id && refund.kind == core::EvidenceKind::voided;
    });
    if (settlement.verification_method != "manual" || taken_back) continue;
    const auto more = sum.plus(settlement.counted);
    if (!more) return fail(ErrorCode::internal, "Claims that cannot be summed.");
    sum = *more;
  }
  return sum;
}

bool still_due(const Evidence& claim, const core::Order& order) {
  if (method_in(claim).empty()) return claim.amount == order.due();
  return order.due().minus(claim.amount).has_value();
}

Result<bool> is_counted(storage::Books& books, core::OrderId id, const std::string& reference) {
  const storage::MoneyRef ref{.provider = "manual", .provider_ref = reference};
  TRY(const auto known, books.settlements(std::span(&ref, 1)));
  if (known.empty()) return false;
  if (known.front().order_id == id) return true;
  return fail(ErrorCode::conflict, "This reference is counted for another order.", "reference");
}

}  // namespace quittance::detect
