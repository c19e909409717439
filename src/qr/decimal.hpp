// Decimal numbers as text: amounts are read and written without floating point (law 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quittance::qr {

/// `digits` x 10^-`scale`, negated when `negative`.
struct Decimal {
  bool negative = false;
  std::string digits;  ///< without leading zeros; empty for zero
  int scale = 0;       ///< negative for 1e2
};

/// Reads `[+-]digits[.digits][e[+-]digits]`; also `.5` and `5.`. Nothing for any other text,
/// and for exponents of more than kMaxExponentDigits digits.
std::optional<Decimal> parse_decimal(std::string_view text);
inline constexpr std::size_t kMaxExponentDigits = 4;

/// The number without exponent and without zeros that say nothing: `1.50` is `1.5`, `1e2` is
/// `100`, as JavaScript prints a Number. Nothing when that takes more than kMaxPlainDigits.
std::optional<std::string> plain_text(const Decimal& number);
inline constexpr std::size_t kMaxPlainDigits = 40;

/// The number when it is whole and fits.
std::optional<std::int64_t> whole_number(const Decimal& number);

}  // namespace quittance::qr
