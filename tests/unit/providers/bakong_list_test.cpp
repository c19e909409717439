// Bakong, up to fifty at a time.
#include <gtest/gtest.h>

#include "unit/providers/bakong_fixture.hpp"

namespace quittance::providers {
namespace {

using base::Json;
using enum UnknownReason;
using namespace std::chrono_literals;

Json item(std::string md5, std::string status, Json data = nullptr) {
  return Json::object({{"md5", std::move(md5)},
                       {"status", std::move(status)},
                       {"message", ""},
                       {"data", std::move(data)}});
}

std::string list(std::initializer_list<Json> items) { return envelope(Json(Json::Array(items))); }

TEST(BakongList, AsksForFiftyInABareArray) {
  BakongFixture fixture;
  EXPECT_EQ(fixture.bakong->capabilities().bulk_limit, 50U);
  Json::Array items;
  for (int i = 0; i < 50; ++i) {
    items.push_back(item("md5-" + std::to_string(i), i == 17 ? "SUCCESS" : "NOT_FOUND",
                         i == 17 ? transfer() : Json()));
  }
  fixture.client.reply(200, envelope(Json(items)));
  const auto answers = fixture.ask(BakongFixture::sessions(50));
  ASSERT_EQ(answers.size(), 50U);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(std::holds_alternative<Paid>(answers[i]), i == 17) << i;
    EXPECT_EQ(std::holds_alternative<NotYet>(answers[i]), i != 17) << i;
  }
  EXPECT_EQ(fixture.client.calls[0].url, "https://bank.example/v1/check_transaction_by_md5_list");
  const auto body = Json::parse(fixture.client.calls[0].body).value();
  ASSERT_EQ(body.array().size(), 50U);
  EXPECT_EQ(body.array()[49].text_or_empty(), "md5-49");
}

TEST(BakongList, TheTransferStandsUnderDataOrTransactionOrInline) {
  BakongFixture fixture;
  Json under_transaction = Json::object({{"md5", "md5-1"}, {"status", "SUCCESS"}});
  under_transaction.set("transaction", transfer({{"hash", "two"}}));
  const Json inline_one = transfer({{"hash", "three"}, {"md5", "md5-2"}, {"status", "SUCCESS"}});
  fixture.client.reply(200, list({item("md5-0", "SUCCESS", transfer({{"hash", "one"}})),
                                  under_transaction, inline_one}));
  const auto answers = fixture.ask(BakongFixture::sessions(3));
  const std::array<std::string, 3> hashes{"one", "two", "three"};
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(std::holds_alternative<Paid>(answers[i])) << i;
    EXPECT_EQ(std::get<Paid>(answers[i]).provider_ref, hashes[i]);
  }
}

TEST(BakongList, AnswersAreMatchedByMd5NeverByPosition) {
  BakongFixture fixture;
  fixture.client.reply(200, list({item("md5-2", "SUCCESS", transfer()), item("md5-0", "NOT_FOUND"),
                                  item("somebody-else", "SUCCESS", transfer()),
                                  Json::object({{"status", "SUCCESS"}, {"data", transfer()}})}));
  const auto answers = fixture.ask(BakongFixture::sessions(3));
  EXPECT_TRUE(std::holds_alternative<NotYet>(answers[0]));
  EXPECT_EQ(why_unknown(answers[1]), unreadable) << "not echoed is not a no";
  EXPECT_TRUE(std::holds_alternative<Paid>(answers[2]));
}

TEST(BakongList, EachItemHasItsOwnStatus) {
  BakongFixture fixture;
  fixture.client.reply(
      200,
      list({item("md5-0", "FAILED"), item("md5-1", "STATIC_QR"), item("md5-2", "SERVICE_FAILED"),
            item("md5-3", ""), item("md5-4", "SUCCESS"),
            item("md5-5", "SUCCESS", transfer({{"trackingStatus", "REFUNDED_BY_RECEIVER"}}))}));
  const auto answers = fixture.ask(BakongFixture::sessions(6));
  EXPECT_TRUE(std::holds_alternative<FinalNo>(answers[0]));
  for (const std::size_t i : {1U, 2U, 3U})
    EXPECT_EQ(why_unknown(answers[i]), server_error) << i;
  EXPECT_EQ(why_unknown(answers[4]), unreadable) << "success without a transfer";
  EXPECT_TRUE(std::holds_alternative<FinalNo>(answers[5]));
}

TEST(BakongList, N5_AListThatFailsAsAWholeSaysNothingOfAnybody) {
  const auto all_unknown = [](auto script, UnknownReason reason) {
    BakongFixture fixture;
    script(fixture.client);
    const auto answers = fixture.ask(BakongFixture::sessions(3));
    ASSERT_EQ(answers.size(), 3U);
    for (const Answer& answer : answers)
      EXPECT_EQ(why_unknown(answer), reason);
  };
  using Client = ScriptedClient;
  all_unknown([](Client& c) { c.reply(200, refusal(1)); }, unreadable);
  all_unknown([](Client& c) { c.reply(200, refusal(3)); }, unreadable);
  all_unknown([](Client& c) { c.reply(200, refusal(6)); }, unauthorized);
  all_unknown([](Client& c) { c.reply(200, refusal(9)); }, server_error);
  all_unknown([](Client& c) { c.reply(200, "<html>"); }, unreadable);
  all_unknown([](Client& c) { c.reply(200, "[]"); }, unreadable);
  all_unknown([](Client& c) { c.reply(200, envelope(nullptr)); }, unreadable);
  all_unknown([](Client& c) { c.reply(401, ""); }, unauthorized);
  all_unknown([](Client& c) { c.reply(429, ""); }, throttled);
  all_unknown([](Client& c) { c.reply(503, ""); }, server_error);
  all_unknown([](Client& c) { c.fail(base::ErrorCode::timeout); }, timeout);
}

TEST(BakongList, ARefusedListFallsBackToSingleQuestionsForAnHour) {
  BakongFixture fixture;
  fixture.client.reply(403, "<html>403</html>");
  fixture.client.reply(200, envelope(transfer()));
  const auto answers = fixture.ask(BakongFixture::sessions(3));
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Paid>(answers[0])) << "the single call worked";
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(why_unknown(answers[i]), forbidden);
    EXPECT_EQ(std::get<Unknown>(answers[i]).retry_after, base::Duration(2s)) << "asked again soon";
  }
  EXPECT_EQ(fixture.client.calls[1].url, "https://bank.example/v1/check_transaction_by_md5");
  EXPECT_EQ(fixture.bakong->capabilities().bulk_limit, 1U);
  fixture.clock.advance(1h - 1ms);
  EXPECT_EQ(fixture.bakong->capabilities().bulk_limit, 1U);
  fixture.clock.advance(1ms);
  EXPECT_EQ(fixture.bakong->capabilities().bulk_limit, 50U) << "tried again";
}

TEST(BakongList, N11_AGeoBlockRefusesBothAndKeepsTheList) {
  BakongFixture fixture;
  fixture.client.reply(403, "<html>403</html>");
  fixture.client.reply(403, "<html>403</html>");
  const auto answers = fixture.ask(BakongFixture::sessions(3));
  ASSERT_EQ(answers.size(), 3U);
  for (const Answer& answer : answers)
    EXPECT_EQ(why_unknown(answer), forbidden);
  EXPECT_EQ(fixture.bakong->capabilities().bulk_limit, 50U);
  EXPECT_NE(fixture.bakong->health().alarm.find("403"), std::string::npos);
}

TEST(BakongList, ALiveEngineBelievesNoSandbox) {
  BakongFixture fixture("live");
  base::HttpHeaders headers;
  headers.add("x-sandbox", "quittance");
  fixture.client.reply(
      200, list({item("md5-0", "SUCCESS", transfer()), item("md5-1", "NOT_FOUND")}), headers);
  for (const Answer& answer : fixture.ask(BakongFixture::sessions(2))) {
    EXPECT_EQ(why_unknown(answer), unreadable);
  }
}

TEST(Words, OfAnswersAndReasonsArePinned) {
  EXPECT_EQ(to_text(Answer(NotYet{})), "not_yet");
  EXPECT_EQ(to_text(Answer(FinalNo{})), "final_no");
  EXPECT_EQ(to_text(Answer(Unknown{})), "unknown");
  const std::array<std::pair<UnknownReason, std::string_view>, 6> reasons{
      {{timeout, "timeout"},
       {forbidden, "forbidden"},
       {unauthorized, "unauthorized"},
       {throttled, "throttled"},
       {server_error, "server_error"},
       {unreadable, "unreadable"}}};
  for (const auto& [reason, word] : reasons)
    EXPECT_EQ(to_text(reason), word);
}

TEST(Law3, UnknownIsNoNoAndNoAnswerIsABool) {
  static_assert(!std::is_convertible_v<Unknown, NotYet>);
  static_assert(!std::is_convertible_v<Answer, bool>);
  static_assert(!std::is_constructible_v<NotYet, Unknown>);
  BakongFixture fixture;
  Registry registry;
  EXPECT_EQ(registry.find("bakong"), nullptr);
  registry.add(std::move(fixture.bakong));
  ASSERT_NE(registry.find("bakong"), nullptr);
  EXPECT_EQ(registry.find("bakong")->name(), "bakong");
  EXPECT_EQ(registry.find("qpay"), nullptr);
}

}  // namespace
}  // namespace quittance::providers
