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

/// Books that are complete and that nobody has open, and the orders that wait in them.
struct Shop {
  std::string books;  ///< a file, or the address of a database
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

/// A connection for looking into books that the program may have open, of either database.
std::unique_ptr<storage::Connection> open_to_look(const std::string& books);

/// The Store on a file or on a PostgreSQL database.
std::unique_ptr<storage::Store> open_store(const std::string& database, Tools& tools,
                                           bool audit = true);

}  // namespace quittance::bench
