// One result type for the whole program: a value, or an Error that names what went wrong.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace quittance::base {

/// The closed list of things that can go wrong, as clients see them on the wire.
/// `error_row` in result.cpp maps each to its wire string, HTTP status and retry advice.
enum class ErrorCode {
  invalid_request,       ///< the request is malformed or breaks a stated limit
  unauthenticated,       ///< nobody is logged in, or the credential is wrong
  forbidden,             ///< somebody is logged in who may not do this
  not_found,             ///< no such thing, or not yours: the two are never told apart
  method_not_allowed,    ///< the path exists, the method does not
  conflict,              ///< the thing is in a state that does not allow this
  idempotency_mismatch,  ///< same Idempotency-Key, other request
  payload_too_large,     ///< body over the limit
  unsupported_media,     ///< body of a type that this route does not read
  rate_limited,          ///< too many requests from here
  out_of_stock,          ///< less is available than was asked for
  provider_unavailable,  ///< the payment provider could not be asked; nothing changed
  provider_refused,      ///< the payment provider answered and refused
  unsupported,           ///< the payment provider has no such thing
  overloaded,            ///< a bounded queue is full
  timeout,               ///< the other side did not answer in time
  storage_failure,       ///< the database could not do it
  internal,              ///< a fault of ours
};

/// What the wire shows for an ErrorCode.
struct ErrorRow {
  ErrorCode code;
  std::string_view wire;  ///< stable `error.code`
  int http_status;
  bool retryable;
};

/// The row of one code. Total over the enum.
const ErrorRow& error_row(ErrorCode code);

/// What went wrong. `message` is safe for clients and says what to do; `detail` is for the log.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string param{};   ///< the request field at fault, if one is
  std::string detail{};  ///< log only: never leaves the process

  bool operator==(const Error&) const = default;
};

/// A value or an Error. Must be looked at.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// Shorthand for the failing side of a Result.
inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string param = {},
                                   std::string detail = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(param), std::move(detail)});
}

}  // namespace quittance::base

#define QUITTANCE_CONCAT_(a, b) a##b
#define QUITTANCE_CONCAT(a, b) QUITTANCE_CONCAT_(a, b)
#define QUITTANCE_TRY_(result, decl, expr)                        \
  auto result = (expr);                                           \
  if (!result) return std::unexpected(std::move(result).error()); \
  decl = std::move(*result)
#define QUITTANCE_CO_TRY_(result, decl, expr)                        \
  auto result = (expr);                                              \
  if (!result) co_return std::unexpected(std::move(result).error()); \
  decl = std::move(*result)

/// `TRY(auto order, store.find(id));` returns the error to the caller, or declares the value.
#define TRY(decl, expr) QUITTANCE_TRY_(QUITTANCE_CONCAT(try_result_, __LINE__), decl, expr)
/// The same inside a coroutine.
#define CO_TRY(decl, expr) QUITTANCE_CO_TRY_(QUITTANCE_CONCAT(try_result_, __LINE__), decl, expr)
/// For a Result whose value is not needed.
#define TRY_VOID(expr) \
  if (auto try_void = (expr); !try_void) return std::unexpected(std::move(try_void).error())
#define CO_TRY_VOID(expr) \
  if (auto try_void = (expr); !try_void) co_return std::unexpected(std::move(try_void).error())
