#include "unit/providers/published_exchanges.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace quittance::providers {

base::Json published(std::string_view name) {
  const auto path = std::filesystem::path(QUITTANCE_SHARED_VECTORS) / name;
  std::ifstream file(path);
  if (!file) return {};
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto json = base::Json::parse(text);
  EXPECT_TRUE(json.has_value()) << path;
  return json.value_or(base::Json());
}

void expect_shape(const base::Json& wanted, const base::Json& actual, std::string where) {
  if (wanted.is_object()) {
    EXPECT_TRUE(actual.is_object()) << where;
    for (const auto& [name, value] : wanted.object()) {
      EXPECT_TRUE(actual.has(name)) << where << "." << name;
      expect_shape(value, actual[name], where + "." + name);
    }
  } else if (wanted.is_array()) {
    EXPECT_TRUE(actual.is_array()) << where;
    if (!wanted.array().empty() && !actual.array().empty()) {
      expect_shape(wanted.array()[0], actual.array()[0], where + "[0]");
    }
  } else if (wanted.is_number()) {
    EXPECT_TRUE(actual.is_number()) << where;
  } else if (wanted.is_string()) {
    EXPECT_TRUE(actual.is_string()) << where;
  } else if (wanted.boolean()) {
    EXPECT_TRUE(actual.boolean().has_value()) << where;
  }
}

void for_each_exchange(const base::Json& file, const Exchanges& rows) {
  std::size_t met = 0;
  for (const base::Json& exchange : file["exchanges"].array()) {
    const std::string name = exchange["name"].text_or_empty();
    SCOPED_TRACE(name);
    const auto row = rows.find(name);
    EXPECT_NE(row, rows.end()) << "nobody has said what follows from it";
    if (row == rows.end()) continue;
    ++met;
    row->second(exchange);
  }
  EXPECT_EQ(met, rows.size());
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

}  // namespace quittance::providers
