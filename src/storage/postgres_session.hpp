// Inside storage only: one session with a PostgreSQL server. What is sent, what comes back, and no
// wait without an end. The driver on top of it is postgres.cpp.
#pragma once

#include <libpq-fe.h>

#include "storage/database.hpp"

namespace quittance::storage {

struct PgResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
/// An answer; libpq takes a null one for a failure.
using PgResult = std::unique_ptr<PGresult, PgResultDeleter>;

// From PostgreSQL's catalog (pg_type.dat); these numbers never change.
inline constexpr Oid kPgInt8 = 20;
inline constexpr Oid kPgText = 25;

/// Values on their way to `$1`, `$2`, …, as libpq wants them.
class PgValues {
 public:
  /// `type` is what the server takes the placeholder for (an oid).
  void add(const Param& param, Oid type);
  /// A column of a batch, as an array; `width` values lie between two of it.
  void add_array(std::span<const Param> params, std::size_t column, std::size_t width,
                 BatchColumn::Type type);

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  void add_bytes(const char* bytes, std::size_t size, bool binary);
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::unique_ptr<std::string>> kept_;
};

class PostgresSession {
 public:
  /// Connects and makes the settings that the driver counts on.
  static base::Result<std::unique_ptr<PostgresSession>> connect(const std::string& url,
                                                                bool read_only);

  /// The connection is gone; nothing can be sent any more.
  bool lost() const { return !connection_ || PQstatus(connection_.get()) != CONNECTION_OK; }
  /// What went wrong last, for the log.
  std::string message() const;

  /// One or several statements in one go: what each brought, up to the first that failed.
  std::vector<PgResult> run_text(const std::string& text);
  /// The same for statements that may take long, such as migrations.
  std::vector<PgResult> run_long_text(const std::string& text);
  /// `types` may name fewer than there are, and 0 for those that the server is to infer.
  PgResult prepare(const std::string& name, const std::string& text, const std::vector<Oid>& types);
  PgResult describe(const std::string& name);
  PgResult run_prepared(const std::string& name, const PgValues& values);

 private:
  struct ConnectionDeleter {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  explicit PostgresSession(PGconn* connection) : connection_(connection) {}
  std::vector<PgResult> answers(int sent, int silence_limit_ms);
  PgResult answer(int sent);
  bool flush(int silence_limit_ms);
  bool wait(short events, int silence_limit_ms);
  std::unique_ptr<PGconn, ConnectionDeleter> connection_;
  std::string last_words_;
};

/// Whether an answer is what was hoped for.
bool succeeded(const PgResult& result);
bool succeeded(const std::vector<PgResult>& results);

}  // namespace quittance::storage
