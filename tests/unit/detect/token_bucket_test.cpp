// One budget of calls per provider account.
#include "detect/token_bucket.hpp"

#include <gtest/gtest.h>

#include "support/virtual_world.hpp"

namespace quittance::detect {
namespace {

using namespace std::chrono_literals;

int take_all(TokenBucket& bucket) {
  int taken = 0;
  while (taken < 1'000 && bucket.take())
    ++taken;
  return taken;
}

TEST(TokenBucket, GivesItsBurstThenItsRate) {
  testing::VirtualWorld world;
  TokenBucket bucket({.calls_per_second = 5, .burst = 10}, world.clock);
  EXPECT_EQ(take_all(bucket), 10);
  world.clock.advance(199ms);
  EXPECT_FALSE(bucket.take());
  world.clock.advance(1ms);
  EXPECT_TRUE(bucket.take());
  EXPECT_FALSE(bucket.take());
  world.clock.advance(1s);
  EXPECT_EQ(take_all(bucket), 5);
  world.clock.advance(24h);
  EXPECT_EQ(take_all(bucket), 10) << "never more than the burst";
}

TEST(TokenBucket, IsClosedUntilAMomentAndNotReopenedByAnEarlierOne) {
  testing::VirtualWorld world;
  TokenBucket bucket({}, world.clock);
  bucket.close_until(world.clock.now() + 10s);
  bucket.close_until(world.clock.now() + 5s);
  world.clock.advance(9'999ms);
  EXPECT_FALSE(bucket.take());
  world.clock.advance(1ms);
  EXPECT_TRUE(bucket.take());
}

TEST(TokenBucket, N14_AClockSetBackGivesNothingAndBlocksNothing) {
  testing::VirtualWorld world;
  TokenBucket bucket({.calls_per_second = 5, .burst = 10}, world.clock);
  EXPECT_EQ(take_all(bucket), 10);
  world.clock.advance(-1h);
  EXPECT_FALSE(bucket.take());
  world.clock.advance(1s);
  EXPECT_EQ(take_all(bucket), 5);
  bucket.close_until(world.clock.now() + 30s);
  world.clock.advance(-2h);
  EXPECT_FALSE(bucket.take());
  world.clock.advance(1s);
  EXPECT_TRUE(bucket.take()) << "a closing of hours is a clock that went back";
}

}  // namespace
}  // namespace quittance::detect
