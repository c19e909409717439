// The books that every run starts from: a shop with many orders of two items that wait for money.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/workload.hpp"
#include "checkout/checkout.hpp"
#include "detect/detect.hpp"

namespace quittance::bench {

inline constexpr std::size_t kProducts = 50;

/// What settling needs besides the books.
struct Tools {
  base::SystemClock clock{};
  base::SystemRandom random{};
  base::SilentLog log{};
  base::SigningKey pass_key;
  Tools();
  detect::SettleContext settle_context() {
    return {.clock = clock, .random = random, .pass_key = pass_key};
  }
};

/// A database file that is complete and closed, and the orders that wait in it.
struct Shop {
  std::filesystem::path file;
  std::vector<core::OrderId> orders;
  /// Money for each order, as a provider would confirm it.
  std::vector<core::Evidence> evidence;
};

/// Fills a new database file by placing orders as the checkout does, far from their first check.
Shop open_shop(const std::filesystem::path& file, std::size_t orders, Tools& tools);

/// A copy of the shop's file, on disk before this returns, so that no run pays for another's.
void copy_books(const Shop& shop, const std::filesystem::path& file);

/// The Store on a file.
std::unique_ptr<storage::Store> open_store(const std::filesystem::path& file, Tools& tools,
                                           bool audit = true);

}  // namespace quittance::bench
