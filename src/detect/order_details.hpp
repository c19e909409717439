// What the log says of an order after an act (docs/audit.md).
#pragma once

#include "core/core.hpp"

namespace quittance::detect {

base::Json order_details(const core::Order& order);

}  // namespace quittance::detect
