// A database of a test's own, on the engine that TEST_DB names; gone when the test is over.
#pragma once

#include "storage/storage.hpp"
#include "support/temp_folder.hpp"

namespace quittance::testing {

/// TEST_DB: `sqlite` (also when it is not set), `postgres`, or `stumbling`, which is SQLite with
/// every group of writes done twice.
std::string_view test_engine();

/// An empty schema in the server that TEST_POSTGRES names (tools/private_postgres.py starts one).
class PostgresSchema {
 public:
  explicit PostgresSchema(std::string name);
  ~PostgresSchema();
  PostgresSchema(const PostgresSchema&) = delete;
  PostgresSchema& operator=(const PostgresSchema&) = delete;

  std::string url() const;

  static std::string server();

 private:
  static void run_outside(const std::string& statement);
  std::string name_;
};

class TestDatabase {
 public:
  TestDatabase();
  ~TestDatabase();
  /// What Store::open and open_database take.
  std::string where() const;

  storage::StoreOptions options() const;

  std::unique_ptr<storage::Connection> open(bool read_only = false) const;

  TempFolder folder;

 private:
  std::optional<PostgresSchema> schema_;
};

}  // namespace quittance::testing
