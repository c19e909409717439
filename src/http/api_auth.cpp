// Logging in and out, and who one is.
#include "http/auth.hpp"
#include "http/handlers.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Secret;
using storage::Books;
using storage::WritableBooks;

constexpr base::Duration kTokenLifetime = std::chrono::hours(12);
struct Credentials {
  std::string username;
  Secret password;
};

/// JSON or form: the sources send a form (S4).
Result<Credentials> credentials_of(const Visit& visit) {
  std::string username = visit.body["username"].text_or_empty();
  std::string password = visit.body["password"].text_or_empty();
  if (visit.body.is_null()) {
    const auto form = base::parse_form(visit.request.body);
    if (form) {
      if (const auto it = form->find("username"); it != form->end()) username = it->second;
      if (const auto it = form->find("password"); it != form->end()) password = it->second;
    }
  }
  if (username.empty() || password.empty() || username.size() > 100 || password.size() > 200) {
    return fail(ErrorCode::invalid_request, "Send `username` and `password`.", "username");
  }
  return Credentials{.username = std::move(username), .password = Secret(std::move(password))};
}

}  // namespace

Answered log_in(Services& services, Visit& visit) {
  CO_TRY(Credentials credentials, credentials_of(visit));
  storage::Reading<std::optional<storage::User>> find = [&credentials](Books& books) {
    return books.user(credentials.username);
  };
  CO_TRY(const auto user, co_await services.store.read(std::move(find)));
  // Nobody's password takes as long to refuse as somebody's.
  const std::string hash = user ? user->password_hash : services.nobodys_hash;
  std::move_only_function<bool()> check = [hash, password = credentials.password] {
    return base::verify_password(hash, password);
  };
  const bool right = co_await services.worker.run<bool>(std::move(check));
  if (!user || !right) {
    services.log.warning("login.refused", {{"address", visit.request.remote_address}});
    co_return fail(ErrorCode::unauthenticated, "The name or the password is wrong.");
  }
  const base::Time now = services.clock.now();
  const NewLogin login = draw_login(services, user->id, user->customer_id, user->role);
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [row = login.row, now, name = user->username](WritableBooks& books) {
        auto inserted = books.insert_login(row);
        if (!inserted) return inserted;
        return books.insert_audit({.created_at = now,
                                   .actor = name,
                                   .action = "user.logged_in",
                                   .subject_type = "user",
                                   .subject_id = row.user_id->value(),
                                   .details = "{}"});
      };
  const auto written = co_await services.store.write<storage::Rows>(std::move(work));
  if (!written) co_return std::unexpected(written.error());
  const std::int64_t now_s = base::to_ms(now) / 1000;
  const std::int64_t lifetime_s = kTokenLifetime.count() / 1000;
  const std::string token =
      base::sign_jwt(services.jwt_key, {.subject = user->username,
                                        .role = std::string(to_text(user->role)),
                                        .issued_at_s = now_s,
                                        .expires_at_s = now_s + lifetime_s});
  base::HttpResponse response = json_response(Json::object({{"access_token", token},
                                                            {"token_type", "bearer"},
                                                            {"expires_in", lifetime_s},
                                                            {"role", to_text(user->role)},
                                                            {"csrf_token", login.row.csrf_token}}));
  response.headers.add("Set-Cookie", login.set_cookie);
  co_return response;
}

Answered log_out(Services& services, Visit& visit) {
  if (!visit.actor.login_hash.empty()) {
    std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
        [hash = visit.actor.login_hash](WritableBooks& books) { return books.delete_login(hash); };
    const auto deleted = co_await services.store.write<storage::Rows>(std::move(work));
    if (!deleted) co_return std::unexpected(deleted.error());
  }
  base::HttpResponse response = json_response(Json::object({{"success", true}}));
  response.headers.add("Set-Cookie", clear_cookie());
  co_return response;
}

Answered show_me(Services& services, Visit& visit) {
  const Actor& actor = visit.actor;
  std::string_view role = "guest";
  if (actor.kind == Actor::Kind::customer) role = "customer";
  if (actor.kind == Actor::Kind::program) role = "program";
  if (actor.kind == Actor::Kind::staff) role = "staff";
  if (actor.kind == Actor::Kind::admin) role = "admin";
  const bool live = services.sandbox_url.empty();
  co_return json_response(
      Json::object({{"role", role},
                    {"username", actor.username.empty() ? Json() : Json(actor.username)},
                    {"csrf_token", actor.csrf_token.empty() ? Json() : Json(actor.csrf_token)},
                    {"livemode", live},
                    {"merchant", services.merchant_name},
                    {"sandbox_url", live ? Json() : Json(services.sandbox_url)}}));
}

}  // namespace quittance::http
