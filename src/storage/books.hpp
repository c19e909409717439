// The books: every SQL statement of the program, named, once. `Books` reads; `WritableBooks` also
// writes and exists only inside a write transaction of the Store.
#pragma once

#include <span>

#include "storage/database.hpp"
#include "storage/events.hpp"
#include "storage/provider_payments.hpp"
#include "storage/records.hpp"
#include "storage/tax_receipts.hpp"

namespace quittance::storage {

template <class T>
using Found = base::Result<std::optional<T>>;
template <class T>
using Listed = base::Result<std::vector<T>>;

/// The moments of taking due sessions.
struct Claiming {
  base::Time now;
  base::Time lease_until;
  /// Nobody plans further ahead: what lies beyond was planned by a clock that has been set back.
  base::Duration longest_pause = std::chrono::hours(1);
  core::Ranking ranking = core::Ranking::expected_delay;
};

/// More orders of a kind than this are not counted for a list (law 9).
inline constexpr std::int64_t kOrdersCounted = 100'000;

/// Reading statements. `Found` is empty when there is no such row; lists are in the order named.
class Books {
 public:
  explicit Books(Connection& connection) : connection_(connection) {}

  /// What `look` gives when nothing changes while it looks. Not inside a write transaction, which
  /// is like that anyway.
  template <class Look>
  auto at_one_moment(Look&& look) -> decltype(look(*this)) {
    TRY_VOID(connection_.begin_read());
    auto seen = look(*this);
    connection_.rollback();
    return seen;
  }

  Listed<Product> products();
  Found<Product> product(core::ProductId id);
  /// Of many, in no particular order; those that do not exist are missing. So are the other lists
  /// that take a span.
  Listed<Product> products(std::span<const core::ProductId> ids);

  Found<core::Order> order(core::OrderId id);
  Listed<core::Order> orders(std::span<const core::OrderId> ids);
  /// Those whose money all went back, whose hold is over, and about which nobody asks any more, but
  /// that still wait or hold goods. At most `limit`.
  Listed<core::Order> abandoned_orders(base::Time now, std::int64_t limit);
  Listed<OrderLine> order_lines(std::span<const core::OrderId> ids);
  Listed<core::OrderItem> order_items(const core::Order& order);
  Listed<OrderSummary> orders(const OrderFilter& filter);
  /// Each kind up to `most`.
  base::Result<OrderCounts> order_counts(std::optional<core::CustomerId> customer_id,
                                         std::int64_t most = kOrdersCounted);
  /// How many orders a person should look at.
  base::Result<std::int64_t> flagged_order_count();

  Found<core::Session> session(core::SessionId id);
  Listed<core::Session> sessions(std::span<const core::SessionId> ids);
  Listed<OrderSession> newest_sessions(std::span<const core::OrderId> ids);
  Found<core::Session> session_by_public_id(std::string_view session_id);
  /// The newest first, because an identical payload can only be ours again.
  Listed<core::Session> sessions_by_md5(std::string_view md5_hash);
  Listed<core::Session> sessions_by_bill_number(std::string_view bill_number);
  Found<core::Session> session_by_provider_ref(std::string_view provider,
                                               std::string_view provider_ref);
  /// JSON of what a payer is shown beside the QR, as checkout wrote it; often empty.
  Found<std::string> presentation(core::SessionId id);
  Listed<core::Session> sessions_of_order(core::OrderId id);
  Listed<core::Session> sessions_of_customer(core::CustomerId id, std::int64_t limit);

  /// The money already counted under these references.
  Listed<Settlement> settlements(std::span<const MoneyRef> refs);
  Listed<Settlement> settlements_of_order(core::OrderId id);
  Listed<Settlement> settlements_of_session(core::SessionId id);
  /// What was given back under these references, and of an order's or a session's money.
  Listed<Refund> refunds(std::span<const MoneyRef> refs);
  Listed<Refund> refunds_of_order(core::OrderId id);
  Listed<Refund> refunds_of_session(core::SessionId id);
  Found<core::EvidenceId> evidence_id(const core::Evidence& evidence);
  Found<SeenEvidence> evidence(core::EvidenceId id);
  Listed<SeenEvidence> evidence_of_order(core::OrderId id);
  Listed<Approval> approvals_of_order(core::OrderId id);
  Listed<Query> queries_of_order(core::OrderId id, std::int64_t limit);

  Listed<AuditEntry> audit_of(std::string_view subject_type, std::int64_t subject_id);
  /// Up to `limit` entries behind `seq`, in their order.
  Listed<AuditEntry> audit_after(std::int64_t seq, std::int64_t limit);
  /// How far the log reaches, and the hashes that its root is made of.
  base::Result<base::Frontier> audit_frontier();
  /// The hash of a complete subtree of the log; reads at most 256 hashes.
  base::Result<base::Digest> audit_digest(base::Subtree subtree);
  /// Hashes that are kept of larger subtrees, whatever they are of.
  base::Result<std::int64_t> audit_node_count();
  Found<StoredCheckpoint> newest_checkpoint();
  /// Up to `limit` that cover more than `size` entries, the smallest first.
  Listed<StoredCheckpoint> checkpoints_after(std::int64_t size, std::int64_t limit);

  // For a second reader, who compares rows as they stand with what the log says of them.
  /// Ids of up to `limit` subjects from `first` on that the log or the books know.
  Listed<std::int64_t> ledger_subjects(LedgerSubject kind, std::int64_t first, std::int64_t limit);
  /// Entries about the subjects from `first` to `last`, by subject and in their order. Reads all.
  Listed<AuditEntry> ledger_entries(LedgerSubject kind, std::int64_t first, std::int64_t last);
  /// Rows about them, with all columns, and `subject`.
  base::Result<Rows> ledger_rows(LedgerTable table, LedgerSubject kind, std::int64_t first,
                                 std::int64_t last);
  base::Result<std::int64_t> ledger_size(LedgerTable table);
  base::Result<Rows> ledger_products();

  Found<Pass> pass_by_token(std::string_view token);
  Found<Pass> pass_of_order(core::OrderId id);

  Found<User> user(std::string_view username);
  /// The name of the key with this hash, unless it is revoked.
  Found<std::string> api_key_name(std::string_view key_hash);
  Found<Customer> customer(core::CustomerId id);
  Found<Login> login(std::string_view token_hash, base::Time now);
  Found<IdempotencyRecord> idempotency(std::string_view scope, std::string_view key);
  /// Empty when none waits.
  Found<base::Time> next_notice();
  Found<StoredNotice> notice(std::string_view provider, std::string_view notice_id);
  /// Whether there is news that no deliveries were made of yet.
  base::Result<bool> outbox_waits();
  /// Up to `limit` pieces of such news, the oldest first.
  Listed<OutboxEntry> undistributed_outbox(std::int64_t limit);
  /// The moment at which the next delivery to a destination is due; empty when none waits.
  Found<base::Time> next_delivery(std::string_view destination);
  Listed<Delivery> deliveries_of_order(core::OrderId id);
  /// Whether this endpoint has said that it is gone.
  base::Result<bool> endpoint_ended(std::string_view destination);

  // books_sync.cpp and books_payments.cpp
  /// Hollow when nothing was ever pulled from this provider.
  base::Result<SyncHead> sync_head(std::string_view provider);
  Found<SyncRun> sync_run(std::int64_t id);
  /// Up to `limit` with ids below `before`, the newest first; of all providers when none is named.
  Listed<SyncRun> sync_runs(std::string_view provider, std::optional<std::int64_t> before,
                            std::int64_t limit);
  Found<ProviderPayment> provider_payment(std::string_view provider, std::string_view payment_ref);
  Found<ProviderPayment> provider_payment(std::int64_t id);
  Listed<ProviderPayment> provider_payments(const ProviderPaymentFilter& filter);
  /// Money that fits no session; of all providers when none is named.
  base::Result<std::int64_t> unmatched_payment_count(std::string_view provider);
  /// Made from `since` until before `until` and neither paid nor over; those first that were asked
  /// for longest ago.
  Listed<ProviderPayment> unfinished_payments(std::string_view provider, base::Time since,
                                              base::Time until, std::int64_t limit);
  /// What was paid from `from` until before `until`: first what the books counted, then what only
  /// the provider tells of; up to `limit` of each.
  Listed<ReconciledPayment> reconciled_payments(std::string_view provider, base::Time from,
                                                base::Time until, std::int64_t limit);

  // books_events.cpp
  Found<Event> event(std::int64_t id);
  /// The one that registrations without an event's name are for.
  Found<Event> event_of_unnamed();
  /// The one that a place was bought for.
  Found<Event> event_of_order(core::OrderId id);
  /// Up to `limit` with ids below `before`, the newest first; attendees and payments likewise.
  Listed<Event> events(std::optional<std::int64_t> before, std::int64_t limit);
  Found<Attendee> attendee(std::int64_t event_id, std::string_view roll_number);
  Found<Attendee> attendee_of_order(core::OrderId id);
  Listed<Attendee> attendees(std::int64_t event_id, std::optional<std::int64_t> before,
                             std::int64_t limit);
  /// What providers tell of the payments of an event's attendees.
  Listed<ProviderPayment> event_payments(std::int64_t event_id, std::optional<std::int64_t> before,
                                         std::int64_t limit);

  // books_receipts.cpp
  Found<ReceiptWish> receipt_wish(core::OrderId id);
  Listed<StoredReceipt> receipts_of_order(core::OrderId id);
  /// Up to `limit` that something is to be done about, the longest due first; wishes likewise.
  Listed<StoredReceipt> due_receipts(base::Time now, std::int64_t limit);
  Listed<ReceiptWish> due_receipt_wishes(base::Time now, std::int64_t limit);
  /// Whether a request is to be closed at its provider now.
  base::Result<bool> closing_waits(base::Time now);
  /// Requests that ended before `before` and are still not closed.
  base::Result<std::int64_t> stuck_session_count(std::string_view provider, base::Time before);

  base::Result<DetectionFigures> detection_figures(std::string_view provider, base::Time now);
  /// The moment at which the next session is due; empty when none is.
  Found<base::Time> next_due(std::string_view provider);

  /// Migrations that were applied; also a way to ask whether the database answers.
  base::Result<std::int64_t> schema_version();

 protected:
  Connection& connection_;
};

/// Reading and writing statements.
class WritableBooks : public Books {
 public:
  /// `audited` is false only where the bench measures what the audit costs.
  explicit WritableBooks(Connection& connection, bool audited = true)
      : Books(connection), audited_(audited) {}

  base::Result<core::ProductId> insert_product(const Product& product);
  /// Sets `quantity` aside; false when less is available (C12).
  base::Result<bool> reserve(core::ProductId id, std::int64_t quantity);
  base::Result<Rows> release(core::ProductId id, std::int64_t quantity);
  /// A product is named once at most. conflict when one would become negative.
  base::Result<Rows> change_stock(std::span<const StockChange> changes);
  base::Result<Rows> set_missing(std::span<const OrderLine> lines);

  /// `order.id` is ignored.
  base::Result<core::OrderId> insert_order(const core::Order& order);
  /// The key of the new row.
  base::Result<std::int64_t> insert_order_item(core::OrderId id, const core::OrderItem& item);
  base::Result<Rows> set_order_session(core::OrderId id, std::string_view session_id);
  /// Writes what settling changes of an order, if it is still as `expected` says (compare-and-set,
  /// law 2); false when one of them is not, and then nobody knows which: give the command up.
  base::Result<bool> update_orders(std::span<const OrderChange> changes);
  base::Result<bool> update_order(const core::Order& order, const core::Order& expected);

  /// `session.id` is ignored.
  base::Result<core::SessionId> insert_session(const core::Session& session);
  /// Writes provider_ref, QR, receiver and expires_at, once: false when the session has a QR or a
  /// provider_ref already.
  base::Result<bool> present_session(const core::Session& session, std::string_view presentation);
  /// Compare-and-set on the status; false as above.
  base::Result<bool> set_session_statuses(std::span<const SessionChange> changes);
  base::Result<bool> set_session_status(core::SessionId id, core::SessionStatus expected,
                                        core::SessionStatus status,
                                        std::optional<base::Time> completed_at);
  /// What a question brought, and when to ask again.
  base::Result<Rows> note_check(core::SessionId id, std::string_view last_answer, base::Time now,
                                std::optional<base::Time> next_check_at);
  base::Result<Rows> set_verification_status(core::SessionId id, core::VerificationStatus status);
  /// Due now, and kept hot until then.
  base::Result<Rows> heat_session(core::SessionId id, base::Time now, base::Time hot_until);
  /// Those of a provider that are hot at `now` and would be due by `lease_until` are due: a server
  /// begins, and what another had claimed when it was killed must not keep whoever looks waiting.
  base::Result<Rows> wake_hot_sessions(std::string_view provider, base::Time now,
                                       base::Time lease_until);
  /// Takes up to `limit` due sessions of a provider, hot ones first, then by their ranking, and
  /// moves their next_check_at to `lease_until`, so that nobody else asks about them meanwhile.
  Listed<core::Session> claim_due_sessions(std::string_view provider, const Claiming& claiming,
                                           std::int64_t limit);

  /// The ids of the rows, in the order of `evidence`; empty where this source has brought this
  /// evidence for this session before.
  Listed<std::optional<core::EvidenceId>> insert_evidence(std::span<const NewEvidence> evidence);
  /// Their `id` is ignored, here and below.
  base::Result<Rows> insert_settlements(std::span<const Settlement> settlements);
  base::Result<Rows> insert_refunds(std::span<const Refund> refunds);
  /// Get or create: a pass of this kind, subject and period that exists is made active again, and
  /// never valid for less long (C24, C25).
  base::Result<Rows> insert_passes(std::span<const Pass> passes);
  base::Result<Rows> revoke_passes(std::span<const core::OrderId> orders);
  base::Result<Rows> insert_approvals(std::span<const Approval> approvals);
  base::Result<Rows> insert_queries(std::span<const Query* const> queries);
  base::Result<Rows> insert_query(const Query& query);
  /// Appends to the log. Entries are kept until `flush_audit`, so that a whole group of commands
  /// costs one pass over the tree; reads of the same transaction do not see them.
  base::Result<Rows> insert_audit(AuditEntry entry);
  /// Entries that wait; whoever rolls back to a savepoint forgets those that came since.
  std::size_t waiting_audit() const { return audit_.size(); }
  void forget_audit(std::size_t since) { audit_.resize(since); }
  /// Numbers, hashes and writes what waits. The Store does so before each commit.
  base::Result<Rows> flush_audit();
  base::Result<Rows> insert_checkpoint(const StoredCheckpoint& checkpoint);
  /// An entry whose dedupe_key is known is not written again.
  base::Result<Rows> insert_outbox(std::span<const OutboxEntry> entries);

  /// Due at once; one that is there already stays as it is.
  base::Result<Rows> insert_deliveries(std::span<const NewDelivery> deliveries, base::Time now);
  /// These have their deliveries.
  base::Result<Rows> mark_distributed(std::span<const OutboxEntry> entries, base::Time now);
  /// Takes up to `limit` due deliveries to a destination, the longest due first, counts the attempt
  /// and makes them due again at `lease_until`, unless a result is written before.
  Listed<Delivery> claim_due_deliveries(std::string_view destination, const Claiming& claiming,
                                        std::int64_t limit);
  base::Result<Rows> finish_delivery(std::int64_t id, base::Time now);
  /// The results of an attempt count only while it is the newest one: whoever was too slow has
  /// been taken over.
  base::Result<Rows> postpone_delivery(const Delivery& attempt, std::string_view error,
                                       base::Time until);
  base::Result<Rows> bury_delivery(const Delivery& attempt, std::string_view error);
  /// Writes down that an endpoint is gone, and gives up all that waits for it.
  base::Result<Rows> end_endpoint(std::string_view destination, base::Time now);
  /// Gives up what has waited since before `created_before`; how many that were.
  base::Result<std::int64_t> bury_overdue_deliveries(base::Time created_before, base::Time now);

  base::Result<core::CustomerId> insert_customer(const Customer& customer, base::Time now);
  base::Result<Rows> upsert_user(const User& user, base::Time now);
  /// conflict when the name is taken.
  base::Result<Rows> insert_api_key(std::string_view name, std::string_view key_hash,
                                    base::Time now);
  /// False when there is no such key, or it is revoked already.
  base::Result<bool> revoke_api_key(std::string_view name, base::Time now);
  base::Result<Rows> insert_login(const Login& login);
  base::Result<Rows> delete_logins_of(std::string_view username);
  base::Result<Rows> delete_login(std::string_view token_hash);
  base::Result<Rows> insert_idempotency(const IdempotencyRecord& record);

  /// False when this notice came before: it is the same, and stays as it is.
  base::Result<bool> insert_notice(const StoredNotice& notice);
  /// Takes up to `limit` notices that are due, the oldest first, and makes them due again at
  /// `lease_until` unless they are finished before.
  Listed<StoredNotice> claim_due_notices(base::Time now, base::Time lease_until,
                                         std::int64_t limit);
  base::Result<Rows> finish_notice(std::int64_t id, std::string_view outcome, base::Time now);
  base::Result<Rows> postpone_notice(std::int64_t id, std::string_view outcome, base::Time until);
  /// Those that are done with; returns how many went.
  base::Result<std::int64_t> delete_old_notices(base::Time received_before);

  /// Its key; `id`, state and counts are ignored.
  base::Result<std::int64_t> insert_sync_run(const SyncRun& run);
  /// Writes state, error, end and counts, while it is running.
  base::Result<Rows> update_sync_run(const SyncRun& run);
  base::Result<Rows> abandon_sync_run(std::int64_t id, base::Time now);
  /// Those that have ended, but for each provider's newest that read everything; returns how many
  /// went.
  base::Result<std::int64_t> delete_old_sync_runs(base::Time finished_before);
  /// Compare-and-set on run and lease; false when somebody was faster.
  base::Result<bool> take_sync_lease(const SyncHead& expected, const SyncHead& taken);
  /// False, here and below, when the run was taken over: then it has to stop.
  base::Result<bool> renew_sync_lease(const SyncRun& run, base::Time lease_until);
  /// The watermark stays where it is when none is given.
  base::Result<bool> release_sync_lease(const SyncRun& run, std::optional<base::Time> watermark_at);
  /// Its key.
  base::Result<std::int64_t> insert_provider_payment(const ProviderPayment& payment);
  base::Result<Rows> update_provider_payment(const ProviderPayment& payment);
  /// False when the same item was kept before.
  base::Result<bool> insert_unreadable_payment(std::string_view provider, std::string_view raw,
                                               base::Time now);

  /// Its key. It takes no registrations that name no event, until it is told to.
  base::Result<std::int64_t> insert_event(const Event& event);
  /// All but its product and whether it takes the unnamed.
  base::Result<Rows> update_event(const Event& event);
  /// One event takes them, if any.
  base::Result<Rows> set_takes_unnamed(std::int64_t event_id, bool takes);
  /// Makes the attendee, or has the row of the same roll number name this order instead of
  /// `replaces`. Its key; conflict when another order stands there.
  base::Result<std::int64_t> save_attendee(const Attendee& attendee,
                                           std::optional<core::OrderId> replaces);

  /// The newest wish stands until there is a receipt. `due_at`: the order is paid already.
  base::Result<Rows> save_receipt_wish(const ReceiptWish& wish, std::optional<base::Time> due_at);
  /// These orders are paid: whoever wished for a receipt gets one.
  base::Result<Rows> mature_receipt_wishes(std::span<const core::OrderId> orders, base::Time now);
  /// A row, due now, for each payment of the order that this provider confirmed and that has none.
  base::Result<Rows> make_receipts(const ReceiptWish& wish, std::string_view provider,
                                   base::Time now);
  base::Result<Rows> finish_receipt_wish(core::OrderId id);
  /// Counts an attempt, writes the state, and makes it due again at `lease_until`.
  base::Result<Rows> begin_receipt(const StoredReceipt& receipt, ReceiptState state,
                                   base::Time lease_until);
  /// Writes what came of an attempt; false when it is not the newest one any more.
  base::Result<bool> finish_receipt(const StoredReceipt& receipt, base::Time now);
  /// This money went back: no receipt is to stand for it.
  base::Result<Rows> unwant_receipts(std::span<const core::SettlementId> settlements,
                                     base::Time now);
  /// When the request is to be closed at its provider; empty: it need not be.
  base::Result<Rows> close_session_at(core::SessionId id, std::optional<base::Time> closing_at);
  /// Takes up to `limit` requests that are to be closed, and makes them due again at `lease_until`.
  Listed<core::Session> claim_closing_sessions(base::Time now, base::Time lease_until,
                                               std::int64_t limit);

  /// Marks what is open, overdue, and was asked about after its end without money (law 4).
  base::Result<std::int64_t> expire_overdue_sessions(base::Time now);
  /// Makes the other overdue ones due for that question.
  base::Result<std::int64_t> hurry_overdue_sessions(base::Time now);
  /// Daily: what is over and holds no money. Returns how many rows went.
  base::Result<std::int64_t> delete_stale_sessions(base::Time retained_since);
  base::Result<std::int64_t> delete_stale_rows(base::Time now, base::Time keys_since);

 private:
  bool audited_;
  std::vector<AuditEntry> audit_;
};

}  // namespace quittance::storage
