// Money as the sandbox bank keeps it. The bank has arithmetic of its own, apart from core's, so
// that one mistake cannot hide on both sides of the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quittance::sandbox {

/// The two currencies a KHQR can carry (KHQR Content Guideline v1.4, tag 53).
enum class Currency { usd, khr };

/// `USD` or `KHR`, as the Bakong Open API spells them.
std::string_view currency_code(Currency currency);
/// Reads `USD` or `KHR`, upper case only.
std::optional<Currency> currency_from_code(std::string_view code);
/// Digits after the point: 2 for USD, 0 for KHR (ISO 4217 says 2, nobody has coins: C34).
int currency_exponent(Currency currency);

/// A sum: cents for USD, whole riel for KHR.
struct Amount {
  std::int64_t minor = 0;
  Currency currency = Currency::usd;
  bool operator==(const Amount&) const = default;
};

/// The largest sum of one transfer: 13 characters are all that tag 54 has room for.
inline constexpr std::int64_t kAmountLimitMinor = 999'999'999'999'999;

/// Reads major units written in decimal (`1`, `1.5`, `1.50`, `0000009800`, `4000.0`). Absent when
/// it is no positive decimal number, finer than the currency allows, or over kAmountLimitMinor.
std::optional<Amount> parse_amount(std::string_view text, Currency currency);

/// How a sum is written on the wire.
enum class AmountStyle {
  shortest,      ///< `1`, `1.5`, `4000`
  two_decimals,  ///< `1.00`, `1.50`, `4000.00`
};
/// Major units in decimal; valid JSON number syntax.
std::string amount_text(Amount amount, AmountStyle style);
/// For people: `USD 1.50`, `KHR 4,000`; negative sums (never transfers) have a leading minus.
std::string amount_for_people(Amount amount);

}  // namespace quittance::sandbox
