// News of an order reaches whoever waits for it.
#include "detect/bulletin.hpp"

#include <gtest/gtest.h>

#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using namespace std::chrono_literals;
using core::OrderId;

struct Reader : testing::VirtualWorld {
  Bulletin bulletin;
  std::shared_ptr<Subscription> subscription = bulletin.subscribe(OrderId(1));
  std::optional<bool> heard;
  void wait() {
    heard.reset();
    start(Subscription::changed(subscription, 10s), heard);
    settle_down();
  }
};

TEST(Bulletin, WakesWhoeverWaits) {
  Reader reader;
  reader.wait();
  EXPECT_FALSE(reader.heard);
  reader.bulletin.publish(OrderId(1));
  reader.settle_down();
  EXPECT_EQ(reader.heard, true);
}

TEST(Bulletin, KeepsTheNewsForTheNextWait) {
  Reader reader;
  reader.bulletin.publish(OrderId(1));
  reader.bulletin.publish(OrderId(1));
  reader.wait();
  EXPECT_EQ(reader.heard, true);
  reader.wait();
  EXPECT_FALSE(reader.heard) << "the same news is told once";
}

TEST(Bulletin, PatienceEnds) {
  Reader reader;
  reader.wait();
  reader.advance(9'999ms);
  EXPECT_FALSE(reader.heard);
  reader.advance(1ms);
  EXPECT_EQ(reader.heard, false);
  // The timer of an earlier wait does not end a later one.
  reader.wait();
  reader.advance(5s);
  reader.bulletin.publish(OrderId(1));
  reader.settle_down();
  EXPECT_EQ(reader.heard, true);
  reader.wait();
  reader.advance(6s);
  EXPECT_FALSE(reader.heard);
}

TEST(Bulletin, NewsOfAnotherOrderIsNoNews) {
  Reader reader;
  reader.wait();
  reader.bulletin.publish(OrderId(2));
  reader.settle_down();
  EXPECT_FALSE(reader.heard);
}

TEST(Bulletin, ToldOfASettlementAtOnce) {
  testing::Shop shop;
  const auto placed = shop.place(shop.add_product(5));
  const auto subscription = shop.bulletin.subscribe(placed.order);
  std::optional<bool> heard;
  shop.start(Subscription::changed(subscription, 1h), heard);
  shop.ask(placed.session);
  EXPECT_FALSE(heard) << "a no is no news";
  shop.bank_has_money(placed.session, "hash-1");
  shop.ask(placed.session);
  shop.settle_down();
  EXPECT_EQ(heard, true);
}

TEST(Bulletin, AReaderThatWentAwayIsForgotten) {
  Reader reader;
  reader.subscription.reset();
  reader.bulletin.publish(OrderId(1));
  const auto next = reader.bulletin.subscribe(OrderId(1));
  std::optional<bool> heard;
  reader.start(Subscription::changed(next, 1s), heard);
  reader.advance(1s);
  EXPECT_EQ(heard, false);
}

}  // namespace
}  // namespace quittance::detect
