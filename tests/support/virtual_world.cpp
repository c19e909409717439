#include "support/virtual_world.hpp"

#include <gtest/gtest.h>

namespace quittance::testing {

VirtualWorld::VirtualWorld() = default;
VirtualWorld::~VirtualWorld() = default;

void VirtualWorld::advance(base::Duration by) { executor.run_until(clock.now() + by); }
void VirtualWorld::settle_down() { executor.run_until(clock.now()); }
void VirtualWorld::start_all(base::Task<void> task) { base::spawn(executor, std::move(task)); }
void VirtualWorld::expect_end(bool ended) { EXPECT_TRUE(ended) << "the task never ended"; }

}  // namespace quittance::testing
