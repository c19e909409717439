// Staff and admins: an admin makes them, and gives them a new password.
#include <algorithm>

#include "http/handlers.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::WritableBooks;

constexpr std::size_t kPasswordLeast = 10;
constexpr std::size_t kPasswordMost = 200;

Result<storage::User> user_of(const Json& body) {
  TRY(std::string username, text_member(body, "username", 2, 60));
  // A zero byte would end the name inside an access token, which then names somebody else; a blank
  // could make it the name that audit entries give to `customer 5`.
  const bool visible = std::ranges::none_of(
      username, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
  if (!visible || username == "guest" || username == "system") {
    return fail(ErrorCode::invalid_request, "Choose another name, without blanks.", "username");
  }
  const auto role = storage::role_from(body["role"].text_or_empty());
  if (!role || *role == storage::Role::customer) {
    return fail(ErrorCode::invalid_request, "Send `role` as staff or admin.", "role");
  }
  return storage::User{.username = std::move(username), .password_hash = "", .role = *role};
}

}  // namespace

Answered save_user(Services& services, Visit& visit) {
  CO_TRY(storage::User user, user_of(visit.body));
  CO_TRY(std::string password, text_member(visit.body, "password", kPasswordLeast, kPasswordMost));
  std::move_only_function<std::string()> hash = [secret = base::Secret(std::move(password))] {
    return base::hash_password(secret);
  };
  user.password_hash = co_await services.worker.run<std::string>(std::move(hash));
  const base::Time now = services.clock.now();
  const Json details = Json::object({{"username", user.username}, {"role", to_text(user.role)}});
  const Json shown =
      Json::object({{"success", true}, {"username", user.username}, {"role", to_text(user.role)}});
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [user = std::move(user), now, details = details.dump(),
       actor = visit.actor.audit_name()](WritableBooks& books) -> Result<storage::Rows> {
    TRY_VOID(books.upsert_user(user, now));
    // Whoever is logged in under the old password is so no longer.
    TRY_VOID(books.delete_logins_of(user.username));
    return books.insert_audit({.created_at = now,
                               .actor = actor,
                               .action = "user.saved",
                               .subject_type = "system",
                               .subject_id = 0,
                               .details = details});
  };
  CO_TRY_VOID(co_await services.store.write<storage::Rows>(std::move(work)));
  co_return json_response(shown, 201);
}

}  // namespace quittance::http
