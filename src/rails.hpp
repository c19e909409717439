// The registry: every rail beside Bakong, one line each. A line names what the files of the adapter
// (src/providers) and of the simulator (src/sandbox) declare of themselves; how to add one is told
// in docs/guides/add-a-provider.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "providers/providers.hpp"
#include "sandbox/sandbox.hpp"

/// A RAIL has an adapter and a simulator; at a DESK sits a person, and there is nothing to
/// simulate.
#define QUITTANCE_RAILS(RAIL, DESK) \
  RAIL(kStripe)                     \
  RAIL(kRazorpay)                   \
  RAIL(kQpay)                       \
  RAIL(kMvola)                      \
  DESK(kCash)

#define QUITTANCE_ADAPTER(rail) extern const Adapter rail;
#define QUITTANCE_SIMULATOR(rail) extern const Rail rail;
#define QUITTANCE_ADDRESS(rail) &rail,
#define QUITTANCE_NOTHING(rail)

namespace quittance::providers {
QUITTANCE_RAILS(QUITTANCE_ADAPTER, QUITTANCE_ADAPTER)
inline std::vector<const Adapter*> adapters() {
  return {QUITTANCE_RAILS(QUITTANCE_ADDRESS, QUITTANCE_ADDRESS)};
}
}  // namespace quittance::providers

namespace quittance::sandbox {
QUITTANCE_RAILS(QUITTANCE_SIMULATOR, QUITTANCE_NOTHING)
inline std::vector<const Rail*> rails() {
  return {QUITTANCE_RAILS(QUITTANCE_ADDRESS, QUITTANCE_NOTHING)};
}
}  // namespace quittance::sandbox

#undef QUITTANCE_ADAPTER
#undef QUITTANCE_SIMULATOR
#undef QUITTANCE_ADDRESS
#undef QUITTANCE_NOTHING
