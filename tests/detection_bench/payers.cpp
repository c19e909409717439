#include "detection_bench/payers.hpp"

#include <algorithm>
#include <span>

namespace quittance::detection_bench {
namespace {

using base::Duration;
using namespace std::chrono_literals;

constexpr Duration kDay = 24h;

/// So many of a thousand have paid by this age.
struct CurvePoint {
  Duration age;
  std::int64_t per_thousand;
};
constexpr CurvePoint kByTheCurve[] = {
    {1h, 300}, {kDay, 500}, {kDay * 7, 800}, {kDay * 30, 950}, {kDay * 44, 970}};
constexpr CurvePoint kInMinutes[] = {
    {10min, 600}, {1h, 800}, {kDay, 900}, {kDay * 30, 950}, {kDay * 44, 970}};
constexpr CurvePoint kAtPayday[] = {
    {1h, 100}, {kDay, 200}, {kDay * 7, 750}, {kDay * 30, 950}, {kDay * 44, 970}};

/// Evenly from 0 to `end`.
Duration within(Duration end, base::Random& random) {
  return Duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(end.count())))};
}

std::optional<Duration> draw_age(std::span<const CurvePoint> curve, base::Random& random) {
  const auto drawn = static_cast<std::int64_t>(random.below(1'000));
  CurvePoint before{Duration{0}, 0};
  for (const CurvePoint& point : curve) {
    if (drawn < point.per_thousand) return before.age + within(point.age - before.age, random);
    before = point;
  }
  return std::nullopt;
}

Payer draw(Mix mix, Duration span, base::Random& random) {
  Payer payer{.ordered_at = within(span, random), .paid_at = std::nullopt};
  std::span<const CurvePoint> curve = mix == Mix::payday ? kAtPayday : kByTheCurve;
  if (mix == Mix::evenings) {
    payer.ordered_at = payer.ordered_at / kDay * kDay + 18h + within(4h, random);
  }
  if (mix == Mix::sale && random.below(2) == 0) {
    payer.ordered_at = payer.ordered_at / (kDay * 7) * (kDay * 7) + 12h + within(2h, random);
    curve = kInMinutes;
  }
  if (mix == Mix::market && random.below(10) < 7) {
    const Duration day = random.below(2) == 0 ? kDay * 2 : kDay * 5;
    payer.ordered_at = payer.ordered_at / (kDay * 7) * (kDay * 7) + day + 7h + within(4h, random);
  }
  if (mix == Mix::opening) {
    Duration start{0};
    while (start + kDay * 2 < span && random.below(2) == 0)
      start += kDay * 2;
    payer.ordered_at = start + within(kDay * 2, random);
  }
  if (mix == Mix::lunch && random.below(2) == 0) {
    const Duration day = kDay * static_cast<std::int64_t>(random.below(5));
    payer.ordered_at = payer.ordered_at / (kDay * 7) * (kDay * 7) + day + 12h + within(1h, random);
  }
  if (const auto age = draw_age(curve, random)) payer.paid_at = payer.ordered_at + *age;
  return payer;
}

}  // namespace

std::string_view to_text(Mix mix) {
  switch (mix) {
    case Mix::evenings:
      return "evenings";
    case Mix::sale:
      return "sale";
    case Mix::payday:
      return "payday";
    case Mix::market:
      return "market";
    case Mix::opening:
      return "opening";
    case Mix::lunch:
      return "lunch";
  }
  return "";
}

std::vector<Payer> draw_payers(Mix mix, std::size_t count, Duration span, base::Random& random) {
  std::vector<Payer> payers;
  for (std::size_t i = 0; i < count; ++i)
    payers.push_back(draw(mix, span, random));
  std::ranges::sort(payers, {}, &Payer::ordered_at);
  return payers;
}

}  // namespace quittance::detection_bench
