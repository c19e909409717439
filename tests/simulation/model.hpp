// The naive model: what an honest clerk with a pencil would have in the books. It shares no code
// with the engine's settling.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/facts.hpp"

namespace quittance::simulation {

/// A product on its shelf.
struct Shelf {
  std::int64_t price_minor = 0;
  std::string currency;
  std::int64_t stock = 0;
  std::int64_t reserved = 0;
};

/// An order as it should be.
struct ModelOrder {
  std::vector<Item> items;
  std::int64_t total = 0;
  std::string currency;
  std::int64_t paid = 0;
  std::int64_t excess = 0;
  std::int64_t settlements = 0;
  std::string status = "pending";
  std::string goods = "reserved";
  bool short_of_goods = false;  ///< handed over although something was missing
};

/// The clerk's books. Orders must be placed before anything else is said of them.
class Model {
 public:
  void shelve(std::int64_t product_id, Shelf shelf) { shelves_[product_id] = std::move(shelf); }
  /// What a cart costs by the clerk's own price list.
  std::int64_t price(const std::vector<Item>& items) const;
  void place(std::int64_t id, std::vector<Item> items);
  /// The hold on the goods ends.
  void release(std::int64_t id);
  void cancel(std::int64_t id);
  /// Money came for this order.
  void receive(std::int64_t id, std::int64_t amount);
  /// Staff hand over what was paid late: as much as there is.
  void hand_over(std::int64_t id);
  std::int64_t owed(std::int64_t id) const;

  const std::map<std::int64_t, ModelOrder>& orders() const { return orders_; }
  const std::map<std::int64_t, Shelf>& shelves() const { return shelves_; }
  bool knows(std::int64_t id) const { return orders_.contains(id); }

 private:
  bool take_goods(ModelOrder& order);

  std::map<std::int64_t, ModelOrder> orders_;
  std::map<std::int64_t, Shelf> shelves_;
};

}  // namespace quittance::simulation
