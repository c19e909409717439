// When simulated payers pay (requirements C3, S1.32-S1.35). Only the sandbox knows this curve; no
// verifier ever asks it.
#pragma once

#include <optional>

#include "base/base.hpp"

namespace quittance::sandbox {

/// How long after it got its QR a simulated payer pays: within 1 hour with chance 0.30, 1 day
/// 0.50, 1 week 0.80, 30 days 0.95, evenly between these points; otherwise never (absent).
std::optional<base::Duration> draw_pay_delay(base::Random& random);

}  // namespace quittance::sandbox
