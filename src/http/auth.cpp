#include "http/auth.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using storage::Books;
using storage::Role;

Actor::Kind kind_of(Role role) {
  switch (role) {
    case Role::customer:
      return Actor::Kind::customer;
    case Role::staff:
      return Actor::Kind::staff;
    case Role::admin:
      return Actor::Kind::admin;
  }
  return Actor::Kind::guest;
}

std::string cookie_value(const base::HttpRequest& request) {
  std::string_view rest = request.headers.find("Cookie").value_or("");
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (!pair.empty() && pair.front() == ' ')
      pair.remove_prefix(1);
    if (pair.starts_with(kSessionCookie) && pair.size() > kSessionCookie.size() &&
        pair[kSessionCookie.size()] == '=') {
      return std::string(pair.substr(kSessionCookie.size() + 1));
    }
  }
  return "";
}

base::Task<Result<Actor>> by_bearer(Services& services, std::string_view token) {
  const auto refuse = [] {
    return fail(ErrorCode::unauthenticated, "The access token is not valid; log in again.");
  };
  const std::int64_t now_s = base::to_ms(services.clock.now()) / 1000;
  const auto claims = base::read_jwt(services.jwt_key, token, now_s);
  if (!claims) co_return refuse();
  // The role is read afresh, so that a user who lost it has lost it at once.
  storage::Reading<std::optional<storage::User>> find = [&claims](Books& books) {
    return books.user(claims->subject);
  };
  CO_TRY(const auto user, co_await services.store.read(std::move(find)));
  if (!user) co_return refuse();
  co_return Actor{.kind = kind_of(user->role),
                  .customer_id = user->customer_id,
                  .username = user->username,
                  .csrf_token = "",
                  .login_hash = ""};
}

base::Task<Result<Actor>> by_api_key(Services& services, std::string_view key) {
  const std::string hash = base::sha256_hex(key);
  storage::Reading<std::optional<std::string>> find = [&hash](Books& books) {
    return books.api_key_name(hash);
  };
  CO_TRY(auto name, co_await services.store.read(std::move(find)));
  if (!name) co_return fail(ErrorCode::unauthenticated, "This API key is not valid.");
  co_return Actor{.kind = Actor::Kind::program,
                  .customer_id = std::nullopt,
                  .username = std::move(*name),
                  .csrf_token = "",
                  .login_hash = ""};
}

base::Task<Result<Actor>> by_cookie(Services& services, const std::string& token) {
  const std::string hash = base::sha256_hex(token);
  const base::Time now = services.clock.now();
  storage::Reading<std::optional<storage::Login>> find = [&](Books& books) {
    return books.login(hash, now);
  };
  CO_TRY(const auto login, co_await services.store.read(std::move(find)));
  if (!login) co_return Actor{};
  co_return Actor{.kind = kind_of(login->role),
                  .customer_id = login->customer_id,
                  .username = login->username,
                  .csrf_token = login->csrf_token,
                  .login_hash = login->token_hash};
}

}  // namespace

base::Task<Result<Actor>> actor_of(Services& services, const base::HttpRequest& request) {
  const std::string_view authorization = request.headers.find("Authorization").value_or("");
  if (authorization.starts_with(std::string("Bearer ") + std::string(kApiKeyPrefix))) {
    co_return co_await by_api_key(services, authorization.substr(7));
  }
  if (authorization.starts_with("Bearer "))
    co_return co_await by_bearer(services, authorization.substr(7));
  const std::string token = cookie_value(request);
  if (token.empty() || token.size() > 128) co_return Actor{};
  co_return co_await by_cookie(services, token);
}

bool has_csrf_token(const Visit& visit) {
  if (visit.actor.login_hash.empty()) return true;  // nothing rides on a cookie
  if (const auto header = visit.request.headers.find("X-CSRF-Token")) {
    return base::constant_time_equal(*header, visit.actor.csrf_token);
  }
  const auto form = base::parse_form(visit.request.body);
  const auto field = form ? form->find("csrf_token") : decltype(form->end()){};
  return form && field != form->end() &&
         base::constant_time_equal(field->second, visit.actor.csrf_token);
}

NewLogin draw_login(Services& services, std::optional<core::UserId> user_id,
                    std::optional<core::CustomerId> customer_id, Role role) {
  const std::string token = services.random.hex(32);
  const base::Duration lifetime = role == Role::customer ? kLoginLifetime : kStaffLoginLifetime;
  const base::Time now = services.clock.now();
  const bool https = services.public_url.starts_with("https://");
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
  return {.row = {.token_hash = base::sha256_hex(token),
                  .user_id = user_id,
                  .customer_id = customer_id,
                  .csrf_token = services.random.hex(16),
                  .role = role,
                  .username = "",
                  .created_at = now,
                  .expires_at = now + lifetime},
          .set_cookie = std::string(kSessionCookie) + "=" + token +
                        "; Path=/; Max-Age=" + std::to_string(seconds) +
                        "; HttpOnly; SameSite=Lax" + (https ? "; Secure" : "")};
}

std::string clear_cookie() {
  return std::string(kSessionCookie) + "=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";
}

}  // namespace quittance::http
