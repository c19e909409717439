// The shop's books in PostgreSQL, and fresh copies of them.
#pragma once

#include <string>

#include "bench/shop.hpp"

namespace quittance::bench {

/// Moves the shop's books into a database of their own on the server that `address` names (any
/// database of it), with the planner's statistics taken. Once, before the first copy is asked for.
void keep_postgres_books(const std::string& address, const Shop& shop, Tools& tools);

/// A copy of those books, all of it on disk, in place of the copy before; its address. Nobody may
/// be connected to the copy before.
std::string fresh_postgres_books(const std::string& address);

/// What the server says of itself: its version and how durable it is.
std::string describe_postgres(const std::string& address);

}  // namespace quittance::bench
