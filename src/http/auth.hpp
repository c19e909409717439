// Who is asking: cookie logins, bearer tokens.
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

inline constexpr std::string_view kSessionCookie = "quittance_session";
/// What every API key begins with, so that it is known for one wherever it leaks.
inline constexpr std::string_view kApiKeyPrefix = "qk_";
inline constexpr base::Duration kLoginLifetime = std::chrono::hours(24 * 30);
inline constexpr base::Duration kStaffLoginLifetime = std::chrono::hours(12);

/// The actor of a request. A bad bearer token is `unauthenticated`; a bad cookie is a guest.
base::Task<base::Result<Actor>> actor_of(Services& services, const base::HttpRequest& request);

/// Whether a POST that relies on the cookie carries its CSRF token (header or form field).
bool has_csrf_token(const Visit& visit);

/// A new cookie login: what goes into the books, and what goes to the browser.
struct NewLogin {
  storage::Login row;
  std::string set_cookie;
};
NewLogin draw_login(Services& services, std::optional<core::UserId> user_id,
                    std::optional<core::CustomerId> customer_id, storage::Role role);

/// The header that ends a cookie login.
std::string clear_cookie();

}  // namespace quittance::http
