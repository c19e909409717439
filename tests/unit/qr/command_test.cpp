#include "qr/command.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "vector_files.hpp"

namespace quittance::qr {
namespace {

using testing::own_oracle;
using testing::published;

std::vector<base::Json> run(const std::string& mode, const std::string& lines) {
  std::istringstream in(lines);
  std::ostringstream out;
  std::ostringstream err;
  const std::vector<std::string> args{mode};
  EXPECT_EQ(run_qr_command(args, in, out, err), 0);
  EXPECT_EQ(err.str(), "");
  std::istringstream answers(out.str());
  std::vector<base::Json> read;
  for (std::string line; std::getline(answers, line);) {
    auto answer = base::Json::parse(line);
    EXPECT_TRUE(answer.has_value()) << line;
    read.push_back(answer ? *std::move(answer) : base::Json());
  }
  return read;
}

std::string input_line(const base::Json& entry) {
  base::Json line = entry["input"];
  line.set("now_ms", entry["now_ms"]);
  return line.dump() + "\n";
}

/// Runs an entry of an oracle: what the SDK accepted must come out the same to the byte, what
/// it refused must be refused with its number, what it broke must be refused.
void expect_as_sdk(const base::Json& entry) {
  const auto answers = run("encode", input_line(entry));
  ASSERT_EQ(answers.size(), 1U);
  const base::Json& answer = answers[0];
  const bool broken = entry["broken"].boolean() == true;
  const bool refused_without_code = entry.has("error_code") && entry["error_code"].is_null();
  if (broken || refused_without_code) {
    EXPECT_TRUE(answer["error_code"].is_number()) << answer.dump();
  } else if (entry["qr"].is_string()) {
    EXPECT_EQ(answer["qr"], entry["qr"]) << answer.dump();
    EXPECT_EQ(answer["md5"], entry["md5"]);
  } else {
    EXPECT_EQ(answer["error_code"], entry["error_code"]) << input_line(entry) << answer.dump();
    EXPECT_EQ(answer["message"], entry["message"]);
  }
}

TEST(QrCommand, encodes_our_own_inputs_as_the_sdk_does) {
  const base::Json oracle = own_oracle();
  ASSERT_GE(oracle["entries"].array().size(), 100U);
  for (const base::Json& entry : oracle["entries"].array())
    expect_as_sdk(entry);
}

TEST(QrCommand, encodes_the_published_inputs_as_the_sdk_does) {
  const base::Json oracle = published("khqr_oracle.json");
  for (const base::Json& entry : oracle["generate"].array())
    expect_as_sdk(entry);
  for (const base::Json& entry : oracle["errors"].array())
    expect_as_sdk(entry);
}

TEST(QrCommand, a_bad_line_is_answered_and_the_stream_goes_on) {
  const std::string good = R"({"kind":"individual","account":"a@b","name":"N","now_ms":1})";
  const auto answers =
      run("encode", "nonsense\n\n[1]\n" + std::string(kMaxCommandLineBytes + 1, ' ') + "\n" +
                        R"({"kind":"both"})" + "\n" + R"({"kind":"individual","name":[]})" + "\n" +
                        good);
  ASSERT_EQ(answers.size(), 7U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(answers[i]["error_code"].integer(), 8) << i;
    EXPECT_TRUE(answers[i]["message"].is_string());
  }
  EXPECT_TRUE(answers[6]["qr"].is_string());
}

TEST(QrCommand, a_dynamic_code_needs_its_moment) {
  const auto answers =
      run("encode", R"({"kind":"individual","account":"a@b","name":"N","amount":1,)"
                    R"("expirationTimestamp":1767226200000})");
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0]["message"].text_or_empty().contains("now_ms"));
}

TEST(QrCommand, decodes_one_line_each) {
  const auto answers = run("decode", "ORDER_123_abc123def456_50.00\r\nwhat?\n\n\xFF\n");
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0]["format"].text_or_empty(), "order");
  EXPECT_EQ(answers[0]["valid"].boolean(), true);
  EXPECT_EQ(answers[0]["fields"]["order_id"].text_or_empty(), "123");
  EXPECT_TRUE(answers[0]["errors"].array().empty());
  EXPECT_EQ(answers[1]["format"].text_or_empty(), "unknown");
  EXPECT_EQ(answers[1]["errors"].array().size(), 1U);
  EXPECT_EQ(answers[3]["valid"].boolean(), false);
}

TEST(QrCommand, an_error_of_the_sdk_keeps_its_number) {
  const base::Json oracle = own_oracle();
  for (const base::Json& entry : oracle["entries"].array()) {
    if (!entry["qr"].is_string()) continue;
    std::string text = entry["qr"].text_or_empty();
    text.back() = text.back() == 'A' ? 'B' : 'A';
    const auto answers = run("decode", text + "\n");
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0]["errors"].array().at(0)["error_code"].integer(), 8);
    return;
  }
}

TEST(QrCommand, explains_itself_when_called_wrongly) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{}, {"scan"}, {"encode", "now"}}) {
    std::istringstream in("x");
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(run_qr_command(args, in, out, err), 2);
    EXPECT_TRUE(err.str().contains("usage"));
    EXPECT_EQ(out.str(), "");
  }
}

}  // namespace
}  // namespace quittance::qr
