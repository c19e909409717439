// The books that every run starts from: a shop with many orders of two items that wait for money.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/workload.hpp"
#include "checkout/checkout.hpp"
#include "detect/detect.hpp"

namespace quittance::bench {

/// So many that two orders of one group seldom share one.
inline constexpr std::size_t kProducts = 2'000;

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
/// `products`: among how many the items of the orders are spread.
Shop open_shop(const std::filesystem::path& file, std::size_t orders, std::size_t products,
               Tools& tools);

/// Places orders in books that have all kProducts, `concurrency` at a time; how many a second.
double place_orders(const std::string& database, std::size_t count, std::size_t concurrency,
                    Tools& tools);
/// The same of sessions without an order.
double open_sessions(const std::string& database, std::size_t count, std::size_t concurrency,
                     Tools& tools);

/// Waits until a file is on disk, so that no run pays for its making.
void flush_file(const std::filesystem::path& file);

/// A copy of the shop's file, on disk before this returns.
void copy_books(const Shop& shop, const std::filesystem::path& file);

/// The Store on a file or on a PostgreSQL database.
std::unique_ptr<storage::Store> open_store(const std::string& database, Tools& tools,
                                           bool audit = true);

}  // namespace quittance::bench
