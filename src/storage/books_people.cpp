// Statements about users, customers, logins, repeated requests and the schema.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

std::string_view to_text(Role role) {
  switch (role) {
    case Role::customer:
      return "customer";
    case Role::staff:
      return "staff";
    case Role::admin:
      return "admin";
  }
  return "";
}

std::optional<Role> role_from(std::string_view text) {
  for (Role role : {Role::customer, Role::staff, Role::admin}) {
    if (to_text(role) == text) return role;
  }
  return std::nullopt;
}

Result<std::int64_t> Books::schema_version() {
  static constexpr Sql kSql{"SELECT COUNT(*) AS n FROM schema_migrations"};
  TRY(const Rows rows, connection_.run(kSql));
  return rows.front().integer("n");
}

Found<User> Books::user(std::string_view username) {
  static constexpr Sql kSql{
      "SELECT id, username, password_hash, role, customer_id FROM users "
      "WHERE username = $1"};
  TRY(const Rows rows, connection_.run(kSql, {username}));
  if (rows.empty()) return std::optional<User>();
  const auto row = rows.front();
  const auto role = role_from(row.text("role"));
  if (!role) return unknown_word("users.role", row.text("role"));
  return std::optional(User{.id = core::UserId(row.integer("id")),
                            .username = row.text("username"),
                            .password_hash = row.text("password_hash"),
                            .role = *role,
                            .customer_id = maybe_id<core::CustomerId>(row, "customer_id")});
}

Found<std::string> Books::api_key_name(std::string_view key_hash) {
  static constexpr Sql kSql{"SELECT name FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL"};
  TRY(const Rows rows, connection_.run(kSql, {key_hash}));
  if (rows.empty()) return std::optional<std::string>();
  return std::optional(rows.front().text("name"));
}

Found<Customer> Books::customer(core::CustomerId id) {
  static constexpr Sql kSql{"SELECT id, name, email FROM customers WHERE id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  if (rows.empty()) return std::optional<Customer>();
  const auto row = rows.front();
  return std::optional(Customer{.id = core::CustomerId(row.integer("id")),
                                .name = row.text("name"),
                                .email = row.text("email")});
}

Found<Login> Books::login(std::string_view token_hash, base::Time now) {
  static constexpr Sql kSql{
      "SELECT l.token_hash, l.user_id, l.customer_id, l.csrf_token, l.created_at, l.expires_at, "
      "u.role, u.username FROM logins l LEFT JOIN users u ON u.id = l.user_id WHERE l.token_hash = "
      "$1 AND l.expires_at > $2"};
  TRY(const Rows rows, connection_.run(kSql, {token_hash, now}));
  if (rows.empty()) return std::optional<Login>();
  const auto row = rows.front();
  return std::optional(Login{.token_hash = row.text("token_hash"),
                             .user_id = maybe_id<core::UserId>(row, "user_id"),
                             .customer_id = maybe_id<core::CustomerId>(row, "customer_id"),
                             .csrf_token = row.text("csrf_token"),
                             .role = role_from(row.text_or_empty("role")).value_or(Role::customer),
                             .username = row.text_or_empty("username"),
                             .created_at = row.time("created_at"),
                             .expires_at = row.time("expires_at")});
}

Found<IdempotencyRecord> Books::idempotency(std::string_view scope, std::string_view key) {
  static constexpr Sql kSql{
      "SELECT scope, idempotency_key, request_hash, status, body, created_at FROM "
      "idempotency_keys WHERE scope = $1 AND idempotency_key = $2"};
  TRY(const Rows rows, connection_.run(kSql, {scope, key}));
  if (rows.empty()) return std::optional<IdempotencyRecord>();
  const auto row = rows.front();
  return std::optional(IdempotencyRecord{.scope = row.text("scope"),
                                         .idempotency_key = row.text("idempotency_key"),
                                         .request_hash = row.text("request_hash"),
                                         .status = row.integer("status"),
                                         .body = row.text("body"),
                                         .created_at = row.time("created_at")});
}

Result<core::CustomerId> WritableBooks::insert_customer(const Customer& customer, base::Time now) {
  static constexpr Sql kSql{
      "INSERT INTO customers (name, email, created_at) VALUES ($1, $2, $3) RETURNING id"};
  TRY(const Rows rows, connection_.run(kSql, {customer.name, customer.email, now}));
  return core::CustomerId(rows.front().integer("id"));
}

Result<Rows> WritableBooks::upsert_user(const User& user, base::Time now) {
  static constexpr Sql kSql{
      "INSERT INTO users (username, password_hash, role, customer_id, created_at) VALUES ($1, $2, "
      "$3, $4, $5) ON CONFLICT (username) DO UPDATE SET password_hash = excluded.password_hash, "
      "role = excluded.role"};
  return connection_.run(
      kSql, {user.username, user.password_hash, to_text(user.role), key_of(user.customer_id), now});
}

Result<Rows> WritableBooks::insert_api_key(std::string_view name, std::string_view key_hash,
                                           base::Time now) {
  static constexpr Sql kSql{
      "INSERT INTO api_keys (name, key_hash, created_at) VALUES ($1, $2, $3)"};
  return connection_.run(kSql, {name, key_hash, now});
}

Result<bool> WritableBooks::revoke_api_key(std::string_view name, base::Time now) {
  static constexpr Sql kSql{
      "UPDATE api_keys SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL"};
  TRY(const Rows rows, connection_.run(kSql, {name, now}));
  return rows.changed == 1;
}

Result<Rows> WritableBooks::insert_login(const Login& login) {
  static constexpr Sql kSql{
      "INSERT INTO logins (token_hash, user_id, customer_id, csrf_token, created_at, expires_at) "
      "VALUES ($1, $2, $3, $4, $5, $6)"};
  return connection_.run(kSql, {login.token_hash, key_of(login.user_id), key_of(login.customer_id),
                                login.csrf_token, login.created_at, login.expires_at});
}

Result<Rows> WritableBooks::delete_logins_of(std::string_view username) {
  static constexpr Sql kSql{
      "DELETE FROM logins WHERE user_id IN (SELECT id FROM users WHERE username = $1)"};
  return connection_.run(kSql, {username});
}

Result<Rows> WritableBooks::delete_login(std::string_view token_hash) {
  static constexpr Sql kSql{"DELETE FROM logins WHERE token_hash = $1"};
  return connection_.run(kSql, {token_hash});
}

Result<Rows> WritableBooks::insert_idempotency(const IdempotencyRecord& record) {
  static constexpr Sql kSql{
      "INSERT INTO idempotency_keys (scope, idempotency_key, request_hash, status, body, "
      "created_at) VALUES ($1, $2, $3, $4, $5, $6) "
      "ON CONFLICT (scope, idempotency_key) DO NOTHING"};
  return connection_.run(kSql, {record.scope, record.idempotency_key, record.request_hash,
                                record.status, record.body, record.created_at});
}

Result<std::int64_t> WritableBooks::delete_stale_rows(base::Time now, base::Time keys_since) {
  static constexpr Sql kLogins{"DELETE FROM logins WHERE expires_at <= $1"};
  static constexpr Sql kKeys{"DELETE FROM idempotency_keys WHERE created_at < $1"};
  TRY(const Rows logins, connection_.run(kLogins, {now}));
  TRY(const Rows keys, connection_.run(kKeys, {keys_since}));
  return logins.changed + keys.changed;
}

}  // namespace quittance::storage
