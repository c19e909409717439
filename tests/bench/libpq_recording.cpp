#include "bench/libpq_recording.hpp"

#include <dlfcn.h>
#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "bench/workload.hpp"

namespace quittance::bench {
namespace {

/// Statements are known by connection and name. Safe from any thread: reads have their own.
class SentRecorder {
 public:
  explicit SentRecorder(SentRecording& recording) : recording_(recording) {}

  void note_prepared(const PGconn* connection, const char* name, const char* text, int count,
                     const Oid* types) {
    const std::lock_guard lock(mutex_);
    known_[{connection, name}] = recording_.statements.size();
    recording_.statements.push_back({.text = text, .types = {types, types + count}});
  }

  void note_text(const PGconn* connection, std::string_view text) {
    const std::lock_guard lock(mutex_);
    // Several statements at once are no COMMIT of a group.
    if (text.starts_with("BEGIN;") && !text.ends_with("COMMIT")) {
      writer_ = connection;
      recording_.transactions.emplace_back();
    } else if (text == "COMMIT" || text == "ROLLBACK") {
      writer_ = nullptr;
    }
  }

  void note_run(const PGconn* connection, SentStep step, const char* name) {
    const std::lock_guard lock(mutex_);
    if (connection != writer_) return;
    step.statement = known_.at({connection, name});
    recording_.transactions.back().push_back(std::move(step));
  }

 private:
  std::mutex mutex_;
  SentRecording& recording_;
  const PGconn* writer_ = nullptr;  ///< the connection that is inside a transaction
  std::map<std::pair<const PGconn*, std::string>, std::size_t> known_;
};

/// The functions of libpq below take no argument of ours, so this one place is static.
SentRecorder*& recorder() {
  static SentRecorder* current = nullptr;
  return current;
}

/// libpq's own function behind the one of the same name here.
template <class Function>
Function* behind(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

using PgResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

/// A connection of which every failure ends the bench.
class RawPostgres {
 public:
  explicit RawPostgres(const std::string& address)
      : connection_(PQconnectdb(address.c_str()), PQfinish) {}

  void run(const char* text) { check(PQexec(connection_.get(), text)); }
  void prepare(const std::string& name, const SentStatement& statement) {
    check(PQprepare(connection_.get(), name.c_str(), statement.text.c_str(),
                    static_cast<int>(statement.types.size()), statement.types.data()));
  }
  void run_prepared(const std::string& name, const SentStep& step) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const auto& value : step.values) {
      values.push_back(value ? value->data() : nullptr);
      lengths.push_back(value ? static_cast<int>(value->size()) : 0);
    }
    check(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()),
                         values.data(), lengths.data(), step.formats.data(), 0));
  }

 private:
  void check(PGresult* got) {
    const PgResult result(got, PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      give_up(std::string("replay: ") + PQerrorMessage(connection_.get()));
    }
  }
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

}  // namespace

SentRecording record_sent(const std::function<void()>& work) {
  SentRecording recording;
  SentRecorder sent(recording);
  recorder() = &sent;
  work();
  recorder() = nullptr;
  std::erase_if(recording.transactions, [&recording](const std::vector<SentStep>& transaction) {
    return std::ranges::none_of(transaction, [&recording](const SentStep& step) {
      return recording.statements[step.statement].text.starts_with("INSERT");
    });
  });
  return recording;
}

double replay_sent(const std::string& address, const SentRecording& recording) {
  RawPostgres raw(address);
  std::vector<std::string> names(recording.statements.size());
  for (const auto& transaction : recording.transactions) {
    for (const SentStep& step : transaction) {
      std::string& name = names[step.statement];
      if (!name.empty()) continue;
      name = "r" + std::to_string(step.statement);
      raw.prepare(name, recording.statements[step.statement]);
    }
  }
  const std::int64_t started_us = base::monotonic_us();
  for (const auto& transaction : recording.transactions) {
    raw.run("BEGIN");
    for (const SentStep& step : transaction)
      raw.run_prepared(names[step.statement], step);
    raw.run("COMMIT");
  }
  return static_cast<double>(base::monotonic_us() - started_us) / 1e6;
}

}  // namespace quittance::bench

// The program's calls of libpq come here first, because this program defines the names; they go on
// to libpq.
using quittance::bench::behind;
using quittance::bench::recorder;

extern "C" int PQsendPrepare(PGconn* connection, const char* name, const char* text, int count,
                             const Oid* types) {
  if (auto* sent = recorder()) sent->note_prepared(connection, name, text, count, types);
  static const auto next = behind<decltype(PQsendPrepare)>("PQsendPrepare");
  return next(connection, name, text, count, types);
}

extern "C" int PQsendQuery(PGconn* connection, const char* text) {
  if (auto* sent = recorder()) sent->note_text(connection, text);
  static const auto next = behind<decltype(PQsendQuery)>("PQsendQuery");
  return next(connection, text);
}

extern "C" int PQsendQueryPrepared(PGconn* connection, const char* name, int count,
                                   const char* const* values, const int* lengths,
                                   const int* formats, int result_format) {
  if (auto* sent = recorder()) {
    quittance::bench::SentStep step;
    for (int i = 0; i < count; ++i) {
      const bool binary = formats[i] == 1;
      step.formats.push_back(formats[i]);
      step.values.push_back(
          !values[i] ? std::nullopt
          : binary   ? std::optional(std::string(values[i], static_cast<std::size_t>(lengths[i])))
                     : std::optional(std::string(values[i])));
    }
    sent->note_run(connection, std::move(step), name);
  }
  static const auto next = behind<decltype(PQsendQueryPrepared)>("PQsendQueryPrepared");
  return next(connection, name, count, values, lengths, formats, result_format);
}
