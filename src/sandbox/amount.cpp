#include "sandbox/amount.hpp"

#include <algorithm>

namespace quittance::sandbox {
namespace {

constexpr std::size_t kAmountTextLimit = 32;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view currency_code(Currency currency) {
  switch (currency) {
    case Currency::usd:
      return "USD";
    case Currency::khr:
      return "KHR";
  }
  return "";
}

std::optional<Currency> currency_from_code(std::string_view code) {
  if (code == "USD") return Currency::usd;
  if (code == "KHR") return Currency::khr;
  return std::nullopt;
}

int currency_exponent(Currency currency) {
  switch (currency) {
    case Currency::usd:
      return 2;
    case Currency::khr:
      return 0;
  }
  return 0;
}

std::optional<Amount> parse_amount(std::string_view text, Currency currency) {
  if (text.empty() || text.size() > kAmountTextLimit) return std::nullopt;
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point);
  std::string_view fraction;
  if (point < text.size()) {
    fraction = text.substr(point + 1);
    if (fraction.empty()) return std::nullopt;
  }
  if (whole.empty() || !std::ranges::all_of(whole, is_digit) ||
      !std::ranges::all_of(fraction, is_digit)) {
    return std::nullopt;
  }
  std::string digits(whole);
  const auto exponent = static_cast<std::size_t>(currency_exponent(currency));
  for (std::size_t i = 0; i < std::max(exponent, fraction.size()); ++i) {
    const char digit = i < fraction.size() ? fraction[i] : '0';
    if (i < exponent) {
      digits.push_back(digit);
    } else if (digit != '0') {
      return std::nullopt;
    }
  }
  std::int64_t minor = 0;
  for (const char digit : digits) {
    minor = minor * 10 + (digit - '0');
    if (minor > kAmountLimitMinor) return std::nullopt;
  }
  if (minor == 0) return std::nullopt;
  return Amount{minor, currency};
}

std::string amount_text(Amount amount, AmountStyle style) {
  const bool negative = amount.minor < 0;
  std::string digits = std::to_string(negative ? -amount.minor : amount.minor);
  const auto exponent = static_cast<std::size_t>(currency_exponent(amount.currency));
  if (digits.size() <= exponent) digits.insert(0, exponent + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - exponent);
  digits.resize(digits.size() - exponent);
  if (style == AmountStyle::two_decimals) {
    fraction.resize(2, '0');
  } else {
    while (!fraction.empty() && fraction.back() == '0')
      fraction.pop_back();
  }
  std::string text = negative ? "-" + digits : digits;
  if (!fraction.empty()) text += "." + fraction;
  return text;
}

std::string amount_for_people(Amount amount) {
  const AmountStyle style =
      currency_exponent(amount.currency) == 0 ? AmountStyle::shortest : AmountStyle::two_decimals;
  std::string text = amount_text(amount, style);
  const std::size_t first = text.front() == '-' ? 1 : 0;
  std::size_t at = std::min(text.find('.'), text.size());
  while (at > first + 3) {
    at -= 3;
    text.insert(at, ",");
  }
  return std::string(currency_code(amount.currency)) + " " + text;
}

}  // namespace quittance::sandbox
