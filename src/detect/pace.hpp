// How often a provider is asked, by its own rule: some are all we have, some tell us themselves,
// and one forbids asking by the clock.
#pragma once

#include "core/core.hpp"
#include "providers/providers.hpp"

namespace quittance::detect {

/// The cadence for a provider with this rule. Retention and the pause of an outage stay as they are
/// set; for PollingRule::everything all of it does.
core::CheckPolicy paced(core::CheckPolicy policy, providers::PollingRule rule);

}  // namespace quittance::detect
