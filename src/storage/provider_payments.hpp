// Rows of pulled lists: payments as a provider tells of them, and the runs that pulled them.
#pragma once

#include <optional>
#include <string>

#include "core/core.hpp"

namespace quittance::storage {

/// A payment as its provider told of it last. It is no money in our books: that is a settlement.
struct ProviderPayment {
  std::int64_t id = 0;
  std::string provider;
  std::string payment_ref;         ///< unique at the provider
  std::string provider_ref;        ///< of the invoice, intent or QR that it answers; may be empty
  std::string merchant_reference;  ///< ours, if it was handed back
  std::string state;  ///< `pending`, `authorized`, `paid`, `failed`, `canceled` or `refunded`
  core::Money amount;
  core::Money refunded;
  std::string payer;
  base::Time created_at;
  std::optional<base::Time> paid_at;
  std::string raw;
  std::optional<core::SessionId> session_id;  ///< empty: it fits none
  /// What the funnel said, or why nobody was registered for an event; empty: neither.
  std::string outcome{};
  std::optional<base::Time> looked_up_at{};  ///< when it was asked for by itself
  base::Time first_seen_at;
  base::Time changed_at;
  bool operator==(const ProviderPayment&) const = default;
};

/// Which payments a list shows; newest first.
struct ProviderPaymentFilter {
  std::string provider;                ///< empty: of all
  bool unmatched = false;              ///< only money that fits no session
  std::optional<std::int64_t> before;  ///< cursor: ids below this one
  std::int64_t limit = 50;
};

/// One pull of a provider's list.
struct SyncRun {
  std::int64_t id = 0;
  std::string provider;
  std::string reason;             ///< `schedule` or `demand`
  std::string actor;              ///< who asked for it
  std::string state = "running";  ///< or `done`, `partial`, `failed`, `abandoned`
  std::string error{};            ///< why it is not `done`; fit for people
  base::Time since_at;            ///< the window that was asked for
  base::Time until_at;
  base::Time started_at;
  std::optional<base::Time> finished_at{};
  std::int64_t fetched = 0;     ///< items that came
  std::int64_t created = 0;     ///< payments that were new to us
  std::int64_t updated = 0;     ///< those that had changed
  std::int64_t settled = 0;     ///< those whose money was counted by this run
  std::int64_t returned = 0;    ///< returns of money that this run wrote
  std::int64_t attendees = 0;   ///< who registered for an event by these payments
  std::int64_t unmatched = 0;   ///< money at this provider that fits no session, at the end
  std::int64_t unreadable = 0;  ///< items that were kept as they came
  std::int64_t failed = 0;      ///< payments and pages that have to be tried again
};

/// How far a provider's list was read, and whose turn it is.
struct SyncHead {
  std::string provider;
  std::optional<base::Time> watermark_at{};
  std::optional<std::int64_t> run_id{};  ///< the run that holds the lease
  std::optional<base::Time> lease_until{};
  std::optional<base::Time> started_at{};  ///< when the last run began
};

/// A payment of one day as our books and its provider tell of it.
struct ReconciledPayment {
  std::string payment_ref;
  std::int64_t payment_id = 0;         ///< of the ProviderPayment; 0: it was never listed
  std::optional<core::Money> counted;  ///< what our books hold of it, excess included
  std::optional<core::Money> listed;   ///< what its provider says was paid
  std::optional<core::SessionId> session_id;
  std::optional<core::OrderId> order_id;
  std::string outcome;
  base::Time paid_at;
};

}  // namespace quittance::storage
