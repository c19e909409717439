// The rule of giving back against its page of words (src/core/settlement.txt, second table): every
// combination of its columns is decided, by the page and by the code, and the two must agree.
#include <gtest/gtest.h>

#include <map>

#include "core/core.hpp"
#include "unit/core/rule_table.hpp"

namespace quittance::core {
namespace {

constexpr std::size_t kInputs = 10;
constexpr std::size_t kOutputs = 8;

std::vector<Words> columns() {
  return {Words{"refund", "reversal", "void"},
          Words{"never", "this", "other"},
          Words{"never", "provider", "person"},
          Words{"zero", "of_excess", "some", "all", "beyond"},
          Words{"same", "other"},
          Words{"in_time", "late"},
          Words{"whole", "part"},
          Words{"left", "gone"},
          Words{"none", "pending", "completed", "canceled", "refunded"},
          Words{"full", "partial"}};
}

Money usd(std::int64_t minor) { return *Money::from_minor(minor, *Currency::from_code("USD")); }

const base::Time kSettled = base::from_ms(1'795'000'000'000);
constexpr base::Duration kVoidWithin = std::chrono::minutes(30);

/// A claim of 400 counted and 100 beyond, whose whole is given back, on an order that holds more.
struct Case {
  std::int64_t counted = 400;
  std::int64_t excess = 100;
  std::int64_t order_held = 700;
  std::int64_t amount = 500;
};

Case case_of(const Words& c) {
  Case made;
  const bool whole = c[6] == "whole";
  if (c[3] == "of_excess") {
    made.counted = whole ? 0 : 400;
    made.amount = 100;
  }
  if (c[3] == "some" && !whole) made.amount = 300;
  if (c[3] == "all") made.order_held = 400;
  if (c[3] == "beyond") made.amount = 501;
  if (c[3] == "zero") made.amount = 0;
  return made;
}

RefundSituation situation_of(const Words& c) {
  static const std::map<std::string, Known> kKnown{{"never", Known::never},
                                                   {"this", Known::for_this_session},
                                                   {"other", Known::for_another_session}};
  const Case made = case_of(c);
  const std::int64_t from_excess = std::min(made.amount, made.excess);
  return {.known = kKnown.at(c[1]),
          .counted_before = c[2] != "never",
          .counted_held = usd(made.counted),
          .excess_held = usd(made.excess),
          // Of `all`, what is not whole is what is left of money that was given back in part.
          .whole = c[6] == "whole",
          .stated = c[2] == "person",
          .settled_at = kSettled,
          .order_status = order_status_from(c[8]),
          .order_total = usd(c[9] == "full" ? made.order_held : made.order_held + 1),
          .order_held = usd(made.order_held),
          .order_excess = usd(from_excess + (c[7] == "left" ? 1 : 0)),
          .void_within = kVoidWithin};
}

Evidence evidence_of(const Words& c) {
  const std::int64_t minor = case_of(c).amount;
  const base::Time said = kSettled + kVoidWithin + base::Duration{c[5] == "late" ? 1 : 0};
  return {.kind = *evidence_kind_from(c[0]),
          .source = EvidenceSource::manual,
          .session_id = SessionId(1),
          .provider = "bakong",
          .provider_ref = "refund",
          .amount =
              c[4] == "same" ? usd(minor) : *Money::from_minor(minor, *Currency::from_code("KHR")),
          .receiver = "",
          .payer = "",
          .paid_at = said,
          .seen_at = said,
          .actor = "sokha",
          .reason = "",
          .raw = "",
          .against = "original"};
}

AttentionSet attention_of(const std::string& cell, const Words& c) {
  AttentionSet set;
  std::istringstream words(cell);
  for (std::string word; std::getline(words, word, ',');) {
    if (word == "over" && c[7] == "gone") set.raise(AttentionSet(Attention::excess));
    if (word == "undone") {
      set.raise(Attention::underpaid | Attention::paid_late | AttentionSet(Attention::shortage));
    }
    if (word == "if_reversal" && c[0] == "reversal") set.raise(AttentionSet(Attention::reversed));
    if (const auto known = attention_from(word)) set.raise(AttentionSet(*known));
  }
  return set;
}

RefundDecision promised(const RuleRow& row, const Words& c, const RefundSituation& situation,
                        const Evidence& evidence) {
  const std::map<std::string, Money> amounts{
      {"none", usd(0)},
      {"all", evidence.amount},
      {"held", situation.excess_held},
      {"rest", evidence.amount.minus(situation.excess_held).value_or(usd(0))}};
  return {.outcome = outcome_from(row.result[0]).value(),
          .from_counted = amounts.at(row.result[1]),
          .from_excess = amounts.at(row.result[2]),
          .status = order_status_from(row.result[3]),
          .return_goods = row.result[4] == "back",
          .revoke_pass = row.result[5] == "revoked",
          .raise = attention_of(row.result[6], c),
          .clear = attention_of(row.result[7], c)};
}

std::string in_words(const RefundDecision& d) {
  return std::string(to_text(d.outcome)) + " counted " + d.from_counted.text() + " excess " +
         d.from_excess.text() + " status " + std::string(d.status ? to_text(*d.status) : "stays") +
         (d.return_goods ? " goods" : "") + (d.revoke_pass ? " pass" : "") + " raise " +
         d.raise.text() + " clear " + d.clear.text();
}

TEST(RefundTable, EveryCombinationIsDecidedAsTheTableSays) {
  std::vector<RuleRow> rows = read_rules("kind", kInputs, kOutputs);
  expect_known_words(rows, columns());
  int walked = 0;
  int wrong = 0;
  for_each_combination(columns(), [&](const Words& combination) {
    ++walked;
    const RuleRow* row = rule_for(rows, combination);
    if (!row) return;
    const RefundSituation situation = situation_of(combination);
    const Evidence evidence = evidence_of(combination);
    const RefundDecision wanted = promised(*row, combination, situation, evidence);
    const RefundDecision got = decide_refund(situation, evidence);
    if (got != wanted && ++wrong <= 10) {
      ADD_FAILURE() << described(combination) << "\n  line " << row->line << " says "
                    << in_words(wanted) << "\n  decide_refund says " << in_words(got);
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(walked, 3 * 3 * 3 * 5 * 2 * 2 * 2 * 2 * 5 * 2);
  expect_all_used(rows);
}

TEST(RefundTable, WhatGoesBackIsWhatWasSaidOrNothing) {
  for_each_combination(columns(), [](const Words& combination) {
    const RefundSituation situation = situation_of(combination);
    const Evidence evidence = evidence_of(combination);
    const RefundDecision decision = decide_refund(situation, evidence);
    if (returns_money(decision.outcome)) {
      ASSERT_EQ(decision.from_counted.plus(decision.from_excess), evidence.amount)
          << described(combination);
      ASSERT_TRUE(situation.counted_held.minus(decision.from_counted)) << described(combination);
      ASSERT_TRUE(situation.excess_held.minus(decision.from_excess)) << described(combination);
    } else {
      const bool untouched = decision.from_counted.is_zero() && decision.from_excess.is_zero() &&
                             !decision.status && !decision.return_goods && !decision.revoke_pass &&
                             decision.raise.empty() && decision.clear.empty();
      ASSERT_TRUE(untouched) << described(combination);
    }
  });
}

}  // namespace
}  // namespace quittance::core
