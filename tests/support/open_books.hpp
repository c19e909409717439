// Books in a database of the test's own, written in virtual time.
#pragma once

#include "storage/storage.hpp"
#include "support/test_database.hpp"
#include "support/virtual_world.hpp"

namespace quittance::testing {

core::Money usd(std::int64_t minor);
core::Money khr(std::int64_t riel);

/// What takes many, given one; it lives as long as the statement.
template <class T>
std::span<const T> just(const T& one) {
  return std::span<const T>(&one, 1);
}

class OpenBooks : public VirtualWorld {
 public:
  OpenBooks();
  ~OpenBooks();

  std::string path() const { return database.where(); }

  template <class T>
  base::Result<T> try_write(storage::Writing<T> work) {
    // What was written stays here, so that the Store's own machinery is compiled for one type.
    std::optional<base::Result<T>> written;
    const base::Result<bool> durable =
        write_all([&](storage::WritableBooks& books) -> base::Result<bool> {
          written.emplace(work(books));
          if (!*written) return std::unexpected(written->error());
          return true;
        });
    if (!durable) return std::unexpected(durable.error());
    return std::move(*written);
  }
  template <class T>
  T write(storage::Writing<T> work) {
    return worked(try_write<T>(std::move(work)));
  }
  template <class T>
  T read(storage::Reading<T> work) {
    storage::Books books(reader());
    return worked(work(books));
  }
  /// The only integer, named n, of a statement's only row.
  std::int64_t number(const storage::Sql& sql);

  TestDatabase database;
  std::unique_ptr<storage::Store> store;

 private:
  base::Result<bool> write_all(storage::Writing<bool> work);
  storage::Connection& reader();
  template <class T>
  static T worked(base::Result<T> done) {
    if (!done) say(done.error());
    return std::move(done.value());
  }
  static void say(const base::Error& error);

  std::unique_ptr<storage::Connection> reader_;
};

}  // namespace quittance::testing
