#include "simulation/model.hpp"

#include <algorithm>

namespace quittance::simulation {

std::int64_t ModelOrder::excess_left() const {
  std::int64_t sum = 0;
  for (const auto& [reference, piece] : pieces)
    sum += piece.excess - piece.excess_back;
  return sum;
}

std::string ModelOrder::attention() const {
  std::string text;
  for (const std::string_view word :
       {"underpaid", "excess", "paid_late", "shortage", "approval", "mismatch", "reversed"}) {
    if (!flags.contains(std::string(word))) continue;
    text += (text.empty() ? "" : ",") + std::string(word);
  }
  return text.empty() ? "none" : text;
}

std::int64_t Model::price(const std::vector<Item>& items) const {
  std::int64_t sum = 0;
  for (const Item& item : items)
    sum += shelves_.at(item.product_id).price_minor * item.quantity;
  return sum;
}

void Model::place(std::int64_t id, Wish wish) {
  std::vector<Item>& items = wish.items;
  ModelOrder order;
  order.id = id;
  order.email = std::move(wish.email);
  order.total = price(items);
  order.currency = shelves_.at(items.front().product_id).currency;
  for (const Item& item : items)
    shelves_.at(item.product_id).reserved += item.quantity;
  order.missing.resize(items.size());
  order.items = std::move(items);
  orders_[id] = std::move(order);
}

void Model::release(std::int64_t id) {
  ModelOrder& order = orders_.at(id);
  if (order.goods != "reserved") return;
  for (const Item& item : order.items)
    shelves_.at(item.product_id).reserved -= item.quantity;
  order.goods = "released";
}

void Model::cancel(std::int64_t id) {
  release(id);
  orders_.at(id).status = "canceled";
}

std::int64_t Model::owed(std::int64_t id) const {
  const ModelOrder& order = orders_.at(id);
  const bool over = order.status == "completed" || order.status == "refunded";
  return over ? 0 : order.total - (order.paid - order.refunded);
}

std::int64_t Model::stated(std::int64_t id) const {
  std::int64_t sum = 0;
  for (const auto& [reference, piece] : orders_.at(id).pieces) {
    if (piece.by_hand && !piece.taken_back) sum += piece.counted;
  }
  return sum;
}

bool Model::goods_are_there(const ModelOrder& order) const {
  return order.goods == "reserved" || std::ranges::all_of(order.items, [this](const Item& item) {
           const Shelf& shelf = shelves_.at(item.product_id);
           return shelf.stock - shelf.reserved >= item.quantity;
         });
}

/// The goods go over the counter, as far as there are any, and the customer gets the proof.
void Model::complete(ModelOrder& order) {
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    const Item& item = order.items[i];
    Shelf& shelf = shelves_.at(item.product_id);
    if (order.goods == "reserved") shelf.reserved -= item.quantity;
    if (shelf.stock - shelf.reserved >= item.quantity) {
      shelf.stock -= item.quantity;
    } else {
      order.missing[i] = item.quantity;
      order.flags.insert("shortage");
    }
  }
  order.goods = "committed";
  order.status = "completed";
  order.pass = true;
  ++order.completions;
  ++news_[completed_news(order.id, order.paid, order.currency)];
}

void Model::receive(std::int64_t id, const Income& income) {
  const std::int64_t due = owed(id);
  ModelOrder& order = orders_.at(id);
  const std::int64_t counted = std::min(due, income.amount);
  const std::int64_t beyond = income.amount - counted;
  order.pieces[income.reference] = {
      .counted = counted, .excess = beyond, .by_hand = income.by_hand};
  order.paid += counted;
  if (beyond > 0) order.flags.insert("excess");
  if (due == 0) return;
  order.flags.erase("approval");
  if (counted < due) {
    order.flags.insert("underpaid");
    return;
  }
  order.flags.erase("underpaid");
  const bool late = income.late || order.status == "canceled";
  if (!goods_are_there(order) || (late && late_to_staff_)) {
    order.flags.insert("paid_late");
    return;
  }
  order.flags.erase("paid_late");
  complete(order);
}

void Model::hand_over(std::int64_t id) {
  ModelOrder& order = orders_.at(id);
  for (const char* word : {"underpaid", "paid_late", "approval"})
    order.flags.erase(word);
  complete(order);
}

/// They are set aside again, if that much is there.
void Model::take_back_goods(ModelOrder& order) {
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    shelves_.at(order.items[i].product_id).stock += order.items[i].quantity - order.missing[i];
    order.missing[i] = 0;
  }
  order.goods = "released";
  if (!goods_are_there(order)) return;
  for (const Item& item : order.items)
    shelves_.at(item.product_id).reserved += item.quantity;
  order.goods = "reserved";
}

bool Model::give_back(std::int64_t id, const std::string& against, std::int64_t amount,
                      const std::string& kind, const std::string& reference) {
  ModelOrder& order = orders_.at(id);
  if (!give_back_silently(order, against, amount, kind, reference)) return false;
  ++news_[returned_news(id, kind, amount, order.currency, order.status)];
  return true;
}

bool Model::give_back_silently(ModelOrder& order, const std::string& against, std::int64_t amount,
                               const std::string& kind, const std::string& reference) {
  const auto found = order.pieces.find(against);
  if (found == order.pieces.end()) return false;
  Piece& piece = found->second;
  const std::int64_t from_excess = std::min(amount, piece.excess - piece.excess_back);
  const std::int64_t from_counted = amount - from_excess;
  if (from_counted > piece.counted - piece.counted_back) return false;
  if (!returns_.emplace(kind + ":" + reference, Returned{order.id, from_counted, from_excess})
           .second) {
    return false;
  }
  const bool was_paid_up =
      order.status == "completed" || order.paid - order.refunded == order.total;
  piece.taken_back = piece.taken_back || kind == "void";
  piece.excess_back += from_excess;
  piece.counted_back += from_counted;
  order.refunded += from_counted;
  ++order.returns;
  if (order.excess_left() == 0) order.flags.erase("excess");
  if (kind == "reversal") order.flags.insert("reversed");
  const bool nothing_left = order.paid == order.refunded;
  if (from_counted == 0 || (kind != "void" && !nothing_left)) return true;
  for (const char* word : {"underpaid", "paid_late", "shortage"})
    order.flags.erase(word);
  if (order.status == "completed") {
    order.pass = false;
    ++order.revocations;
  }
  if (kind == "void") {
    if (!nothing_left) order.flags.insert("underpaid");
    if (order.status == "completed") {
      take_back_goods(order);
      order.status = "pending";
    }
  } else if (was_paid_up) {
    order.status = "refunded";
  }
  return true;
}

void Model::reject(std::int64_t id) {
  ++orders_.at(id).rejections;
  unflag(id, "approval");
}

}  // namespace quittance::simulation
