// The QPay adapter, reply by reply.
#include "unit/providers/qpay_fixture.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;
using enum UnknownReason;
using namespace std::chrono_literals;

const std::string kNothing = R"({"count":0,"rows":[]})";

TEST(Qpay, C20_ExpiresInIsAMomentFromTenToTheNinthOnAndElseALengthOfTime) {
  for (const bool absolute : {true, false}) {
    QpayFixture fixture;
    fixture.client.reply(200,
                         fixture.token_body("a", absolute ? fixture.now_s() + 3'600 : 3'600, "r"));
    for (int i = 0; i < 2; ++i) {
      fixture.client.reply(200, kNothing);
      EXPECT_TRUE(std::holds_alternative<NotYet>(fixture.ask()));
      if (i == 0) fixture.advance(50min);
    }
    EXPECT_EQ(fixture.client.calls.size(), 3U) << absolute << ": still good";
    fixture.advance(6min);
    fixture.client.reply(200, fixture.token_body("b", fixture.now_s() + 3'600, "r2"));
    fixture.client.reply(200, kNothing);
    EXPECT_TRUE(std::holds_alternative<NotYet>(fixture.ask()));
    EXPECT_EQ(fixture.client.calls.at(3).url, "https://qpay.example/v2/auth/refresh");
    EXPECT_EQ(fixture.sent(3), "Bearer r") << "renewed before it ends";
    EXPECT_EQ(fixture.sent(4), "Bearer b");
  }
}

TEST(Qpay, TheTokenIsBoughtWithBasicCredentialsAndNoBody) {
  QpayFixture fixture;
  fixture.token();
  fixture.client.reply(200, kNothing);
  fixture.ask();
  const base::HttpCall& call = fixture.client.calls.at(0);
  EXPECT_EQ(call.method + " " + call.url, "POST https://qpay.example/v2/auth/token");
  EXPECT_EQ(fixture.sent(0), "Basic VEVTVF9NRVJDSEFOVDoxMjM0NTY=");
  EXPECT_EQ(call.body, "");
  EXPECT_EQ(fixture.sent(1), "Bearer token-1");
  EXPECT_EQ(fixture.sent(1, "X-Quittance-Environment"), "sandbox");
}

TEST(Qpay, C20_ManyWhoAskAtOnceShareOneToken) {
  QpayFixture fixture;
  fixture.token();
  std::vector<std::optional<std::vector<Answer>>> answers(5);
  for (int i = 0; i < 5; ++i)
    fixture.client.reply(200, kNothing);
  for (auto& kept : answers) {
    std::vector<core::Session> one;
    one.push_back(fixture.session());
    fixture.start(fixture.qpay->query(std::move(one)), kept);
  }
  fixture.settle_down();
  for (const auto& kept : answers)
    ASSERT_TRUE(kept && std::holds_alternative<NotYet>(kept->at(0)));
  EXPECT_EQ(fixture.client.calls.size(), 6U);
}

TEST(Qpay, C20_ARefusedTokenIsRenewedOnceAndTheCallRepeated) {
  QpayFixture fixture;
  fixture.token();
  fixture.client.reply(200, kNothing);
  fixture.ask();
  fixture.advance(1h);
  fixture.client.reply(401, R"({"error":"NO_CREDENTIALS","message":"x"})");
  fixture.client.reply(401, R"({"error":"NO_CREDENTIALS","message":"x"})");  // the refresh token
  fixture.token("token-2");
  fixture.client.reply(200, kNothing);
  EXPECT_TRUE(std::holds_alternative<NotYet>(fixture.ask()));
  ASSERT_EQ(fixture.client.calls.size(), 6U);
  EXPECT_EQ(fixture.sent(3), "Bearer refresh-1");
  EXPECT_TRUE(fixture.sent(4).starts_with("Basic "));
  EXPECT_EQ(fixture.sent(5), "Bearer token-2");
  // Refused again at once: another token would be refused as well.
  fixture.client.reply(401, R"({"error":"NO_CREDENTIALS","message":"x"})");
  EXPECT_EQ(qpay_unknown(fixture.ask()), unauthorized);
  EXPECT_EQ(fixture.client.calls.size(), 7U);
  EXPECT_NE(fixture.qpay->health().alarm, "");
}

TEST(Qpay, ATokenReplyWithoutATokenIsNoToken) {
  for (const char* body :
       {"", "<html>", "[]", "{}", R"({"access_token":"a"})",
        R"({"access_token":"","expires_in":86400})", R"({"access_token":"a","expires_in":-5})"}) {
    QpayFixture fixture;
    fixture.client.reply(200, body);
    EXPECT_EQ(qpay_unknown(fixture.ask()), unreadable) << body;
  }
}

TEST(Qpay, AnswersAreReadByWhatTheRowsSay) {
  struct Case {
    std::string rows;
    std::string_view answer;
  };
  const Case cases[] = {
      {"", "not_yet"},
      {QpayFixture::row("NEW"), "not_yet"},
      {QpayFixture::row("FAILED"), "not_yet"},
      {QpayFixture::row("PARTIAL"), "not_yet"},
      {QpayFixture::row("PAID"), "paid"},
      {QpayFixture::row("paid"), "paid"},
      {QpayFixture::row("PAID", "100"), "paid"},
      {QpayFixture::row("REFUNDED"), "paid"},
      {QpayFixture::row("FAILED") + "," + QpayFixture::row("PAID"), "paid"},
      {QpayFixture::row("PAID", "\"1e2\""), "unknown"},
      {QpayFixture::row("PAID", "true"), "unknown"},
      {QpayFixture::row("PAID", "-100"), "unknown"},
      {QpayFixture::row("PAID", "\"100.00\"", "USD"), "unknown"},
      {QpayFixture::row("SOMETHING"), "unknown"},
      {R"({"payment_status":"PAID"})", "unknown"},
      {"7", "unknown"},
  };
  for (const Case& one : cases) {
    QpayFixture fixture;
    fixture.token();
    fixture.client.reply(200, QpayFixture::check_body(one.rows));
    fixture.client.reply(422, R"({"error":"PAYMENT_NOTFOUND","message":"x"})");
    const Answer answer = fixture.ask();
    EXPECT_EQ(to_text(answer), one.answer) << one.rows;
    if (const auto* paid = std::get_if<Paid>(&answer)) {
      EXPECT_EQ(paid->provider_ref, kPaymentId);
      EXPECT_EQ(paid->amount, QpayFixture::tugrik("100"));
      EXPECT_EQ(paid->paid_at, fixture.clock.now()) << "nobody said when";
    }
  }
}

TEST(Qpay, AReplyThatIsNotInTheDialectIsUnknown) {
  struct Case {
    int status;
    std::string body;
    UnknownReason reason;
  };
  const Case cases[] = {
      {200, "", unreadable},
      {200, "[]", unreadable},
      {200, R"({"count":0})", unreadable},
      {301, "", unreadable},
      {403, R"({"error":"PERMISSION_DENIED","message":"x"})", forbidden},
      {404, "<html>not here</html>", unreadable},
      {422, R"({"error":"INVOICE_NOTFOUND","message":"x"})", unreadable},
      {400, R"({"error":{"page_limit":{"type":"MIN_NUMBER","message":"x"}},"message":"x"})",
       unreadable},
      {500, R"({"error":"SYSTEM_BUSY","message":"x"})", server_error},
  };
  for (const Case& one : cases) {
    QpayFixture fixture;
    fixture.token();
    fixture.client.reply(one.status, one.body);
    EXPECT_EQ(qpay_unknown(fixture.ask()), one.reason) << one.status << one.body;
  }
}

TEST(Qpay, ADetailThatCannotBeAskedForJustNowMakesItUnknown) {
  QpayFixture fixture;
  fixture.token();
  fixture.client.reply(200, QpayFixture::check_body(QpayFixture::row("PAID")));
  fixture.client.fail(ErrorCode::timeout);
  EXPECT_EQ(qpay_unknown(fixture.ask()), timeout);
}

TEST(Qpay, AttemptsAreLookedThroughPageByPage) {
  QpayFixture fixture;
  fixture.token();
  fixture.client.reply(200, R"({"count":101,"rows":[)" + QpayFixture::row("FAILED") + "]}");
  fixture.client.reply(200, R"({"count":101,"rows":[)" + QpayFixture::row("PAID") + "]}");
  fixture.client.reply(422, R"({"error":"PAYMENT_NOTFOUND","message":"x"})");
  EXPECT_TRUE(std::holds_alternative<Paid>(fixture.ask()));
  EXPECT_EQ(fixture.sent_body(2)["offset"]["page_number"].integer(), 2);
}

TEST(Qpay, AnInvoiceThatNobodyWasShownIsNotAskedFor) {
  QpayFixture fixture;
  std::vector<core::Session> one;
  one.push_back(fixture.session());
  one.back().provider_ref.clear();
  EXPECT_TRUE(std::holds_alternative<NotYet>(fixture.run(fixture.qpay->query(one)).at(0)));
  EXPECT_EQ(fixture.run(fixture.qpay->cancel(one.back())), CancelOutcome::canceled);
  EXPECT_EQ(fixture.client.calls.size(), 0U);
}

TEST(Qpay, ABranchHasItsOwnLoginAndName) {
  QpayFixture fixture(QpayOptions{.branch = "center"});
  EXPECT_EQ(fixture.qpay->name(), "qpay-center");
  EXPECT_EQ(fixture.qpay->capabilities().callback_path, "/api/qpay/callback");
  fixture.token();
  fixture.client.reply(400, R"({"error":"INVOICE_CODE_INVALID","message":"x"})");
  EXPECT_EQ(fixture.run(fixture.qpay->present(fixture.draft())).error().code,
            ErrorCode::provider_refused);
  EXPECT_EQ(fixture.sent_body(1)["sender_branch_code"].text_or_empty(), "center");
}

TEST(Qpay, C22_ARefusalTellsNothingOfTheirsButWhatToDo) {
  QpayFixture fixture;
  fixture.token();
  fixture.client.reply(400, R"({"error":"MIN_AMOUNT_ERR","message":"secret inner words"})");
  const auto refused = fixture.run(fixture.qpay->present(fixture.draft()));
  EXPECT_EQ(refused.error().param, "amount");
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
  EXPECT_EQ(refused.error().detail, "400 MIN_AMOUNT_ERR");
}

TEST(Qpay, TheFullInvoiceSaysAllThatIsGiven) {
  QpayFixture fixture;
  SessionDraft draft = fixture.draft();
  draft.detail = InvoiceDetail{
      .receiver = InvoiceParty{.register_number = "1234567", .name = "Buyer", .phone = "88"},
      .branch = InvoiceParty{.name = "Center"},
      .staff_code = "s1",
      .terminal_code = "t1",
      .district_code = "3505",
      .note = "n",
      .tax_type = TaxType::taxed,
      .due_at = fixture.clock.now(),
      .ends_at = fixture.clock.now() + 10min,
      .lines = {{.description = "Crown",
                 .quantity = 2,
                 .unit_price = QpayFixture::tugrik("50"),
                 .tax_product_code = "9",
                 .classification_code = "0000010",
                 .barcode = "123",
                 .discounts = {{"D", "friends", QpayFixture::tugrik("10")}},
                 .taxes = {{"VAT", "VAT", QpayFixture::tugrik("9.09")}}}}};
  fixture.token();
  fixture.client.reply(200,
                       R"({"invoice_id":"i","qr_text":"q","qPay_deeplink":[{"link":"x://"}]})");
  const auto shown = fixture.run(fixture.qpay->present(std::move(draft)));
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->links.size(), 1U) << "the name in the published table";
  const Json body = fixture.sent_body(1);
  EXPECT_EQ(body["invoice_receiver_data"]["register"].text_or_empty(), "1234567");
  EXPECT_EQ(body["sender_branch_data"]["name"].text_or_empty(), "Center");
  EXPECT_EQ(body["sender_terminal_code"].text_or_empty(), "t1");
  EXPECT_EQ(body["tax_type"].text_or_empty(), "1");
  EXPECT_EQ(body["enable_expiry"].boolean(), true);
  EXPECT_EQ(body["expiry_date"].text_or_empty(), base::to_iso8601(fixture.clock.now() + 10min));
  EXPECT_EQ(body["allow_partial"].boolean(), false);
  EXPECT_EQ(body["allow_exceed"].boolean(), false);
  const Json& line = body["lines"].array().at(0);
  EXPECT_EQ(line["line_quantity"].integer(), 2);
  EXPECT_EQ(line["line_unit_price"].number_text(), "50");
  EXPECT_EQ(line["classification_code"].text_or_empty(), "0000010");
  EXPECT_EQ(line["discounts"].array().at(0)["amount"].number_text(), "10");
  EXPECT_EQ(line["taxes"].array().at(0)["amount"].number_text(), "9.09");
  EXPECT_EQ(line["taxes"].array().at(0)["tax_code"].text_or_empty(), "VAT");
}

TEST(Qpay, TooLongTextsAreCutBetweenCharacters) {
  QpayFixture fixture;
  SessionDraft draft = fixture.draft();
  draft.bill_number = std::string(44, 'x') + "Ү";
  draft.description.clear();
  fixture.token();
  fixture.client.reply(200, R"({"invoice_id":"i","qr_text":"q"})");
  ASSERT_TRUE(fixture.run(fixture.qpay->present(std::move(draft))).has_value());
  EXPECT_EQ(fixture.sent_body(1)["sender_invoice_no"].text_or_empty(), std::string(44, 'x'));
}

TEST(Qpay, ALivePartnerIsNotToBeASandbox) {
  QpayFixture fixture(QpayOptions{.environment = "live"});
  base::HttpHeaders headers;
  headers.add("X-Sandbox", "quittance");
  fixture.client.reply(200, fixture.token_body("a", fixture.now_s() + 3'600, "r"), headers);
  EXPECT_EQ(qpay_unknown(fixture.ask()), unreadable);
}

TEST(Qpay, ItSaysWhatItCan) {
  QpayFixture fixture;
  const Capabilities can = fixture.qpay->capabilities();
  EXPECT_TRUE(can.presents_remotely && can.lists && can.notifies && can.cancels && can.refunds);
  EXPECT_TRUE(can.issues_receipts);
  EXPECT_EQ(can.polling, PollingRule::rare_bounded_sweep);
  EXPECT_EQ(can.bulk_limit, 1U);
}

}  // namespace
}  // namespace quittance::providers
