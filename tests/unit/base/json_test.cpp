// Law 6: a number stays the text it was written as.
#include "base/json.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace quittance::base {
namespace {

TEST(Json, NumbersStayText) {
  for (const char* text :
       {"0", "-0", "12.50", "1e400", "1E+2", "0.1e-5", "-9223372036854775809",
        "123456789012345678901234567890", "0.10000000000000000000000000000000000001"}) {
    const auto value = Json::parse(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->number_text(), text);
    EXPECT_EQ(value->dump(), text);
  }
}

TEST(Json, IntegersAreWholeAndInRange) {
  EXPECT_EQ(Json::parse("9223372036854775807")->integer(), INT64_MAX);
  EXPECT_EQ(Json::parse("-9223372036854775808")->integer(), INT64_MIN);
  for (const char* text : {"9223372036854775808", "1.0", "1e2", "\"1\"", "true", "null", "[1]"}) {
    EXPECT_EQ(Json::parse(text)->integer(), std::nullopt) << text;
  }
}

TEST(Json, ReadsAndWritesEveryKind) {
  const std::string text =
      R"({"b":[1,-2.50,"x",true,false,null,{},[]],"a":{"nested":{"deep":"yes"}}})";
  const auto value = Json::parse(" \r\n\t" + text + "\n");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->dump(), text) << "the order of members is kept";
  EXPECT_EQ((*value)["a"]["nested"]["deep"].string(), "yes");
  EXPECT_EQ((*value)["b"].array().size(), 8u);
  EXPECT_EQ((*value)["b"].array()[3].boolean(), true);
  EXPECT_TRUE((*value)["none"].is_null());
  EXPECT_FALSE(value->has("none"));
  EXPECT_TRUE((*value)["none"]["deeper"].is_null());
}

TEST(Json, IsBuiltByHand) {
  Json order;
  order.set("id", "o-1").set("paid", false).set("paid", true).set("note", std::optional<int>());
  Json lines;
  lines.push(Json::object({{"qty", 2}, {"price", Json::Number{"1.10"}}}));
  order.set("lines", std::move(lines));
  EXPECT_EQ(order.dump(),
            R"({"id":"o-1","paid":true,"note":null,"lines":[{"qty":2,"price":1.10}]})");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text :
       {"",        " ",     "nul",           "01",     "+1",      ".5",      "1.",         "1e",
        "-",       "NaN",   "Infinity",      "'a'",    "[1,]",    "[,]",     "{\"a\":1,}", "{a:1}",
        "{\"a\"}", "[1",    "\"a",           "\"\n\"", "\"\\x\"", "// c\n1", "/* c */ 1",  "1 2",
        "{} {}",   "null,", "\xEF\xBB\xBF{}"}) {
    const auto value = Json::parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::invalid_request);
    EXPECT_NE(value.error().message.find("at byte "), std::string::npos) << value.error().message;
  }
  EXPECT_FALSE(Json::parse(std::string_view("1\0", 2)));
}

TEST(Json, SaysWhereTheFaultIs) {
  const auto value = Json::parse(R"({"a": 1, "b": x})");
  ASSERT_FALSE(value);
  EXPECT_NE(value.error().message.find("at byte 14"), std::string::npos) << value.error().message;
}

TEST(Json, NestsAtMost32Deep) {
  const auto nested = [](std::size_t depth, std::string open, std::string close) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i)
      text += open;
    text += "1";
    for (std::size_t i = 0; i < depth; ++i)
      text += close;
    return Json::parse(text).has_value();
  };
  EXPECT_TRUE(nested(32, "[", "]"));
  EXPECT_FALSE(nested(33, "[", "]"));
  EXPECT_TRUE(nested(32, "{\"a\":", "}"));
  EXPECT_FALSE(nested(33, "{\"a\":", "}"));
  EXPECT_FALSE(nested(100'000, "[", "]"));
}

TEST(Json, RefusesRepeatedKeys) {
  EXPECT_FALSE(Json::parse(R"({"a":1,"a":1})"));
  EXPECT_FALSE(Json::parse(R"({"a":1,"b":[{"x":1,"y":2,"x":3}]})"));
  EXPECT_FALSE(Json::parse(R"({"a":1,"\u0061":2})")) << "escaped, it is the same key";
  EXPECT_TRUE(Json::parse(R"({"a":{"a":{"a":1}},"A":1})"));
  std::string many = "{";
  for (int i = 0; i < 5'000; ++i)
    many += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(Json::parse(many + "\"last\":0}"));
  EXPECT_FALSE(Json::parse(many + "\"k2500\":0}"));
}

TEST(Json, RefusesBadUtf8) {
  const std::string bad[] = {"\x80",         "\xC0\x80",         "\xC3",         "\xE0\x80\x80",
                             "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80", "\xFF"};
  for (const std::string& bytes : bad) {
    EXPECT_FALSE(Json::parse("\"" + bytes + "\""));
    EXPECT_FALSE(Json::parse("{\"" + bytes + "\":1}"));
  }
}

TEST(Json, PairsSurrogates) {
  EXPECT_EQ(Json::parse(R"("\u00e9\ud83d\ude00\u0000")")->string(),
            std::string("\xC3\xA9\xF0\x9F\x98\x80\0", 7));
  for (const char* text :
       {R"("\ud800")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\u0041")", R"("\ude00\ud83d")"}) {
    EXPECT_FALSE(Json::parse(text)) << text;
  }
}

TEST(Json, WritesOneLineOfValidJsonWhateverTheText) {
  const std::string text = std::string("a\"\\\b\f\n\r\t\x01\x7F\0", 11) + "\xC2\x85\xE2\x80\xA8é";
  EXPECT_EQ(Json(text).dump(), "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f\\u0000\\u0085\\u2028é\"");
  EXPECT_EQ(Json::parse(Json(text).dump())->string(), text);
  EXPECT_EQ(Json(std::string("x\xFFy\xE2\x82")).dump(),
            "\"x\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

/// A value of any shape, at most `depth` deep.
Json any_value(Random& random, int depth) {
  switch (random.below(depth > 0 ? 7 : 5)) {
    case 0:
      return Json();
    case 1:
      return Json(random.below(2) == 0);
    case 2:
      return Json(static_cast<std::int64_t>(random.below(UINT64_MAX)));
    case 3:
      return Json(Json::Number{"-" + std::to_string(random.below(1000)) + ".0" +
                               std::to_string(random.below(1000)) + "e-7"});
    case 4: {
      std::string text;
      const std::string_view letters[] = {"a", "\"", "\\", "\n", "\x1f", "é", "ខ", "😀", "\x7F"};
      for (auto i = random.below(12); i > 0; --i)
        text += letters[random.below(9)];
      return Json(text);
    }
    case 5: {
      Json array(Json::Array{});
      for (auto i = random.below(5); i > 0; --i)
        array.push(any_value(random, depth - 1));
      return array;
    }
    default: {
      Json object(Json::Object{});
      for (auto i = random.below(30); i > 0; --i) {
        object.set(std::to_string(random.below(100)), any_value(random, depth - 1));
      }
      return object;
    }
  }
}

TEST(Json, GoesThroughTextUnchanged) {
  SeededRandom random(20260101);
  for (int i = 0; i < 500; ++i) {
    const Json value = any_value(random, 4);
    const auto back = Json::parse(value.dump());
    ASSERT_TRUE(back) << value.dump();
    ASSERT_EQ(*back, value) << value.dump();
    ASSERT_EQ(back->dump(), value.dump());
  }
}

}  // namespace
}  // namespace quittance::base
