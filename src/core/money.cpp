#include "core/money.hpp"

namespace quittance::core {
namespace {

struct CurrencyRow {
  std::string_view code;
  std::string_view numeric;
  int exponent;
  std::int64_t scale;
};

constexpr std::array<CurrencyRow, 5> kCurrencies{{
    {"USD", "840", 2, 100},
    {"KHR", "116", 0, 1},
    {"MNT", "496", 2, 100},
    {"MGA", "969", 0, 1},
    {"INR", "356", 2, 100},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<Currency> Currency::from_code(std::string_view code) {
  for (std::uint8_t row = 0; row < kCurrencies.size(); ++row) {
    if (kCurrencies[row].code == code) return Currency(row);
  }
  return std::nullopt;
}

std::optional<Currency> Currency::from_numeric(std::string_view numeric) {
  for (std::uint8_t row = 0; row < kCurrencies.size(); ++row) {
    if (kCurrencies[row].numeric == numeric) return Currency(row);
  }
  return std::nullopt;
}

std::string_view Currency::code() const { return kCurrencies[row_].code; }
std::string_view Currency::numeric() const { return kCurrencies[row_].numeric; }
int Currency::exponent() const { return kCurrencies[row_].exponent; }

base::Result<Money> Money::from_minor(std::int64_t amount_minor, Currency currency) {
  if (amount_minor < 0 || amount_minor > kLimitMinor) {
    return base::fail(base::ErrorCode::invalid_request, "The amount is out of range.", "amount");
  }
  return Money(amount_minor, currency);
}

base::Result<Money> Money::parse(std::string_view decimal, Currency currency) {
  const auto refuse = [](std::string message) {
    return base::fail(base::ErrorCode::invalid_request, std::move(message), "amount");
  };
  const std::size_t point = decimal.find('.');
  const std::string_view whole = decimal.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : decimal.substr(point + 1);
  if (whole.empty() || whole.size() > 16 || fraction.size() > 16 ||
      (point != std::string_view::npos && fraction.empty())) {
    return refuse("Write the amount as a decimal number such as 12.50.");
  }
  std::int64_t minor = 0;
  for (char c : whole) {
    if (!is_digit(c)) return refuse("Write the amount as a decimal number such as 12.50.");
    minor = minor * 10 + (c - '0');
    if (minor > kLimitMinor) return refuse("The amount is out of range.");
  }
  const auto decimals = static_cast<std::size_t>(currency.exponent());
  for (std::size_t i = 0; i < std::max(decimals, fraction.size()); ++i) {
    const char c = i < fraction.size() ? fraction[i] : '0';
    if (!is_digit(c)) return refuse("Write the amount as a decimal number such as 12.50.");
    if (i < decimals) {
      minor = minor * 10 + (c - '0');
    } else if (c != '0') {
      return refuse("The amount has more decimals than " + std::string(currency.code()) +
                    " knows.");
    }
  }
  return from_minor(minor, currency);
}

std::string Money::decimal() const {
  const std::int64_t scale = kCurrencies[currency_.row_].scale;
  std::string text = std::to_string(minor_ / scale);
  const auto decimals = static_cast<std::size_t>(currency_.exponent());
  if (decimals == 0) return text;
  const std::string fraction = std::to_string(minor_ % scale);
  return text + "." + std::string(decimals - fraction.size(), '0') + fraction;
}

std::string Money::text() const { return decimal() + " " + std::string(currency_.code()); }

std::optional<Money> Money::plus(Money other) const {
  if (currency_ != other.currency_ || minor_ + other.minor_ > kLimitMinor) return std::nullopt;
  return Money(minor_ + other.minor_, currency_);
}

std::optional<Money> Money::minus(Money other) const {
  if (currency_ != other.currency_ || other.minor_ > minor_) return std::nullopt;
  return Money(minor_ - other.minor_, currency_);
}

std::optional<Money> Money::times(std::int64_t count) const {
  std::int64_t product = 0;
  if (count < 0 || __builtin_mul_overflow(minor_, count, &product) || product > kLimitMinor) {
    return std::nullopt;
  }
  return Money(product, currency_);
}

std::optional<std::strong_ordering> Money::compare(Money other) const {
  if (currency_ != other.currency_) return std::nullopt;
  return minor_ <=> other.minor_;
}

}  // namespace quittance::core
