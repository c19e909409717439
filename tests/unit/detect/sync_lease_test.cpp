// One run of a provider at a time, whatever the number of processes; none is lost with its process
// (C30, T4, N14).
#include <gtest/gtest.h>

#include "unit/detect/sync_fixture.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using base::Result;
using storage::Sql;
using storage::SyncRun;
using testing::Placed;
using namespace std::chrono_literals;

constexpr Sql kSettlements{"SELECT COUNT(*) AS n FROM settlements"};

TEST(SyncLease, T4_TwoProcessesOneSync) {
  Puller shop;
  shop.list("pay-1", shop.place(shop.add_product(3)).session);
  shop.bank->latency = 3s;
  const auto other = shop.make_sync();
  std::optional<Result<SyncRun>> mine;
  std::optional<Result<SyncRun>> theirs;
  shop.start(shop.sync->run_once("bakong", "sokha"), mine);
  shop.start(other->run_once("bakong", "dara"), theirs);
  shop.advance(10s);
  ASSERT_TRUE(mine && theirs);
  EXPECT_NE(mine->has_value(), theirs->has_value());
  const auto& refused = mine->has_value() ? *theirs : *mine;
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(shop.bank->windows.size(), 1U);
  EXPECT_EQ(shop.runs().size(), 1U);
  EXPECT_TRUE(shop.run(other->run_once("bakong", "dara")).has_value()) << "now it is free";
}

TEST(SyncLease, S4_1_EveryThirtyMinutesWhateverTheNumberOfProcesses) {
  Puller shop;
  const auto other = shop.make_sync();
  base::spawn(shop.executor, shop.sync->run());
  base::spawn(shop.executor, other->run());
  shop.advance(1min);
  EXPECT_EQ(shop.runs().size(), 1U) << "at the start";
  shop.advance(28min);
  EXPECT_EQ(shop.runs().size(), 1U);
  shop.advance(90min);
  EXPECT_EQ(shop.runs().size(), 4U);
  EXPECT_EQ(shop.runs().front().reason, "schedule");
  EXPECT_EQ(shop.runs().front().actor, "system");
  shop.sync->stop();
  other->stop();
  shop.advance(10s);
}

TEST(SyncLease, C30_ARunThatWasKilledIsTakenOverAndItsEndChangesNothing) {
  Puller shop;
  const auto silk = shop.add_product(30);
  shop.bank->page_size = 2;
  for (int i = 0; i < 4; ++i)
    shop.list("pay-" + std::to_string(i), shop.place(silk).session);
  int asked = 0;
  shop.bank->on_page = [&] {
    // Whoever asks for the second page hears nothing for ten minutes.
    shop.bank->latency = ++asked == 2 ? base::Duration(10min) : base::Duration(0);
  };
  std::optional<Result<SyncRun>> hung;
  shop.start(shop.sync->run_once("bakong", "sokha"), hung);
  shop.advance(1min);
  EXPECT_EQ(shop.number(kSettlements), 2) << "its first page is in the books";
  EXPECT_EQ(shop.runs().front().settled, 2) << "and stands beside the run";
  const auto other = shop.make_sync();
  EXPECT_EQ(shop.run(other->run_once("bakong", "dara")).error().code, ErrorCode::conflict);
  shop.advance(5min);
  const auto second = shop.run(other->run_once("bakong", "dara"));
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->state, "done");
  EXPECT_EQ(second->settled, 2);
  const auto watermark = shop.head().watermark_at;
  EXPECT_EQ(watermark, second->until_at);
  shop.advance(10min);
  ASSERT_TRUE(hung.has_value());
  EXPECT_EQ(hung->value().state, "partial");
  EXPECT_EQ(shop.runs().back().state, "abandoned");
  EXPECT_EQ(shop.head().watermark_at, watermark) << "who was taken over moves nothing";
  EXPECT_EQ(shop.number(kSettlements), 4);
}

TEST(SyncLease, N14_AClockSetBackHoldsNobodyUp) {
  Puller shop;
  shop.pull();
  std::optional<Result<SyncRun>> killed;
  shop.bank->latency = 24h;
  shop.start(shop.sync->run_once("bakong", "sokha"), killed);
  shop.settle_down();
  EXPECT_TRUE(shop.head().run_id.has_value());
  const auto other = shop.make_sync();
  shop.clock.set(shop.clock.now() - 1h);
  shop.bank->latency = 0s;
  EXPECT_EQ(shop.run(other->run_due()), 1);
}

TEST(SyncLease, S4_2_C30_TheWindowReachesBackToTheWatermarkAndAtLeastADay) {
  Puller shop;
  shop.pull();
  EXPECT_EQ(shop.bank->windows.back().since, testing::kStart - 24h);
  const auto watermark = *shop.head().watermark_at;
  shop.clock.advance(2h);
  shop.pull();
  EXPECT_EQ(shop.bank->windows.back().since, shop.clock.now() - 24h);
  shop.clock.advance(72h);
  shop.pull();
  EXPECT_EQ(shop.bank->windows.back().since, watermark + 2h - 1h) << "with an overlap of an hour";
  shop.clock.advance(24h * 90);
  shop.pull();
  EXPECT_EQ(shop.bank->windows.back().since, shop.clock.now() - 24h * 45);
}

}  // namespace
}  // namespace quittance::detect
