// Telephones that are rung for a payment: when two numbers are one phone, and how often it may
// ring.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/base.hpp"

namespace quittance::checkout {

/// How often one phone is rung, whoever asks for it: it may be a stranger's (law 9).
inline constexpr std::size_t kRingsMost = 3;
inline constexpr base::Duration kRingsWithin = std::chrono::minutes(10);
/// Phones that are rung for one order within so long.
inline constexpr std::size_t kPhonesPerOrder = 5;
inline constexpr base::Duration kPhonesWithin = std::chrono::hours(24);

/// The digits of a number as somebody typed it, without the `00` of a call abroad.
std::string digits_of(std::string_view phone);

/// Whether both are one phone's number: in groups or not, and with the country's code (one to three
/// digits) or with the zero that stands for it at home. False for texts without digits.
bool same_phone(std::string_view one, std::string_view other);

/// Counts how often each phone is rung; safe from any loop. Two numbers that share their last eight
/// digits are counted as one: before those stand only codes of a country and a network. Remembers a
/// bounded number of phones and starts afresh beyond it.
class RingLimit {
 public:
  explicit RingLimit(const base::Clock& clock) : clock_(clock) {}
  /// rate_limited on `payer_phone` when this phone was rung `kRingsMost` times within
  /// `kRingsWithin`.
  base::Result<void> check(std::string_view phone);
  /// The same, and counts one more.
  base::Result<void> count(std::string_view phone);

 private:
  static constexpr std::size_t kPhonesRemembered = 100'000;
  /// Those that still count.
  std::size_t lately(const std::vector<base::Time>& rings) const;

  const base::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<base::Time>> rings_;
};

}  // namespace quittance::checkout
