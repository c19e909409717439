#include "simulation/model.hpp"

#include <algorithm>

namespace quittance::simulation {

std::int64_t Model::price(const std::vector<Item>& items) const {
  std::int64_t sum = 0;
  for (const Item& item : items)
    sum += shelves_.at(item.product_id).price_minor * item.quantity;
  return sum;
}

void Model::place(std::int64_t id, std::vector<Item> items) {
  ModelOrder order;
  order.total = price(items);
  order.currency = shelves_.at(items.front().product_id).currency;
  for (const Item& item : items)
    shelves_.at(item.product_id).reserved += item.quantity;
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
  return order.status == "completed" ? 0 : order.total - order.paid;
}

bool Model::take_goods(ModelOrder& order) {
  const bool held = order.goods == "reserved";
  for (const Item& item : order.items) {
    const Shelf& shelf = shelves_.at(item.product_id);
    if (!held && shelf.stock - shelf.reserved < item.quantity) return false;
  }
  for (const Item& item : order.items) {
    Shelf& shelf = shelves_.at(item.product_id);
    shelf.stock -= item.quantity;
    if (held) shelf.reserved -= item.quantity;
  }
  order.goods = "committed";
  return true;
}

void Model::receive(std::int64_t id, std::int64_t amount) {
  const std::int64_t due = owed(id);
  ModelOrder& order = orders_.at(id);
  const std::int64_t counted = std::min(due, amount);
  ++order.settlements;
  order.paid += counted;
  order.excess += amount - counted;
  if (due > 0 && order.paid == order.total && take_goods(order)) order.status = "completed";
}

void Model::hand_over(std::int64_t id) {
  ModelOrder& order = orders_.at(id);
  for (const Item& item : order.items) {
    Shelf& shelf = shelves_.at(item.product_id);
    if (shelf.stock - shelf.reserved >= item.quantity) {
      shelf.stock -= item.quantity;
    } else {
      order.short_of_goods = true;
    }
  }
  order.goods = "committed";
  order.status = "completed";
}

}  // namespace quittance::simulation
