#include "checkout/phone.hpp"

#include <algorithm>

namespace quittance::checkout {

using base::Result;

namespace {

/// Shorter ones are no subscriber's number, and would be the end of many.
constexpr std::size_t kOwnDigitsLeast = 6;
constexpr std::size_t kCountryDigitsMost = 3;
constexpr std::size_t kKeyDigits = 8;

/// `0343500004` of `261343500004`.
bool is_at_home(std::string_view home, std::string_view abroad) {
  if (!home.starts_with('0')) return false;
  const std::string_view own = home.substr(1);
  if (own.size() < kOwnDigitsLeast || !abroad.ends_with(own)) return false;
  const std::size_t country = abroad.size() - own.size();
  return country >= 1 && country <= kCountryDigitsMost && !abroad.starts_with('0');
}

std::string key_of(std::string_view phone) {
  std::string digits = digits_of(phone);
  if (digits.size() > kKeyDigits) digits.erase(0, digits.size() - kKeyDigits);
  return digits;
}

/// What lies ahead was counted by a clock that went back since.
bool still_counts(base::Time rung_at, base::Time now) {
  return rung_at <= now && now - rung_at < kRingsWithin;
}

std::unexpected<base::Error> rung_enough() {
  return base::fail(base::ErrorCode::rate_limited,
                    "This phone was asked often enough for now. Answer what it shows, pay in "
                    "another way, or ask again in ten minutes.",
                    "payer_phone");
}

}  // namespace

std::string digits_of(std::string_view phone) {
  std::string digits;
  std::ranges::copy_if(phone, std::back_inserter(digits),
                       [](char c) { return c >= '0' && c <= '9'; });
  if (digits.starts_with("00")) digits.erase(0, 2);
  return digits;
}

bool same_phone(std::string_view one, std::string_view other) {
  const std::string first = digits_of(one);
  const std::string second = digits_of(other);
  if (first.empty() || second.empty()) return false;
  return first == second || is_at_home(first, second) || is_at_home(second, first);
}

std::size_t RingLimit::lately(const std::vector<base::Time>& rings) const {
  const base::Time now = clock_.now();
  return static_cast<std::size_t>(std::ranges::count_if(
      rings, [now](base::Time rung_at) { return still_counts(rung_at, now); }));
}

Result<void> RingLimit::check(std::string_view phone) {
  const std::lock_guard lock(mutex_);
  const auto known = rings_.find(key_of(phone));
  if (known != rings_.end() && lately(known->second) >= kRingsMost) return rung_enough();
  return {};
}

Result<void> RingLimit::count(std::string_view phone) {
  const std::lock_guard lock(mutex_);
  if (rings_.size() >= kPhonesRemembered) {
    std::erase_if(rings_, [this](const auto& known) { return lately(known.second) == 0; });
  }
  if (rings_.size() >= kPhonesRemembered) rings_.clear();
  std::vector<base::Time>& rings = rings_[key_of(phone)];
  if (lately(rings) >= kRingsMost) return rung_enough();
  const base::Time now = clock_.now();
  std::erase_if(rings, [now](base::Time rung_at) { return !still_counts(rung_at, now); });
  rings.push_back(now);
  return {};
}

}  // namespace quittance::checkout
