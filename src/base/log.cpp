#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "base/json_text.hpp"

namespace quittance::base {
namespace {

constexpr std::size_t kValueLimit = 2'000;

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

/// One sink for the process: standard error has one owner, and lines must not mix.
spdlog::logger& stderr_lines() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("quittance",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  out += ',';
  append_json_string(out, key);
  out += ':';
  append_json_string(out, cut_utf8(text, kValueLimit));
}

}  // namespace

void StderrLog::write(LogLevel level, std::string_view event,
                      std::initializer_list<LogField> fields) {
  if (level < least_) return;
  std::string line = "{\"at\":\"" + to_iso8601(clock_.now()) + '"';
  append_member(line, "level", level_name(level));
  append_member(line, "event", event);
  for (const LogField& field : fields) {
    if (field.quoted()) {
      append_member(line, field.key(), field.value());
    } else {
      line += ',';
      append_json_string(line, field.key());
      line += ':';
      line += field.value();
    }
  }
  line += '}';
  stderr_lines().log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace quittance::base
