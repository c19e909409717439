#include "support/test_database.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "support/stumbling_connection.hpp"

namespace quittance::testing {

std::string_view test_engine() {
  const char* engine = std::getenv("TEST_DB");
  return engine ? engine : "sqlite";
}

PostgresSchema::PostgresSchema(std::string name) : name_(std::move(name)) {
  run_outside("CREATE SCHEMA " + name_);
}
PostgresSchema::~PostgresSchema() { run_outside("DROP SCHEMA IF EXISTS " + name_ + " CASCADE"); }

std::string PostgresSchema::url() const { return server() + "&options=-csearch_path%3D" + name_; }

std::string PostgresSchema::server() {
  const char* url = std::getenv("TEST_POSTGRES");
  if (!url) {
    ADD_FAILURE() << "no server: start the tests with tools/private_postgres.py run …";
    std::exit(1);
  }
  return url;
}

void PostgresSchema::run_outside(const std::string& statement) {
  auto connection = storage::open_postgres(server(), false);
  ASSERT_TRUE(connection.has_value()) << connection.error().detail;
  const auto done = (*connection)->run_script(statement);
  EXPECT_TRUE(done.has_value()) << done.error().detail;
}

TestDatabase::TestDatabase() {
  // The folder's name is nobody else's.
  if (test_engine() == "postgres")
    schema_.emplace(std::filesystem::path(folder.file("")).parent_path().filename());
}
TestDatabase::~TestDatabase() = default;

std::string TestDatabase::where() const {
  return schema_ ? schema_->url() : folder.file("books.db");
}

storage::StoreOptions TestDatabase::options() const {
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

std::unique_ptr<storage::Connection> TestDatabase::open(bool read_only) const {
  auto connection = storage::open_database(where(), read_only);
  EXPECT_TRUE(connection.has_value()) << (connection ? "" : connection.error().detail);
  return std::move(*connection);
}

}  // namespace quittance::testing
