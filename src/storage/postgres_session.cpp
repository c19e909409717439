#include "storage/postgres_session.hpp"

#include <poll.h>

#include <bit>
#include <cerrno>

namespace quittance::storage {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

// Each limit is shorter than the one below it, so that the server gives up before we do.
constexpr const char* kConnectLimitS = "5";
constexpr int kLockLimitMs = 10'000;       ///< waiting for another writer, as on SQLite
constexpr int kStatementLimitMs = 30'000;  ///< one statement
/// A transaction whose program has gone to sleep in it: others wait for its lock.
constexpr int kIdleTransactionLimitMs = 30'000;
/// Not a byte for so long: the server, or the way to it, is gone.
constexpr int kSilenceLimitMs = 40'000;
constexpr int kLongSilenceLimitMs = 3'600'000;

void append_int32(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>((value >> shift) & 0xFF);
}

void append_int64(std::string& bytes, std::int64_t value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  append_int32(bytes, static_cast<std::uint32_t>(bits >> 32));
  append_int32(bytes, static_cast<std::uint32_t>(bits));
}

std::string settings(bool read_only) {
  // Names are looked for in one schema, and a temporary table never stands before it.
  return "SELECT current_schema() AS schema, "
         "set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false);"
         "SET client_min_messages = warning; SET standard_conforming_strings = on;"
         "SET synchronous_commit = on;"
         "SET default_transaction_isolation = 'read committed';"
         "SET default_transaction_read_only = " +
         std::string(read_only ? "on" : "off") +
         ";SET lock_timeout = " + std::to_string(kLockLimitMs) +
         ";SET statement_timeout = " + std::to_string(kStatementLimitMs) +
         ";SET idle_in_transaction_session_timeout = " + std::to_string(kIdleTransactionLimitMs) +
         // A server that loses us notices soon, and lets go of our locks.
         ";SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5;"
         "SET tcp_keepalives_count = 3";
}

}  // namespace

bool succeeded(const PgResult& result) {
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

bool succeeded(const std::vector<PgResult>& results) {
  return !results.empty() && succeeded(results.back());
}

void PgValues::add_bytes(const char* bytes, std::size_t size, bool binary) {
  values_.push_back(bytes);
  lengths_.push_back(static_cast<int>(size));
  formats_.push_back(binary ? 1 : 0);
}

void PgValues::add(const Param& param, Oid type) {
  if (const auto* number = std::get_if<std::int64_t>(&param.value())) {
    auto bytes = std::make_unique<std::string>();
    if (type == kPgInt8) {
      append_int64(*bytes, *number);
    } else {
      *bytes = std::to_string(*number);
    }
    add_bytes(bytes->data(), bytes->size(), type == kPgInt8);
    kept_.push_back(std::move(bytes));
  } else if (const auto* text = std::get_if<std::string_view>(&param.value())) {
    if (type == kPgText) {
      // A null pointer would be NULL.
      add_bytes(text->data() ? text->data() : "", text->size(), true);
      return;
    }
    auto bytes = std::make_unique<std::string>(*text);
    add_bytes(bytes->data(), bytes->size(), false);
    kept_.push_back(std::move(bytes));
  } else {
    add_bytes(nullptr, 0, false);
  }
}

void PgValues::add_array(std::span<const Param> params, std::size_t column, std::size_t width,
                         BatchColumn::Type type) {
  // The binary form of an array: nothing in it needs quoting. Dimensions, whether there are NULLs,
  // the type, then length and first index of the one dimension, then the elements.
  const bool integers = type == BatchColumn::Type::integer;
  const std::size_t rows = params.size() / width;
  auto bytes = std::make_unique<std::string>();
  append_int32(*bytes, 1);
  append_int32(*bytes, 1);
  append_int32(*bytes, integers ? kPgInt8 : kPgText);
  append_int32(*bytes, static_cast<std::uint32_t>(rows));
  append_int32(*bytes, 1);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto& value = params[row * width + column].value();
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      append_int32(*bytes, sizeof *number);
      append_int64(*bytes, *number);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
      append_int32(*bytes, static_cast<std::uint32_t>(text->size()));
      *bytes += *text;
    } else {
      append_int32(*bytes, 0xFFFFFFFF);
    }
  }
  add_bytes(bytes->data(), bytes->size(), true);
  kept_.push_back(std::move(bytes));
}

Result<std::unique_ptr<PostgresSession>> PostgresSession::connect(const std::string& url,
                                                                  bool read_only) {
  const char* role = read_only ? "quittance (reads)" : "quittance (writes)";
  // What comes after the address stands; what comes before it may be said otherwise there.
  const char* names[] = {"connect_timeout", "fallback_application_name", "tcp_user_timeout",
                         "dbname",          "client_encoding",           nullptr};
  const char* values[] = {kConnectLimitS, role, "15000", url.c_str(), "UTF8", nullptr};
  std::unique_ptr<PostgresSession> session(
      new PostgresSession(PQconnectdbParams(names, values, 1)));
  const auto refused = [&session](std::string detail) {
    return fail(ErrorCode::storage_failure, "The database cannot be reached just now; try again.",
                "", std::move(detail));
  };
  if (session->lost()) return refused(session->message());
  PGconn* connection = session->connection_.get();
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  const char* encoding = PQparameterStatus(connection, "server_encoding");
  if (!encoding || std::string_view(encoding) != "UTF8") {
    return fail(ErrorCode::storage_failure, "The database must be made with ENCODING 'UTF8'.");
  }
  if (PQsetnonblocking(connection, 1) != 0) return refused(session->message());
  const std::vector<PgResult> set = session->run_text(settings(read_only));
  if (!succeeded(set)) return refused(session->message());
  if (PQgetisnull(set.front().get(), 0, 0)) {
    return fail(ErrorCode::storage_failure,
                "The database has no schema to work in: create the one that its search_path names, "
                "and let this user use it.");
  }
  return session;
}

std::string PostgresSession::message() const {
  std::string text = connection_ ? PQerrorMessage(connection_.get()) : last_words_;
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

bool PostgresSession::wait(short events, int silence_limit_ms) {
  pollfd socket{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
  if (socket.fd < 0) return false;
  const int ready = ::poll(&socket, 1, silence_limit_ms);
  if (ready < 0) return errno == EINTR;
  if (ready == 0) {
    last_words_ = "no answer for " + std::to_string(silence_limit_ms) + " ms";
    connection_.reset();
    return false;
  }
  // What is lost shows at the next PQgetResult.
  if ((socket.revents & ~POLLOUT) != 0) PQconsumeInput(connection_.get());
  return true;
}

bool PostgresSession::flush(int silence_limit_ms) {
  int left = 1;
  while ((left = PQflush(connection_.get())) == 1) {
    // The server may want to get rid of an answer before it reads on.
    if (!wait(POLLIN | POLLOUT, silence_limit_ms)) return false;
  }
  return left == 0;
}

std::vector<PgResult> PostgresSession::answers(int sent, int silence_limit_ms) {
  std::vector<PgResult> results;
  bool more = sent == 1 && flush(silence_limit_ms);
  while (more) {
    if (PQisBusy(connection_.get())) {
      more = wait(POLLIN, silence_limit_ms);
      continue;
    }
    PgResult result(PQgetResult(connection_.get()));
    more = result != nullptr;
    // After a failure there is nothing of interest.
    if (result && (results.empty() || succeeded(results.back()))) {
      results.push_back(std::move(result));
    }
  }
  // Lost before an answer: a failure, not nothing.
  if (lost()) results.emplace_back();
  return results;
}

PgResult PostgresSession::answer(int sent) {
  std::vector<PgResult> results = answers(sent, kSilenceLimitMs);
  return results.empty() ? PgResult() : std::move(results.front());
}

std::vector<PgResult> PostgresSession::run_text(const std::string& text) {
  return answers(PQsendQuery(connection_.get(), text.c_str()), kSilenceLimitMs);
}

std::vector<PgResult> PostgresSession::run_long_text(const std::string& text) {
  return answers(PQsendQuery(connection_.get(), text.c_str()), kLongSilenceLimitMs);
}

PgResult PostgresSession::prepare(const std::string& name, const std::string& text,
                                  const std::vector<Oid>& types) {
  return answer(PQsendPrepare(connection_.get(), name.c_str(), text.c_str(),
                              static_cast<int>(types.size()), types.data()));
}

PgResult PostgresSession::describe(const std::string& name) {
  return answer(PQsendDescribePrepared(connection_.get(), name.c_str()));
}

PgResult PostgresSession::run_prepared(const std::string& name, const PgValues& values) {
  return answer(PQsendQueryPrepared(connection_.get(), name.c_str(), values.count(),
                                    values.values(), values.lengths(), values.formats(), 0));
}

}  // namespace quittance::storage
