// News reaches everybody it is for, whatever happens to the others, and to us.
#include <gtest/gtest.h>

#include "notify/retry.hpp"
#include "unit/notify/post_office.hpp"

namespace quittance::notify {
namespace {

using storage::Delivery;
using storage::DeliveryState;
using testing::kStart;
using namespace std::chrono_literals;

TEST(Outbox, TellsEachDestinationOnceOfEachCompletion) {
  PostOffice office;
  const auto outbox = office.opened({kFirst, kSecond});
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  office.tick(*outbox);
  EXPECT_EQ(office.endpoints.heard[kFirst].size(), 1U);
  EXPECT_EQ(office.endpoints.heard[kSecond].size(), 1U);
  EXPECT_EQ(office.mailbox.mails.size(), 1U);
  const auto deliveries = office.deliveries(order);
  ASSERT_EQ(deliveries.size(), 3U);
  for (const Delivery& delivery : deliveries) {
    EXPECT_EQ(delivery.state, DeliveryState::delivered) << delivery.destination;
    EXPECT_EQ(delivery.attempts, 1);
    EXPECT_EQ(delivery.delivered_at, kStart);
  }
}

TEST(Outbox, NewsThatNobodyWantsIsDoneWith) {
  PostOffice office;
  const auto nobody = office.opened({}, false);
  office.sell();
  office.tick(*nobody);
  const auto somebody = office.opened({kFirst});
  office.tick(*somebody);
  EXPECT_TRUE(office.endpoints.heard.empty()) << "told of what was before their time";
}

TEST(Outbox, N7_ADeadEndpointDelaysNobodyElse) {
  PostOffice office;
  office.endpoints.manners[kFirst].status = 0;
  office.endpoints.manners[kSecond].latency = 50ms;
  office.mailbox.latency = 300ms;
  const auto outbox = office.opened({kFirst, kSecond});
  constexpr int kOrders = 200;
  for (int i = 0; i < kOrders; ++i)
    office.sell();
  outbox->start(office.executor);
  office.advance(30s);
  EXPECT_EQ(office.endpoints.heard[kSecond].size(), static_cast<std::size_t>(kOrders));
  EXPECT_EQ(office.mailbox.mails.size(), static_cast<std::size_t>(kOrders));
  EXPECT_LE(office.endpoints.most_open[kFirst], kWebhooksAtOnce);
  const std::size_t tried = office.endpoints.heard[kFirst].size();
  EXPECT_LE(tried, 12U) << "one at a time, once it is known to be down";
  // Afterwards, what is new is not late either.
  const core::OrderId late = office.sell();
  office.advance(1s);
  EXPECT_EQ(office.delivery(late, kSecond).state, DeliveryState::delivered);
  EXPECT_EQ(office.delivery(late, "mail").state, DeliveryState::delivered);
  EXPECT_EQ(office.delivery(late, kFirst).state, DeliveryState::pending);
  outbox->stop();
}

TEST(Outbox, N7_WhenADeadEndpointComesBackItGetsAllThatItMissed) {
  PostOffice office;
  office.endpoints.manners[kFirst].status = -1;
  const auto outbox = office.opened({kFirst}, false);
  constexpr int kOrders = 100;
  for (int i = 0; i < kOrders; ++i)
    office.sell();
  outbox->start(office.executor);
  office.advance(20min);
  EXPECT_EQ(office.count("pending"), kOrders);
  office.endpoints.manners[kFirst].status = 204;
  office.advance(15min);
  EXPECT_EQ(office.count("delivered"), kOrders);
  outbox->stop();
}

TEST(Outbox, AFailureIsTriedAgainByTheLadderUntilItIsGivenUp) {
  PostOffice office;
  office.endpoints.manners[kFirst].status = 500;
  const auto outbox = office.opened({kFirst}, false);
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  base::Duration last_pause{0};
  while (true) {
    const Delivery delivery = office.delivery(order, kFirst);
    EXPECT_EQ(delivery.last_error, "http_500");
    if (delivery.state != DeliveryState::pending) break;
    ASSERT_TRUE(delivery.next_attempt_at.has_value());
    const base::Duration pause = *delivery.next_attempt_at - office.clock.now();
    EXPECT_GT(pause, last_pause) << "after attempt " << delivery.attempts;
    EXPECT_LE(pause, kLongestPause);
    last_pause = pause;
    office.advance(pause - 1ms);
    const auto before = office.endpoints.heard[kFirst].size();
    office.tick(*outbox);
    ASSERT_EQ(office.endpoints.heard[kFirst].size(), before) << "too early";
    office.advance(1ms);
    office.tick(*outbox);
    ASSERT_EQ(office.endpoints.heard[kFirst].size(), before + 1);
  }
  const Delivery dead = office.delivery(order, kFirst);
  EXPECT_EQ(dead.state, DeliveryState::dead);
  EXPECT_EQ(dead.attempts, 13);
  EXPECT_GT(office.clock.now() - kStart, 48h);
  EXPECT_LT(office.clock.now() - kStart, 96h);
  office.advance(48h);
  office.tick(*outbox);
  EXPECT_EQ(office.endpoints.heard[kFirst].size(), 13U) << "dead stays dead";
}

TEST(Outbox, PausesAreSpreadByChanceWithinAFifth) {
  base::SeededRandom random(7);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 500; ++i) {
    const auto pause = pause_after(3, random);
    ASSERT_TRUE(pause.has_value());
    EXPECT_GE(*pause, 96s);
    EXPECT_LE(*pause, 144s);
    seen.insert(pause->count());
  }
  EXPECT_GT(seen.size(), 400U);
  EXPECT_FALSE(pause_after(13, random).has_value());
  EXPECT_FALSE(pause_after(0, random).has_value());
}

TEST(Outbox, AnEndpointThatSays410IsNeverToldAgain) {
  PostOffice office;
  office.endpoints.manners[kFirst].status = 410;
  const auto outbox = office.opened({kFirst, kSecond}, false);
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  EXPECT_EQ(office.delivery(order, kFirst).state, DeliveryState::dead);
  EXPECT_EQ(office.delivery(order, kFirst).last_error, "endpoint_gone");
  office.endpoints.manners[kFirst].status = 200;
  const core::OrderId later = office.sell();
  office.tick(*outbox);
  EXPECT_EQ(office.endpoints.heard[kFirst].size(), 1U);
  EXPECT_EQ(office.deliveries(later).size(), 1U);
  EXPECT_EQ(office.endpoints.heard[kSecond].size(), 2U);
  const auto restarted = office.opened({kFirst}, false);
  office.sell();
  office.tick(*restarted);
  EXPECT_EQ(office.endpoints.heard[kFirst].size(), 1U) << "not even after a restart";
}

TEST(Outbox, N8_WhatACrashLeftUnderWayIsTakenOverWhenTheLeaseEnds) {
  PostOffice office;
  office.endpoints.manners[kFirst].latency = 365 * 24h;
  const auto killed = office.opened({kFirst}, false);
  const core::OrderId order = office.sell();
  office.tick(*killed);
  ASSERT_EQ(office.endpoints.heard[kFirst].size(), 1U);
  office.endpoints.manners[kFirst].latency = 0ms;
  const auto restarted = office.opened({kFirst}, false);
  office.tick(*restarted);
  office.advance(kWebhookTimeout);
  office.tick(*restarted);
  EXPECT_EQ(office.endpoints.heard[kFirst].size(), 1U) << "it may still be under way";
  office.advance(2min);
  office.tick(*restarted);
  ASSERT_EQ(office.endpoints.heard[kFirst].size(), 2U);
  EXPECT_EQ(office.delivery(order, kFirst).state, DeliveryState::delivered);
  const auto& heard = office.endpoints.heard[kFirst];
  EXPECT_EQ(heard[0].call.headers.find("Quittance-Event-Id"),
            heard[1].call.headers.find("Quittance-Event-Id"));
}

TEST(Outbox, TwoServersShareTheWork) {
  PostOffice office;
  office.endpoints.manners[kFirst].latency = 40ms;
  const auto one = office.opened({kFirst});
  const auto other = office.opened({kFirst});
  for (int i = 0; i < 50; ++i)
    office.sell();
  one->start(office.executor);
  other->start(office.executor);
  office.advance(20s);
  EXPECT_EQ(office.endpoints.heard[kFirst].size(), 50U);
  EXPECT_EQ(office.mailbox.mails.size(), 50U);
  EXPECT_EQ(office.count("delivered"), 100);
  one->stop();
  other->stop();
}

TEST(Outbox, MoreNewsThanOneWriteTakesIsAllDistributed) {
  PostOffice office;
  const auto outbox = office.opened({kFirst}, false);
  constexpr int kMany = static_cast<int>(kDistributedAtOnce) + 10;
  for (int i = 0; i < kMany; ++i)
    office.sell("");
  EXPECT_EQ(*office.run(outbox->distribute()), kDistributedAtOnce);
  EXPECT_EQ(*office.run(outbox->distribute()), 10);
  EXPECT_EQ(*office.run(outbox->distribute()), 0);
  EXPECT_EQ(office.count("pending"), kMany);
}

TEST(Outbox, WhatWaitedWhileNoServerRanForDaysStillGoesOut) {
  PostOffice office;
  const core::OrderId order = office.sell();
  EXPECT_EQ(*office.run(office.opened({kFirst})->distribute()), 1);
  office.advance(6 * 24h);
  const auto restarted = office.opened({kFirst});
  restarted->start(office.executor);
  office.advance(1s);
  EXPECT_EQ(office.delivery(order, kFirst).state, DeliveryState::delivered);
  EXPECT_EQ(office.mailbox.mails.size(), 1U);
  restarted->stop();
}

TEST(Outbox, WhatWaitsForADestinationThatWasTakenAwayIsGivenUp) {
  PostOffice office;
  const auto before = office.opened({kFirst}, false);
  const core::OrderId order = office.sell();
  EXPECT_EQ(*office.run(before->distribute()), 1);
  const auto after = office.opened({kSecond}, false);
  after->start(office.executor);
  office.advance(1s);
  EXPECT_EQ(office.delivery(order, kFirst).state, DeliveryState::pending);
  after->stop();
  office.advance(6 * 24h);
  const auto much_later = office.opened({kSecond}, false);
  much_later->start(office.executor);
  office.advance(1h + 1s);
  EXPECT_EQ(office.delivery(order, kFirst).state, DeliveryState::dead);
  EXPECT_EQ(office.delivery(order, kFirst).last_error, "expired");
  much_later->stop();
}

}  // namespace
}  // namespace quittance::notify
