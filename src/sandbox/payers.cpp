#include "sandbox/payers.hpp"

namespace quittance::sandbox {
namespace {

/// A point of the cumulative curve: by `until`, `per_mille` of 1000 payers have paid.
struct CurvePoint {
  std::int64_t until_ms;
  std::uint64_t per_mille;
};
constexpr std::int64_t kHourMs = 3'600'000;
constexpr CurvePoint kCurve[] = {
    {kHourMs, 300},            // S1.32
    {24 * kHourMs, 500},       // S1.33
    {7 * 24 * kHourMs, 800},   // S1.34
    {30 * 24 * kHourMs, 950},  // S1.35
};

}  // namespace

std::optional<base::Duration> draw_pay_delay(base::Random& random) {
  const std::uint64_t chance = random.below(1000);
  std::int64_t from_ms = 0;
  for (const CurvePoint& point : kCurve) {
    if (chance < point.per_mille) {
      const auto width = static_cast<std::uint64_t>(point.until_ms - from_ms);
      return base::Duration{from_ms + 1 + static_cast<std::int64_t>(random.below(width))};
    }
    from_ms = point.until_ms;
  }
  return std::nullopt;
}

}  // namespace quittance::sandbox
