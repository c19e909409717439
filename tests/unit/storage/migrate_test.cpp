// The schema: made once, refused when it is another one, strict about what goes into it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::Result;

/// An empty database on either engine.
struct Empty {
  base::ManualClock clock{testing::kStart};
  testing::TestDatabase database;

  Result<Migrated> migrate() { return migrate_database(database.where(), clock); }
};

/// What only SQLite has.
struct File {
  base::ManualClock clock{testing::kStart};
  testing::TempFolder folder;
  std::string path = folder.file("books.db");

  std::unique_ptr<Connection> open(bool read_only = false) {
    auto connection = open_sqlite(path, read_only);
    EXPECT_TRUE(connection.has_value());
    return std::move(*connection);
  }
};

std::int64_t pragma(Connection& connection, const Sql& sql, std::string_view column) {
  const auto rows = connection.run(sql);
  EXPECT_TRUE(rows.has_value() && rows->size() == 1U) << sql.text;
  return rows->front().integer(column);
}

TEST(Migrate, MakesTheSchemaOnceAndRecordsIt) {
  Empty empty;
  const auto first = empty.migrate();
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_EQ(first->from, 0);
  EXPECT_GE(first->to, 1);
  const auto second = empty.migrate();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->from, first->to);
  EXPECT_EQ(second->to, first->to);
  static constexpr Sql kRecorded{"SELECT version, name, sha256, applied_at FROM schema_migrations"};
  const auto connection = empty.database.open();
  const auto rows = connection->run(kRecorded);
  ASSERT_TRUE(rows.has_value()) << rows.error().detail;
  ASSERT_EQ(rows->size(), static_cast<std::size_t>(first->to));
  EXPECT_EQ((*rows)[0].integer("version"), 1);
  EXPECT_EQ((*rows)[0].text("name"), "001_init.sql");
  EXPECT_EQ((*rows)[0].text("sha256").size(), 64U);
  EXPECT_EQ((*rows)[0].time("applied_at"), testing::kStart);
}

TEST(Migrate, RefusesASchemaThatIsNewerThanTheProgram) {
  Empty empty;
  ASSERT_TRUE(empty.migrate().has_value());
  static constexpr Sql kNewer{
      "INSERT INTO schema_migrations (version, name, sha256, applied_at) "
      "VALUES (999, 'tomorrow.sql', '', 0)"};
  ASSERT_TRUE(empty.database.open()->run(kNewer).has_value());
  const auto refused = empty.migrate();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_failure);
  EXPECT_NE(refused.error().message.find("newer"), std::string::npos);
  base::SilentLog log;
  EXPECT_FALSE(Store::open({.path = empty.database.where()}, empty.clock, log).has_value());
}

TEST(Migrate, RefusesAMigrationThatWasChangedAfterwards) {
  Empty empty;
  ASSERT_TRUE(empty.migrate().has_value());
  static constexpr Sql kChange{"UPDATE schema_migrations SET sha256 = 'another' WHERE version = 1"};
  ASSERT_TRUE(empty.database.open()->run(kChange).has_value());
  const auto refused = empty.migrate();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("001_init.sql"), std::string::npos);
}

TEST(Sqlite, RefusesAFileThatIsNoDatabase) {
  File file;
  std::ofstream(file.path) << std::string(4'096, 'x');
  const auto refused = migrate_database(file.path, file.clock);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_failure);
  EXPECT_FALSE(migrate_database(file.folder.file("no/such/folder.db"), file.clock).has_value());
}

TEST(Sqlite, WritesAheadSynchronouslyWithForeignKeys) {
  File file;
  const auto connection = file.open();
  static constexpr Sql kJournal{"PRAGMA journal_mode"};
  static constexpr Sql kSynchronous{"PRAGMA synchronous"};
  static constexpr Sql kForeignKeys{"PRAGMA foreign_keys"};
  static constexpr Sql kBusy{"PRAGMA busy_timeout"};
  EXPECT_EQ(connection->run(kJournal)->front().text("journal_mode"), "wal");
  EXPECT_EQ(pragma(*connection, kSynchronous, "synchronous"), 2) << "FULL";
  EXPECT_EQ(pragma(*connection, kForeignKeys, "foreign_keys"), 1);
  EXPECT_EQ(pragma(*connection, kBusy, "timeout"), 10'000);
}

TEST(Sqlite, AReadingConnectionRefusesToWrite) {
  File file;
  ASSERT_TRUE(migrate_database(file.path, file.clock).has_value());
  const auto reader = file.open(true);
  static constexpr Sql kWrite{"INSERT INTO customers (created_at) VALUES (1)"};
  EXPECT_FALSE(reader->run(kWrite).has_value());
}

TEST(Sqlite, ParametersGoWhereTheirNumbersSay) {
  File file;
  const auto connection = file.open();
  static constexpr Sql kSwapped{"SELECT $2 AS second, $1 AS first, $2 AS again, $3 AS third"};
  const auto rows = connection->run(kSwapped, {std::int64_t{1}, "two", nullptr});
  ASSERT_TRUE(rows.has_value());
  EXPECT_EQ(rows->front().integer("first"), 1);
  EXPECT_EQ(rows->front().text("second"), "two");
  EXPECT_EQ(rows->front().text("again"), "two");
  EXPECT_EQ(rows->front().maybe_integer("third"), std::nullopt);
  EXPECT_EQ(rows->front().text_or_empty("third"), "");
  // Kept between runs, and bound anew each time; an empty text is not NULL.
  const auto again = connection->run(kSwapped, {std::int64_t{9}, "", std::int64_t{3}});
  EXPECT_EQ(again->front().integer("first"), 9);
  EXPECT_EQ(again->front().text("second"), "");
  EXPECT_EQ(again->front().integer("third"), 3);
}

TEST(Sqlite, StrictTablesRefuseTheWrongType) {
  File file;
  ASSERT_TRUE(migrate_database(file.path, file.clock).has_value());
  const auto connection = file.open();
  static constexpr Sql kProduct{
      "INSERT INTO products (name, description, picture, price_minor, currency, stock) "
      "VALUES ('', '', '', $1, 'USD', $2)"};
  EXPECT_TRUE(connection->run(kProduct, {std::int64_t{1}, std::int64_t{1}}).has_value());
  const auto refused = connection->run(kProduct, {std::int64_t{1}, "many"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_FALSE(connection->run(kProduct, {"12.50", std::int64_t{1}}).has_value());
  EXPECT_FALSE(connection->run(kProduct, {std::int64_t{1}, std::int64_t{-1}}).has_value());
  static constexpr Sql kAll{
      "SELECT COUNT(*) AS tables, SUM(strict) AS strict FROM "
      "pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
      "name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'"};
  const auto tables = connection->run(kAll);
  EXPECT_EQ(tables->front().integer("tables"), tables->front().integer("strict"));
  EXPECT_GT(tables->front().integer("tables"), 10);
}

TEST(SqliteSchema, S0_11_To_S0_33_HasTheColumnsAndIndexesOfTheSources) {
  File file;
  ASSERT_TRUE(migrate_database(file.path, file.clock).has_value());
  const auto connection = file.open();
  static constexpr Sql kColumn{"SELECT COUNT(*) AS n FROM pragma_table_info($1) WHERE name = $2"};
  for (const char* column :
       {"id", "session_id", "payment_id", "order_id", "customer_id", "currency", "qr_data",
        "md5_hash", "bill_number", "reference_id", "status", "created_at", "expires_at",
        "completed_at", "payment_screenshot_path", "screenshot_uploaded_at",
        "payment_verification_status", "notes"}) {
    const auto found = connection->run(kColumn, {"payment_sessions", column});
    EXPECT_EQ(found->front().integer("n"), 1) << column;
  }
  EXPECT_EQ(connection->run(kColumn, {"orders", "payment_session_id"})->front().integer("n"), 1);
  static constexpr Sql kIndexed{
      "SELECT COUNT(*) AS n FROM pragma_index_list($1) AS l, "
      "pragma_index_info(l.name) AS i WHERE i.name = $2"};
  for (const char* column : {"session_id", "payment_id", "order_id", "customer_id", "status",
                             "expires_at", "md5_hash"}) {
    const auto found = connection->run(kIndexed, {"payment_sessions", column});
    EXPECT_GE(found->front().integer("n"), 1) << column;
  }
}

TEST(Schema, Law7_NoStatementChangesOrDeletesEvidenceSettlementsOrAudit) {
  const std::regex forbidden(
      R"((UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+(evidence|settlements|audit)\b)",
      std::regex::icase);
  int files = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(QUITTANCE_STORAGE_SOURCES)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    // Literals that stand beside each other are one statement.
    const std::string joined = std::regex_replace(text.str(), std::regex("\"\\s*\""), "");
    EXPECT_FALSE(std::regex_search(joined, forbidden)) << entry.path();
  }
  EXPECT_GT(files, 10);
  EXPECT_TRUE(std::regex_search("update  settlements set", forbidden));
}

TEST(Rows, AColumnThatWasNotSelectedIsAFaultOfOurs) {
  const testing::TestDatabase database;
  const auto connection = database.open();
  static constexpr Sql kOne{"SELECT 1 AS one"};
  const auto rows = connection->run(kOne);
  EXPECT_THROW(rows->front().integer("two"), std::logic_error);
}

TEST(Texts, WhatNotEveryDatabaseCanHoldIsRefusedByBothAlike) {
  using namespace std::string_view_literals;
  const testing::TestDatabase database;
  const auto connection = database.open();
  static constexpr Sql kEcho{"SELECT $1 AS text"};
  for (const std::string_view bad : {"a\0b"sv, "\xC3("sv}) {
    const auto refused = connection->run(kEcho, {bad});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  }
  EXPECT_EQ(connection->run(kEcho, {"ភ្នំពេញ"})->front().text("text"), "ភ្នំពេញ");
}

}  // namespace
}  // namespace quittance::storage
