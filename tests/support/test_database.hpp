// A database of a test's own, on the engine that TEST_DB names; gone when the test is over.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "storage/storage.hpp"
#include "support/stumbling_connection.hpp"
#include "support/temp_folder.hpp"

namespace quittance::testing {

/// TEST_DB: `sqlite` (also when it is not set), `postgres`, or `stumbling`, which is SQLite with
/// every group of writes done twice.
inline std::string_view test_engine() {
  const char* engine = std::getenv("TEST_DB");
  return engine ? engine : "sqlite";
}

/// An empty schema in the server that TEST_POSTGRES names (tools/private_postgres.py starts one).
class PostgresSchema {
 public:
  explicit PostgresSchema(std::string name) : name_(std::move(name)) {
    run_outside("CREATE SCHEMA " + name_);
  }
  ~PostgresSchema() { run_outside("DROP SCHEMA IF EXISTS " + name_ + " CASCADE"); }
  PostgresSchema(const PostgresSchema&) = delete;
  PostgresSchema& operator=(const PostgresSchema&) = delete;

  std::string url() const { return server() + "&options=-csearch_path%3D" + name_; }

  static std::string server() {
    const char* url = std::getenv("TEST_POSTGRES");
    if (!url) {
      ADD_FAILURE() << "no server: start the tests with tools/private_postgres.py run …";
      std::exit(1);
    }
    return url;
  }

 private:
  static void run_outside(const std::string& statement) {
    auto connection = storage::open_postgres(server(), false);
    ASSERT_TRUE(connection.has_value()) << connection.error().detail;
    const auto done = (*connection)->run_script(statement);
    EXPECT_TRUE(done.has_value()) << done.error().detail;
  }
  std::string name_;
};

class TestDatabase {
 public:
  TestDatabase() {
    // The folder's name is nobody else's.
    if (test_engine() == "postgres")
      schema_.emplace(std::filesystem::path(folder.file("")).parent_path().filename());
  }
  /// What Store::open and open_database take.
  std::string where() const { return schema_ ? schema_->url() : folder.file("books.db"); }

  storage::StoreOptions options() const {
    storage::StoreOptions options{.path = where()};
    if (test_engine() != "stumbling") return options;
    options.connect =
        [path = where()](bool read_only) -> base::Result<std::unique_ptr<storage::Connection>> {
      TRY(std::unique_ptr<storage::Connection> real, storage::open_sqlite(path, read_only));
      if (read_only) return real;
      return std::make_unique<StumblingConnection>(std::move(real));
    };
    return options;
  }

  std::unique_ptr<storage::Connection> open(bool read_only = false) const {
    auto connection = storage::open_database(where(), read_only);
    EXPECT_TRUE(connection.has_value()) << (connection ? "" : connection.error().detail);
    return std::move(*connection);
  }

  TempFolder folder;

 private:
  std::optional<PostgresSchema> schema_;
};

}  // namespace quittance::testing
