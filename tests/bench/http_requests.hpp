// The requests that the bench sends to the program, and what it reads from the replies.
#pragma once

#include <span>

#include "bench/figures.hpp"
#include "bench/http_load.hpp"
#include "bench/shop.hpp"

namespace quittance::bench {

base::Json json_of(const std::string& body);

/// Logs in as admin; the header line that says so from then on.
std::string bearer(std::uint16_t port);

/// Each of these orders marked as paid by a person.
std::vector<std::string> marking_paid(std::span<const core::OrderId> orders,
                                      const std::string& authorization);

/// Carts of two items.
std::vector<std::string> placing_orders(std::size_t count);

/// Sessions without an order, asked for by the merchant's own program.
std::vector<std::string> opening_sessions(std::size_t count, const std::string& authorization);

/// A look at an order by whoever has its secret.
std::string reading_status(core::OrderId id, const std::string& secret);

/// Adds what a load came to.
void note(Figure& figure, const LoadResult& result);

}  // namespace quittance::bench
