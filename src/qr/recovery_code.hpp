// The texts under a payment QR by which a customer finds the order again (S0.6, S0.47, S0.48).
// They name an order; they prove nothing (C7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::qr {

inline constexpr std::size_t kMaxRecoveryBytes = 160;
inline constexpr std::size_t kMaxTransactionIdBytes = 64;

/// `KHQR:order_id=123:transaction_id=abc123def456789:amount=50.00` or
/// `ORDER_123_abc123def456_50.00`.
enum class RecoveryStyle { khqr, simple };

/// What a recovery code says.
struct RecoveryCode {
  std::int64_t order_id = 0;     ///< positive
  std::string transaction_id{};  ///< letters and digits; older codes carry a shortened one
  std::string amount{};          ///< digits, maybe a point and up to three decimals; major units

  bool operator==(const RecoveryCode&) const = default;
};

/// Reads either style, without spaces around it. The error names the part that is missing or
/// wrong in `param`: `order_id`, `transaction_id`, `amount`, or nothing for another text.
base::Result<RecoveryCode> parse_recovery_code(std::string_view text);

/// Writes a code that parse_recovery_code reads back; invalid_request for values it would not.
base::Result<std::string> make_recovery_code(const RecoveryCode& code, RecoveryStyle style);

/// The order number of a text that begins as a recovery code, even when the rest is missing.
std::int64_t recovery_order_id(std::string_view text);

}  // namespace quittance::qr
