#include "bench/postgres_books.hpp"

#include <libpq-fe.h>

namespace quittance::bench {
namespace {

constexpr const char* kKept = "bench_shop";
constexpr const char* kCopy = "bench_run";

/// `postgres://user@host/database?…` with another database.
std::string with_database(const std::string& address, const std::string& database) {
  const std::size_t host = address.find("//") + 2;
  const std::size_t from = address.find('/', host) + 1;
  const std::size_t to = std::min(address.find('?', from), address.size());
  return address.substr(0, from) + database + address.substr(to);
}

/// What a statement brought, first cell of its first row; "" when it brings nothing.
std::string tell(const std::string& address, const std::string& statement) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(address.c_str()),
                                                                PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), statement.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0) {
    return PQgetvalue(result.get(), 0, 0);
  }
  if (status != PGRES_COMMAND_OK) give_up(PQerrorMessage(connection.get()));
  return "";
}

}  // namespace

void keep_postgres_books(const std::string& address, const Shop& shop, Tools& tools) {
  const std::string kept = with_database(address, kKept);
  tell(address, std::string("CREATE DATABASE ") + kKept);
  {
    const auto migrated = storage::migrate_database(kept, tools.clock);
    const auto from = storage::open_sqlite(shop.file.string(), true);
    const auto to = storage::open_postgres(kept, false);
    if (!migrated || !from || !to) give_up("the books cannot be moved to PostgreSQL");
    const auto copied = storage::copy_books(**from, **to, tools.clock);
    if (!copied) give_up("the books cannot be moved: " + copied.error().detail);
  }
  tell(kept, "VACUUM (FREEZE, ANALYZE)");
}

std::string fresh_postgres_books(const std::string& address) {
  // Whoever was connected may still be leaving.
  tell(address, std::string("DROP DATABASE IF EXISTS ") + kCopy + " WITH (FORCE)");
  tell(address,
       std::string("CREATE DATABASE ") + kCopy + " TEMPLATE " + kKept + " STRATEGY FILE_COPY");
  tell(address, "CHECKPOINT");
  return with_database(address, kCopy);
}

std::string describe_postgres(const std::string& address) {
  std::string text = "PostgreSQL " + tell(address, "SHOW server_version");
  for (const char* setting : {"fsync", "synchronous_commit", "full_page_writes", "shared_buffers"})
    text += std::string(", ") + setting + "=" + tell(address, std::string("SHOW ") + setting);
  return text;
}

}  // namespace quittance::bench
