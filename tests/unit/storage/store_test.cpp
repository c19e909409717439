// The Store: group commit, durability, limits, and what a crash leaves.
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

#include "support/open_books.hpp"
#include "unit/base/await_task.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::Result;
using testing::OpenBooks;
using testing::usd;

constexpr Sql kCustomers{"SELECT COUNT(*) AS n FROM customers"};

std::move_only_function<Result<core::CustomerId>(WritableBooks&)> adding(std::string name) {
  return [name](WritableBooks& books) {
    return books.insert_customer({.name = name, .email = ""}, testing::kStart);
  };
}

std::move_only_function<Result<core::CustomerId>(WritableBooks&)> failing_after_a_write() {
  return [](WritableBooks& books) -> Result<core::CustomerId> {
    TRY_VOID(books.insert_customer({.name = "never", .email = ""}, testing::kStart));
    return base::fail(ErrorCode::conflict, "changed our mind");
  };
}

using Answer = std::optional<Result<core::CustomerId>>;

TEST(GroupCommit, WritesThatWaitTogetherAreOneCommit) {
  OpenBooks books;
  std::array<Answer, 100> answers;
  const auto before = books.store->counters();
  for (Answer& answer : answers) {
    books.start(books.store->write<core::CustomerId>(adding("x")), answer);
  }
  books.settle_down();
  for (const Answer& answer : answers)
    EXPECT_TRUE(answer && answer->has_value());
  const auto after = books.store->counters();
  EXPECT_EQ(after.writes - before.writes, 100);
  EXPECT_EQ(after.commits - before.commits, 1);
  EXPECT_EQ(books.number(kCustomers), 100);
}

TEST(GroupCommit, AFailingWriteLeavesNoTraceAndHarmsNoNeighbour) {
  OpenBooks books;
  std::array<Answer, 9> answers;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto work = i % 3 == 1 ? failing_after_a_write() : adding(std::to_string(i));
    books.start(books.store->write<core::CustomerId>(std::move(work)), answers[i]);
  }
  books.settle_down();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    EXPECT_EQ(answers[i]->has_value(), i % 3 != 1) << i;
  }
  EXPECT_EQ(answers[1]->error().message, "changed our mind");
  EXPECT_EQ(books.number(kCustomers), 6);
  static constexpr Sql kTraces{"SELECT COUNT(*) AS n FROM customers WHERE name = 'never'"};
  EXPECT_EQ(books.number(kTraces), 0);
}

TEST(GroupCommit, AConstraintThatRefusesHarmsNoNeighbour) {
  OpenBooks books;
  std::array<std::optional<Result<Rows>>, 3> answers;
  for (auto& answer : answers) {
    // All three draw the same token: the second and third are refused.
    books.start(books.store->write<Rows>([](WritableBooks& writable) {
      return writable.insert_login({.token_hash = "same", .csrf_token = "", .username = ""});
    }),
                answer);
  }
  Answer last;
  books.start(books.store->write<core::CustomerId>(adding("last")), last);
  books.settle_down();
  EXPECT_TRUE(answers[0]->has_value());
  EXPECT_EQ(answers[1]->error().code, ErrorCode::conflict);
  EXPECT_EQ(answers[2]->error().code, ErrorCode::conflict);
  EXPECT_TRUE(last->has_value());
  EXPECT_EQ(books.number(kCustomers), 1);
}

TEST(GroupCommit, AGroupOfOneThatFailsLeavesNothing) {
  OpenBooks books;
  EXPECT_FALSE(books.try_write<core::CustomerId>(failing_after_a_write()).has_value());
  EXPECT_EQ(books.number(kCustomers), 0);
  EXPECT_TRUE(books.try_write<core::CustomerId>(adding("next")).has_value());
  EXPECT_EQ(books.number(kCustomers), 1);
}

TEST(GroupCommit, GroupsHaveALimitAndTheQueueIsDrainedAllTheSame) {
  testing::VirtualWorld world;
  testing::TestDatabase database;
  auto store =
      Store::open({.path = database.where(), .group_limit = 10, .inline_executor = &world.executor},
                  world.clock, world.log)
          .value();
  std::array<Answer, 25> answers;
  for (Answer& answer : answers) {
    world.start(store->write<core::CustomerId>(adding("x")), answer);
  }
  world.settle_down();
  for (const Answer& answer : answers)
    EXPECT_TRUE(answer && answer->has_value());
  EXPECT_EQ(store->counters().commits, 3);
}

TEST(Store, Law9_MoreThanTheQueueHoldsIsOverloaded) {
  testing::VirtualWorld world;
  testing::TestDatabase database;
  auto store =
      Store::open({.path = database.where(), .queue_limit = 3, .inline_executor = &world.executor},
                  world.clock, world.log)
          .value();
  std::array<Answer, 5> answers;
  world.executor.post([&] {
    for (Answer& answer : answers) {
      world.start(store->write<core::CustomerId>(adding("x")), answer);
    }
  });
  world.settle_down();
  std::size_t refused = 0;
  for (const Answer& answer : answers) {
    ASSERT_TRUE(answer);
    if (!answer->has_value()) {
      ++refused;
      EXPECT_EQ(answer->error().code, ErrorCode::overloaded);
    }
  }
  EXPECT_EQ(refused, 2U);
  Answer later;
  world.start(store->write<core::CustomerId>(adding("later")), later);
  world.settle_down();
  EXPECT_TRUE(later->has_value()) << "the queue is free again";
}

TEST(Store, ReadersSeeOnlyWhatIsCommitted) {
  OpenBooks books;
  const auto found = [&books](core::CustomerId id) {
    return books.read<std::optional<Customer>>(
        [id](Books& reading) { return reading.customer(id); });
  };
  core::CustomerId id;
  books.write<core::CustomerId>([&](WritableBooks& writable) -> Result<core::CustomerId> {
    TRY(id, writable.insert_customer({.name = "Dara", .email = ""}, testing::kStart));
    EXPECT_FALSE(found(id)) << "not committed yet";
    TRY(const auto own, writable.customer(id));
    EXPECT_TRUE(own) << "the writer sees its own";
    return id;
  });
  EXPECT_TRUE(found(id));
}

TEST(Store, WhatIsReadAtOneMomentHoldsNothingThatWasWrittenSince) {
  OpenBooks books;
  const auto connection = books.database.open(true);
  Books reading(*connection);
  const auto count = [&] { return connection->run(kCustomers)->front().integer("n"); };
  const auto seen = reading.at_one_moment([&](Books&) -> Result<std::array<std::int64_t, 2>> {
    const std::int64_t before = count();
    books.write<core::CustomerId>(adding("Dara"));
    return std::array{before, count()};
  });
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(*seen, (std::array<std::int64_t, 2>{0, 0}));
  EXPECT_EQ(count(), 1) << "and then it is over";
}

/// A database as the disk would hold it if the machine stopped now.
void copy_database(const std::string& from, const std::string& to) {
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(from + suffix, to + suffix,
                               std::filesystem::copy_options::overwrite_existing);
  }
}

TEST(SqliteStore, S0_78_ACrashBeforeTheCommitLosesItAndAfterItDoesNot) {
  testing::VirtualWorld world;
  testing::TempFolder folder;
  const std::string path = folder.file("books.db");
  Answer answer;
  std::vector<std::string> points;
  auto store = Store::open({.path = path,
                            .inline_executor = &world.executor,
                            .crash_point =
                                [&](std::string_view point) {
                                  points.emplace_back(point);
                                  EXPECT_FALSE(answer) << "nobody is told before the commit";
                                  copy_database(path, folder.file(std::string(point)));
                                }},
                           world.clock, world.log)
                   .value();
  world.start(store->write<core::CustomerId>(adding("Dara")), answer);
  world.settle_down();
  ASSERT_TRUE(answer && answer->has_value());
  EXPECT_EQ(points, (std::vector<std::string>{"before_commit", "after_commit"}));
  const auto survivors = [&](const std::string& file) {
    auto reopened = Store::open({.path = folder.file(file)}, world.clock, world.log).value();
    Reading<std::optional<Customer>> find = [](Books& books) {
      return books.customer(core::CustomerId(1));
    };
    return world.run(reopened->read(std::move(find))).value().has_value();
  };
  EXPECT_FALSE(survivors("before_commit"));
  EXPECT_TRUE(survivors("after_commit"));
}

TEST(Store, S0_67_WhatWasAcknowledgedIsThereAfterReopening) {
  base::ManualClock clock{testing::kStart};
  base::SilentLog log;
  testing::TestDatabase database;
  base::EventLoops loops(1);
  core::CustomerId id;
  {
    auto store = Store::open({.path = database.where()}, clock, log).value();
    id =
        base::await_task(loops.executor(0), store->write<core::CustomerId>(adding("Dara"))).value();
  }
  auto reopened = Store::open({.path = database.where()}, clock, log).value();
  Reading<std::optional<Customer>> find = [id](Books& books) { return books.customer(id); };
  const auto customer = base::await_task(loops.executor(0), reopened->read(std::move(find)));
  EXPECT_EQ(customer.value().value().name, "Dara");
}

TEST(Store, TheWriterThreadTakesAllThatCameWhileItWasBusy) {
  base::ManualClock clock{testing::kStart};
  base::SilentLog log;
  testing::TestDatabase database;
  base::EventLoops loops(1);
  auto store = Store::open({.path = database.where()}, clock, log).value();
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<int> answered = 0;
  const auto count = [&answered] { ++answered; };
  const auto ignore = [](base::Task<Result<core::CustomerId>> task) -> base::Task<void> {
    base::Task<Result<core::CustomerId>> running = std::move(task);
    [[maybe_unused]] const auto result = co_await running;
  };
  base::spawn(loops.executor(0), ignore(store->write<core::CustomerId>([&](WritableBooks& books) {
                begun.set_value();
                go_on.get_future().wait();
                return books.insert_customer({.name = "first", .email = ""}, testing::kStart);
              })),
              count);
  begun.get_future().wait();
  for (int i = 0; i < 50; ++i) {
    base::spawn(loops.executor(0), ignore(store->write<core::CustomerId>(adding("x"))), count);
  }
  // One loop thread: when this has run, all fifty are queued.
  std::promise<void> queued;
  loops.executor(0).post([&queued] { queued.set_value(); });
  queued.get_future().wait();
  go_on.set_value();
  store.reset();
  std::promise<void> told;
  loops.executor(0).post([&told] { told.set_value(); });
  told.get_future().wait();
  EXPECT_EQ(answered, 51);
  auto reopened = Store::open({.path = database.where()}, clock, log).value();
  EXPECT_EQ(reopened->counters().writes, 0);
  const auto reading = database.open(true);
  EXPECT_EQ(reading->run(kCustomers)->front().integer("n"), 51);
}

TEST(Store, C12_SixtyFourThreadsNeverReserveMoreThanThereIs) {
  base::ManualClock clock{testing::kStart};
  base::SilentLog log;
  testing::TestDatabase database;
  base::EventLoops loops(2);
  auto store = Store::open({.path = database.where()}, clock, log).value();
  const auto product =
      base::await_task(loops.executor(0), store->write<core::ProductId>([](WritableBooks& books) {
        return books.insert_product({.name = "Silk", .price = usd(1), .stock = 100});
      })).value();
  std::atomic<int> reserved = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 4; ++round) {
        const auto done = base::await_task(loops.executor(i % 2),
                                           store->write<bool>([product](WritableBooks& books) {
                                             return books.reserve(product, 1);
                                           }));
        if (done.value()) ++reserved;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(reserved, 100);
  Reading<std::optional<Product>> find = [product](Books& books) { return books.product(product); };
  const auto left =
      base::await_task(loops.executor(0), store->read(std::move(find))).value().value();
  EXPECT_EQ(left.reserved, 100);
  EXPECT_EQ(left.stock, 100);
  EXPECT_EQ(left.available(), 0);
  EXPECT_LE(store->counters().commits, store->counters().writes);
}

}  // namespace
}  // namespace quittance::storage
