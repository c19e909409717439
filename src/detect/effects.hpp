// What a batch of decisions adds to the books besides the rows of its ledger: facts, and what
// follows from them. Collected while deciding, written set by set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "detect/ledger.hpp"
#include "detect/settle.hpp"

namespace quittance::detect {

/// A row that points at a piece of evidence by its place in `Effects::evidence`, because it has no
/// id yet; empty: at none.
template <class Row>
struct OfEvidence {
  std::optional<std::size_t> evidence;
  Row row;
};

/// An entry of the log; its details still lack the evidence's id.
struct NewEntry {
  storage::AuditEntry entry;
  base::Json details;
  /// Written only where the evidence is new: what was seen before and changed nothing is no news.
  bool if_new = false;
};

struct Effects {
  std::vector<storage::NewEvidence> evidence;
  std::vector<OfEvidence<storage::Settlement>> settlements;
  std::vector<OfEvidence<storage::Refund>> refunds;
  std::vector<OfEvidence<storage::Approval>> approvals;
  std::vector<storage::Pass> passes;
  std::vector<core::OrderId> revoked;
  std::vector<core::OrderId> completed;  ///< whoever wished for a tax receipt gets it now
  std::vector<core::SettlementId> without_receipt;  ///< went back: its tax receipt is to go too
  std::vector<storage::OutboxEntry> outbox;
  std::vector<OfEvidence<NewEntry>> audit;
};

/// What decisions are written down in.
struct Desk {
  const SettleContext& context;
  base::Time now;  ///< one moment for every row of the group and for what the log says of them
  Ledger& ledger;
  Effects& effects;
};

/// Goods that left the stock, or came back, with one decision.
struct GoodsMoved {
  core::ProductId product_id;
  std::int64_t stock = 0;     ///< added to what is there
  std::int64_t reserved = 0;  ///< added to what is reserved
};

/// What a second reader of the log needs besides the money.
struct Consequences {
  std::vector<GoodsMoved> goods;
  std::optional<storage::Pass> pass;  ///< issued or revoked
};

struct Completion {
  bool take_goods = true;
  base::Time paid_at;
  std::string approver;
  std::string reason;
  std::optional<std::size_t> evidence;
  std::string pass_token;  ///< empty: signed here
  std::string cause;       ///< makes the announcement one of its kind
};

/// An order becomes completed: goods, pass, approval, announcement.
Consequences complete_order(Desk& desk, OrderEntry& order, Completion completion);

/// An order that was completed owes again (`reopen`) or was refunded: its pass is revoked, its
/// goods come back if asked for.
Consequences undo_order(Desk& desk, OrderEntry& order, bool return_goods, bool revoke_pass);

/// The audit entry of a decision about money.
NewEntry audit_of(const Desk& desk, std::string action, const core::Evidence& evidence,
                  const SessionEntry& session, const OrderEntry* order, base::Json decision,
                  const Consequences& consequences);

/// The audit entry of goods that a named person handed over.
NewEntry audit_of_hand_over(const Desk& desk, const OrderEntry& order, const std::string& actor,
                            const std::string& reason, const Consequences& consequences);

/// Money went back: writes what `core::decide_refund` decided.
base::Result<Settled> give_back(Desk& desk, const core::Evidence& evidence);

}  // namespace quittance::detect
