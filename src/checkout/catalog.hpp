// What is sold.
#pragma once

#include <string>

#include "storage/storage.hpp"

namespace quittance::checkout {

/// Adds a product and says so in the log; `product.id` and `product.reserved` are ignored. `actor`
/// is `system` or a user's name.
base::Result<core::ProductId> add_product(storage::WritableBooks& books,
                                          const storage::Product& product, std::string actor,
                                          base::Time now);

}  // namespace quittance::checkout
