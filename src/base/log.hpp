// Structured log: one JSON object a line on standard error. A secret has no way into it.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/crypto.hpp"

namespace quittance::base {

enum class LogLevel { debug, info, warning, error };

/// One `key: value` of a log line. Built from text, integers and booleans only; there is no
/// constructor for Secret, and a test proves that a line with one does not compile.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value)
      : key_(key), value_(value), quoted_(true) {}
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value)
      : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, std::integral auto value)
      : key_(key), value_(std::to_string(value)), quoted_(false) {}
  LogField(std::string_view key, const Secret& value) = delete;

  std::string_view key() const { return key_; }
  const std::string& value() const { return value_; }
  bool quoted() const { return quoted_; }

 private:
  std::string_view key_;
  std::string value_;
  bool quoted_;
};

/// Where log lines go. One per process, owned by main, handed to every part.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) = 0;

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(LogLevel::error, event, fields);
  }
};

/// Lines on standard error, through spdlog. Values are cut at 2,000 bytes.
class StderrLog final : public Log {
 public:
  StderrLog(const Clock& clock, LogLevel least) : clock_(clock), least_(least) {}
  void write(LogLevel level, std::string_view event,
             std::initializer_list<LogField> fields) override;

 private:
  const Clock& clock_;
  LogLevel least_;
};

/// Drops everything; for tests and benches.
class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

}  // namespace quittance::base
