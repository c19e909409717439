#include "base/result.hpp"

#include <array>
#include <cstddef>

namespace quittance::base {
namespace {

constexpr std::array kRows{
    ErrorRow{ErrorCode::invalid_request, "invalid_request", 400, false},
    ErrorRow{ErrorCode::unauthenticated, "unauthenticated", 401, false},
    ErrorRow{ErrorCode::forbidden, "forbidden", 403, false},
    ErrorRow{ErrorCode::not_found, "not_found", 404, false},
    ErrorRow{ErrorCode::method_not_allowed, "method_not_allowed", 405, false},
    ErrorRow{ErrorCode::conflict, "conflict", 409, false},
    ErrorRow{ErrorCode::idempotency_mismatch, "idempotency_mismatch", 409, false},
    ErrorRow{ErrorCode::payload_too_large, "payload_too_large", 413, false},
    ErrorRow{ErrorCode::unsupported_media, "unsupported_media", 415, false},
    ErrorRow{ErrorCode::rate_limited, "rate_limited", 429, true},
    ErrorRow{ErrorCode::out_of_stock, "out_of_stock", 409, false},
    ErrorRow{ErrorCode::provider_unavailable, "provider_unavailable", 502, true},
    ErrorRow{ErrorCode::provider_refused, "provider_refused", 502, false},
    ErrorRow{ErrorCode::unsupported, "unsupported", 501, false},
    ErrorRow{ErrorCode::overloaded, "overloaded", 503, true},
    ErrorRow{ErrorCode::timeout, "timeout", 504, true},
    ErrorRow{ErrorCode::storage_failure, "storage_failure", 503, true},
    ErrorRow{ErrorCode::internal, "internal", 500, false},
};

constexpr bool rows_in_enum_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i) return false;
  }
  return kRows.size() == static_cast<std::size_t>(ErrorCode::internal) + 1;
}
static_assert(rows_in_enum_order(), "kRows repeats the enum, in its order");

}  // namespace

const ErrorRow& error_row(ErrorCode code) { return kRows[static_cast<std::size_t>(code)]; }

}  // namespace quittance::base
