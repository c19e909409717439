// Many Tasks at once on the program's own event loops, in a closed loop: each of them begins its
// next operation when the one before it is answered.
#pragma once

#include <functional>

#include "base/base.hpp"

namespace quittance::bench {

/// One operation, by its number; false when it did not do what it should.
using Operation = std::function<base::Task<bool>(std::size_t number)>;

/// How long `count` operations took.
struct Elapsed {
  double seconds = 0;
  std::size_t failures = 0;
};

/// Runs operations 0 … count−1, `concurrency` at a time, and waits for the last one.
Elapsed run_operations(base::EventLoops& loops, std::size_t concurrency, std::size_t count,
                       const Operation& operation);

/// A bench that cannot go on says why and ends the program.
[[noreturn]] void give_up(const std::string& reason);

}  // namespace quittance::bench
