// The rule of settling against its page of words (src/core/settlement.txt): every combination of
// its columns is decided, by the page and by the code, and the two must agree.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include "core/core.hpp"

namespace quittance::core {
namespace {

constexpr std::size_t kInputs = 9;
constexpr std::size_t kOutputs = 7;
using Combination = std::array<std::string, kInputs>;
using Words = std::vector<std::string>;

struct TableRow {
  int line = 0;
  Combination pattern;
  std::array<std::string, kOutputs> result;
  int first_matches = 0;

  bool matches(const Combination& combination) const {
    for (std::size_t i = 0; i < kInputs; ++i) {
      if (pattern[i] != "*" && pattern[i] != combination[i]) return false;
    }
    return true;
  }
};

std::array<Words, kInputs> columns() {
  return {Words{"never", "this", "other"},
          Words{"none", "pending", "completed", "canceled"},
          Words{"open", "processing", "settled", "expired", "canceled", "failed"},
          Words{"zero", "less", "equal", "more"},
          Words{"same", "other"},
          Words{"ours", "other", "silent"},
          Words{"early", "window", "late"},
          Words{"set_aside", "available", "gone", "not_counted"},
          Words{"some", "zero"}};
}

std::vector<TableRow> read_table() {
  std::ifstream file(QUITTANCE_SETTLEMENT_TABLE);
  EXPECT_TRUE(file.is_open()) << QUITTANCE_SETTLEMENT_TABLE;
  std::vector<TableRow> rows;
  bool heading_seen = false;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::istringstream words(line);
    const Words cells(std::istream_iterator<std::string>(words), {});
    const bool heading = cells.size() > kInputs && cells[kInputs] == "->" && cells[0] == "known";
    const bool skipped = !heading_seen || line.empty() || line.starts_with('#');
    heading_seen = heading_seen || heading;
    if (skipped) continue;
    EXPECT_EQ(cells.size(), kInputs + 1 + kOutputs) << "line " << number << ": " << line;
    if (cells.size() != kInputs + 1 + kOutputs) continue;
    EXPECT_EQ(cells[kInputs], "->") << "line " << number;
    TableRow row{.line = number, .pattern{}, .result{}};
    std::copy_n(cells.begin(), kInputs, row.pattern.begin());
    std::copy_n(cells.begin() + kInputs + 1, kOutputs, row.result.begin());
    rows.push_back(std::move(row));
  }
  EXPECT_TRUE(heading_seen);
  return rows;
}

/// Nothing due leaves no room for less than it, and equal to it is zero.
bool possible(const Combination& c) { return c[8] == "some" || c[3] == "zero" || c[3] == "more"; }

template <class Action>
void for_each_combination(Action action) {
  const auto words = columns();
  std::array<std::size_t, kInputs> at{};
  for (bool more = true; more;) {
    Combination combination;
    for (std::size_t i = 0; i < kInputs; ++i)
      combination[i] = words[i][at[i]];
    if (possible(combination)) action(combination);
    more = false;
    for (std::size_t i = kInputs; i-- > 0 && !more;) {
      more = ++at[i] < words[i].size();
      if (!more) at[i] = 0;
    }
  }
}

std::string described(const Combination& combination) {
  std::string text;
  for (const std::string& word : combination)
    text += word + " ";
  return text;
}

Currency currency_of(const std::string& code) { return *Currency::from_code(code); }

Money money(std::int64_t minor, const std::string& currency) {
  return *Money::from_minor(minor, currency_of(currency));
}

const base::Time kCreated = base::from_ms(1'795'000'000'000);
const base::Time kExpires = kCreated + std::chrono::minutes(15);

Situation situation_of(const Combination& c) {
  static const std::map<std::string, Known> kKnown{{"never", Known::never},
                                                   {"this", Known::for_this_session},
                                                   {"other", Known::for_another_session}};
  static const std::map<std::string, Goods> kGoods{{"set_aside", Goods::set_aside},
                                                   {"available", Goods::available},
                                                   {"gone", Goods::gone},
                                                   {"not_counted", Goods::not_counted}};
  return {.known = kKnown.at(c[0]),
          .order_status = order_status_from(c[1]),
          .session_status = *session_status_from(c[2]),
          .due = money(c[8] == "zero" ? 0 : 1'000, "USD"),
          .goods = kGoods.at(c[7]),
          .receiver = "shop@bank",
          .session_created_at = kCreated,
          .session_expires_at = kExpires};
}

Evidence evidence_of(const Combination& c, Money due) {
  std::int64_t minor = due.minor();
  if (c[3] == "zero") minor = 0;
  if (c[3] == "less") minor = due.minor() - 1;
  if (c[3] == "more") minor = due.minor() + 1;
  base::Time paid_at = kExpires;
  if (c[6] == "early") paid_at = kCreated - kClockSkewLimit - base::Duration{1};
  if (c[6] == "late") paid_at = kExpires + base::Duration{1};
  std::string receiver = c[5] == "ours" ? "shop@bank" : "";
  if (c[5] == "other") receiver = "thief@bank";
  return {.source = EvidenceSource::poll,
          .session_id = SessionId(1),
          .provider = "bakong",
          .provider_ref = "hash",
          .amount = money(minor, c[4] == "same" ? "USD" : "KHR"),
          .receiver = receiver,
          .payer = "payer@bank",
          .paid_at = paid_at,
          .seen_at = paid_at,
          .actor = "system",
          .reason = "",
          .raw = ""};
}

/// A row's right-hand side, for one combination, as `decide` would say it.
Decision promised(const TableRow& row, const Situation& situation, const Evidence& evidence) {
  const Money nothing = Money::zero(situation.due.currency());
  const std::map<std::string, Money> amounts{
      {"none", nothing},
      {"all", evidence.amount},
      {"due", situation.due},
      {"rest", evidence.amount.minus(situation.due).value_or(nothing)}};
  const std::map<std::string, bool> complete{
      {"yes", true}, {"no", false}, {"if_any", situation.order_status.has_value()}};
  const std::map<std::string, bool> stock{{"no", false},
                                          {"if_any", situation.goods != Goods::not_counted}};
  return {.outcome = outcome_from(row.result[0]).value(),
          .counted = amounts.at(row.result[1]),
          .excess = amounts.at(row.result[2]),
          .settle_session = row.result[3] == "yes",
          .complete_order = complete.at(row.result[4]),
          .commit_stock = stock.at(row.result[5]),
          .attention = attention_from(row.result[6]).value()};
}

std::string described(const Decision& d) {
  return std::string(to_text(d.outcome)) + " counted " + d.counted.text() + " excess " +
         d.excess.text() + (d.settle_session ? " settle" : "") +
         (d.complete_order ? " complete" : "") + (d.commit_stock ? " stock" : "") + " attention " +
         std::string(to_text(d.attention));
}

TEST(SettlementTable, EveryWordOfTheTableIsAWordOfItsColumn) {
  const auto words = columns();
  for (const TableRow& row : read_table()) {
    for (std::size_t i = 0; i < kInputs; ++i) {
      const bool known =
          row.pattern[i] == "*" || std::ranges::find(words[i], row.pattern[i]) != words[i].end();
      EXPECT_TRUE(known) << "line " << row.line << ": " << row.pattern[i];
    }
    EXPECT_TRUE(outcome_from(row.result[0])) << "line " << row.line;
    EXPECT_TRUE(attention_from(row.result[6])) << "line " << row.line;
  }
}

TEST(SettlementTable, EveryCombinationIsDecidedAsTheTableSays) {
  std::vector<TableRow> rows = read_table();
  int walked = 0;
  int wrong = 0;
  for_each_combination([&](const Combination& combination) {
    ++walked;
    const auto row = std::ranges::find_if(
        rows, [&](const TableRow& candidate) { return candidate.matches(combination); });
    if (row == rows.end()) {
      ADD_FAILURE() << "no row for: " << described(combination);
      return;
    }
    ++row->first_matches;
    const Situation situation = situation_of(combination);
    const Evidence evidence = evidence_of(combination, situation.due);
    const Decision wanted = promised(*row, situation, evidence);
    const Decision got = decide(situation, evidence);
    if (got != wanted && ++wrong <= 10) {
      ADD_FAILURE() << described(combination) << "\n  line " << row->line << " says "
                    << described(wanted) << "\n  decide says " << described(got);
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(walked, 3 * 4 * 6 * (4 + 2) * 2 * 3 * 3 * 4);
  for (const TableRow& row : rows) {
    EXPECT_GT(row.first_matches, 0) << "line " << row.line << " is never the answer";
  }
}

TEST(SettlementTable, WhatCameIsCountedOrExcessOrNothingAtAll) {
  for_each_combination([](const Combination& combination) {
    const Situation situation = situation_of(combination);
    const Evidence evidence = evidence_of(combination, situation.due);
    const Decision decision = decide(situation, evidence);
    if (counts_money(decision.outcome)) {
      ASSERT_EQ(decision.counted.plus(decision.excess), evidence.amount) << described(combination);
      ASSERT_TRUE(decision.settle_session) << described(combination);
    } else {
      ASSERT_TRUE(decision.counted.is_zero() && decision.excess.is_zero());
      ASSERT_FALSE(decision.settle_session || decision.complete_order || decision.commit_stock);
    }
    ASSERT_LE(decision.counted.minor(), situation.due.minor()) << described(combination);
  });
}

TEST(SettlementTable, ASessionThatNamesNoAccountTakesMoneyAtAnyOfOurs) {
  const Combination usual{"never", "pending", "open",      "equal", "same",
                          "other", "window",  "set_aside", "some"};
  Situation situation = situation_of(usual);
  situation.receiver = "";
  EXPECT_EQ(decide(situation, evidence_of(usual, situation.due)).outcome, Outcome::settled);
}

TEST(SettlementTable, N14_OneClockMayBeTwoHoursBehindTheOther) {
  const Combination usual{"never", "pending", "open",      "equal", "same",
                          "ours",  "window",  "set_aside", "some"};
  const Situation situation = situation_of(usual);
  Evidence evidence = evidence_of(usual, situation.due);
  evidence.paid_at = kCreated - std::chrono::hours(2);
  EXPECT_EQ(decide(situation, evidence).outcome, Outcome::settled);
  evidence.paid_at -= base::Duration{1};
  EXPECT_EQ(decide(situation, evidence).outcome, Outcome::older_than_session);
}

}  // namespace
}  // namespace quittance::core
