#include "notify/retry.hpp"

#include <array>

namespace quittance::notify {
namespace {

using namespace std::chrono_literals;

constexpr std::array<base::Duration, 12> kPauses{5s, 30s, 2min, 10min, 30min, 1h,
                                                 2h, 4h,  8h,   12h,   20h,   24h};

}  // namespace

std::optional<base::Duration> pause_after(std::int64_t attempts, base::Random& random) {
  if (attempts < 1 || attempts > static_cast<std::int64_t>(kPauses.size())) return std::nullopt;
  const base::Duration pause = kPauses[static_cast<std::size_t>(attempts - 1)];
  const std::int64_t fifth = pause.count() / 5;
  const auto drawn = random.below(static_cast<std::uint64_t>(2 * fifth + 1));
  return pause + base::Duration(static_cast<std::int64_t>(drawn) - fifth);
}

}  // namespace quittance::notify
