// Why an order is in its state, in words.
#include <gtest/gtest.h>

#include <algorithm>

#include "audit/sentences.hpp"
#include "unit/audit/market.hpp"

namespace quittance::audit {
namespace {

using testing::Market;
using testing::usd;

struct Story : ::testing::Test {
  Market market;
  std::vector<HistoryLine> of(core::OrderId id, Audience audience = Audience::staff) {
    return market.read<std::vector<HistoryLine>>(
        [&](storage::Books& books) { return history(books, id, audience); });
  }
  static std::vector<std::string> keys(const std::vector<HistoryLine>& lines) {
    std::vector<std::string> keys;
    for (const HistoryLine& line : lines)
      keys.push_back(line.key);
    return keys;
  }
};

TEST_F(Story, S3WhyTellsOfQuestionsEvidenceDecisionsAndEffectsInTheirOrder) {
  const auto silk = market.stock(5);
  const auto placed = market.order({{silk, 2}});
  market.ask(placed.session);
  market.bank_has_money(placed.session, "ref-1");
  market.ask(placed.session);
  const auto lines = of(placed.order);
  EXPECT_EQ(keys(lines),
            (std::vector<std::string>{"order.placed", "session.opened", "query.not_yet",
                                      "query.paid", "settlement.settled", "effect.completed",
                                      "effect.goods_taken", "effect.pass_issued"}));
  EXPECT_EQ(lines[0].text.substr(0, 55), "The customer ordered 2 × Silk: 20.00 USD to pay, goods");
  EXPECT_EQ(lines[4].text, "20.00 USD came by bakong (ref-1), learnt from poll: counted.");
  EXPECT_EQ(lines[0].seq, 2);
  EXPECT_EQ(lines[2].seq, std::nullopt);
  EXPECT_EQ(lines[4].seq, 3);
  const std::string text = history_text(lines);
  EXPECT_EQ(std::ranges::count(text, '\n'), 8);
  EXPECT_NE(text.find("#3"), std::string::npos);
  EXPECT_EQ(history_json(lines).array().size(), 8U);
}

TEST_F(Story, S3WhyTellsTheHolderNoNamesAndNoReasonsOfStaff) {
  const auto silk = market.stock(5);
  const auto placed = market.order({{silk, 1}});
  market.bank->otherwise = providers::Unknown{};
  market.ask(placed.session);
  ASSERT_TRUE(market.mark_paid(placed.order, "seen in the safe").has_value());
  const auto staff = history_text(of(placed.order));
  EXPECT_NE(staff.find("sokha stated that 10.00 USD came: seen in the safe."), std::string::npos)
      << staff;
  const auto holder = history_text(of(placed.order, Audience::holder));
  EXPECT_EQ(holder.find("sokha"), std::string::npos) << holder;
  EXPECT_EQ(holder.find("safe"), std::string::npos);
  EXPECT_NE(holder.find("The shop stated"), std::string::npos);
}

TEST_F(Story, S3WhyHasASentenceForEverythingThatCanHappen) {
  testing::trade(market);
  const auto orders = market.read<std::vector<storage::OrderSummary>>(
      [](storage::Books& books) { return books.orders({.limit = 100}); });
  ASSERT_GT(orders.size(), 5U);
  for (const auto& summary : orders) {
    for (const HistoryLine& line : of(summary.order.id)) {
      EXPECT_NE(std::ranges::find(sentences(), line.key, &Sentence::key), sentences().end())
          << line.key;
      EXPECT_EQ(line.text.find('{'), std::string::npos) << line.text;
      EXPECT_EQ(line.text.find("()"), std::string::npos) << line.text;
    }
  }
}

TEST_F(Story, S3WhyOfNoOrderIsNotFound) {
  const auto lines = market.store->read_here<std::vector<HistoryLine>>(
      [](storage::Books& books) { return history(books, core::OrderId(404), Audience::staff); });
  ASSERT_FALSE(lines.has_value());
  EXPECT_EQ(lines.error().code, base::ErrorCode::not_found);
}

TEST(Sentences, S3WhyHasOneForEachKey) {
  std::vector<std::string_view> keys;
  for (const Sentence& sentence : sentences())
    keys.push_back(sentence.key);
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
  EXPECT_EQ(say("order.canceled", base::Json::object({{"actor", "Dara"}})),
            "Dara canceled the order, after the provider was asked.");
  EXPECT_EQ(say("no.such", base::Json()), "no.such");
}

}  // namespace
}  // namespace quittance::audit
