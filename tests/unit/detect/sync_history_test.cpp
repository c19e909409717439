// What sync did can be read for a while; what it found out stays.
#include <gtest/gtest.h>

#include "unit/detect/sync_fixture.hpp"

namespace quittance::detect {
namespace {

using base::ErrorCode;
using storage::Sql;
using storage::SyncRun;
using testing::usd;
using namespace std::chrono_literals;

struct Archive : Puller {
  void clean() { run(clean_up(*store, clock, 24h * 45, "system")).value(); }
  SyncRun fail() {
    bank->cannot_list = base::Error{.code = ErrorCode::provider_refused};
    SyncRun failed = pull();
    bank->cannot_list.reset();
    return failed;
  }
  std::int64_t begin(std::string provider) {
    const SyncRun run{.provider = std::move(provider),
                      .reason = "schedule",
                      .actor = "system",
                      .since_at = clock.now(),
                      .until_at = clock.now(),
                      .started_at = clock.now()};
    return write<std::int64_t>(
        [&run](storage::WritableBooks& books) { return books.insert_sync_run(run); });
  }
  std::int64_t end(std::string provider, std::string state) {
    SyncRun run{.id = begin(std::move(provider))};
    run.state = std::move(state);
    run.finished_at = clock.now();
    write<storage::Rows>(
        [&run](storage::WritableBooks& books) { return books.update_sync_run(run); });
    return run.id;
  }
  /// The runs of all providers that can still be read, the oldest first.
  std::vector<std::int64_t> kept() {
    std::vector<std::int64_t> ids;
    const auto all = read<std::vector<SyncRun>>(
        [](storage::Books& books) { return books.sync_runs("", std::nullopt, 100); });
    for (const SyncRun& run : all)
      ids.insert(ids.begin(), run.id);
    return ids;
  }
};

using Ids = std::vector<std::int64_t>;

TEST(SyncHistory, Law9_ARunIsRememberedForNinetyDays) {
  Archive shop;
  const std::int64_t first = shop.pull().id;
  const std::int64_t failed = shop.fail().id;
  shop.clock.advance(1h);
  const std::int64_t second = shop.pull().id;
  shop.clock.advance(kSyncRunsKeptFor - 1h);
  shop.clean();
  EXPECT_EQ(shop.kept(), (Ids{first, failed, second})) << "to the last moment";
  shop.clock.advance(1ms);
  shop.clean();
  EXPECT_EQ(shop.kept(), Ids{second});
}

TEST(SyncHistory, TheNewestWholeRunOfEachProviderStaysHoweverOldItIs) {
  Archive shop;
  shop.end("stripe", "done");
  const std::int64_t stripe = shop.end("stripe", "done");
  shop.end("stripe", "partial");
  shop.end("qpay", "failed");
  shop.pull();
  const std::int64_t whole = shop.pull().id;
  const auto watermark = shop.head().watermark_at;
  shop.fail();
  shop.end("bakong", "abandoned");
  shop.clock.advance(24h * 365);
  shop.clean();
  EXPECT_EQ(shop.kept(), (Ids{stripe, whole})) << "of QPay's none was whole";
  EXPECT_EQ(shop.head().watermark_at, watermark);
  const std::int64_t newer = shop.pull().id;
  shop.clean();
  EXPECT_EQ(shop.kept(), (Ids{stripe, newer}));
}

TEST(SyncHistory, WhatGoesOnIsNotHistory) {
  Archive shop;
  const std::int64_t going_on = shop.begin("stripe");
  shop.clock.advance(24h * 365);
  shop.clean();
  EXPECT_EQ(shop.kept(), Ids{going_on});
}

TEST(SyncHistory, Law7_WhatTheProvidersSaidAndWhatWasDoneOutliveTheRuns) {
  static constexpr Sql kPayments{"SELECT COUNT(*) AS n FROM provider_payments"};
  Archive shop;
  shop.list("pay-1", "", usd(1'000));
  const std::int64_t first = shop.pull().id;
  shop.pull();
  shop.clock.advance(24h * 365);
  shop.clean();
  EXPECT_EQ(shop.kept().size(), 1U);
  EXPECT_EQ(shop.number(kPayments), 1);
  EXPECT_EQ(shop.record("pay-1").payment_ref, "pay-1");
  EXPECT_EQ(shop.actions("sync_run", first),
            (std::vector<std::string>{"sync.started", "sync.finished"}));
}

}  // namespace
}  // namespace quittance::detect
