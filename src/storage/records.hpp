// Rows that are more than a core value, as they are read and written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/core.hpp"

namespace quittance::storage {

struct Product {
  core::ProductId id;
  std::string name;
  std::string description;
  std::string picture;
  core::Money price;
  std::int64_t stock = 0;
  std::int64_t reserved = 0;
  std::int64_t available() const { return stock > reserved ? stock - reserved : 0; }
};

/// An order as a list shows it.
struct OrderSummary {
  core::Order order;
  std::int64_t item_count = 0;
  std::string customer_name;
};

/// Which orders a list shows; newest first.
struct OrderFilter {
  std::optional<core::CustomerId> customer_id;  ///< empty: everybody's
  std::optional<core::OrderStatus> status;
  bool needs_attention = false;         ///< everybody's that a person should look at
  std::optional<core::OrderId> before;  ///< cursor: ids below this one
  std::int64_t limit = 20;
};

struct OrderCounts {
  std::int64_t pending = 0;
  std::int64_t completed = 0;
  std::int64_t canceled = 0;
  std::int64_t refunded = 0;
  std::int64_t all() const { return pending + completed + canceled + refunded; }
};

/// Money in the books, and why it is there.
struct Settlement {
  core::SettlementId id;
  core::SessionId session_id;
  std::optional<core::OrderId> order_id;
  core::EvidenceId evidence_id;
  std::string provider;
  std::string provider_ref;
  core::Outcome outcome = core::Outcome::settled;
  core::Money counted;
  core::Money excess;
  std::string verification_method;  ///< `automatic` or `manual`
  std::string reason;
  base::Time paid_at;
  base::Time settled_at;
};

/// Counted money that went back: a compensating entry.
struct Refund {
  core::RefundId id;
  core::SettlementId settlement_id;
  std::optional<core::OrderId> order_id;
  core::EvidenceId evidence_id;
  core::EvidenceKind kind = core::EvidenceKind::refund;
  std::string provider;
  std::string provider_ref;
  core::Outcome outcome = core::Outcome::refunded;
  core::Money from_counted;
  core::Money from_excess;
  std::string actor;
  std::string reason;
  base::Time refunded_at;  ///< when the money went
  base::Time recorded_at;
};

/// Which money is meant; texts are borrowed.
struct MoneyRef {
  std::string_view provider;
  std::string_view provider_ref;
  auto operator<=>(const MoneyRef&) const = default;
};

/// What settling needs of an order's item.
struct OrderLine {
  std::int64_t id = 0;
  core::OrderId order_id;
  core::ProductId product_id;
  std::int64_t quantity = 0;
  std::int64_t missing = 0;  ///< of the quantity: was not there when the order completed
};

/// An order and its newest payment session.
struct OrderSession {
  core::OrderId order_id;
  core::SessionId session_id;
};

/// Compare-and-set (law 2): a row changes only while it is as it was read.
struct SessionChange {
  core::SessionId id;
  core::SessionStatus expected = core::SessionStatus::open;
  core::SessionStatus status = core::SessionStatus::open;
  std::optional<base::Time> completed_at;
};
struct OrderChange {
  core::Order order;
  core::OrderStatus expected = core::OrderStatus::pending;
  core::Money expected_paid;
  core::Money expected_refunded;
};
struct StockChange {
  core::ProductId id;
  std::int64_t stock = 0;     ///< added to what is there
  std::int64_t reserved = 0;  ///< added to what is reserved
};

/// A claim to be written, and what was decided about it.
struct NewEvidence {
  const core::Evidence* evidence = nullptr;
  core::Outcome outcome = core::Outcome::settled;
};

/// Evidence with what came of it.
struct SeenEvidence {
  core::EvidenceId id;
  core::Evidence evidence;
  core::Outcome outcome = core::Outcome::settled;
};

struct Pass {
  std::string kind;
  std::string subject;
  std::string period;
  std::string token;
  std::optional<core::OrderId> order_id;
  bool active = true;
  base::Time valid_from;
  base::Time valid_until;
};

struct Approval {
  core::OrderId order_id;
  std::string approver;
  std::string decision;
  std::string reason;
  std::optional<core::EvidenceId> evidence_id;
  base::Time created_at;
};

/// One question to a provider and its answer (S1.50). The poller's questions that bring "not yet"
/// again and again are one row that counts them.
struct Query {
  core::SessionId session_id;
  std::string source;
  base::Time asked_at;  ///< the last time
  std::int64_t duration_ms = 0;
  std::string answer;  ///< `paid`, `not_yet`, `final_no` or `unknown`
  std::string reason;
  base::Time first_asked_at{};  ///< read only
  std::int64_t times = 1;       ///< read only
};

/// One act, and all that follows from it (docs/audit.md says what `details` hold).
struct AuditEntry {
  base::Time created_at;
  std::string actor;
  std::string action;
  std::string subject_type;
  std::int64_t subject_id = 0;
  std::string details;      ///< a JSON object; these very bytes are hashed
  std::int64_t seq = 0;     ///< read only: 1, 2, 3 … without a gap
  std::string leaf_hash{};  ///< read only: hex
};

/// A signed head of the log.
struct StoredCheckpoint {
  std::int64_t size = 0;  ///< entries that it covers
  std::string note;
  base::Time created_at;
};

/// The tables that a second reader derives again from the log.
enum class LedgerTable {
  orders,
  order_items,
  payment_sessions,
  evidence,
  settlements,
  refunds,
  passes,
  approvals,
};
std::string_view to_text(LedgerTable table);

/// What their rows are about.
enum class LedgerSubject {
  order,
  session,  ///< a payment session without an order
};

/// News for others: `topic` is a noun and what happened to it, `dedupe_key` names this one event.
struct OutboxEntry {
  std::string topic;
  std::string dedupe_key;
  std::string payload;  ///< a JSON object
  base::Time created_at;
  std::int64_t id = 0;  ///< read only
};

/// Where news goes to.
enum class DeliveryKind { merchant_webhook, mail };
std::string_view to_text(DeliveryKind kind);
/// How far one delivery is. `dead`: given up; a person may look.
enum class DeliveryState { pending, delivered, dead };
std::string_view to_text(DeliveryState state);

/// A delivery to be: one piece of news for one destination.
struct NewDelivery {
  std::int64_t outbox_id = 0;
  std::string destination;
  DeliveryKind kind = DeliveryKind::merchant_webhook;
  std::optional<core::OrderId> order_id;
};

/// One piece of news on its way to one destination.
struct Delivery {
  std::int64_t id = 0;
  std::string destination;  ///< an endpoint's address, or `mail`
  DeliveryKind kind = DeliveryKind::merchant_webhook;
  std::optional<core::OrderId> order_id;
  DeliveryState state = DeliveryState::pending;
  std::int64_t attempts = 0;  ///< begun so far
  std::string last_error;     ///< a stable word; empty when the last attempt brought none
  base::Time created_at;
  std::optional<base::Time> next_attempt_at;  ///< while pending
  std::optional<base::Time> delivered_at;
  OutboxEntry news;
};

enum class Role { customer, staff, admin };
std::string_view to_text(Role role);
std::optional<Role> role_from(std::string_view text);

struct User {
  core::UserId id;
  std::string username;
  std::string password_hash;
  Role role = Role::customer;
  std::optional<core::CustomerId> customer_id;
};

struct Customer {
  core::CustomerId id;
  std::string name;
  std::string email;
};

/// A browser that is logged in, as a user or as a guest customer.
struct Login {
  std::string token_hash;
  std::optional<core::UserId> user_id;
  std::optional<core::CustomerId> customer_id;
  std::string csrf_token;
  Role role = Role::customer;
  std::string username;
  base::Time created_at;
  base::Time expires_at;
};

/// A POST that may come twice: its key, a hash of what it asked, and the answer it got.
struct IdempotencyRecord {
  std::string scope;
  std::string idempotency_key;
  std::string request_hash;
  std::int64_t status = 0;
  std::string body;
  base::Time created_at;
};

/// A provider's notice as it came, and how far we are with it.
struct StoredNotice {
  std::int64_t id = 0;
  std::string provider;
  std::string notice_id;
  std::string kind;
  std::string provider_ref;
  std::string payment_ref;
  std::string merchant_reference;
  std::string headers;  ///< a JSON array of pairs
  std::string query;
  std::string body;
  base::Time received_at;
  std::int64_t attempts = 0;  ///< of processing it
  std::string outcome{};      ///< of the last of them
  bool processed = false;
};

/// Detection delays are told of the newest thousand settlements within this time.
inline constexpr base::Duration kDelaysOver = std::chrono::hours(24 * 7);

/// How much the detector has before it at one provider, and how fast it was.
struct DetectionFigures {
  std::int64_t due_sessions = 0;
  std::optional<base::Time> oldest_due_at;  ///< since when the longest due one has waited
  std::int64_t open_sessions = 0;
  std::optional<base::Time> oldest_unknown_at;  ///< made; its last answer was "unknown"
  std::int64_t never_matched = 0;       ///< payments and notices that fit no session of ours
  std::vector<std::int64_t> delays_ms;  ///< settled_at − paid_at, in kDelaysOver
};

}  // namespace quittance::storage
