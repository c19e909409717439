// News on its way: made once for each destination, taken by one at a time, taken over after a
// crash.
#include <gtest/gtest.h>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using testing::just;
using testing::kStart;
using namespace std::chrono_literals;

constexpr const char* kEndpoint = "https://shop.example/hook";

struct Post : testing::OpenBooks {
  std::vector<OutboxEntry> news(const char* key) {
    return write<std::vector<OutboxEntry>>([=](WritableBooks& b) -> Listed<OutboxEntry> {
      TRY_VOID(b.insert_outbox(just<OutboxEntry>({.topic = "order.completed",
                                                  .dedupe_key = key,
                                                  .payload = R"({"order_id":7})",
                                                  .created_at = kStart})));
      return b.undistributed_outbox(10);
    });
  }
  std::int64_t plan(std::int64_t outbox_id, const char* destination = kEndpoint) {
    return write<Rows>([=, this](WritableBooks& b) {
             return b.insert_deliveries(
                 just<NewDelivery>({.outbox_id = outbox_id, .destination = destination}),
                 clock.now());
           })
        .changed;
  }
  std::vector<Delivery> claim(std::int64_t limit = 10, const char* destination = kEndpoint) {
    return write<std::vector<Delivery>>([=, this](WritableBooks& b) {
      return b.claim_due_deliveries(
          destination, {.now = clock.now(), .lease_until = clock.now() + 60s, .longest_pause = 48h},
          limit);
    });
  }
  std::optional<base::Time> next(const char* destination = kEndpoint) {
    return read<std::optional<base::Time>>([=](Books& b) { return b.next_delivery(destination); });
  }
  std::int64_t change(std::move_only_function<base::Result<Rows>(WritableBooks&)> work) {
    return write<Rows>(std::move(work)).changed;
  }
};

TEST(Deliveries, OfEachNewsOnceToEachDestination) {
  Post post;
  const auto news = post.news("n1");
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(post.plan(news[0].id), 1);
  EXPECT_EQ(post.plan(news[0].id), 0) << "planned twice";
  EXPECT_EQ(post.plan(news[0].id, "mail"), 1);
  EXPECT_EQ(post.claim().size(), 1U);
  EXPECT_EQ(post.claim(10, "mail").size(), 1U);
}

TEST(Deliveries, NewsIsDistributedOnce) {
  Post post;
  EXPECT_FALSE(post.read<bool>([](Books& b) { return b.outbox_waits(); }));
  const auto news = post.news("n1");
  EXPECT_TRUE(post.read<bool>([](Books& b) { return b.outbox_waits(); }));
  post.change([&](WritableBooks& b) { return b.mark_distributed(news, kStart); });
  EXPECT_FALSE(post.read<bool>([](Books& b) { return b.outbox_waits(); }));
  EXPECT_EQ(post.news("n2").size(), 1U) << "only the second";
}

TEST(Deliveries, ATakenOneIsNobodyElsesUntilTheLeaseEnds) {
  Post post;
  post.plan(post.news("n1")[0].id);
  EXPECT_EQ(post.next(), kStart);
  const auto first = post.claim();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].attempts, 1);
  EXPECT_EQ(first[0].news.dedupe_key, "n1");
  EXPECT_TRUE(post.claim().empty());
  post.advance(59s);
  EXPECT_TRUE(post.claim().empty());
  post.advance(1s);
  const auto second = post.claim();
  ASSERT_EQ(second.size(), 1U) << "whoever had it is gone";
  EXPECT_EQ(second[0].attempts, 2);
  EXPECT_EQ(post.change([&](WritableBooks& b) {
    return b.postpone_delivery(first[0], "timeout", kStart + 1h);
  }),
            0)
      << "it came back too late to fail";
  EXPECT_EQ(post.change([&](WritableBooks& b) { return b.bury_delivery(first[0], "timeout"); }), 0);
  EXPECT_EQ(post.change([&](WritableBooks& b) { return b.finish_delivery(first[0].id, kStart); }),
            1)
      << "but not too late to have arrived";
  EXPECT_EQ(post.change([&](WritableBooks& b) {
    return b.postpone_delivery(second[0], "timeout", kStart + 1h);
  }),
            0)
      << "what arrived stays so";
  EXPECT_EQ(post.next(), std::nullopt);
}

TEST(Deliveries, TheLongestDueComeFirst) {
  Post post;
  for (const char* key : {"n1", "n2", "n3"}) {
    post.plan(post.news(key).back().id);
    post.advance(1s);
  }
  const auto first = post.claim(2);
  ASSERT_EQ(first.size(), 2U);
  for (const Delivery& delivery : first)
    EXPECT_NE(delivery.news.dedupe_key, "n3");
  EXPECT_EQ(post.claim(2).size(), 1U);
}

TEST(Deliveries, N14_PlannedByAClockThatWasSetBackTheyAreDue) {
  Post post;
  post.plan(post.news("n1")[0].id);
  const auto taken = post.claim();
  post.change(
      [&](WritableBooks& b) { return b.postpone_delivery(taken.at(0), "timeout", kStart + 24h); });
  EXPECT_TRUE(post.claim().empty());
  post.change(
      [&](WritableBooks& b) { return b.postpone_delivery(taken.at(0), "timeout", kStart + 49h); });
  EXPECT_EQ(post.claim().size(), 1U);
}

TEST(Deliveries, AnEndedEndpointTakesAllThatWaitsWithIt) {
  Post post;
  const auto id = post.news("n1")[0].id;
  post.plan(id);
  post.plan(id, "mail");
  EXPECT_EQ(post.change([](WritableBooks& b) { return b.end_endpoint(kEndpoint, kStart); }), 1);
  EXPECT_TRUE(post.read<bool>([](Books& b) { return b.endpoint_ended(kEndpoint); }));
  EXPECT_FALSE(post.read<bool>([](Books& b) { return b.endpoint_ended("mail"); }));
  EXPECT_TRUE(post.claim().empty());
  EXPECT_EQ(post.claim(10, "mail").size(), 1U);
}

TEST(Deliveries, WhatNobodyCarriesIsGivenUpInTheEnd) {
  Post post;
  post.plan(post.news("n1")[0].id);
  const auto bury = [&](base::Time before) {
    return post.write<std::int64_t>(
        [&](WritableBooks& b) { return b.bury_overdue_deliveries(before, post.clock.now()); });
  };
  EXPECT_EQ(bury(kStart), 0);
  EXPECT_EQ(bury(kStart + 1ms), 1);
  EXPECT_EQ(post.next(), std::nullopt);
}

}  // namespace
}  // namespace quittance::storage
