#include "bench/recording.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "bench/workload.hpp"

namespace quittance::bench {
namespace {

/// Called for every connection that is opened. SQLite's automatic extensions get no argument of
/// ours, so this one place is static.
std::function<void(sqlite3*)>& on_open() {
  static std::function<void(sqlite3*)> hook;
  return hook;
}

int tell_opened(sqlite3* database, char**, const sqlite3_api_routines*) {
  on_open()(database);
  return SQLITE_OK;
}

/// Watches for opened connections as long as it lives.
class Watch {
 public:
  explicit Watch(std::function<void(sqlite3*)> hook) {
    on_open() = std::move(hook);
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(tell_opened));
  }
  ~Watch() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(tell_opened)); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
};

/// Takes a literal off the front of `rest`, as sqlite3_expanded_sql writes it.
Value take_literal(std::string_view& rest) {
  if (rest.starts_with("NULL")) {
    rest.remove_prefix(4);
    return {};
  }
  if (!rest.starts_with('\'')) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) give_up("unreadable parameter: " + std::string(rest));
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return number;
  }
  std::string text;
  for (rest.remove_prefix(1); !rest.empty(); rest.remove_prefix(1)) {
    if (rest.front() == '\'') {
      rest.remove_prefix(1);
      if (!rest.starts_with('\'')) break;
    }
    text += rest.front();
  }
  return text;
}

/// The parameters of a statement, read by laying its text beside the one with values in it.
std::vector<Value> values_of(sqlite3_stmt* statement) {
  const std::unique_ptr<char, decltype(&sqlite3_free)> expanded(sqlite3_expanded_sql(statement),
                                                                sqlite3_free);
  std::vector<Value> values(static_cast<std::size_t>(sqlite3_bind_parameter_count(statement)));
  std::string_view text = sqlite3_sql(statement);
  std::string_view rest = expanded.get();
  bool quoted = false;
  while (!text.empty()) {
    if (text.front() != '$' || quoted) {
      quoted = quoted != (text.front() == '\'');
      text.remove_prefix(1);
      rest.remove_prefix(1);
      continue;
    }
    std::size_t length = 1;
    while (length < text.size() && std::isdigit(static_cast<unsigned char>(text[length])))
      ++length;
    const std::string name(text.substr(0, length));
    text.remove_prefix(length);
    const int index = sqlite3_bind_parameter_index(statement, name.c_str());
    values.at(static_cast<std::size_t>(index) - 1) = take_literal(rest);
  }
  return values;
}

/// Writes down what one connection runs between BEGIN and COMMIT.
class Recorder {
 public:
  explicit Recorder(Recording& recording) : recording_(recording) {}

  void watch(sqlite3* database) {
    if (watched_) return;
    watched_ = database;
    sqlite3_trace_v2(database, SQLITE_TRACE_STMT, &Recorder::on_statement, this);
  }

 private:
  static int on_statement(unsigned, void* self, void* statement, void*) {
    static_cast<Recorder*>(self)->note(static_cast<sqlite3_stmt*>(statement));
    return 0;
  }

  void note(sqlite3_stmt* statement) {
    const std::string text = sqlite3_sql(statement);
    if (text.starts_with("BEGIN")) {
      recording_.transactions.emplace_back();
      inside_ = true;
    } else if (text.starts_with("COMMIT") || text.starts_with("ROLLBACK")) {
      inside_ = false;
    } else if (inside_) {
      const auto [known, added] = known_.try_emplace(text, recording_.statements.size());
      if (added) recording_.statements.push_back(text);
      recording_.transactions.back().push_back(
          {.statement = known->second, .values = values_of(statement)});
    }
  }

  Recording& recording_;
  sqlite3* watched_ = nullptr;
  bool inside_ = false;
  std::unordered_map<std::string, std::size_t> known_;
};

}  // namespace

std::size_t Recording::steps() const {
  std::size_t steps = 0;
  for (const auto& transaction : transactions) {
    for (const Step& step : transaction) {
      const std::string& text = statements[step.statement];
      if (!text.starts_with("SAVEPOINT") && !text.starts_with("RELEASE")) ++steps;
    }
  }
  return steps;
}

Recording record(const std::function<void()>& work) {
  Recording recording;
  Recorder recorder(recording);
  const Watch watch([&recorder](sqlite3* database) { recorder.watch(database); });
  work();
  std::erase_if(recording.transactions, [&recording](const std::vector<Step>& transaction) {
    return std::ranges::none_of(transaction, [&recording](const Step& step) {
      return recording.statements[step.statement].starts_with("INSERT");
    });
  });
  return recording;
}

sqlite3* handle_opened_by(const std::function<void()>& open) {
  sqlite3* handle = nullptr;
  const Watch watch([&handle](sqlite3* database) { handle = database; });
  open();
  return handle;
}

}  // namespace quittance::bench
