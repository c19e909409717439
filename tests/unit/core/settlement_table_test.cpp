// The rule of settling against its page of words (src/core/settlement.txt): every combination of
// its columns is decided, by the page and by the code, and the two must agree.
#include <gtest/gtest.h>

#include <map>

#include "core/core.hpp"
#include "unit/core/rule_table.hpp"

namespace quittance::core {
namespace {

constexpr std::size_t kInputs = 11;
constexpr std::size_t kOutputs = 8;
std::vector<Words> columns() {
  return {Words{"never", "this", "other"},
          Words{"none", "pending", "completed", "canceled", "refunded"},
          Words{"open", "processing", "settled", "expired", "canceled", "failed"},
          Words{"zero", "less", "equal", "more"},
          Words{"same", "other"},
          Words{"ours", "other", "silent"},
          Words{"early", "window", "late"},
          Words{"set_aside", "available", "gone", "not_counted"},
          Words{"some", "zero"},
          Words{"accept", "staff"},
          Words{"no", "needed"}};
}

/// Nothing due leaves no room for less than it, and equal to it is zero.
bool possible(const Words& c) { return c[8] == "some" || c[3] == "zero" || c[3] == "more"; }

template <class Action>
void for_each_possible(Action action) {
  for_each_combination(columns(), [&](const Words& combination) {
    if (possible(combination)) action(combination);
  });
}

Currency currency_of(const std::string& code) { return *Currency::from_code(code); }

Money money(std::int64_t minor, const std::string& currency) {
  return *Money::from_minor(minor, currency_of(currency));
}

const base::Time kCreated = base::from_ms(1'795'000'000'000);
const base::Time kExpires = kCreated + std::chrono::minutes(15);

Situation situation_of(const Words& c) {
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
          .session_expires_at = kExpires,
          .late = *late_policy_from(c[9]),
          .needs_approval = c[10] == "needed"};
}

Evidence evidence_of(const Words& c, Money due) {
  std::int64_t minor = due.minor();
  if (c[3] == "zero") minor = 0;
  if (c[3] == "less") minor = due.minor() - 1;
  if (c[3] == "more") minor = due.minor() + 1;
  base::Time paid_at = kExpires;
  if (c[6] == "early") paid_at = kCreated - kClockSkewLimit - base::Duration{1};
  if (c[6] == "late") paid_at = kExpires + base::Duration{1};
  std::string receiver = c[5] == "ours" ? "shop@bank" : "";
  if (c[5] == "other") receiver = "thief@bank";
  // Only a person's word ever waits for a second person.
  return {.source = c[10] == "needed" ? EvidenceSource::manual : EvidenceSource::poll,
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

AttentionSet attention_of(const std::string& cell) {
  if (cell == "asked") return Attention::underpaid | Attention::approval;
  if (cell == "unfinished") return attention_of("asked") | Attention::paid_late;
  return AttentionSet::from_text(cell).value();
}

/// A row's right-hand side, for one combination, as `decide` would say it.
Decision promised(const RuleRow& row, const Situation& situation, const Evidence& evidence) {
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
          .settle_session = row.result[3] == "yes" && evidence.source != EvidenceSource::manual,
          .complete_order = complete.at(row.result[4]),
          .commit_stock = stock.at(row.result[5]),
          .raise = attention_of(row.result[6]),
          .clear = attention_of(row.result[7])};
}

std::string in_words(const Decision& d) {
  return std::string(to_text(d.outcome)) + " counted " + d.counted.text() + " excess " +
         d.excess.text() + (d.settle_session ? " settle" : "") +
         (d.complete_order ? " complete" : "") + (d.commit_stock ? " stock" : "") + " raise " +
         d.raise.text() + " clear " + d.clear.text();
}

TEST(SettlementTable, EveryWordOfTheTableIsAWordOfItsColumn) {
  const auto rows = read_rules("known", kInputs, kOutputs);
  expect_known_words(rows, columns());
  for (const RuleRow& row : rows)
    EXPECT_TRUE(outcome_from(row.result[0])) << "line " << row.line;
}

TEST(SettlementTable, EveryCombinationIsDecidedAsTheTableSays) {
  std::vector<RuleRow> rows = read_rules("known", kInputs, kOutputs);
  int walked = 0;
  int wrong = 0;
  for_each_possible([&](const Words& combination) {
    ++walked;
    const RuleRow* row = rule_for(rows, combination);
    if (!row) return;
    const Situation situation = situation_of(combination);
    const Evidence evidence = evidence_of(combination, situation.due);
    const Decision wanted = promised(*row, situation, evidence);
    const Decision got = decide(situation, evidence);
    if (got != wanted && ++wrong <= 10) {
      ADD_FAILURE() << described(combination) << "\n  line " << row->line << " says "
                    << in_words(wanted) << "\n  decide says " << in_words(got);
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(walked, 3 * 5 * 6 * (4 + 2) * 2 * 3 * 3 * 4 * 2 * 2);
  expect_all_used(rows);
}

TEST(SettlementTable, WhatCameIsCountedOrExcessOrNothingAtAll) {
  for_each_possible([](const Words& combination) {
    const Situation situation = situation_of(combination);
    const Evidence evidence = evidence_of(combination, situation.due);
    const Decision decision = decide(situation, evidence);
    if (counts_money(decision.outcome)) {
      ASSERT_EQ(decision.counted.plus(decision.excess), evidence.amount) << described(combination);
      ASSERT_EQ(decision.settle_session, evidence.source != EvidenceSource::manual)
          << described(combination);
    } else {
      ASSERT_TRUE(decision.counted.is_zero() && decision.excess.is_zero());
      ASSERT_FALSE(decision.complete_order || decision.commit_stock);
      ASSERT_TRUE(!decision.settle_session || decision.outcome == Outcome::already_settled);
    }
    ASSERT_LE(decision.counted.minor(), situation.due.minor()) << described(combination);
  });
}

TEST(SettlementTable, ASessionThatNamesNoAccountTakesMoneyAtAnyOfOurs) {
  const Words usual{"never",  "pending",   "open", "equal",  "same", "other",
                    "window", "set_aside", "some", "accept", "no"};
  Situation situation = situation_of(usual);
  situation.receiver = "";
  EXPECT_EQ(decide(situation, evidence_of(usual, situation.due)).outcome, Outcome::settled);
}

TEST(SettlementTable, N14_OneClockMayBeTwoHoursBehindTheOther) {
  const Words usual{"never",  "pending",   "open", "equal",  "same", "ours",
                    "window", "set_aside", "some", "accept", "no"};
  const Situation situation = situation_of(usual);
  Evidence evidence = evidence_of(usual, situation.due);
  evidence.paid_at = kCreated - std::chrono::hours(2);
  EXPECT_EQ(decide(situation, evidence).outcome, Outcome::settled);
  evidence.paid_at -= base::Duration{1};
  EXPECT_EQ(decide(situation, evidence).outcome, Outcome::older_than_session);
}

}  // namespace
}  // namespace quittance::core
