// The rows that a batch of evidence touches, in memory: loaded set by set, changed while the batch
// is decided piece by piece, written set by set.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/core.hpp"
#include "storage/storage.hpp"

namespace quittance::detect {

/// A payment session, and as what it was read.
struct SessionEntry {
  core::Session now;
  core::SessionStatus then = core::SessionStatus::open;
};

/// An order with the lines of its goods, and as what it was read.
struct OrderEntry {
  core::Order now;
  core::Order then;
  std::vector<storage::OrderLine> lines;
  /// The pass of an order that was completed before and owes again: paid once more, it keeps it.
  std::optional<storage::Pass> pass{};
  bool lines_changed = false;
  bool changed = false;
};

/// A product, and as what it was read.
struct ProductEntry {
  storage::Product now;
  std::int64_t stock_then = 0;
  std::int64_t reserved_then = 0;
};

/// Counted money, and what of it went back.
struct SettlementEntry {
  storage::Settlement settlement;
  core::Money counted_back;
  core::Money excess_back;
  bool stored = true;  ///< false: it is written with this batch, and has no id yet
  bool touched() const { return !counted_back.is_zero() || !excess_back.is_zero(); }
  core::Money counted_held() const;
  core::Money excess_held() const;
};

class Ledger {
 public:
  /// Reads all that deciding about `evidence` takes.
  static base::Result<Ledger> load(storage::Books& books,
                                   std::span<const core::Evidence* const> evidence);
  /// Reads one order, its lines and their products.
  static base::Result<Ledger> load_order(storage::Books& books, core::OrderId id);

  /// nullptr when there is no such row, or none was named while loading.
  SessionEntry* session(core::SessionId id);
  OrderEntry* order(core::OrderId id);
  ProductEntry* product(core::ProductId id);
  SettlementEntry* settlement(const std::string& provider, const std::string& provider_ref);
  /// All settlements of an order or, without one, of a session; complete only where money goes
  /// back.
  std::vector<SettlementEntry*> settlements_of(const core::Session& session);
  void add(storage::Settlement settlement);
  /// Whether money went back under this reference, and against which settlement.
  std::optional<core::SettlementId> refund(const core::Evidence& evidence) const;
  void add_refund(const core::Evidence& evidence, core::SettlementId id);

  /// Whether the goods of an order can be handed over if it completes now.
  core::Goods goods_of(const OrderEntry& order);
  /// Takes the goods of an order out of the stock, once; false when some are missing, and those
  /// stay untaken. What was set aside for it is set aside no more.
  bool take_goods(OrderEntry& order);
  /// Puts what was taken back and sets it aside again; only puts it back when some of it had been
  /// missing and still is.
  void return_goods(OrderEntry& order);

  /// Writes what changed; conflict when a row is not any more as it was read.
  base::Result<storage::Rows> write(storage::WritableBooks& books);

 private:
  using Ref = std::pair<std::string, std::string>;
  base::Result<storage::Rows> load_orders(storage::Books& books,
                                          const std::vector<core::OrderId>& ids);
  base::Result<storage::Rows> load_money(storage::Books& books,
                                         std::span<const core::Evidence* const> evidence);
  base::Result<storage::Rows> load_returns(storage::Books& books, const core::Session& session);
  void keep(storage::Settlement settlement);

  std::map<core::SessionId, SessionEntry> sessions_;
  std::map<core::OrderId, OrderEntry> orders_;
  std::map<core::ProductId, ProductEntry> products_;
  std::map<Ref, SettlementEntry> settlements_;
  std::map<std::pair<Ref, core::EvidenceKind>, core::SettlementId> refunds_;
};

}  // namespace quittance::detect
