// `settle` through the Store, without HTTP.
#pragma once

#include "bench/recording.hpp"
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

/// Settles the first `count` orders of a copy of the shop's books from the evidence for them, as
/// the asker does, `concurrency` at a time. Gives up when one is not settled.
Settles settle_in_process(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                          Settling how);

/// The statements of those settles, in the groups in which they were committed.
Recording record_settles(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                         std::size_t concurrency, std::size_t count);

/// The same of orders marked as paid by a person.
Recording record_marking_paid(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                              std::size_t concurrency);

}  // namespace quittance::bench
