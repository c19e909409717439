// Books in databases of a PostgreSQL server.
#include <libpq-fe.h>

#include "bench/engine.hpp"
#include "bench/libpq_recording.hpp"

namespace quittance::bench {
namespace {

/// `postgres://user@host/database?…` with another database.
std::string with_database(const std::string& address, const std::string& database) {
  const std::size_t host = address.find("//") + 2;
  const std::size_t from = address.find('/', host) + 1;
  const std::size_t to = std::min(address.find('?', from), address.size());
  return address.substr(0, from) + database + address.substr(to);
}

std::string database_of(const std::string& address) {
  const std::size_t from = address.find('/', address.find("//") + 2) + 1;
  return address.substr(from, address.find('?', from) - from);
}

/// What a statement brought, first cell of its first row; "" when it brings nothing.
std::string tell(const std::string& address, const std::string& statement) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(address.c_str()),
                                                                PQfinish);
  // Nobody wants to read that there was nothing to drop.
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), statement.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0) {
    return PQgetvalue(result.get(), 0, 0);
  }
  if (status != PGRES_COMMAND_OK) give_up(PQerrorMessage(connection.get()));
  return "";
}

class Postgres final : public Engine {
 public:
  Postgres(const std::string& address, Tools& tools) : address_(address), tools_(tools) {}

  std::string name() const override { return "PostgreSQL"; }
  double open_loop_rate() const override { return 600; }

  std::string take_in(const std::filesystem::path& file, const std::string& name) override {
    const std::string books = address_of(name);
    remove(books);
    tell(address_, "CREATE DATABASE " + database_of(books));
    {
      const auto migrated = storage::migrate_database(books, tools_.clock);
      const auto from = storage::open_sqlite(file.string(), true);
      const auto to = storage::open_postgres(books, false);
      if (!migrated || !from || !to) give_up("the books cannot be moved to PostgreSQL");
      const auto copied = storage::copy_books(**from, **to, tools_.clock);
      if (!copied) give_up("the books cannot be moved: " + copied.error().detail);
    }
    settle_down(books);
    return books;
  }

  std::string copy(const std::string& books, const std::string& name) override {
    const std::string made = address_of(name);
    remove(made);
    tell(address_, "CREATE DATABASE " + database_of(made) + " TEMPLATE " + database_of(books) +
                       " STRATEGY FILE_COPY");
    tell(address_, "CHECKPOINT");
    return made;
  }

  void remove(const std::string& books) override {
    // Whoever was connected may still be leaving.
    tell(address_, "DROP DATABASE IF EXISTS " + database_of(books) + " WITH (FORCE)");
  }

  void change_in_bulk(const std::string& books, const std::string& script) override {
    // Foreign keys are not looked at row by row.
    tell(books, "SET session_replication_role = replica;" + script);
    settle_down(books);
  }

  double mib(const std::string& books) override {
    return std::stod(tell(books, "SELECT pg_database_size(current_database()) / 1048576"));
  }

  Sent record(const std::function<void()>& work) override {
    SentRecording recording = record_sent(work);
    std::size_t statements = 0;
    for (const auto& transaction : recording.transactions)
      statements += transaction.size();
    const std::size_t commits = recording.transactions.size();
    return {.replay = [recording = std::move(recording)](
                          const std::string& books) { return replay_sent(books, recording); },
            .statements = statements,
            .commits = commits};
  }

  std::string describe() const override {
    std::string text = "PostgreSQL " + tell(address_, "SHOW server_version");
    for (const char* setting :
         {"fsync", "synchronous_commit", "full_page_writes", "shared_buffers"})
      text += std::string(", ") + setting + "=" + tell(address_, std::string("SHOW ") + setting);
    return text;
  }

 private:
  std::string address_of(const std::string& name) const {
    return with_database(address_, "bench_" + name);
  }

  /// Statistics and marks that a database gets in time, so that no run makes them.
  void settle_down(const std::string& books) {
    tell(books, "VACUUM (FREEZE, ANALYZE)");
    tell(address_, "CHECKPOINT");
  }

  std::string address_;
  Tools& tools_;
};

}  // namespace

std::unique_ptr<Engine> make_postgres(const std::string& address, Tools& tools) {
  return std::make_unique<Postgres>(address, tools);
}

}  // namespace quittance::bench
