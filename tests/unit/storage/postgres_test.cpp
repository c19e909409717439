// What only PostgreSQL has: a server that can be lost, sessions beside ours, another type system.
#include <gtest/gtest.h>

#include <unistd.h>

#include <array>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::Result;
using testing::OpenBooks;
using testing::TestDatabase;

constexpr Sql kCustomers{"SELECT COUNT(*) AS n FROM customers"};
constexpr Sql kAddCustomer{"INSERT INTO customers (name, created_at) VALUES ($1, 0)"};
constexpr Sql kOwnSession{"SELECT pg_backend_pid() AS n"};
constexpr Sql kEndSession{"SELECT pg_terminate_backend($1::int) AS ended"};
/// Ends every session of this schema's program but the one that asks.
constexpr Sql kEndOthers{
    "SELECT COUNT(pg_terminate_backend(l.pid)) AS n FROM pg_locks l WHERE l.locktype = 'advisory' "
    "AND l.objid = current_schema()::regnamespace::oid AND l.pid <> pg_backend_pid()"};

std::int64_t number(Connection& connection, const Sql& sql) {
  const auto rows = connection.run(sql);
  EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().detail);
  return rows ? rows->front().integer("n") : -1;
}

TEST(Postgres, SettingsThatTheDriverCountsOn) {
  const TestDatabase database;
  const auto connection = database.open();
  static constexpr Sql kSetting{"SELECT current_setting($1) AS value"};
  const auto setting = [&connection](const char* name) {
    return connection->run(kSetting, {name})->front().text("value");
  };
  EXPECT_EQ(setting("synchronous_commit"), "on");
  EXPECT_EQ(setting("client_encoding"), "UTF8");
  EXPECT_EQ(setting("default_transaction_isolation"), "read committed");
  EXPECT_EQ(setting("lock_timeout"), "10s");
  EXPECT_EQ(setting("statement_timeout"), "30s");
  EXPECT_EQ(setting("idle_in_transaction_session_timeout"), "30s");
  EXPECT_EQ(setting("application_name"), "quittance (writes)");
  EXPECT_TRUE(setting("search_path").ends_with(", pg_temp"));
}

TEST(Postgres, ReadersCannotWrite) {
  OpenBooks books;
  const auto reader = books.database.open(true);
  EXPECT_FALSE(reader->run(kAddCustomer, {"x"}).has_value());
  EXPECT_EQ(number(*reader, kCustomers), 0);
}

TEST(Postgres, ALostConnectionIsMadeAnewAtTheNextUse) {
  OpenBooks books;
  const auto reader = books.database.open(true);
  const auto other = books.database.open(true);
  ASSERT_TRUE(other->run(kEndSession, {number(*reader, kOwnSession)}).has_value());
  const auto lost = reader->run(kCustomers);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, ErrorCode::storage_failure);
  EXPECT_TRUE(reader->worth_redoing());
  EXPECT_EQ(number(*reader, kCustomers), 0) << "a new session, its statements prepared anew";
}

TEST(Postgres, NothingGoesOnInATransactionWhoseConnectionIsLost) {
  OpenBooks books;
  const auto writer = books.database.open();
  const auto other = books.database.open();
  ASSERT_TRUE(writer->begin_write().has_value());
  ASSERT_TRUE(writer->run(kAddCustomer, {"gone"}).has_value());
  ASSERT_TRUE(other->run(kEndSession, {number(*writer, kOwnSession)}).has_value());
  EXPECT_FALSE(writer->run(kAddCustomer, {"one"}).has_value());
  EXPECT_FALSE(writer->run(kAddCustomer, {"two"}).has_value()) << "not in a session of its own";
  EXPECT_TRUE(writer->worth_redoing());
  EXPECT_FALSE(writer->commit().has_value());
  EXPECT_FALSE(writer->in_doubt()) << "COMMIT was never sent";
  writer->rollback();
  EXPECT_EQ(number(*other, kCustomers), 0);
  ASSERT_TRUE(writer->begin_write().has_value());
  ASSERT_TRUE(writer->run(kAddCustomer, {"three"}).has_value());
  ASSERT_TRUE(writer->commit().has_value());
  EXPECT_EQ(number(*other, kCustomers), 1);
}

TEST(Postgres, ACommitInDoubtIsLookedUp) {
  OpenBooks books;
  const auto writer = books.database.open();
  const auto other = books.database.open();
  ASSERT_TRUE(writer->begin_write().has_value());
  ASSERT_TRUE(writer->run(kAddCustomer, {"x"}).has_value());
  ASSERT_TRUE(other->run(kEndSession, {number(*writer, kOwnSession)}).has_value());
  EXPECT_FALSE(writer->run(kAddCustomer, {"z"}).has_value());
  const auto before = writer->took_place();
  ASSERT_TRUE(before.has_value()) << before.error().detail;
  EXPECT_FALSE(*before) << "it ended before COMMIT";
  ASSERT_TRUE(writer->begin_write().has_value());
  ASSERT_TRUE(writer->run(kAddCustomer, {"y"}).has_value());
  ASSERT_TRUE(writer->commit().has_value());
  EXPECT_TRUE(writer->took_place().value());
  ASSERT_TRUE(other->begin_write().has_value());
  ASSERT_TRUE(other->commit().has_value());
  EXPECT_TRUE(writer->took_place().value()) << "another writer does not overwrite our mark";
  EXPECT_EQ(number(*other, kCustomers), 1);
}

TEST(Postgres, OneWriterAtATimeOverAllConnections) {
  OpenBooks books;
  const auto first = books.database.open();
  const auto second = books.database.open();
  static constexpr Sql kImpatient{"SET lock_timeout = 50"};
  ASSERT_TRUE(second->run(kImpatient).has_value());
  ASSERT_TRUE(first->begin_write().has_value());
  EXPECT_FALSE(second->begin_write().has_value());
  EXPECT_FALSE(second->worth_redoing());
  ASSERT_TRUE(first->commit().has_value());
  EXPECT_TRUE(second->begin_write().has_value());
  second->rollback();
  EXPECT_TRUE(first->begin_write().has_value());
}

TEST(Postgres, AStatementThatFailedLeavesNothingToCommit) {
  OpenBooks books;
  const auto writer = books.database.open();
  static constexpr Sql kBroken{"INSERT INTO customers (name, created_at) VALUES ($1, NULL)"};
  ASSERT_TRUE(writer->begin_write().has_value());
  ASSERT_TRUE(writer->run(kAddCustomer, {"x"}).has_value());
  EXPECT_EQ(writer->run(kBroken, {"y"}).error().code, ErrorCode::conflict);
  const auto committed = writer->commit();
  ASSERT_FALSE(committed.has_value()) << "the server rolls back, and its answer is no error";
  EXPECT_FALSE(writer->in_doubt());
  EXPECT_EQ(number(*writer, kCustomers), 0);
}

TEST(Postgres, TypesArriveAsOnSqlite) {
  const TestDatabase database;
  const auto connection = database.open();
  static constexpr Sql kTypes{
      "SELECT SUM(v) AS summed, COUNT(*) AS counted, MAX(v) > 1 AS compared, NULL AS nothing, "
      "'x' AS word, $1 + 1 AS wide FROM (VALUES (1::bigint), (2::bigint)) AS t(v)"};
  const auto rows = connection->run(kTypes, {std::int64_t{1'795'000'000'000}});
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  EXPECT_EQ(rows->front().integer("summed"), 3);
  EXPECT_EQ(rows->front().integer("counted"), 2);
  EXPECT_EQ(rows->front().integer("compared"), 1);
  EXPECT_EQ(rows->front().maybe_integer("nothing"), std::nullopt);
  EXPECT_EQ(rows->front().text("word"), "x");
  EXPECT_EQ(rows->front().integer("wide"), 1'795'000'000'001);
  static constexpr Sql kTooLarge{"SELECT 10000000000::numeric * 10000000000 AS n"};
  EXPECT_EQ(connection->run(kTooLarge).error().code, ErrorCode::storage_failure);
}

TEST(Postgres, ABatchCarriesNullsExtremesAndOddTexts) {
  const TestDatabase database;
  const auto connection = database.open();
  static constexpr std::array kColumns{BatchColumn{"number", BatchColumn::Type::integer},
                                       BatchColumn{"position", BatchColumn::Type::text}};
  static constexpr BatchSql kEcho{
      "SELECT {number} AS number, {position} AS position {from_rows} ORDER BY {number}", kColumns};
  Batch batch;
  batch.add({INT64_MIN, "{\"a\",NULL}\\"});
  batch.add({INT64_MAX, ""});
  batch.add({nullptr, nullptr});
  batch.add({std::int64_t{0}, "ភ្នំពេញ '' $1"});
  const auto rows = connection->run_batch(kEcho, batch);
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  ASSERT_EQ(rows->size(), 4U);
  EXPECT_EQ((*rows)[0].integer("number"), INT64_MIN);
  EXPECT_EQ((*rows)[0].text("position"), "{\"a\",NULL}\\");
  EXPECT_EQ((*rows)[1].text("position"), "ភ្នំពេញ '' $1");
  EXPECT_EQ((*rows)[2].integer("number"), INT64_MAX);
  EXPECT_EQ((*rows)[2].text("position"), "");
  EXPECT_EQ((*rows)[3].maybe_integer("number"), std::nullopt);
  EXPECT_EQ((*rows)[3].text_or_empty("position"), "");
  EXPECT_TRUE(connection->run_batch(kEcho, Batch()).value().empty());
}

TEST(Postgres, WhoCannotBeReachedIsNamedWithoutThePassword) {
  const auto refused = open_postgres("postgres://shop:tr0ub4dor@127.0.0.1:1/books", false);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_failure);
  EXPECT_EQ((refused.error().message + refused.error().detail).find("tr0ub4dor"),
            std::string::npos);
  EXPECT_NE(refused.error().detail.find("127.0.0.1"), std::string::npos);
}

// The Store on a server that goes away at the worst moments.

struct Interrupted : OpenBooks {
  /// Writes one customer; `hurt` runs in the middle of the first attempt.
  std::optional<Result<Rows>> write_customer(std::move_only_function<void()> hurt) {
    std::optional<Result<Rows>> answer;
    Writing<Rows> work = [this, hurt = std::move(hurt)](WritableBooks& b) mutable -> Result<Rows> {
      ++attempts;
      TRY_VOID(b.insert_customer({.name = "Dara", .email = ""}, testing::kStart));
      if (attempts == 1) hurt();
      TRY_VOID(b.insert_customer({.name = "Bopha", .email = ""}, testing::kStart));
      return Rows();
    };
    start(store->write<Rows>(std::move(work)), answer);
    settle_down();
    return answer;
  }
  void end_sessions() { EXPECT_GE(number(kEndOthers), 1); }
  int attempts = 0;
};

TEST(PostgresStore, AGroupWhoseConnectionDiesIsDoneAgain) {
  Interrupted books;
  const auto answer = books.write_customer([&books] { books.end_sessions(); });
  ASSERT_TRUE(answer && answer->has_value()) << answer->error().detail;
  EXPECT_EQ(books.attempts, 2);
  EXPECT_EQ(books.number(kCustomers), 2);
}

TEST(PostgresStore, ADeadlockIsDoneAgainAlsoWhenACommandTookItForItsOwn) {
  OpenBooks books;
  int attempts = 0;
  std::optional<Result<Rows>> answer;
  Writing<Rows> work = [&attempts](WritableBooks& b) -> Result<Rows> {
    TRY_VOID(b.insert_customer({.name = "Dara", .email = ""}, testing::kStart));
    if (++attempts == 1) {
      // What a deadlock looks like from here; a real one takes a second connection and a second.
      return b.insert_login({.token_hash = "40P01", .csrf_token = "", .username = ""});
    }
    return Rows();
  };
  static constexpr const char* kTrap =
      "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
      "'deadlock' USING ERRCODE = '40P01'; END $$; CREATE TRIGGER trap BEFORE INSERT ON logins "
      "FOR EACH ROW EXECUTE FUNCTION trap()";
  ASSERT_TRUE(books.database.open()->run_script(kTrap).has_value());
  books.start(books.store->write<Rows>(std::move(work)), answer);
  books.settle_down();
  ASSERT_TRUE(answer && answer->has_value());
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(books.number(kCustomers), 1);
}

TEST(PostgresStore, WhatFailsForEverIsGivenUpInsideTheBound) {
  OpenBooks books;
  int attempts = 0;
  static constexpr const char* kTrap =
      "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'busy' "
      "USING ERRCODE = '40001'; END $$; CREATE TRIGGER trap BEFORE INSERT ON customers "
      "FOR EACH ROW EXECUTE FUNCTION trap()";
  ASSERT_TRUE(books.database.open()->run_script(kTrap).has_value());
  const auto refused = books.try_write<core::CustomerId>([&attempts](WritableBooks& b) {
    ++attempts;
    return b.insert_customer({.name = "Dara", .email = ""}, testing::kStart);
  });
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_failure);
  EXPECT_EQ(attempts, StoreOptions().group_attempts);
}

// A deferred trigger, which runs inside COMMIT, ends the session that commits.
TEST(PostgresStore, ACommitWhoseAnswerIsLostIsNeitherDoneTwiceNorForgotten) {
  OpenBooks books;
  static constexpr const char* kTrap =
      "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('falls') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; "
      "RETURN NULL; END $$; CREATE SEQUENCE falls; "
      "CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON customers DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION trap()";
  ASSERT_TRUE(books.database.open()->run_script(kTrap).has_value());
  int attempts = 0;
  const auto done = books.try_write<core::CustomerId>([&attempts](WritableBooks& b) {
    ++attempts;
    return b.insert_customer({.name = "Dara", .email = ""}, testing::kStart);
  });
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(attempts, 3) << "two commits did not take place, and were found out to";
  EXPECT_EQ(books.number(kCustomers), 1);
}

TEST(PostgresStore, ReadsRunOnThreadsOfTheirOwnAndSurviveALostConnection) {
  base::ManualClock clock{testing::kStart};
  base::SilentLog log;
  const TestDatabase database;
  const std::string path =
      database.where() + "&application_name=doomed_" + std::to_string(::getpid());
  auto store = Store::open({.path = path}, clock, log).value();
  testing::VirtualWorld world;
  const auto other = database.open(true);
  static constexpr Sql kEndThem{
      "SELECT COUNT(pg_terminate_backend(pid)) AS n FROM pg_stat_activity WHERE "
      "application_name = $1"};
  const auto ended = other->run(kEndThem, {"doomed_" + std::to_string(::getpid())});
  EXPECT_EQ(ended->front().integer("n"), 1 + static_cast<std::int64_t>(StoreOptions().readers));
  const auto here = std::this_thread::get_id();
  for (int round = 0; round < 8; ++round) {
    std::thread::id there;
    std::optional<Result<std::vector<Product>>> answer;
    Reading<std::vector<Product>> look = [&there](Books& b) {
      there = std::this_thread::get_id();
      return b.products();
    };
    world.start(store->read(std::move(look)), answer);
    while (!answer)
      world.executor.run_one();
    EXPECT_TRUE(answer->has_value()) << answer->error().detail;
    EXPECT_NE(there, here);
  }
}

}  // namespace
}  // namespace quittance::storage
