// The PostgreSQL driver: statements prepared once a session, one writer at a time in the whole
// installation, a lost connection made anew, and a commit whose answer was lost looked up.
#include <charconv>
#include <unordered_map>

#include "storage/postgres_session.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

/// Half of the number of our advisory lock; the other is the schema, so that two installations in
/// one database do not wait for each other.
constexpr const char* kLockClass = "1364543817";

/// What a writing connection needs beside the schema: a row of its own, which every transaction of
/// its overwrites with its number. It tells whether a commit took place whose answer was lost.
/// (pg_xact_status could not: after a crash the server may give a transaction's id away again.)
constexpr const char* kMakeMarks =
    "CREATE TABLE IF NOT EXISTS commit_marks (writer TEXT PRIMARY KEY, "
    "transaction_number BIGINT NOT NULL, marked_at TIMESTAMPTZ NOT NULL);"
    "DELETE FROM commit_marks WHERE marked_at < now() - interval '30 days';"
    "SELECT gen_random_uuid() AS writer";

// From PostgreSQL's catalog (pg_type.dat).
constexpr Oid kBool = 16;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kNumeric = 1700;

/// Which failures a transaction may be done again after.
bool passes(std::string_view sqlstate) {
  return sqlstate == "40001" /* serialization_failure */ ||
         sqlstate == "40P01" /* deadlock_detected */;
}

/// Which refusals are about the values, not about us. 22P02 is a text where a number belongs, which
/// SQLite's strict tables call a constraint too.
bool contradicts(std::string_view sqlstate) {
  return sqlstate.starts_with("23") || sqlstate == "22P02";
}

struct Prepared {
  std::string name;
  std::vector<Oid> param_types;
};

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(std::string url, bool read_only)
      : url_(std::move(url)), read_only_(read_only) {}

  Result<bool> open() {
    TRY_VOID(be_connected());
    if (read_only_) return true;
    const auto made = session_->run_text("BEGIN;" + lock_text() + ";" + kMakeMarks + ";COMMIT");
    if (made.size() != 6 || !succeeded(made)) return failure(made, "commit_marks");
    writer_ = PQgetvalue(made[4].get(), 0, 0);
    return true;
  }

  Result<Rows> run(const Sql& sql, std::initializer_list<Param> params) override {
    const std::span values(params.begin(), params.size());
    TRY_VOID(check_texts(values));
    TRY_VOID(be_connected());
    TRY(const Prepared* prepared,
        prepare(&sql, types_of(values), [&sql] { return std::string(sql.text); }));
    PgValues sent;
    for (std::size_t i = 0; i < prepared->param_types.size(); ++i)
      sent.add(values[i], prepared->param_types[i]);
    return rows_of(&sql, sql.text, session_->run_prepared(prepared->name, sent));
  }

  Result<Rows> run_batch(const BatchSql& sql, const Batch& batch) override {
    if (batch.empty()) return Rows();
    TRY_VOID(check_texts(batch.params()));
    TRY_VOID(be_connected());
    TRY(const Prepared* prepared, prepare(&sql, {}, [&sql] { return array_text(sql); }));
    PgValues sent;
    for (std::size_t i = 0; i < sql.columns.size(); ++i)
      sent.add_array(batch.params(), i, sql.columns.size(), sql.columns[i].type);
    return rows_of(&sql, sql.text, session_->run_prepared(prepared->name, sent));
  }

  Result<Rows> run_script(std::string_view script) override {
    TRY_VOID(be_connected());
    const auto done =
        session_->run_long_text("SET LOCAL statement_timeout = 0;" + std::string(script));
    if (!succeeded(done)) return failure(done, "script");
    return Rows();
  }

  Result<Rows> begin_read() override {
    worth_redoing_ = false;
    return begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  Result<Rows> begin_write() override {
    worth_redoing_ = false;
    in_doubt_ = false;
    ++transaction_number_;
    return begin("BEGIN;" + lock_text() + ";INSERT INTO commit_marks VALUES ('" + writer_ + "', " +
                 std::to_string(transaction_number_) +
                 ", now()) ON CONFLICT (writer) DO UPDATE SET transaction_number = "
                 "excluded.transaction_number, marked_at = excluded.marked_at");
  }

  Result<Rows> commit() override {
    if (session_->lost()) return lost_inside();
    const auto done = session_->run_text("COMMIT");
    in_doubt_ = session_->lost();
    if (!succeeded(done)) return failure(done, "COMMIT");
    in_transaction_ = false;
    // A transaction in which a statement failed is rolled back by COMMIT, and without a word.
    if (std::string_view(PQcmdStatus(done.back().get())) != "COMMIT") {
      return fail(ErrorCode::storage_failure, kTryAgain, "", "a statement of it had failed");
    }
    return Rows();
  }

  void rollback() override {
    if (in_transaction_ && !session_->lost()) {
      // It fails only where the connection does, and then the server rolls back.
      [[maybe_unused]] const auto done = session_->run_text("ROLLBACK");
    }
    in_transaction_ = false;
  }

  bool worth_redoing() const override { return worth_redoing_; }
  bool in_doubt() const override { return in_doubt_; }

  Result<bool> took_place() override {
    in_transaction_ = false;
    TRY_VOID(be_connected());
    // Whoever has the lock knows that the transaction in doubt is over, one way or the other.
    const auto looked = session_->run_text(
        "BEGIN;" + lock_text() + ";SELECT transaction_number FROM commit_marks WHERE writer = '" +
        writer_ + "';COMMIT");
    if (looked.size() != 4 || !succeeded(looked)) {
      const auto failed = failure(looked, "commit_marks");
      in_transaction_ = true;
      rollback();
      return failed;
    }
    in_doubt_ = false;
    const PGresult* mark = looked[2].get();
    return PQntuples(mark) == 1 && std::to_string(transaction_number_) == PQgetvalue(mark, 0, 0);
  }

  Engine engine() const override { return Engine::postgres; }
  std::vector<std::pair<std::string, std::string>> schema_tokens() const override {
    return {{"{id}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"},
            {"{int}", "BIGINT"},
            {"{strict}", ""}};
  }

 private:
  static constexpr const char* kTryAgain = "The books cannot be written just now; try again.";

  std::string lock_text() const {
    return std::string("SELECT pg_advisory_xact_lock(") + kLockClass +
           ", current_schema()::regnamespace::oid::int)";
  }

  Result<bool> be_connected() {
    if (!in_transaction_) worth_redoing_ = false;
    if (session_ && !session_->lost()) return true;
    if (in_transaction_) return lost_inside();
    prepared_.clear();
    session_.reset();
    TRY(session_, PostgresSession::connect(url_, read_only_));
    return true;
  }

  Result<Rows> begin(const std::string& text) {
    // A connection that died while nobody used it shows only when it is used.
    TRY_VOID(be_connected());
    auto begun = session_->run_text(text);
    if (session_->lost()) {
      TRY_VOID(be_connected());
      begun = session_->run_text(text);
    }
    in_transaction_ = true;
    if (succeeded(begun)) return Rows();
    const auto failed = failure(begun, "BEGIN");
    rollback();
    return failed;
  }

  /// What was done in the transaction is gone: nothing may be done as if it were not.
  std::unexpected<base::Error> lost_inside() {
    worth_redoing_ = true;
    return fail(ErrorCode::storage_failure, kTryAgain, "",
                "the connection was lost: " + session_->message());
  }

  /// Our integers are 64 bits wide also where the server would guess from a constant beside them.
  static std::vector<Oid> types_of(std::span<const Param> params) {
    std::vector<Oid> types;
    for (const Param& param : params)
      types.push_back(std::holds_alternative<std::int64_t>(param.value()) ? kPgInt8 : 0);
    return types;
  }

  /// A Sql or BatchSql is known by its address; its text is asked for once a session.
  template <class MakeText>
  Result<const Prepared*> prepare(const void* key, const std::vector<Oid>& types,
                                  MakeText make_text) {
    const auto known = prepared_.find(key);
    if (known != prepared_.end()) return &known->second;
    const std::string text = make_text();
    Prepared prepared{.name = "s" + std::to_string(prepared_.size()), .param_types{}};
    if (const PgResult made = session_->prepare(prepared.name, text, types); !succeeded(made)) {
      return failure(made, text);
    }
    const PgResult described = session_->describe(prepared.name);
    if (!succeeded(described)) return failure(described, text);
    for (int i = 0; i < PQnparams(described.get()); ++i)
      prepared.param_types.push_back(PQparamtype(described.get(), i));
    // Kept longer than the session: rows of results point to them.
    std::vector<std::string>& columns = columns_[key];
    const int count = PQnfields(described.get());
    for (int i = static_cast<int>(columns.size()); i < count; ++i)
      columns.emplace_back(PQfname(described.get(), i));
    return &prepared_.emplace(key, std::move(prepared)).first->second;
  }

  /// All rows at once: their values come as one array for each column.
  static std::string array_text(const BatchSql& sql) {
    std::string arrays;
    std::string names;
    std::string text(sql.text);
    for (std::size_t i = 0; i < sql.columns.size(); ++i) {
      const std::string separator = i == 0 ? "" : ", ";
      const std::string name(sql.columns[i].name);
      const bool integers = sql.columns[i].type == BatchColumn::Type::integer;
      arrays += separator + "$" + std::to_string(i + 1) + (integers ? "::bigint[]" : "::text[]");
      // In quotes: some are words of SQL.
      names += separator + '"' + name + '"';
      text = replaced(std::move(text), "{" + name + "}", "r.\"" + name + '"');
    }
    const std::string table = "unnest(" + arrays + ") AS r(" + names + ")";
    text = replaced(std::move(text), "{from_rows}", "FROM " + table);
    return replaced(std::move(text), "{and_rows}", ", " + table);
  }

  Result<Rows> rows_of(const void* key, std::string_view text, const PgResult& result) {
    if (!succeeded(result)) return failure(result, text);
    Rows rows;
    rows.set_columns(columns_.find(key)->second);
    const int columns = PQnfields(result.get());
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      for (int column = 0; column < columns; ++column) {
        TRY(Cell cell, cell_of(result.get(), row, column));
        rows.add(std::move(cell));
      }
    }
    const std::string_view status = PQcmdStatus(const_cast<PGresult*>(result.get()));
    if (!status.starts_with("SELECT")) {
      const std::string_view count = PQcmdTuples(const_cast<PGresult*>(result.get()));
      std::from_chars(count.data(), count.data() + count.size(), rows.changed);
    }
    return rows;
  }

  static Result<Cell> cell_of(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column)) return Cell(nullptr);
    const std::string_view text(PQgetvalue(result, row, column),
                                static_cast<std::size_t>(PQgetlength(result, row, column)));
    const Oid type = PQftype(result, column);
    if (type == kBool) return Cell(std::int64_t{text == "t" ? 1 : 0});
    if (type != kPgInt8 && type != kInt4 && type != kInt2 && type != kNumeric) {
      return Cell(std::string(text));
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
      return fail(ErrorCode::storage_failure, "The books hold a number that is too large.", "",
                  std::string(text) + " in " + PQfname(result, column));
    }
    return Cell(number);
  }

  std::unexpected<base::Error> failure(const std::vector<PgResult>& results,
                                       std::string_view what) {
    static const PgResult kNone;
    for (const PgResult& result : results) {
      if (!succeeded(result)) return failure(result, what);
    }
    return failure(kNone, what);
  }

  std::unexpected<base::Error> failure(const PgResult& result, std::string_view what) {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const std::string sqlstate = state ? state : "";
    if (passes(sqlstate) || session_->lost()) worth_redoing_ = true;
    std::string reason = PQresultErrorMessage(result.get());
    if (reason.empty()) reason = session_->message();
    const std::string detail = reason + " (" + sqlstate + ") in: " + std::string(what);
    if (contradicts(sqlstate)) {
      return fail(ErrorCode::conflict, "This contradicts what is already recorded.", "", detail);
    }
    return fail(ErrorCode::storage_failure, kTryAgain, "", detail);
  }

  std::string url_;
  bool read_only_;
  std::unique_ptr<PostgresSession> session_;
  std::unordered_map<const void*, Prepared> prepared_;
  std::unordered_map<const void*, std::vector<std::string>> columns_;
  std::string writer_;  ///< our row of commit_marks
  std::int64_t transaction_number_ = 0;
  bool in_transaction_ = false;
  bool worth_redoing_ = false;
  bool in_doubt_ = false;
};

}  // namespace

Result<std::unique_ptr<Connection>> open_postgres(const std::string& url, bool read_only) {
  auto connection = std::make_unique<PostgresConnection>(url, read_only);
  TRY_VOID(connection->open());
  return connection;
}

}  // namespace quittance::storage
