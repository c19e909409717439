// Reads the tables of src/core/settlement.txt, and walks all combinations of their columns.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace quittance::core {

using Words = std::vector<std::string>;

struct RuleRow {
  int line = 0;
  Words pattern;
  Words result;
  int first_matches = 0;

  bool matches(const Words& combination) const {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != "*" && pattern[i] != combination[i]) return false;
    }
    return true;
  }
};

/// The rows of the table whose heading begins with `first_word`, up to the next underlined title.
inline std::vector<RuleRow> read_rules(const std::string& first_word, std::size_t inputs,
                                       std::size_t outputs) {
  std::ifstream file(QUITTANCE_SETTLEMENT_TABLE);
  EXPECT_TRUE(file.is_open()) << QUITTANCE_SETTLEMENT_TABLE;
  std::vector<RuleRow> rows;
  bool heading_seen = false;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::istringstream words(line);
    const Words cells(std::istream_iterator<std::string>(words), {});
    const bool heading = cells.size() > inputs && cells[inputs] == "->" && cells[0] == first_word;
    const bool skipped = !heading_seen || line.empty() || line.starts_with('#');
    if (heading_seen && line.starts_with("Money that")) break;
    heading_seen = heading_seen || heading;
    if (skipped) continue;
    EXPECT_EQ(cells.size(), inputs + 1 + outputs) << "line " << number << ": " << line;
    if (cells.size() != inputs + 1 + outputs) continue;
    EXPECT_EQ(cells[inputs], "->") << "line " << number;
    const auto arrow = cells.begin() + static_cast<std::ptrdiff_t>(inputs);
    rows.push_back({.line = number,
                    .pattern = Words(cells.begin(), arrow),
                    .result = Words(arrow + 1, cells.end())});
  }
  EXPECT_TRUE(heading_seen);
  return rows;
}

template <class Action>
void for_each_combination(const std::vector<Words>& columns, Action action) {
  std::vector<std::size_t> at(columns.size());
  for (bool more = true; more;) {
    Words combination;
    for (std::size_t i = 0; i < columns.size(); ++i)
      combination.push_back(columns[i][at[i]]);
    action(combination);
    more = false;
    for (std::size_t i = columns.size(); i-- > 0 && !more;) {
      more = ++at[i] < columns[i].size();
      if (!more) at[i] = 0;
    }
  }
}

inline std::string described(const Words& combination) {
  std::string text;
  for (const std::string& word : combination)
    text += word + " ";
  return text;
}

inline void expect_known_words(const std::vector<RuleRow>& rows,
                               const std::vector<Words>& columns) {
  for (const RuleRow& row : rows) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const bool known = row.pattern[i] == "*" ||
                         std::ranges::find(columns[i], row.pattern[i]) != columns[i].end();
      EXPECT_TRUE(known) << "line " << row.line << ": " << row.pattern[i];
    }
  }
}

/// The first row that matches; a failure of the test when none does.
inline RuleRow* rule_for(std::vector<RuleRow>& rows, const Words& combination) {
  const auto row = std::ranges::find_if(
      rows, [&](const RuleRow& candidate) { return candidate.matches(combination); });
  if (row == rows.end()) {
    ADD_FAILURE() << "no row for: " << described(combination);
    return nullptr;
  }
  ++row->first_matches;
  return &*row;
}

inline void expect_all_used(const std::vector<RuleRow>& rows) {
  for (const RuleRow& row : rows) {
    EXPECT_GT(row.first_matches, 0) << "line " << row.line << " is never the answer";
  }
}

}  // namespace quittance::core
