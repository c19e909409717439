// Money: integers and a currency, checked at every step (law 6, C34).
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/core.hpp"

namespace quittance::core {
namespace {

constexpr std::int64_t kLimit = Money::kLimitMinor;

Currency currency(std::string_view code) { return *Currency::from_code(code); }
Money usd(std::int64_t minor) { return *Money::from_minor(minor, currency("USD")); }

struct CurrencyFact {
  std::string_view code;
  std::string_view numeric;
  int exponent;
  std::string_view twelve_hundred;  ///< 1,200 minor units in words
};
constexpr std::array<CurrencyFact, 5> kFacts{{{"USD", "840", 2, "12.00"},
                                              {"KHR", "116", 0, "1200"},
                                              {"MNT", "496", 2, "12.00"},
                                              {"MGA", "969", 0, "1200"},
                                              {"INR", "356", 2, "12.00"}}};

TEST(Currency, C34_EveryCurrencyHasItsCodeNumberAndDecimals) {
  for (const CurrencyFact& fact : kFacts) {
    const auto by_code = Currency::from_code(fact.code);
    const auto by_number = Currency::from_numeric(fact.numeric);
    ASSERT_TRUE(by_code && by_number) << fact.code;
    EXPECT_EQ(*by_code, *by_number);
    EXPECT_EQ(by_code->code(), fact.code);
    EXPECT_EQ(by_code->numeric(), fact.numeric);
    EXPECT_EQ(by_code->exponent(), fact.exponent);
    EXPECT_EQ(Money::from_minor(1'200, *by_code)->decimal(), fact.twelve_hundred);
    EXPECT_EQ(Money::from_minor(1'200, *by_code)->text(),
              std::string(fact.twelve_hundred) + " " + std::string(fact.code));
  }
}

TEST(Currency, OtherCodesAreNoCurrency) {
  for (const char* code : {"", "usd", "US", "USDX", "EUR", "840", " USD"}) {
    EXPECT_FALSE(Currency::from_code(code)) << code;
  }
  for (const char* number : {"", "84", "0840", "978", "USD"}) {
    EXPECT_FALSE(Currency::from_numeric(number)) << number;
  }
}

TEST(Money, ReadsWhatPeopleAndProvidersWrite) {
  const struct {
    const char* text;
    const char* code;
    std::int64_t minor;
  } cases[] = {{"12.50", "USD", 1'250},
               {"12.5", "USD", 1'250},
               {"12", "USD", 1'200},
               {"0.01", "USD", 1},
               {"0", "USD", 0},
               {"0.00", "USD", 0},
               {"12.5000", "USD", 1'250},
               {"00012", "USD", 1'200},
               {"9800", "KHR", 9'800},
               {"9800.00", "KHR", 9'800},
               {"500000", "MGA", 500'000},
               {"10000000000000.00", "USD", kLimit},
               {"1000000000000000", "KHR", kLimit}};
  for (const auto& one : cases) {
    const auto read = Money::parse(one.text, currency(one.code));
    ASSERT_TRUE(read.has_value()) << one.text << " " << one.code;
    EXPECT_EQ(read->minor(), one.minor) << one.text << " " << one.code;
  }
}

TEST(Money, RefusesEveryOtherText) {
  for (const char* text : {"",
                           ".",
                           "1.",
                           ".5",
                           "-1",
                           "+1",
                           "1,000",
                           "1 000",
                           " 1",
                           "1 ",
                           "1e2",
                           "1E2",
                           "0x10",
                           "NaN",
                           "inf",
                           "1.005",
                           "1.2.3",
                           "12.5a",
                           "a",
                           "١",
                           "10000000000000.01",
                           "10000000000001",
                           "99999999999999999999",
                           "1.00000000000000000",
                           "00000000000000001"}) {
    const auto read = Money::parse(text, currency("USD"));
    ASSERT_FALSE(read.has_value()) << text << " read as " << read->text();
    EXPECT_EQ(read.error().code, base::ErrorCode::invalid_request);
    EXPECT_EQ(read.error().param, "amount");
  }
  EXPECT_FALSE(Money::parse("1.5", currency("KHR")).has_value());
  EXPECT_FALSE(Money::parse("1000000000000001", currency("KHR")).has_value());
}

TEST(Money, FromMinorKeepsWithinItsLimits) {
  EXPECT_EQ(Money::from_minor(kLimit, currency("KHR"))->minor(), kLimit);
  for (const std::int64_t wrong : {kLimit + 1, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_FALSE(Money::from_minor(wrong, currency("KHR")).has_value()) << wrong;
  }
}

TEST(Money, ArithmeticStopsAtTheLimitAndAtZero) {
  EXPECT_EQ(usd(kLimit - 1).plus(usd(1)), usd(kLimit));
  EXPECT_FALSE(usd(kLimit).plus(usd(1)));
  EXPECT_EQ(usd(5).minus(usd(5)), usd(0));
  EXPECT_FALSE(usd(5).minus(usd(6)));
  EXPECT_EQ(usd(kLimit / 1'000).times(1'000), usd(kLimit));
  EXPECT_FALSE(usd(kLimit / 1'000 + 1).times(1'000));
  EXPECT_FALSE(usd(kLimit).times(INT64_MAX));
  EXPECT_FALSE(usd(1).times(-1));
  EXPECT_EQ(usd(7).times(0), usd(0));
}

TEST(Money, N13_CurrenciesNeverMix) {
  const Money riel = *Money::from_minor(5, currency("KHR"));
  EXPECT_FALSE(usd(5).plus(riel));
  EXPECT_FALSE(usd(5).minus(riel));
  EXPECT_FALSE(usd(5).compare(riel));
  EXPECT_NE(usd(5), riel);
  EXPECT_EQ(usd(5).compare(usd(6)), std::strong_ordering::less);
}

rc::Gen<Currency> a_currency() {
  return rc::gen::map(rc::gen::inRange<std::size_t>(0, kFacts.size()),
                      [](std::size_t at) { return currency(kFacts[at].code); });
}

rc::Gen<std::int64_t> minor_units() {
  return rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, kLimit + 1),
                        rc::gen::inRange<std::int64_t>(0, 100'000),
                        rc::gen::inRange<std::int64_t>(kLimit - 1'000, kLimit + 1));
}

RC_GTEST_PROP(MoneyProperty, WhatIsWrittenIsReadBack, ()) {
  const auto money = *Money::from_minor(*minor_units(), *a_currency());
  const auto read = Money::parse(money.decimal(), money.currency());
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == money);
}

RC_GTEST_PROP(MoneyProperty, ASumTakenApartIsWhatItWas, ()) {
  const Currency one = *a_currency();
  const auto a = *Money::from_minor(*minor_units(), one);
  const auto b = *Money::from_minor(*minor_units(), one);
  const auto sum = a.plus(b);
  RC_ASSERT(sum.has_value() == (a.minor() + b.minor() <= kLimit));
  if (sum) RC_ASSERT(sum->minus(b) == a);
  RC_ASSERT(a.minus(b).has_value() == (a.compare(b) != std::strong_ordering::less));
}

RC_GTEST_PROP(MoneyProperty, AnyTextIsReadExactlyOrRefused, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789..-+e, 9")));
  const Currency one = *a_currency();
  const auto read = Money::parse(text, one);
  if (!read) return;
  // What was accepted is digits with at most one point, and writing it again loses nothing.
  RC_ASSERT(text.find_first_not_of("0123456789.") == std::string::npos);
  RC_ASSERT(Money::parse(read->decimal(), one).value() == *read);
}

}  // namespace
}  // namespace quittance::core
