// Books in which very many orders wait for money.
#pragma once

#include "bench/engine.hpp"

namespace quittance::bench {

/// Such books, and the orders in them that nobody has settled yet.
class LargeShop {
 public:
  /// Copies the shop's books and adds `orders` more like those in it, each with its items and a
  /// session that is first asked about in an hour or up to a day later. By the same bulk statements
  /// on either database.
  LargeShop(const Shop& shop, Engine& engine, std::size_t orders);

  const std::string& books() const { return books_; }
  /// When half of the added sessions are due.
  base::Time half_due_at() const { return half_due_at_; }
  /// Orders from all over the books that were not taken before, with the evidence for them.
  Shop take(std::size_t count);

 private:
  std::string books_;
  const Shop& shop_;
  std::size_t orders_;
  std::size_t taken_ = 0;
  base::Time half_due_at_;
  std::int64_t orders_before_ = 0;
  std::int64_t sessions_before_ = 0;
  std::vector<std::size_t> by_id_;  ///< where the shop has the order of an id
};

}  // namespace quittance::bench
