// Published exchanges with MVola: our adapter says the same and understands the answers, and our
// simulator answers the same.
#include "unit/providers/published_exchanges.hpp"
#include "unit/providers/rail_street.hpp"
#include "unit/providers/scripted_client.hpp"

namespace quittance::providers {
namespace {

using base::Json;
using namespace std::chrono_literals;

const base::Time kThen = base::from_ms(1'760'000'000'000);  // 2025-10-09T08:53:20Z
const std::string kCorrelation = "b2c3d4e5-0000-4000-8000-000000000002";
const std::string kReference = "641235";

/// The adapter with the published reply as the next one.
struct Replayed : testing::VirtualWorld {
  explicit Replayed(const Json& exchange, bool with_token = true) : published(exchange) {
    clock.set(kThen);
    mvola = make_mvola({.base_url = "https://mvola.example",
                        .consumer_key = "key",
                        .consumer_secret = base::Secret("secret"),
                        .partner_name = "Test Shop",
                        .partner_number = "0343500004"},
                       client, clock, log);
    if (with_token) {
      client.reply(200, R"({"access_token":"<token>","expires_in":3600})");
      reply();
    }
  }
  void reply() {
    client.reply(static_cast<int>(published["response"]["status"].integer().value_or(0)),
                 published["response"]["body"].dump());
  }
  core::Session session() {
    return {.session_id = "a1b2c3d4-0000-4000-8000-000000000001",
            .provider_ref = kCorrelation,
            .amount = *core::Money::parse("10000", *core::Currency::from_code("MGA")),
            .created_at = kThen - 1min};
  }
  SessionDraft draft() {
    return {.amount = session().amount,
            .bill_number = "ORD-42",
            .merchant_reference = "ORD-42",
            .description = "Order 42",
            .callback_url = "https://shop.example/mvola",
            .payer_phone = "0343500003",
            .object_type = "order",
            .created_at = kThen,
            .expires_at = kThen + 1h};
  }
  Answer ask() {
    std::vector<core::Session> one;
    one.push_back(session());
    return run(mvola->query(std::move(one))).at(0);
  }
  /// Method, path, headers (but for ids that are drawn) and body are theirs.
  void expect_same_request(std::size_t call = 1) {
    ASSERT_GT(client.calls.size(), call);
    const Json& request = published["request"];
    EXPECT_EQ(client.calls[call].method, request["method"].text_or_empty());
    EXPECT_EQ(client.calls[call].url, "https://mvola.example" + request["path"].text_or_empty());
    for (const auto& [name, value] : request["headers"].object()) {
      const auto sent = client.calls[call].headers.find(name);
      ASSERT_TRUE(sent.has_value()) << name;
      if (name != "X-CorrelationID" && name != "Authorization") {
        EXPECT_EQ(*sent, value.text_or_empty()) << name;
      }
    }
    if (request["body"].is_object()) {
      EXPECT_EQ(client.calls[call].body, request["body"].dump());
    }
    if (request["body"].is_string()) {
      EXPECT_EQ(client.calls[call].body, request["body"].text_or_empty());
    }
  }

  Json published;
  ScriptedClient client;
  std::unique_ptr<Provider> mvola;
};

void token_is_used(const Json& exchange) {
  Replayed replayed(exchange, false);
  replayed.reply();
  replayed.client.reply(200, R"({"status":"pending"})");
  EXPECT_TRUE(std::holds_alternative<NotYet>(replayed.ask()));
  replayed.expect_same_request(0);
  EXPECT_EQ(replayed.client.calls.at(1).headers.find("Authorization"), "Bearer <jwt>");
}

void bad_credentials(const Json& exchange) {
  Replayed replayed(exchange, false);
  replayed.reply();
  EXPECT_EQ(unknown_reason(replayed.ask()), UnknownReason::unauthorized);
}

void pushed(const Json& exchange) {
  Replayed replayed(exchange);
  const auto shown = replayed.run(replayed.mvola->present(replayed.draft()));
  ASSERT_TRUE(shown.has_value());
  replayed.expect_same_request();
  EXPECT_EQ(shown->provider_ref, kCorrelation);
}

void push_refused(const Json& exchange) {
  Replayed replayed(exchange);
  const auto refused = replayed.run(replayed.mvola->present(replayed.draft()));
  EXPECT_EQ(refused.error().code, base::ErrorCode::provider_refused);
  EXPECT_EQ(refused.error().detail, "400 formatError 4001");
}

void bad_bearer(const Json& exchange) {
  Replayed replayed(exchange);
  EXPECT_EQ(unknown_reason(replayed.ask()), UnknownReason::unauthorized);
}

void pending(const Json& exchange) {
  Replayed replayed(exchange);
  EXPECT_TRUE(std::holds_alternative<NotYet>(replayed.ask()));
  replayed.expect_same_request();
}

void completed(const Json& exchange) {
  Replayed replayed(exchange);
  replayed.client.reply(500, "");
  EXPECT_EQ(unknown_reason(replayed.ask()), UnknownReason::server_error)
      << "the amount is not known yet";
  replayed.expect_same_request();
  EXPECT_TRUE(replayed.client.calls.at(2).url.ends_with("/1.0.0/" + kReference));
}

void failed(const Json& exchange) {
  Replayed replayed(exchange);
  EXPECT_TRUE(std::holds_alternative<FinalNo>(replayed.ask()));
}

void details(const Json& exchange) {
  Replayed replayed(exchange, false);
  replayed.client.reply(200, R"({"access_token":"<token>","expires_in":3600})");
  replayed.client.reply(200, R"({"status":"Completed","objectReference":"641235"})");
  replayed.reply();
  const Answer answer = replayed.ask();
  replayed.expect_same_request(2);
  ASSERT_TRUE(std::holds_alternative<Paid>(answer));
  const Paid& paid = std::get<Paid>(answer);
  EXPECT_EQ(paid.provider_ref, kReference);
  EXPECT_EQ(paid.amount.minor(), 10'000);
  EXPECT_EQ(paid.payer, "0343500003");
  EXPECT_EQ(paid.receiver, "0343500004");
  EXPECT_EQ(paid.paid_at, kThen) << "not three hours later";
}

/// A callback is read as it stands, without a token of ours: some gateways drop a query.
auto callback_of(std::string kind) {
  return [kind](const Json& exchange) {
    Replayed replayed(exchange, false);
    const auto notice = replayed.mvola->read_notice(
        {.headers{}, .query{}, .body = exchange["request"]["body"].dump()});
    ASSERT_TRUE(notice.has_value());
    EXPECT_EQ(notice->provider_ref, kCorrelation);
    EXPECT_EQ(notice->payment_ref, kReference);
    EXPECT_EQ(notice->kind, kind);
  };
}

TEST(MvolaExchanges, TheAdapterSaysAndUnderstandsThem) {
  const Json file = published("mvola.json");
  if (file.is_null()) GTEST_SKIP() << "the published exchanges are not here";
  for_each_exchange(file, {{"token", token_is_used},
                           {"token, bad credentials", bad_credentials},
                           {"initiate", pushed},
                           {"initiate, missing field", push_refused},
                           {"any call, bad bearer", bad_bearer},
                           {"status, pending", pending},
                           {"status, completed", completed},
                           {"status, failed", failed},
                           {"details", details},
                           {"CALLBACK completed (MVola to merchant)", callback_of("completed")},
                           {"CALLBACK failed", callback_of("failed")},
                           {"CALLBACK alternate shape", callback_of("completed")}});
}

/// The simulator, and what an exchange needs to have happened before.
struct Counter : RailStreet {
  explicit Counter(const Json& file) : RailStreet("mvola") {
    clock.set(kThen);
    for (const Json& exchange : file["exchanges"].array()) {
      const std::string name = exchange["name"].text_or_empty();
      if (name == "token") access = call(exchange)["access_token"].text_or_empty();
      if (name == "initiate") push_id = call(exchange)["serverCorrelationId"].text_or_empty();
    }
  }
  Json call(const Json& exchange) {
    const Json& asked = exchange["request"];
    base::HttpRequest request{.method = asked["method"].text_or_empty(),
                              .path = asked["path"].text_or_empty()};
    for (const auto& [name, value] : asked["headers"].object()) {
      std::string text = value.text_or_empty();
      if (text == "Bearer <token>") text = "Bearer " + access;
      if (text == "Basic base64(key:secret)") {
        text = "Basic " + base::to_base64("demo_key:demo_secret");
      }
      request.headers.add(name, std::move(text));
    }
    const Json& body = asked["body"];
    if (!body.is_null()) request.body = body.is_string() ? body.text_or_empty() : body.dump();
    const base::HttpResponse response = run(bank->handle(std::move(request)));
    status = response.status;
    return Json::parse(response.body).value_or(Json());
  }
  void answer_push(std::string choice) {
    reference =
        act(push_id, {.choice = std::move(choice)}).value_or(Json())["reference"].text_or_empty();
  }
  Json with_our_ids(const Json& json) const {
    std::string text = replaced(json.dump(), kCorrelation, push_id);
    text = replaced(std::move(text), kReference, reference);
    return Json::parse(text).value();
  }
  void expect_like(const Json& exchange) {
    const Json ours = with_our_ids(exchange);
    const Json answer = call(ours);
    EXPECT_EQ(status, exchange["response"]["status"].integer());
    expect_shape(ours["response"]["body"], answer, "");
    for (const char* name :
         {"status", "serverCorrelationId", "objectReference", "amount", "currency", "error",
          "errorCode", "errorParameters", "transactionReference", "creationDate", "fees"}) {
      if (ours["response"]["body"].has(name)) {
        EXPECT_EQ(answer[name], ours["response"]["body"][name]) << name;
      }
    }
  }

  std::string access, push_id = kCorrelation, reference = "0";
  int status = 0;
};

TEST(MvolaExchanges, TheSimulatorAnswersTheSame) {
  const Json file = published("mvola.json");
  if (file.is_null()) GTEST_SKIP() << "the published exchanges are not here";
  const auto after = [&file](std::string choice) {
    return [&file, choice](const Json& exchange) {
      Counter counter(file);
      if (!choice.empty()) counter.answer_push(choice);
      counter.expect_like(exchange);
    };
  };
  const auto told = [&file](std::string choice, int style) {
    return [&file, choice, style](const Json& exchange) {
      Counter counter(file);
      counter.faults({{"callback_style", style}});
      counter.answer_push(choice);
      ASSERT_EQ(counter.deliver(), 1);
      EXPECT_EQ(counter.door.calls.back().method, "PUT");
      EXPECT_EQ(counter.door.calls.back().url, "https://shop.example/mvola");
      const Json body = Json::parse(counter.door.calls.back().body).value();
      const Json ours = counter.with_our_ids(exchange["request"]["body"]);
      expect_shape(ours, body, "");
      EXPECT_EQ(body.has("fees"), ours.has("fees"));
      for (const char* name : {"transactionStatus", "status", "objectReference", "fees"})
        EXPECT_EQ(body[name], ours[name]) << name;
    };
  };
  for_each_exchange(file, {{"token", after("")},
                           {"token, bad credentials", after("")},
                           {"initiate",
                            [&file](const Json& exchange) {
                              Counter counter(file);
                              const Json answer = counter.call(exchange);
                              EXPECT_EQ(counter.status, 202);
                              expect_shape(exchange["response"]["body"], answer, "");
                              EXPECT_EQ(answer["status"], exchange["response"]["body"]["status"]);
                            }},
                           {"initiate, missing field", after("")},
                           {"any call, bad bearer", after("")},
                           {"status, pending", after("")},
                           {"status, completed", after("approve")},
                           {"status, failed", after("refuse")},
                           {"details", after("approve")},
                           {"CALLBACK completed (MVola to merchant)", told("approve", 0)},
                           {"CALLBACK failed", told("refuse", 0)},
                           {"CALLBACK alternate shape", told("approve", 1)}});
}

}  // namespace
}  // namespace quittance::providers
