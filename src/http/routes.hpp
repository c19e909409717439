// The one table of what exists and who may call it. Deny by default: what is not here is not there.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/visit.hpp"

namespace quittance::http {

/// Who may call a route.
enum class Access {
  anyone,        ///< the closed list of public routes (C32)
  order_holder,  ///< owner, order secret or staff: the handler loads the order through order_for
  customer,      ///< logged in, be it as a guest customer, or staff
  staff,         ///< staff and admin
  admin,
};

/// Facts about a route.
struct Route {
  std::string_view method;
  std::string_view pattern;  ///< `{name}` matches one segment
  Access access;
  Handler handler;
  bool guarded = false;  ///< the small rate limit: recovery, login
  bool shop = false;     ///< errors carry `success:false`
  bool page = false;     ///< errors are pages
  /// The answer of a POST with an Idempotency-Key is recorded and given again. Off where the
  /// handler does it itself, or where the answer must not be stored (login).
  bool replayed = false;
  /// Sent by a provider: its address has no limit of its own, because a shop with many payments has
  /// many notices, and a body that does not read is the handler's affair.
  bool notice = false;
};

std::span<const Route> all_routes();

/// What was found for a method and a path.
struct Routed {
  const Route* route = nullptr;  ///< nullptr: 404, or 405 when `known_path`
  bool known_path = false;
  std::map<std::string, std::string, std::less<>> params;
};
Routed find_route(std::string_view method, std::string_view path);

}  // namespace quittance::http
