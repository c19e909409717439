#include <gtest/gtest.h>

#include "base/http.hpp"

namespace quittance::base {
namespace {

using Form = std::map<std::string, std::string, std::less<>>;

TEST(HttpHeaders, FindIgnoresCaseAndTakesTheFirst) {
  HttpHeaders headers;
  headers.add("Content-Type", "text/plain");
  headers.add("X-Twice", "1");
  headers.add("x-twice", "2");
  EXPECT_EQ(headers.find("content-type"), "text/plain");
  EXPECT_EQ(headers.find("X-TWICE"), "1");
  EXPECT_EQ(headers.find("Content"), std::nullopt);
  EXPECT_EQ(headers.fields().size(), 3u);
}

TEST(Form, IsDecoded) {
  EXPECT_EQ(parse_form("a=1&b=x+y%2Bz&c=&d&=e&%C3%A9=%E1%9E%81"),
            (Form{{"a", "1"}, {"b", "x y+z"}, {"c", ""}, {"d", ""}, {"", "e"}, {"é", "ខ"}}));
  EXPECT_EQ(parse_form(""), Form{});
  EXPECT_EQ(parse_form("&&a=1&"), (Form{{"a", "1"}}));
  EXPECT_EQ(parse_form("a=1=2"), (Form{{"a", "1=2"}}));
}

TEST(Form, TheFirstOfARepeatedNameWins) {
  EXPECT_EQ(parse_form("id=1&id=2&%69d=3"), (Form{{"id", "1"}}));
}

TEST(Form, MalformedEscapesAreRefused) {
  for (const char* text : {"a=%", "a=%1", "a=%zz", "%=1", "a=1&b=%4", "a=% 1", "a=%+1"}) {
    EXPECT_EQ(parse_form(text), std::nullopt) << text;
  }
}

TEST(UrlEncode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(url_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(url_encode("a b+c/d?e&f=%\n"), "a%20b%2Bc%2Fd%3Fe%26f%3D%25%0A");
  EXPECT_EQ(url_encode("é"), "%C3%A9");
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  EXPECT_EQ(parse_form("x=" + url_encode(all)), (Form{{"x", all}}));
}

}  // namespace
}  // namespace quittance::base
