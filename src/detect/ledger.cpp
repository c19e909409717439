#include "detect/ledger.hpp"

#include <algorithm>
#include <set>

namespace quittance::detect {

using base::ErrorCode;
using base::fail;
using base::Result;
using core::Evidence;
using core::Goods;
using core::Money;
using core::StockState;
using storage::Books;
using storage::Rows;
using storage::WritableBooks;

Money SettlementEntry::counted_held() const {
  return settlement.counted.minus(counted_back)
      .value_or(Money::zero(settlement.counted.currency()));
}

Money SettlementEntry::excess_held() const {
  return settlement.excess.minus(excess_back).value_or(Money::zero(settlement.excess.currency()));
}

Result<Ledger> Ledger::load(Books& books, std::span<const Evidence* const> evidence) {
  Ledger ledger;
  std::set<core::SessionId> wanted;
  for (const Evidence* one : evidence)
    wanted.insert(one->session_id);
  const std::vector<core::SessionId> ids(wanted.begin(), wanted.end());
  TRY(auto sessions, books.sessions(ids));
  std::set<core::OrderId> orders;
  for (core::Session& session : sessions) {
    if (session.order_id) orders.insert(*session.order_id);
    const core::SessionStatus status = session.status;
    ledger.sessions_.emplace(session.id, SessionEntry{.now = std::move(session), .then = status});
  }
  TRY_VOID(ledger.load_orders(books, {orders.begin(), orders.end()}));
  TRY_VOID(ledger.load_money(books, evidence));
  return ledger;
}

Result<Ledger> Ledger::load_order(Books& books, core::OrderId id) {
  Ledger ledger;
  TRY_VOID(ledger.load_orders(books, {id}));
  return ledger;
}

Result<Rows> Ledger::load_orders(Books& books, const std::vector<core::OrderId>& ids) {
  if (ids.empty()) return Rows();
  TRY(auto orders, books.orders(ids));
  for (core::Order& order : orders) {
    const core::OrderId id = order.id;
    OrderEntry entry{.now = order, .then = std::move(order)};
    if (!entry.now.refunded.is_zero()) {
      TRY(entry.pass, books.pass_of_order(id));
    }
    orders_.emplace(id, std::move(entry));
  }
  TRY(const auto lines, books.order_lines(ids));
  std::set<core::ProductId> wanted;
  for (const storage::OrderLine& line : lines) {
    const auto order = orders_.find(line.order_id);
    if (order == orders_.end()) continue;
    order->second.lines.push_back(line);
    wanted.insert(line.product_id);
  }
  const std::vector<core::ProductId> product_ids(wanted.begin(), wanted.end());
  TRY(auto products, books.products(product_ids));
  for (storage::Product& product : products) {
    ProductEntry entry{
        .now = product, .stock_then = product.stock, .reserved_then = product.reserved};
    products_.emplace(product.id, std::move(entry));
  }
  for (auto& [id, entry] : orders_) {
    // One order for all, so that two writers never wait for each other.
    std::ranges::sort(entry.lines, {}, [](const storage::OrderLine& line) {
      return std::pair(line.product_id, line.id);
    });
  }
  return Rows();
}

Result<Rows> Ledger::load_money(Books& books, std::span<const Evidence* const> evidence) {
  std::vector<storage::MoneyRef> payments;
  std::vector<storage::MoneyRef> returns;
  std::set<core::SessionId> sessions;
  for (const Evidence* one : evidence) {
    if (one->kind == core::EvidenceKind::payment) {
      payments.push_back({one->provider, one->provider_ref});
    } else {
      returns.push_back({one->provider, one->provider_ref});
      sessions.insert(one->session_id);
    }
  }
  TRY(auto settlements, books.settlements(payments));
  for (storage::Settlement& settlement : settlements)
    keep(std::move(settlement));
  if (returns.empty()) return Rows();
  TRY(const auto refunds, books.refunds(returns));
  for (const storage::Refund& refund : refunds) {
    refunds_.emplace(std::pair(Ref(refund.provider, refund.provider_ref), refund.kind),
                     refund.settlement_id);
  }
  for (const core::SessionId id : sessions) {
    const auto session = sessions_.find(id);
    if (session != sessions_.end()) TRY_VOID(load_returns(books, session->second.now));
  }
  return Rows();
}

Result<Rows> Ledger::load_returns(Books& books, const core::Session& session) {
  TRY(auto settlements, session.order_id ? books.settlements_of_order(*session.order_id)
                                         : books.settlements_of_session(session.id));
  TRY(const auto refunds, session.order_id ? books.refunds_of_order(*session.order_id)
                                           : books.refunds_of_session(session.id));
  for (storage::Settlement& settlement : settlements) {
    const Ref ref(settlement.provider, settlement.provider_ref);
    const core::SettlementId id = settlement.id;
    settlements_.erase(ref);
    keep(std::move(settlement));
    SettlementEntry& entry = settlements_.at(ref);
    for (const storage::Refund& refund : refunds) {
      if (refund.settlement_id != id) continue;
      entry.counted_back =
          entry.counted_back.plus(refund.from_counted).value_or(entry.counted_back);
      entry.excess_back = entry.excess_back.plus(refund.from_excess).value_or(entry.excess_back);
    }
  }
  return Rows();
}

void Ledger::keep(storage::Settlement settlement) {
  const Money nothing = Money::zero(settlement.counted.currency());
  Ref ref(settlement.provider, settlement.provider_ref);
  settlements_.emplace(std::move(ref), SettlementEntry{.settlement = std::move(settlement),
                                                       .counted_back = nothing,
                                                       .excess_back = nothing});
}

void Ledger::add(storage::Settlement settlement) {
  const Ref ref(settlement.provider, settlement.provider_ref);
  keep(std::move(settlement));
  settlements_.at(ref).stored = false;
}

SessionEntry* Ledger::session(core::SessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

OrderEntry* Ledger::order(core::OrderId id) {
  const auto found = orders_.find(id);
  return found == orders_.end() ? nullptr : &found->second;
}

ProductEntry* Ledger::product(core::ProductId id) {
  const auto found = products_.find(id);
  return found == products_.end() ? nullptr : &found->second;
}

SettlementEntry* Ledger::settlement(const std::string& provider, const std::string& provider_ref) {
  const auto found = settlements_.find(Ref(provider, provider_ref));
  return found == settlements_.end() ? nullptr : &found->second;
}

std::vector<SettlementEntry*> Ledger::settlements_of(const core::Session& session) {
  std::vector<SettlementEntry*> entries;
  for (auto& [ref, entry] : settlements_) {
    const bool of_it = session.order_id ? entry.settlement.order_id == session.order_id
                                        : entry.settlement.session_id == session.id;
    if (of_it) entries.push_back(&entry);
  }
  return entries;
}

std::optional<core::SettlementId> Ledger::refund(const Evidence& evidence) const {
  const auto found =
      refunds_.find(std::pair(Ref(evidence.provider, evidence.provider_ref), evidence.kind));
  return found == refunds_.end() ? std::nullopt : std::optional(found->second);
}

void Ledger::add_refund(const Evidence& evidence, core::SettlementId id) {
  refunds_.emplace(std::pair(Ref(evidence.provider, evidence.provider_ref), evidence.kind), id);
}

Goods Ledger::goods_of(const OrderEntry& order) {
  if (order.lines.empty() || order.now.stock_state == StockState::committed) {
    return Goods::not_counted;
  }
  if (order.now.stock_state == StockState::reserved) return Goods::set_aside;
  std::map<core::ProductId, std::int64_t> wanted;
  for (const storage::OrderLine& line : order.lines)
    wanted[line.product_id] += line.quantity;
  const bool enough = std::ranges::all_of(wanted, [this](const auto& want) {
    const ProductEntry* entry = product(want.first);
    return entry && entry->now.available() >= want.second;
  });
  return enough ? Goods::available : Goods::gone;
}

bool Ledger::take_goods(OrderEntry& order) {
  const bool set_aside = order.now.stock_state == StockState::reserved;
  bool all_there = true;
  for (storage::OrderLine& line : order.lines) {
    ProductEntry* entry = product(line.product_id);
    if (!entry) continue;  // the foreign key does not let it be gone
    storage::Product& goods = entry->now;
    const std::int64_t there = set_aside ? goods.stock : goods.available();
    if (set_aside) goods.reserved -= line.quantity;
    // Never below zero, and never in silence (C12).
    if (there < line.quantity) {
      line.missing = line.quantity;
      order.lines_changed = true;
      all_there = false;
      continue;
    }
    goods.stock -= line.quantity;
  }
  order.now.stock_state = StockState::committed;
  order.changed = true;
  return all_there;
}

void Ledger::return_goods(OrderEntry& order) {
  if (order.now.stock_state != StockState::committed) return;
  for (storage::OrderLine& line : order.lines) {
    ProductEntry* entry = product(line.product_id);
    if (!entry) continue;
    entry->now.stock += line.quantity - line.missing;
    order.lines_changed = order.lines_changed || line.missing != 0;
    line.missing = 0;
  }
  order.now.stock_state = StockState::released;
  order.changed = true;
  // What was missing cannot be set aside: no more is held than there is (C12).
  if (goods_of(order) == Goods::gone) return;
  for (const storage::OrderLine& line : order.lines) {
    if (ProductEntry* entry = product(line.product_id)) entry->now.reserved += line.quantity;
  }
  order.now.stock_state = StockState::reserved;
}

Result<Rows> Ledger::write(WritableBooks& books) {
  std::vector<storage::SessionChange> sessions;
  for (const auto& [id, entry] : sessions_) {
    if (entry.now.status == entry.then) continue;
    sessions.push_back({.id = id,
                        .expected = entry.then,
                        .status = entry.now.status,
                        .completed_at = entry.now.completed_at});
  }
  std::vector<storage::OrderChange> orders;
  std::vector<storage::OrderLine> lines;
  for (const auto& [id, entry] : orders_) {
    if (entry.lines_changed) lines.insert(lines.end(), entry.lines.begin(), entry.lines.end());
    if (!entry.changed) continue;
    orders.push_back({.order = entry.now,
                      .expected = entry.then.status,
                      .expected_paid = entry.then.paid,
                      .expected_refunded = entry.then.refunded});
  }
  std::vector<storage::StockChange> stock;
  for (const auto& [id, entry] : products_) {
    const storage::StockChange change{.id = id,
                                      .stock = entry.now.stock - entry.stock_then,
                                      .reserved = entry.now.reserved - entry.reserved_then};
    if (change.stock != 0 || change.reserved != 0) stock.push_back(change);
  }
  TRY(const bool sessions_as_read, books.set_session_statuses(sessions));
  TRY(const bool orders_as_read, books.update_orders(orders));
  if (!sessions_as_read || !orders_as_read) {
    return fail(ErrorCode::conflict, "The order changed meanwhile; try again.");
  }
  TRY_VOID(books.set_missing(lines));
  return books.change_stock(stock);
}

}  // namespace quittance::detect
