// `settle` through the Store, without HTTP.
#pragma once

#include "bench/shop.hpp"

namespace quittance::bench {

/// What a run of settles came to.
struct Settles {
  double per_second = 0;
  double group_size = 0;  ///< settles in one commit, on average
};

struct Settling {
  std::size_t concurrency = 1;
  std::size_t count = 1;
  bool audit = true;
};

/// Settles the first `count` orders of the shop in a copy of its books from the evidence for them,
/// as the asker does, `concurrency` at a time. Gives up when one is not settled.
Settles settle_in_process(const std::string& database, const Shop& shop, Tools& tools,
                          Settling how);

}  // namespace quittance::bench
