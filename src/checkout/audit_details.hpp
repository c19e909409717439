// Inside checkout only: what the log says of an order and of a session when they are made
// (docs/audit.md).
#pragma once

#include <vector>

#include "storage/storage.hpp"

namespace quittance::checkout {

/// An item and the key of its row.
struct PlacedItem {
  std::int64_t row = 0;
  core::OrderItem item;
};

base::Json session_details(const core::Session& session);
/// The order, its items, the goods set aside, and its first session.
base::Json order_details(const core::Order& order, const std::vector<PlacedItem>& items,
                         const core::Session& session);

}  // namespace quittance::checkout
