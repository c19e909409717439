// The JSON control, route by route.
#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::Json;

Json get_json(BankFixture& fixture, std::string path) {
  return BankFixture::json_of(fixture.get(std::move(path)));
}

TEST(Control, pay_by_text_and_by_md5_with_every_override) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  const Json paid = fixture.ask("/control/pay", Json::object({{"qr", code.text}}))["transfer"];
  EXPECT_EQ(paid["md5"].string(), code.md5);
  EXPECT_EQ(paid["payer"].string(), "walkin@otherbank");
  EXPECT_EQ(paid["amount_minor"].integer(), 100);
  const Json odd = fixture.ask("/control/pay", Json::object({{"md5", code.md5},
                                                             {"payer", "dara@quitbank"},
                                                             {"amount", Json::Number{"4100.0"}},
                                                             {"currency", "KHR"},
                                                             {"receiver", "else@where"},
                                                             {"delay_ms", 5},
                                                             {"status", "failed"},
                                                             {"instruction_ref", "I"},
                                                             {"description", "D"}}))["transfer"];
  EXPECT_EQ(odd["payer"].string(), "dara@quitbank");
  EXPECT_EQ(odd["amount_minor"].integer(), 4'100);
  EXPECT_EQ(odd["currency"].string(), "KHR");
  EXPECT_EQ(odd["receiver"].string(), "else@where");
  EXPECT_EQ(odd["created_at"].integer(), kStartMs + 5);
  EXPECT_EQ(odd["status"].string(), "failed");
  EXPECT_EQ(odd["instruction_ref"].string(), "I");
  EXPECT_EQ(odd["description"].string(), "D");
}

TEST(Control, pay_refuses_by_name) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  const auto refused = [&](Json body, int status) {
    const auto response = fixture.post("/control/pay", body.dump());
    EXPECT_EQ(response.status, status) << body.dump();
    return BankFixture::json_of(response)["error"]["param"].text_or_empty();
  };
  const auto with = [&](std::string_view name, Json value) {
    Json body = Json::object({{"qr", code.text}});
    body.set(name, std::move(value));
    return body;
  };
  EXPECT_EQ(refused(Json::object({}), 400), "qr");
  EXPECT_EQ(refused(with("md5", code.md5), 400), "qr");
  EXPECT_EQ(refused(Json::object({{"md5", std::string(32, 'f')}}), 404), "qr");
  EXPECT_EQ(refused(with("amount", true), 400), "amount");
  EXPECT_EQ(refused(with("amount", Json::Number{"1e2"}), 400), "amount");
  EXPECT_EQ(refused(with("payer", 1), 400), "payer");
  EXPECT_EQ(refused(with("delay_ms", "5"), 400), "delay_ms");
  EXPECT_EQ(refused(with("status", "lost"), 400), "status");
  EXPECT_EQ(fixture.post("/control/pay", "{").status, 400);
  EXPECT_EQ(fixture.post("/control/pay", "[]").status, 400);
  EXPECT_TRUE(fixture.bank().transactions().empty());
}

TEST(Control, faults_are_read_and_changed_all_or_nothing) {
  BankFixture fixture;
  EXPECT_EQ(get_json(fixture, "/control/faults"), to_json(Faults{}));
  fixture.ask("/control/faults", Json::object({{"latency_ms", 7}}));
  const auto refused = fixture.post("/control/faults", R"({"latency_ms":9,"nonsense":1})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(BankFixture::json_of(refused)["error"]["param"].string(), "nonsense");
  EXPECT_EQ(fixture.bank().faults(), (Faults{.latency_ms = 7}));
}

TEST(Control, control_itself_never_suffers_from_faults) {
  BankFixture fixture;
  fixture.bank().set_faults({.latency_ms = 1'000, .error_rate_percent = 100});
  const auto before = fixture.clock().now();
  EXPECT_EQ(fixture.get("/control/faults").status, 200);
  EXPECT_EQ(fixture.get("/").status, 200);
  EXPECT_EQ(fixture.clock().now(), before);
}

TEST(Control, transactions_newest_first_and_waiting_without_the_paid) {
  BankFixture fixture;
  const auto first = fixture.khqr("1", "840", "A");
  const auto second = fixture.khqr("2", "840", "B");
  const auto open = fixture.khqr("3", "840", "C");
  for (const auto* code : {&first, &second, &open}) {
    ASSERT_TRUE(fixture.bank().remember_qr(code->text));
  }
  ASSERT_TRUE(fixture.bank().pay({first.text}));
  ASSERT_TRUE(fixture.bank().pay({second.text}));
  const Json reply = get_json(fixture, "/control/transactions");
  EXPECT_EQ(reply["count"].integer(), 2);
  ASSERT_EQ(reply["transactions"].array().size(), 2u);
  EXPECT_EQ(reply["transactions"].array()[0]["md5"].string(), second.md5);
  const Json waiting = get_json(fixture, "/control/waiting");
  ASSERT_EQ(waiting["waiting"].array().size(), 1u);
  EXPECT_EQ(waiting["waiting"].array()[0]["qr"].string(), open.text);
}

TEST(Control, calls_are_counted_by_path) {
  BankFixture fixture;
  fixture.check_md5("x");
  fixture.check_md5("x");
  fixture.post("/v1/made_up", "{}");
  fixture.post("/v1/made_up_too", "{}");
  const Json reply = get_json(fixture, "/control/calls");
  EXPECT_EQ(reply["calls"]["/v1/check_transaction_by_md5"].integer(), 2);
  EXPECT_EQ(reply["calls"]["other"].integer(), 2);
  EXPECT_EQ(reply["calls"].object().size(), 2u);
  EXPECT_EQ(reply["total"].integer(), 4);
}

TEST(Control, tokens_of_any_age) {
  BankFixture fixture;
  const auto status_with = [&](const Json& body) {
    const Json minted = fixture.ask("/control/token", body);
    fixture.set_token(minted["token"].text_or_empty());
    return fixture.post("/v1/check_transaction_by_md5", R"({"md5":"x"})").status;
  };
  EXPECT_EQ(status_with(Json::object({})), 200);
  EXPECT_EQ(status_with(Json::object({{"expires_in_s", 60}})), 200);
  EXPECT_EQ(status_with(Json::object({{"expires_in_s", 0}})), 401);
  EXPECT_EQ(status_with(Json::object({{"expires_in_s", -60}})), 401);
  EXPECT_EQ(fixture.post("/control/token", R"({"expires_in_s":"soon"})").status, 400);
  EXPECT_EQ(fixture.post("/control/token", R"({"expires_in_s":99999999999})").status, 400);
}

TEST(Control, simulate_payer_and_reset) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  int never = 0;
  for (int i = 0; i < 100; ++i) {
    const Json reply = fixture.ask("/control/simulate_payer",
                                   Json::object({{"qr", code.text}, {"speed", 1'000'000'000}}));
    never += reply["transfer"].is_null();
  }
  EXPECT_LT(never, 20);
  EXPECT_EQ(fixture.bank().transactions().size(), static_cast<std::size_t>(100 - never));
  EXPECT_EQ(
      fixture
          .post("/control/simulate_payer", Json::object({{"qr", code.text}, {"speed", 0}}).dump())
          .status,
      400);
  EXPECT_EQ(fixture.ask("/control/reset", Json::object({}))["reset"].boolean(), true);
  EXPECT_TRUE(fixture.bank().transactions().empty());
}

TEST(Control, unknown_paths_and_methods) {
  BankFixture fixture;
  EXPECT_EQ(fixture.get("/control/nothing").status, 404);
  EXPECT_EQ(fixture.get("/control/pay").status, 405);
}

TEST(Control, another_sites_page_cannot_press_the_buttons) {
  BankFixture fixture;
  for (const std::string path : {"/control/reset", "/reset", "/pay", "/faults"}) {
    base::HttpRequest request;
    request.method = "POST";
    request.path = path;
    request.headers.add("Sec-Fetch-Site", "cross-site");
    EXPECT_EQ(fixture.send(std::move(request)).status, 403) << path;
  }
}

}  // namespace
}  // namespace quittance::sandbox
