// A log line is one JSON object whatever is put into it, and a Secret has no way into it
// (S2.81, S4.22; secret_in_log_fail.cpp holds the lines that must not compile).
#include "base/log.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <thread>

#include "base/json.hpp"

namespace quittance::base {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(Streamable<std::string>);
static_assert(!Streamable<Secret>);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!std::convertible_to<Secret, std::string>);
static_assert(std::constructible_from<LogField, const char*, std::string>);
static_assert(!std::constructible_from<LogField, const char*, Secret>);
static_assert(std::constructible_from<Json, std::string>);
static_assert(!std::constructible_from<Json, Secret>);

/// What a log at info level writes for one event.
template <class Write>
std::string written(Write write) {
  ManualClock clock(from_ms(1'795'251'600'000));
  StderrLog log(clock, LogLevel::info);
  testing::internal::CaptureStderr();
  write(log);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, WritesOneJsonObjectALine) {
  const std::string out = written([](Log& log) {
    log.info("order.paid", {{"order", "o-1"}, {"count", 3}, {"minus", -4L}});
    log.warning("second");
  });
  EXPECT_EQ(out,
            "{\"at\":\"2026-11-21T09:00:00.000Z\",\"level\":\"info\",\"event\":\"order.paid\","
            "\"order\":\"o-1\",\"count\":3,\"minus\":-4}\n"
            "{\"at\":\"2026-11-21T09:00:00.000Z\",\"level\":\"warning\",\"event\":\"second\"}\n");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  EXPECT_EQ(written([](Log& log) { log.debug("quiet"); }), "");
  EXPECT_NE(written([](Log& log) { log.error("loud"); }), "");
}

TEST(Log, NothingCanForgeALine) {
  const std::string evil =
      "x\"}\n{\"level\":\"error\",\"event\":\"forged\"}\r\x1b[31m\xC2\x9B\xE2\x80\xA8\xFF{}%s";
  const std::string out =
      written([&](Log& log) { log.info(evil, {{"value", evil}, {evil, "key"}}); });
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  for (const char c : out.substr(0, out.size() - 1)) {
    EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
  const auto line = Json::parse(out);
  ASSERT_TRUE(line) << out;
  EXPECT_EQ((*line)["level"].string(), "info");
  EXPECT_EQ((*line)["value"].text_or_empty().substr(0, 40), evil.substr(0, 40));
  EXPECT_EQ(line->object().size(), 5u);
}

TEST(Log, CutsLongValuesBetweenCharacters) {
  const auto value_of = [](const std::string& given) {
    const std::string out = written([&](Log& log) { log.info("e", {{"value", given}}); });
    return (*Json::parse(out))["value"].text_or_empty();
  };
  EXPECT_EQ(value_of(std::string(2'000, 'a')), std::string(2'000, 'a'));
  EXPECT_EQ(value_of(std::string(9'000, 'a')), std::string(2'000, 'a'));
  const std::string khmer = "ខ";  // three bytes
  EXPECT_EQ(value_of(std::string(1'998, 'a') + khmer), std::string(1'998, 'a'));
  EXPECT_EQ(value_of(std::string(1'997, 'a') + khmer + "b"), std::string(1'997, 'a') + khmer);
  EXPECT_EQ(value_of(std::string(1'999, 'a') + "\xF0\x9F\x98\x80"), std::string(1'999, 'a'));
}

TEST(Log, KeepsLinesOfManyThreadsApart) {
  const std::string out = written([](Log& log) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log] {
        for (int i = 0; i < 50; ++i)
          log.info("tick", {{"filler", std::string(500, 'f')}});
      });
    }
    for (auto& thread : threads)
      thread.join();
  });
  std::size_t lines = 0;
  for (std::size_t at = 0; at < out.size(); ++lines) {
    const std::size_t end = out.find('\n', at);
    ASSERT_TRUE(Json::parse(std::string_view(out).substr(at, end - at)));
    at = end + 1;
  }
  EXPECT_EQ(lines, 200u);
}

}  // namespace
}  // namespace quittance::base
