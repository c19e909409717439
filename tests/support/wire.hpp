// A wire without a network: what one side sends is what the other reads.
#pragma once

#include "base/base.hpp"

namespace quittance::testing {

/// A call as the server at its other end reads it.
base::HttpRequest as_request(const base::HttpCall& call);

}  // namespace quittance::testing
