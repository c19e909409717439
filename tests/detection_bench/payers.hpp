// Who orders when, and pays when: the mixes of arrivals that the bench asks about.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/base.hpp"

namespace quittance::detection_bench {

/// Moments from the start of a run.
struct Payer {
  base::Duration ordered_at{};
  std::optional<base::Duration> paid_at;  ///< empty: never
};

/// None of them is the steady stream for which the weights of core/ranking were chosen. The last
/// three were written down before anybody ran them, and nothing was changed since
/// (docs/detection.md).
enum class Mix {
  evenings,  ///< orders come from 18 to 22 h; paid by the curve of S1.32 to S1.35
  sale,     ///< half of all orders within two hours of each week, and most of these paid in minutes
  payday,   ///< most wait for the end of the week
  market,   ///< seven of ten orders on two mornings a week; paid by the curve, as those that follow
  opening,  ///< half of the orders that are left come within each two days
  lunch,    ///< half of the orders within one hour of each of five days a week
};
inline constexpr Mix kMixes[] = {Mix::evenings, Mix::sale,    Mix::payday,
                                 Mix::market,   Mix::opening, Mix::lunch};
std::string_view to_text(Mix mix);

/// `count` payers over `span`, by the time of their orders. One in fifty pays after more than a
/// month, up to 44 days; three in a hundred never. The same seed draws the same payers.
std::vector<Payer> draw_payers(Mix mix, std::size_t count, base::Duration span,
                               base::Random& random);

}  // namespace quittance::detection_bench
