// Inside base only: libsodium must be told to start before its first use from several threads.
#pragma once

namespace quittance::base {

/// Starts libsodium once; later calls cost one check. Throws when it cannot start.
void ready_sodium();

}  // namespace quittance::base
