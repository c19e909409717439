// Money is an integer count of minor units and a currency (law 6). Every operation is checked.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::core {

/// A currency we can take: ISO 4217 code and number, and how many decimals its minor unit has here.
/// KHR and MGA are counted whole because no rail of theirs carries a fraction (requirements C34).
class Currency {
 public:
  /// nullopt for a code that no rail of ours takes. Case matters: `USD`.
  static std::optional<Currency> from_code(std::string_view code);
  /// By ISO 4217 number as a QR carries it (`840`).
  static std::optional<Currency> from_numeric(std::string_view numeric);
  std::string_view code() const;
  std::string_view numeric() const;
  /// Decimals of the minor unit: 2 means that 100 minor units make one major unit.
  int exponent() const;
  bool operator==(const Currency&) const = default;

 private:
  friend class Money;
  constexpr explicit Currency(std::uint8_t row) : row_(row) {}
  std::uint8_t row_;
};

/// An amount of one currency. Never negative in the books; a difference may be asked for only
/// where it is not.
class Money {
 public:
  /// Largest amount held: 10^15 minor units, far from where int64 could overflow in a sum.
  static constexpr std::int64_t kLimitMinor = 1'000'000'000'000'000;

  /// invalid_request when negative or above kLimitMinor.
  static base::Result<Money> from_minor(std::int64_t amount_minor, Currency currency);
  /// Decimal text in major units: `12.5`, `12.50`, `12`. No sign, exponent, blank or grouping; no
  /// more decimals than the currency has unless they are zeros.
  static base::Result<Money> parse(std::string_view decimal, Currency currency);
  static Money zero(Currency currency) { return Money(0, currency); }

  std::int64_t minor() const { return minor_; }
  Currency currency() const { return currency_; }
  bool is_zero() const { return minor_ == 0; }

  /// `12.50` with exactly the currency's decimals.
  std::string decimal() const;
  /// `12.50 USD`.
  std::string text() const;

  /// nullopt for another currency or beyond the limit.
  std::optional<Money> plus(Money other) const;
  /// nullopt for another currency or when the result would be negative.
  std::optional<Money> minus(Money other) const;
  /// nullopt when negative or beyond the limit.
  std::optional<Money> times(std::int64_t count) const;
  /// Only amounts of one currency have an order; nullopt otherwise.
  std::optional<std::strong_ordering> compare(Money other) const;
  bool operator==(const Money&) const = default;

 private:
  constexpr Money(std::int64_t minor, Currency currency) : minor_(minor), currency_(currency) {}
  std::int64_t minor_;
  Currency currency_;
};

}  // namespace quittance::core
