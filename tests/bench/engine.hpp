// The databases that the same stages are measured on: how books get into each and are copied there,
// and how its own client does again what the program sent to it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "bench/shop.hpp"

namespace quittance::bench {

/// What a run sent to the database in transactions that write.
struct Sent {
  /// Does it again by the database's own client alone, on a copy of the same books; the seconds
  /// that it took. Gives up when a statement fails.
  std::move_only_function<double(const std::string& books) const> replay;
  std::size_t statements = 0;
  std::size_t commits = 0;
};

/// SQLite or PostgreSQL. Books are known by what QUITTANCE_DB would say: a file or an address.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string name() const = 0;
  /// Settles a second in open loops: well below what the program can do, so that latencies are its
  /// own and not those of a queue.
  virtual double open_loop_rate() const = 0;
  /// Moves the books of a file into this database, under a name.
  virtual std::string take_in(const std::filesystem::path& file, const std::string& name) = 0;
  /// A copy of books under a name, in place of those that had it before; on disk when this returns.
  /// Nobody may be connected to either.
  virtual std::string copy(const std::string& books, const std::string& name) = 0;
  virtual void remove(const std::string& books) = 0;
  /// Changes many rows at once, by SQL that both understand, and flushes only at the end.
  virtual void change_in_bulk(const std::string& books, const std::string& script) = 0;
  virtual double mib(const std::string& books) = 0;
  /// Runs `work` and takes down what it sends to this database. One connection may write.
  virtual Sent record(const std::function<void()>& work) = 0;
  /// Its version, and how durable it is.
  virtual std::string describe() const = 0;
};

/// Books are files in `folder`.
std::unique_ptr<Engine> make_sqlite(const std::filesystem::path& folder);
/// Books are databases of the server that `address` names by any database of it.
std::unique_ptr<Engine> make_postgres(const std::string& address, Tools& tools);

}  // namespace quittance::bench
