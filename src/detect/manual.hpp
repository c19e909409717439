// A named person as a source of truth (law 1): says that money came, confirms what another said,
// gives money back, takes a mistake back. All of it goes through the funnel, with a reason.
#pragma once

#include "detect/bulletin.hpp"
#include "detect/settle.hpp"

namespace quittance::detect {

/// Limits of a reason, in bytes of UTF-8.
inline constexpr std::size_t kReasonLeast = 5;
inline constexpr std::size_t kReasonMost = 500;
/// Of a reference that a person reads off a bank statement, in bytes.
inline constexpr std::size_t kReferenceMost = 128;

/// Who does it, and why.
struct Hand {
  std::string actor;
  std::string reason;
};

/// invalid_request for a reason out of its limits.
base::Result<bool> check_reason(const Hand& hand);

/// Money that a person gave back.
struct GivenBack {
  core::SettlementId settlement_id;
  core::Money amount;
  std::string provider_ref{};  ///< the transfer's reference; empty: one is made
};

/// A part of what an order owes, taken by a way to pay that nobody can be asked about: cash, a card
/// terminal, a bank transfer.
struct TakenPart {
  core::Money amount;
  std::string method;  ///< `CASH`; stays with the evidence
  /// One of a kind where there is one: a slip's number, or a request's own key. The same again is
  /// the same money. Empty: a second part of the same order is known by what was paid before it.
  std::string reference{};
};

/// What staff do by hand. Errors: invalid_request for a reason or reference out of its limits,
/// not_found, conflict when the order or the money is not in a state for it (the message says why).
class Manual {
 public:
  Manual(storage::Store& store, SettleContext context, Bulletin& bulletin);

  /// All that is due on the order has come (C13). `provider_ref`: the bank's reference of that
  /// money, if the person knows it; the bank's own word for it is then no second payment. An order
  /// that is paid but was not completed (N3) is handed over.
  base::Task<base::Result<Settled>> mark_paid(core::OrderId id, Hand hand,
                                              std::string provider_ref = std::string());
  /// A part has come. `already_settled` for a reference that is counted for this order, before
  /// anything else is looked at (C16); conflict for one of another order, and when nothing is owed;
  /// invalid_request for more than is owed.
  base::Task<base::Result<Settled>> take_part(core::OrderId id, TakenPart part, Hand hand);
  /// A second person confirms what somebody else said, or refuses to.
  base::Task<base::Result<Settled>> confirm(core::OrderId id, core::EvidenceId evidence, Hand hand);
  base::Task<base::Result<Settled>> reject(core::OrderId id, core::EvidenceId evidence, Hand hand);
  /// Counted money went back to the payer.
  base::Task<base::Result<Settled>> refund(core::OrderId id, GivenBack given, Hand hand);
  /// What a person said about this money was a mistake.
  base::Task<base::Result<Settled>> take_back(core::OrderId id, core::SettlementId settlement,
                                              Hand hand);

 private:
  /// What a person says, complete but for what only the books know.
  struct Said {
    core::OrderId id;
    Claim claim;
    std::string provider_ref;
  };
  SettledList settle_said(storage::WritableBooks& books, std::span<const Said* const> said);
  base::Task<base::Result<Settled>> write(
      core::OrderId id,
      std::move_only_function<base::Result<Settled>(storage::WritableBooks&)> work);

  storage::Store& store_;
  SettleContext context_;
  Bulletin& bulletin_;
  storage::Together<Said, Settled> together_;
};

}  // namespace quittance::detect
