// The settings of this process: its environment variables.
#pragma once

#include "providers/providers.hpp"

namespace quittance {

providers::Settings settings_of_process();

}  // namespace quittance
