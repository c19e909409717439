// Books in a database of the test's own, written in virtual time.
#pragma once

#include "storage/storage.hpp"
#include "support/test_database.hpp"
#include "support/virtual_world.hpp"

namespace quittance::testing {

inline core::Money usd(std::int64_t minor) {
  return *core::Money::from_minor(minor, *core::Currency::from_code("USD"));
}
inline core::Money khr(std::int64_t riel) {
  return *core::Money::from_minor(riel, *core::Currency::from_code("KHR"));
}

/// What takes many, given one; it lives as long as the statement.
template <class T>
std::span<const T> just(const T& one) {
  return std::span<const T>(&one, 1);
}

class OpenBooks : public VirtualWorld {
 public:
  OpenBooks() {
    storage::StoreOptions options = database.options();
    options.inline_executor = &executor;
    auto opened = storage::Store::open(std::move(options), clock, log);
    EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
    store = std::move(*opened);
  }

  std::string path() const { return database.where(); }

  template <class T>
  base::Result<T> try_write(
      std::move_only_function<base::Result<T>(storage::WritableBooks&)> work) {
    return run(store->write<T>(std::move(work)));
  }
  template <class T>
  T write(std::move_only_function<base::Result<T>(storage::WritableBooks&)> work) {
    auto done = try_write<T>(std::move(work));
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message + done.error().detail);
    return std::move(done.value());
  }
  template <class T>
  T read(std::move_only_function<base::Result<T>(storage::Books&)> work) {
    storage::Books books(reader());
    auto done = work(books);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message + done.error().detail);
    return std::move(done.value());
  }
  /// The only integer, named n, of a statement's only row.
  std::int64_t number(const storage::Sql& sql) {
    const auto rows = reader().run(sql);
    EXPECT_TRUE(rows.has_value()) << sql.text;
    return rows->front().integer("n");
  }

  TestDatabase database;
  std::unique_ptr<storage::Store> store;

 private:
  storage::Connection& reader() {
    if (!reader_) reader_ = database.open(true);
    return *reader_;
  }
  std::unique_ptr<storage::Connection> reader_;
};

}  // namespace quittance::testing
