// Bakong, one question at a time: every reply that was ever seen or written down, and some worse.
#include <gtest/gtest.h>

#include "qr/qr.hpp"
#include "unit/providers/bakong_fixture.hpp"

namespace quittance::providers {
namespace {

using base::Json;
using enum UnknownReason;
using namespace std::chrono_literals;

TEST(BakongSingle, AsksByMd5WithOurToken) {
  BakongFixture fixture;
  fixture.ask_one(200, refusal(1));
  ASSERT_EQ(fixture.client.calls.size(), 1U);
  const auto& call = fixture.client.calls[0];
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.url, "https://bank.example/v1/check_transaction_by_md5");
  EXPECT_EQ(call.body, R"({"md5":"md5-0"})");
  EXPECT_EQ(call.headers.find("Content-Type"), "application/json");
  EXPECT_TRUE(call.headers.find("Authorization")->starts_with("Bearer e30."));
  EXPECT_EQ(call.headers.find("X-Quittance-Environment"), "sandbox");
  EXPECT_EQ(call.timeout, 8s);
}

TEST(BakongSingle, ReadsAPayment) {
  BakongFixture fixture;
  const Answer answer = fixture.ask_one(200, envelope(transfer()));
  const auto* paid = std::get_if<Paid>(&answer);
  ASSERT_TRUE(paid);
  EXPECT_EQ(paid->provider_ref, "abc123");
  EXPECT_EQ(paid->amount.text(), "1.50 USD");
  EXPECT_EQ(paid->receiver, "shop@bank");
  EXPECT_EQ(paid->payer, "payer@bank");
  EXPECT_EQ(paid->paid_at, base::from_ms(1'795'000'005'000));
  EXPECT_EQ(Json::parse(paid->raw).value(), transfer());
}

TEST(BakongSingle, C34_AmountsAndDatesAreReadExactlyHoweverTheyAreWritten) {
  BakongFixture fixture;
  const auto read = [&](const char* amount, const char* currency, const char* date) {
    const Answer answer =
        fixture.ask_one(200, envelope(transfer({{"amount", Json::Number{amount}},
                                                {"currency", currency},
                                                {"createdDateMs", Json::Number{date}}})));
    const auto* paid = std::get_if<Paid>(&answer);
    return paid ? paid->amount.text() + " " + std::to_string(base::to_ms(paid->paid_at))
                : std::string(to_text(answer));
  };
  EXPECT_EQ(read("1", "USD", "1605774370608"), "1.00 USD 1605774370608");
  EXPECT_EQ(read("0.29", "USD", "1605774370608.0"), "0.29 USD 1605774370608");
  EXPECT_EQ(read("9800", "KHR", "1605774370608"), "9800 KHR 1605774370608");
  EXPECT_EQ(read("9800.0", "KHR", "1605774370608"), "9800 KHR 1605774370608");
  EXPECT_EQ(read("1.005", "USD", "1605774370608"), "unknown") << "never rounded";
  EXPECT_EQ(read("-1", "USD", "1605774370608"), "unknown");
  EXPECT_EQ(read("1e2", "USD", "1605774370608"), "unknown");
  EXPECT_EQ(read("1", "EUR", "1605774370608"), "unknown");
  EXPECT_EQ(read("1", "USD", "0"), "unknown");
  EXPECT_EQ(read("1", "USD", "-5"), "unknown");
}

TEST(BakongSingle, WithoutWhatMattersNothingIsKnown) {
  BakongFixture fixture;
  for (const char* missing : {"hash", "currency", "amount", "createdDateMs"}) {
    const Answer answer = fixture.ask_one(200, envelope(transfer({{missing, nullptr}})));
    EXPECT_EQ(why_unknown(answer), unreadable) << missing;
  }
  EXPECT_EQ(why_unknown(fixture.ask_one(200, envelope(transfer({{"hash", ""}})))), unreadable);
  EXPECT_EQ(why_unknown(fixture.ask_one(200, envelope(nullptr))), unreadable);
  // The receiver may be missing: then nobody says that it is another.
  const Answer answer = fixture.ask_one(200, envelope(transfer({{"toAccountId", nullptr}})));
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  EXPECT_EQ(std::get<Paid>(answer).receiver, "");
}

TEST(BakongSingle, MoneyThatWentBackIsNoPayment) {
  BakongFixture fixture;
  for (const char* status : {"REFUNDED_BY_RECEIVER", "FAILED_AT_ACH"}) {
    const Answer answer = fixture.ask_one(200, envelope(transfer({{"trackingStatus", status}})));
    ASSERT_TRUE(std::holds_alternative<FinalNo>(answer)) << status;
    EXPECT_EQ(std::get<FinalNo>(answer).reason, status);
  }
  for (const char* status : {"RECEIVE_AT_ACH", "RECEIVE_AT_RECEIVER_BANK", "ACKNOWLEDGED_BY_FI"}) {
    const Answer answer = fixture.ask_one(200, envelope(transfer({{"trackingStatus", status}})));
    EXPECT_TRUE(std::holds_alternative<Paid>(answer)) << status;
  }
}

TEST(BakongSingle, ABusinessFailureIsReadByItsNumberNotItsWords) {
  BakongFixture fixture;
  EXPECT_TRUE(std::holds_alternative<NotYet>(fixture.ask_one(200, refusal(1))));
  EXPECT_TRUE(std::holds_alternative<FinalNo>(fixture.ask_one(200, refusal(3))));
  EXPECT_EQ(why_unknown(fixture.ask_one(200, refusal(6))), unauthorized);
  for (const int code : {2, 4, 5, 7, 9, 10, 99, -1}) {
    EXPECT_EQ(why_unknown(fixture.ask_one(200, refusal(code))), server_error) << code;
  }
  EXPECT_EQ(why_unknown(fixture.ask_one(200, R"({"responseCode":1})")), unreadable);
  EXPECT_EQ(why_unknown(fixture.ask_one(200, R"({"responseCode":"0"})")), unreadable);
  EXPECT_EQ(why_unknown(fixture.ask_one(200, R"({"responseCode":1,"errorCode":"1"})")), unreadable);
}

TEST(BakongSingle, N5_WhatIsNotAnAnswerIsUnknownForItsReason) {
  BakongFixture fixture;
  const std::string html = "<html><body>403 Forbidden</body></html>";
  EXPECT_EQ(why_unknown(fixture.ask_one(401, refusal(6))), unauthorized);
  EXPECT_EQ(why_unknown(fixture.ask_one(403, html)), forbidden);
  for (const int status : {500, 502, 503, 504, 599}) {
    EXPECT_EQ(why_unknown(fixture.ask_one(status, html)), server_error) << status;
    // Even if it looks like a "not found", a failing server has not looked.
    EXPECT_EQ(why_unknown(fixture.ask_one(status, refusal(1))), server_error) << status;
  }
  for (const int status : {201, 204, 301, 302, 400, 404, 405, 418}) {
    EXPECT_EQ(why_unknown(fixture.ask_one(status, refusal(1))), unreadable) << status;
  }
  const std::string whole = envelope(transfer());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(why_unknown(fixture.ask_one(200, whole.substr(0, size))), unreadable) << size;
  }
  for (const char* body : {"", "null", "[]", "0", "\"Success\"", "{}", "\xFF\xFE"}) {
    EXPECT_EQ(why_unknown(fixture.ask_one(200, body)), unreadable) << body;
  }
  EXPECT_EQ(why_unknown(fixture.ask_one(200, html)), unreadable);
  for (const auto code : {base::ErrorCode::timeout, base::ErrorCode::provider_unavailable}) {
    fixture.client.fail(code);
    EXPECT_EQ(why_unknown(fixture.ask_one()), timeout);
  }
}

TEST(BakongSingle, A429SaysHowLongToWait) {
  BakongFixture fixture;
  const auto retry_after = [&](std::optional<std::string> value) {
    base::HttpHeaders headers;
    if (value) headers.add("Retry-After", *value);
    const Answer answer = fixture.ask_one(429, "slow down", headers);
    EXPECT_EQ(why_unknown(answer), throttled);
    return std::get<Unknown>(answer).retry_after;
  };
  EXPECT_EQ(retry_after("7"), base::Duration(7s));
  EXPECT_EQ(retry_after("3600"), base::Duration(1h));
  for (const auto& useless :
       {"3601", "0", "-1", "soon", "", "99999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(retry_after(useless), std::nullopt) << useless;
  }
  EXPECT_EQ(retry_after(std::nullopt), std::nullopt);
}

TEST(BakongSingle, ALiveEngineBelievesNoSandbox) {
  base::HttpHeaders headers;
  headers.add("X-Sandbox", "quittance");
  BakongFixture live("live");
  EXPECT_EQ(why_unknown(live.ask_one(200, envelope(transfer()), headers)), unreadable);
  EXPECT_EQ(why_unknown(live.ask_one(200, refusal(1), headers)), unreadable);
  EXPECT_TRUE(std::holds_alternative<Paid>(live.ask_one(200, envelope(transfer()))));
  EXPECT_EQ(live.client.calls[0].headers.find("X-Quittance-Environment"), "live");
  BakongFixture sandbox;
  EXPECT_TRUE(std::holds_alternative<Paid>(sandbox.ask_one(200, envelope(transfer()), headers)));
}

TEST(BakongHealth, N11_AnExpiringTokenAndARefusalRaiseAnAlarm) {
  BakongFixture fixture;
  EXPECT_EQ(fixture.bakong->health().alarm, "");
  EXPECT_EQ(fixture.bakong->health().token_expires_at, fixture.clock.now() + 24h * 90);
  fixture.clock.advance(24h * 83);
  EXPECT_EQ(fixture.bakong->health().alarm, "");
  fixture.clock.advance(1ms);
  EXPECT_NE(fixture.bakong->health().alarm.find("expires"), std::string::npos);

  fixture.ask_one(401, "");
  EXPECT_NE(fixture.bakong->health().alarm.find("refuses our token"), std::string::npos);
  EXPECT_EQ(fixture.bakong->health().last_error, "unauthorized");
  EXPECT_EQ(fixture.bakong->health().last_error_at, fixture.clock.now());
  fixture.ask_one(403, "<html>");
  EXPECT_NE(fixture.bakong->health().alarm.find("403"), std::string::npos);
  fixture.ask_one(503, "");
  EXPECT_NE(fixture.bakong->health().alarm.find("403"), std::string::npos) << "it stands";
  fixture.ask_one(200, refusal(1));
  EXPECT_EQ(fixture.bakong->health().last_ok_at, fixture.clock.now());
  EXPECT_EQ(fixture.bakong->health().alarm.find("403"), std::string::npos) << "it is over";
}

TEST(BakongHealth, ATokenThatIsNoJwtHasNoDate) {
  for (const char* token : {"", "abc", "a.b", "a.!!.c", "a.e30.c", "..", "a.bm90IGpzb24.c"}) {
    BakongFixture fixture;
    auto options = fixture.options("sandbox");
    options.token = base::Secret(token);
    const auto bakong = make_bakong(std::move(options), fixture.client, fixture.clock, fixture.log);
    EXPECT_EQ(bakong->health().token_expires_at, std::nullopt) << token;
    EXPECT_EQ(bakong->health().alarm, "");
  }
}

TEST(BakongPresent, C8_MakesAPayableKhqrWithItsMd5) {
  BakongFixture fixture;
  SessionDraft draft{.amount = *core::Money::parse("12.50", *core::Currency::from_code("USD")),
                     .bill_number = "BILL_1",
                     .created_at = fixture.clock.now(),
                     .expires_at = fixture.clock.now() + 15min};
  const auto shown = fixture.run(fixture.bakong->present(std::move(draft)));
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->receiver, "shop@bank");
  EXPECT_EQ(shown->md5_hash, base::md5_hex(shown->qr_data));
  const auto read = qr::decode_khqr(shown->qr_data);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->account, "shop@bank");
  EXPECT_EQ(read->amount, "12.50");
  EXPECT_EQ(read->currency, "840");
  EXPECT_EQ(read->bill_number, "BILL_1");
  EXPECT_EQ(read->name, "Corner Shop");
}

TEST(BakongPresent, WholeDollarsAreWrittenAsTheBanksOwnKitDoes) {
  BakongFixture fixture;
  const auto amount = [&](const char* text, const char* currency) {
    SessionDraft draft{.amount = *core::Money::parse(text, *core::Currency::from_code(currency)),
                       .bill_number = "B",
                       .created_at = fixture.clock.now(),
                       .expires_at = fixture.clock.now() + 15min};
    const auto shown = fixture.run(fixture.bakong->present(std::move(draft)));
    return shown ? qr::decode_khqr(shown->qr_data)->amount.value_or("") : shown.error().param;
  };
  EXPECT_EQ(amount("100.00", "USD"), "100");
  EXPECT_EQ(amount("100.10", "USD"), "100.10");
  EXPECT_EQ(amount("9800", "KHR"), "9800");
  EXPECT_EQ(amount("12.00", "MNT"), "amount") << "no such money on this rail";
}

TEST(BakongDeepLink, IsAskedForAndMayBeMissing) {
  BakongFixture fixture;
  auto session = BakongFixture::session("md5");
  session.qr_data = "QR";
  fixture.client.reply(200, envelope(Json::object({{"shortLink", "https://bank.example/x"}})));
  EXPECT_EQ(fixture.run(fixture.bakong->deep_link(session)).value(), "https://bank.example/x");
  EXPECT_EQ(fixture.client.calls[0].url, "https://bank.example/v1/generate_deeplink_by_qr");
  EXPECT_EQ(fixture.client.calls[0].body, R"({"qr":"QR"})");
  fixture.client.reply(200, refusal(4));
  EXPECT_EQ(fixture.run(fixture.bakong->deep_link(session)).error().code,
            base::ErrorCode::provider_unavailable);
}

}  // namespace
}  // namespace quittance::providers
