// Published exchanges with QPay: our adapter says the same and understands the answers, and our
// simulator answers the same.
#include "unit/providers/published_exchanges.hpp"
#include "unit/providers/qpay_fixture.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;
using base::Json;
using namespace std::chrono_literals;

const base::Time kThen = base::from_ms(1'760'000'000'000);  // 2025-10-09T08:53:20Z

/// The adapter with the published reply as the next one.
struct Replayed : QpayFixture {
  explicit Replayed(const Json& exchange, bool with_token = true)
      : wanted_request(exchange["request"]) {
    clock.set(kThen);
    if (with_token) token();
    client.reply(static_cast<int>(exchange["response"]["status"].integer().value_or(0)),
                 exchange["response"]["body"].dump());
  }
  /// What we sent is what they sent.
  void expect_same_request(std::size_t call = 1) {
    ASSERT_GT(client.calls.size(), call);
    EXPECT_EQ(client.calls[call].method, wanted_request["method"].text_or_empty());
    EXPECT_EQ(client.calls[call].url,
              "https://qpay.example" + wanted_request["path"].text_or_empty());
    if (wanted_request["body"].is_null()) {
      EXPECT_EQ(client.calls[call].body, "");
    } else {
      EXPECT_EQ(client.calls[call].body, wanted_request["body"].dump());
    }
  }
  RefundDraft refund_draft(std::string reason) {
    return {.session = session(),
            .payment_ref = kPaymentId,
            .amount = tugrik("100"),
            .reason = std::move(reason),
            .idempotency_key = "refund-0001"};
  }
  /// What `payment/{id}` says before a refund.
  void payment_is_paid() {
    base::Result<base::HttpReply> published = std::move(client.replies.back());
    client.replies.pop_back();
    client.reply(200, R"({"payment_id":"900000000000001","payment_status":"PAID",
        "payment_amount":"100.00","payment_currency":"MNT",
        "payment_date":"2025-10-09T08:53:20.000Z","object_type":"INVOICE","object_id":"i"})");
    client.replies.push_back(std::move(published));
  }
  Json wanted_request;
};

void token_is_used(const Json& exchange) {
  Replayed replayed(exchange, false);
  replayed.client.reply(200, R"({"count":0,"rows":[]})");
  EXPECT_TRUE(std::holds_alternative<NotYet>(replayed.ask()));
  replayed.expect_same_request(0);
  EXPECT_EQ(replayed.sent(1), "Bearer <jwt>");
}

void wrong_password(const Json& exchange) {
  Replayed replayed(exchange, false);
  EXPECT_EQ(qpay_unknown(replayed.ask()), UnknownReason::unauthorized);
}

void refresh(const Json& exchange) {
  QpayFixture fixture;
  fixture.clock.set(kThen - 1h);
  fixture.client.reply(200, fixture.token_body("old", 3'600, "old refresh"));
  fixture.client.reply(200, R"({"count":0,"rows":[]})");
  fixture.ask();
  // An hour later the first token is over; its refresh token must not be, to be of use.
  fixture.clock.set(kThen - 1s);
  fixture.client.reply(200, exchange["response"]["body"].dump());
  fixture.client.reply(200, R"({"count":0,"rows":[]})");
  EXPECT_TRUE(std::holds_alternative<NotYet>(fixture.ask()));
  EXPECT_EQ(fixture.client.calls.at(2).url, "https://qpay.example/v2/auth/refresh");
  EXPECT_EQ(fixture.sent(2), "Bearer old refresh");
  EXPECT_EQ(fixture.sent(3), "Bearer <new jwt>");
}

void invoice(const Json& exchange) {
  Replayed replayed(exchange);
  const auto shown = replayed.run(replayed.qpay->present(replayed.draft()));
  ASSERT_TRUE(shown.has_value());
  replayed.expect_same_request();
  EXPECT_EQ(shown->provider_ref, kInvoiceId);
  EXPECT_EQ(shown->links.size(), 2U);
  EXPECT_EQ(shown->picture, "https://s.qpay.mn/AbCdEfGh12");
  EXPECT_EQ(shown->qr_data, exchange["response"]["body"]["qr_text"].text_or_empty());
}

void invoice_refused(const Json& exchange) {
  Replayed replayed(exchange);
  const auto refused = replayed.run(replayed.qpay->present(replayed.draft()));
  EXPECT_EQ(refused.error().code, ErrorCode::provider_refused);
}

void canceled(const Json& exchange) {
  Replayed replayed(exchange);
  EXPECT_EQ(replayed.run(replayed.qpay->cancel(replayed.session())), CancelOutcome::canceled);
  replayed.expect_same_request();
}

void unpaid(const Json& exchange) {
  Replayed replayed(exchange);
  EXPECT_TRUE(std::holds_alternative<NotYet>(replayed.ask()));
  replayed.expect_same_request();
}

void paid(const Json& exchange) {
  Replayed replayed(exchange);
  replayed.client.reply(422, R"({"error":"PAYMENT_NOTFOUND","message":"x"})");
  const Answer answer = replayed.ask();
  replayed.expect_same_request();
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  EXPECT_EQ(std::get<Paid>(answer).provider_ref, kPaymentId);
  EXPECT_EQ(std::get<Paid>(answer).amount, QpayFixture::tugrik("100"));
}

void payment_read(const Json& exchange) {
  Replayed replayed(exchange);
  base::Result<base::HttpReply> published = std::move(replayed.client.replies.back());
  replayed.client.replies.pop_back();
  replayed.client.reply(200, QpayFixture::check_body(QpayFixture::row("PAID")));
  replayed.client.replies.push_back(std::move(published));
  std::vector<core::Session> one;
  one.push_back(replayed.session());
  one.back().created_at = kThen - 1min;
  replayed.clock.set(kThen + 1h);
  const Answer answer = replayed.run(replayed.qpay->query(std::move(one))).at(0);
  replayed.expect_same_request(2);
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  EXPECT_EQ(std::get<Paid>(answer).paid_at, kThen);
}

void payment_unknown(const Json& exchange) {
  Replayed replayed(exchange);
  RefundDraft draft = replayed.refund_draft("x");
  draft.payment_ref = "1";
  EXPECT_EQ(replayed.run(replayed.qpay->refund(std::move(draft))).error().code,
            ErrorCode::not_found);
  replayed.expect_same_request();
}

void listed(const Json& exchange) {
  Replayed replayed(exchange);
  const base::Time midnight = base::from_ms(1'759'968'000'000);
  const auto page =
      replayed.run(replayed.qpay->list({.since = midnight, .until = midnight + 24h - 1s - 8h}, ""));
  ASSERT_TRUE(page.has_value());
  replayed.expect_same_request();
  ASSERT_EQ(page->payments.size(), 1U);
  EXPECT_EQ(page->unreadable.size(), 0U);
  EXPECT_EQ(page->next_cursor, "");
  EXPECT_EQ(page->payments[0].payment_ref, kPaymentId);
  EXPECT_EQ(page->payments[0].provider_ref, kInvoiceId);
  EXPECT_EQ(page->payments[0].paid_at, kThen);
}

void refunded(const Json& exchange) {
  Replayed replayed(exchange);
  replayed.payment_is_paid();
  const auto done = replayed.run(replayed.qpay->refund(replayed.refund_draft("returned goods")));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->state, RefundState::succeeded);
  EXPECT_EQ(replayed.client.calls.at(2).method, "DELETE");
  EXPECT_EQ(replayed.sent_body(2)["note"], exchange["request"]["body"]["note"]);
}

void refund_refused(const Json& exchange) {
  Replayed replayed(exchange);
  replayed.payment_is_paid();
  const auto done = replayed.run(replayed.qpay->refund(replayed.refund_draft("x")));
  EXPECT_EQ(done.error().code, ErrorCode::provider_refused);
  replayed.expect_same_request(2);
}

void receipt(const Json& exchange) {
  Replayed replayed(exchange);
  const auto made = replayed.run(replayed.qpay->issue_receipt(
      {.payment_ref = kPaymentId,
       .receiver = exchange["request"]["body"]["ebarimt_receiver"].text_or_empty(),
       .district_code = "3505",
       .classification_code = "0000010"}));
  ASSERT_TRUE(made.has_value());
  replayed.expect_same_request();
  EXPECT_EQ(made->lottery.reveal(), "AB 12345678");
  EXPECT_EQ(made->vat->minor(), 909);
}

void receipt_unknown(const Json& exchange) {
  Replayed replayed(exchange);
  EXPECT_TRUE(replayed.run(replayed.qpay->void_receipt("v1/x")).has_value()) << "none is left";
}

void called_back(const Json& exchange) {
  QpayFixture fixture;
  const std::string path = exchange["request"]["path"].text_or_empty();
  const std::string own = "session=5f0c&token=" + callback_token(base::Secret("key"), "5f0c");
  const auto notice = fixture.qpay->read_notice(
      {.headers{}, .query = own + "&" + path.substr(path.find('?') + 1), .body{}});
  ASSERT_TRUE(notice.has_value());
  EXPECT_EQ(notice->payment_ref, kPaymentId);
}

void shown_only(const Json&) {}  // no call of ours; the simulator has it

TEST(QpayExchanges, TheAdapterSaysAndUnderstandsThem) {
  const Json file = published("qpay.json");
  if (file.is_null()) GTEST_SKIP() << "the published exchanges are not here";
  for_each_exchange(file, {{"token", token_is_used},
                           {"token, wrong password", wrong_password},
                           {"refresh", refresh},
                           {"create invoice (simple)", invoice},
                           {"create invoice, missing field", invoice_refused},
                           {"create invoice, unknown invoice_code", invoice_refused},
                           {"get invoice, open", shown_only},
                           {"cancel invoice", canceled},
                           {"cancel invoice again", canceled},
                           {"payment check, unpaid", unpaid},
                           {"payment check, paid", paid},
                           {"get payment", payment_read},
                           {"get payment, unknown", payment_unknown},
                           {"payment list", listed},
                           {"refund (card only)", refunded},
                           {"refund of a settled P2P payment", refund_refused},
                           {"e-Barimt v3", receipt},
                           {"e-Barimt unknown", receipt_unknown},
                           {"CALLBACK (provider to merchant)", called_back}});
}

/// The simulator, and what an exchange needs to have happened before.
struct Counter : RailStreet {
  Counter() : RailStreet("qpay") {
    clock.set(kThen);
    const Json token = call("POST", "/v2/auth/token", basic("TEST_MERCHANT:123456"), Json());
    access = "Bearer " + token["access_token"].text_or_empty();
    refresh = "Bearer " + token["refresh_token"].text_or_empty();
    invoice_id = call("POST", "/v2/invoice", access,
                      Json::parse(R"({"invoice_code":"TEST_INVOICE","sender_invoice_no":"ORD-42",
            "invoice_receiver_code":"terminal","invoice_description":"Order 42","amount":100,
            "callback_url":"https://shop.example/cb?order=42"})")
                          .value())["invoice_id"]
                     .text_or_empty();
  }
  static std::string basic(const std::string& pair) { return "Basic " + base::to_base64(pair); }
  Json call(std::string method, std::string path, std::string authorization, const Json& body) {
    base::HttpRequest request{.method = std::move(method), .path = std::move(path)};
    request.headers.add("Authorization", std::move(authorization));
    if (!body.is_null()) request.body = body.dump();
    const base::HttpResponse response = run(bank->handle(std::move(request)));
    status = response.status;
    return Json::parse(response.body).value_or(Json());
  }
  void pay(std::string choice) {
    payment_id = act(invoice_id, {.choice = std::move(choice)})
                     .value_or(Json())["payment_id"]
                     .text_or_empty();
  }
  /// The exchange with our ids in the place of theirs.
  void expect_like(const Json& exchange, std::string authorization) {
    std::string text = replaced(exchange["request"].dump(), kInvoiceId, invoice_id);
    text = replaced(std::move(text), kPaymentId, payment_id);
    const Json request = Json::parse(text).value();
    const Json answer = call(request["method"].text_or_empty(), request["path"].text_or_empty(),
                             std::move(authorization), request["body"]);
    EXPECT_EQ(status, exchange["response"]["status"].integer());
    const Json& wanted = exchange["response"]["body"];
    expect_shape(wanted, answer, "");
    if (wanted["error"].is_string()) {
      EXPECT_EQ(answer["error"], wanted["error"]);
    }
  }

  std::string access, refresh, invoice_id, payment_id = "1";
  int status = 0;
};

TEST(QpayExchanges, TheSimulatorAnswersTheSame) {
  const Json file = published("qpay.json");
  if (file.is_null()) GTEST_SKIP() << "the published exchanges are not here";
  const auto after = [](auto prepare) {
    return [prepare](const Json& exchange) {
      Counter counter;
      prepare(counter);
      counter.expect_like(exchange, counter.access);
    };
  };
  const auto nothing = [](Counter&) {};
  const auto by_bank = [](Counter& counter) { counter.pay("khanbank"); };
  const auto by_card = [](Counter& counter) { counter.pay("card"); };
  for_each_exchange(
      file, {{"token",
              [](const Json& exchange) {
                Counter().expect_like(exchange, Counter::basic("TEST_MERCHANT:123456"));
              }},
             {"token, wrong password",
              [](const Json& exchange) {
                Counter().expect_like(exchange, Counter::basic("TEST_MERCHANT:654321"));
              }},
             {"refresh",
              [](const Json& exchange) {
                Counter counter;
                counter.expect_like(exchange, counter.refresh);
              }},
             {"create invoice (simple)", after(nothing)},
             {"create invoice, missing field", after(nothing)},
             {"create invoice, unknown invoice_code", after(nothing)},
             {"get invoice, open", after(nothing)},
             {"cancel invoice", after(nothing)},
             {"cancel invoice again", after([](Counter& counter) {
                counter.call("DELETE", "/v2/invoice/" + counter.invoice_id, counter.access, Json());
              })},
             {"payment check, unpaid", after(nothing)},
             {"payment check, paid", after(by_bank)},
             {"get payment", after(by_bank)},
             {"get payment, unknown", after(nothing)},
             {"payment list", after(by_bank)},
             {"refund (card only)", after(by_card)},
             {"refund of a settled P2P payment", after(by_bank)},
             {"e-Barimt v3", after(by_bank)},
             {"e-Barimt unknown", after(nothing)},
             {"CALLBACK (provider to merchant)", [&](const Json& exchange) {
                Counter counter;
                counter.pay("khanbank");
                ASSERT_EQ(counter.deliver(), 1);
                const base::HttpCall& call = counter.door.calls.back();
                EXPECT_EQ(call.method, exchange["request"]["method"].text_or_empty());
                EXPECT_EQ(
                    "https://shop.example" + replaced(exchange["request"]["path"].text_or_empty(),
                                                      kPaymentId, counter.payment_id),
                    call.url);
                EXPECT_EQ(counter.bank->notices().back().wanted_answer,
                          exchange["response"]["body"].text_or_empty());
              }}});
}

TEST(QpayExchanges, TheUnpaidCheckHasNoSum) {
  Counter counter;
  const Json check =
      counter.call("POST", "/v2/payment/check", counter.access,
                   Json::object({{"object_type", "INVOICE"}, {"object_id", counter.invoice_id}}));
  EXPECT_FALSE(check.has("paid_amount"));
  EXPECT_EQ(check["count"].integer(), 0);
}

TEST(QpayExchanges, TheSimulatorLinksToTheSameApps) {
  const Json file = published("qpay.json");
  if (file.is_null()) GTEST_SKIP() << "the published exchanges are not here";
  Counter counter;
  const Json made =
      counter.call("POST", "/v2/invoice", counter.access,
                   Json::parse(R"({"invoice_code":"TEST_INVOICE","sender_invoice_no":"ORD-42",
          "invoice_receiver_code":"terminal","invoice_description":"Order 42","amount":"100.00",
          "callback_url":"https://shop.example/cb"})")
                       .value());
  std::vector<std::string> schemes;
  for (const Json& link : made["urls"].array()) {
    const std::string text = link["link"].text_or_empty();
    schemes.push_back(text.substr(0, text.find(':')));
  }
  std::vector<std::string> wanted;
  for (const Json& scheme : file["bank_schemes"].array())
    wanted.push_back(scheme.text_or_empty());
  EXPECT_EQ(schemes, wanted);
  EXPECT_NE(made["invoice_id"].text_or_empty(), counter.invoice_id)
      << "the same number makes another invoice";
}

}  // namespace
}  // namespace quittance::providers
