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

/// Settles the first `count` orders of a copy of the shop's books from the evidence for them, as
/// the asker does, `concurrency` at a time. Gives up when one is not settled.
Settles settle_in_process(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                          std::size_t concurrency, std::size_t count);

/// The statements of those settles, one transaction each.
Recording record_settles(const std::filesystem::path& file, const Shop& shop, Tools& tools);

/// The statements of the same orders marked as paid by a person.
Recording record_marking_paid(const std::filesystem::path& file, const Shop& shop, Tools& tools);

}  // namespace quittance::bench
