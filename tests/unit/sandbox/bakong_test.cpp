// The Open API dialect, route by route.
#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::Json;

constexpr std::string_view kLookups[] = {
    "/v1/check_transaction_by_md5",          "/v1/check_transaction_by_hash",
    "/v1/check_transaction_by_short_hash",   "/v1/check_transaction_by_instruction_ref",
    "/v1/check_transaction_by_external_ref", "/v1/check_transaction_by_md5_list",
    "/v1/check_transaction_by_hash_list"};

std::int64_t code_of(const Json& reply) { return reply["errorCode"].integer().value_or(0); }

TEST(Bakong, unknown_md5_is_not_found_with_http_200) {
  BankFixture fixture;
  const auto response =
      fixture.post("/v1/check_transaction_by_md5", R"({"md5":"00000000000000000000000000000000"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"responseCode":1,"responseMessage":"Transaction could not be found. Please check )"
            R"(and try again.","errorCode":1,"data":null})");
}

TEST(Bakong, paid_qr_is_found_by_md5_S1_21) {
  BankFixture fixture;
  const auto code = fixture.khqr("1.50");
  ASSERT_TRUE(fixture.bank().pay({code.text, {.payer = "dara@quitbank"}}));
  const Json reply = fixture.check_md5(code.md5);
  EXPECT_EQ(reply["responseCode"].integer(), 0);
  EXPECT_EQ(reply["responseMessage"].string(), "Success");
  EXPECT_TRUE(reply["errorCode"].is_null());
  const Json& data = reply["data"];
  EXPECT_EQ(data["hash"].text_or_empty().size(), 64u);
  EXPECT_EQ(data["fromAccountId"].string(), "dara@quitbank");
  EXPECT_EQ(data["toAccountId"].string(), "quittance_shop@quitbank");
  EXPECT_EQ(data["currency"].string(), "USD");
  EXPECT_EQ(data["amount"].number_text(), "1.5");
  EXPECT_EQ(data["createdDateMs"].number_text(), std::to_string(kStartMs));
  EXPECT_EQ(data["acknowledgedDateMs"].number_text(), std::to_string(kStartMs));
  for (const auto name :
       {"description", "trackingStatus", "receiverBank", "receiverBankAccount", "instructionRef"}) {
    EXPECT_TRUE(data.has(name)) << name;
    EXPECT_TRUE(data[name].is_null()) << name;
  }
  EXPECT_EQ(data["externalRef"].text_or_empty().size(), 16u);
  EXPECT_TRUE(data["externalRef"].text_or_empty().starts_with("100FT"));
}

TEST(Bakong, every_key_finds_the_same_transaction) {
  BankFixture fixture;
  const auto code = fixture.khqr("4000", "116");
  const auto paid = fixture.bank().pay({code.text, {.instruction_ref = "INS-7"}});
  ASSERT_TRUE(paid);
  const Json expected = fixture.check_md5(code.md5)["data"];
  EXPECT_EQ(expected["amount"].number_text(), "4000");
  EXPECT_EQ(expected["currency"].string(), "KHR");
  const auto data = [&](std::string path, const Json& body) {
    return fixture.ask("/v1/check_transaction_by_" + path, body)["data"];
  };
  EXPECT_EQ(data("hash", Json::object({{"hash", paid->hash}})), expected);
  EXPECT_EQ(data("instruction_ref", Json::object({{"instructionRef", "INS-7"}})), expected);
  EXPECT_EQ(data("external_ref", Json::object({{"externalRef", paid->external_ref}})), expected);
  const auto by_short_hash = [&](std::string amount, std::string currency) {
    return data("short_hash", Json::object({{"hash", paid->hash.substr(0, 8)},
                                            {"amount", Json::Number{std::move(amount)}},
                                            {"currency", std::move(currency)}}));
  };
  EXPECT_EQ(by_short_hash("4000.0", "KHR"), expected);
  EXPECT_TRUE(by_short_hash("4001", "KHR").is_null());
  EXPECT_TRUE(by_short_hash("4000", "USD").is_null());
}

TEST(Bakong, md5_list_is_a_bare_array_answered_by_id) {
  BankFixture fixture;
  const auto paid = fixture.khqr("1", "840", "A");
  const auto open = fixture.khqr("1", "840", "B");
  const auto failed = fixture.khqr("1", "840", "C");
  const auto fixed = fixture.khqr("", "840", "D");
  ASSERT_TRUE(fixture.bank().pay({paid.text}));
  ASSERT_TRUE(fixture.bank().pay({failed.text, {.status = TransferStatus::failed}}));
  ASSERT_TRUE(fixture.bank().pay({fixed.text, {.amount = "2"}}));
  const Json asked(Json::Array{paid.md5, open.md5, failed.md5, fixed.md5, paid.md5});
  const Json reply = fixture.ask("/v1/check_transaction_by_md5_list", asked);
  EXPECT_EQ(reply["responseCode"].integer(), 0);
  const auto& items = reply["data"].array();
  ASSERT_EQ(items.size(), 5u);
  const std::string_view expected[] = {"SUCCESS", "NOT_FOUND", "FAILED", "STATIC_QR", "SUCCESS"};
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i]["md5"], asked.array()[i]);
    EXPECT_EQ(items[i]["status"].string(), expected[i]);
    EXPECT_EQ(items[i]["data"].is_null(), expected[i] != "SUCCESS");
    EXPECT_TRUE(items[i]["message"].is_string());
  }
  EXPECT_EQ(items[0]["data"], fixture.check_md5(paid.md5)["data"]);
}

TEST(Bakong, hash_list_works_the_same) {
  BankFixture fixture;
  const auto paid = fixture.bank().pay({fixture.khqr("1").text});
  ASSERT_TRUE(paid);
  const Json reply = fixture.ask("/v1/check_transaction_by_hash_list",
                                 Json(Json::Array{std::string(64, '0'), paid->hash}));
  ASSERT_EQ(reply["data"].array().size(), 2u);
  EXPECT_EQ(reply["data"].array()[0]["status"].string(), "NOT_FOUND");
  EXPECT_EQ(reply["data"].array()[1]["hash"].string(), paid->hash);
  EXPECT_EQ(reply["data"].array()[1]["data"]["hash"].string(), paid->hash);
}

TEST(Bakong, lists_take_50_and_refuse_51_with_400) {
  BankFixture fixture;
  for (const std::string path : {"md5_list", "hash_list"}) {
    Json list(Json::Array(50, Json("x")));
    EXPECT_EQ(fixture.post("/v1/check_transaction_by_" + path, list.dump()).status, 200);
    list.push("x");
    EXPECT_EQ(fixture.post("/v1/check_transaction_by_" + path, list.dump()).status, 400);
    for (const auto bad : {"[]", "[1]", "[\"\"]", R"({"md5":["x"]})"}) {
      EXPECT_EQ(fixture.post("/v1/check_transaction_by_" + path, bad).status, 400) << bad;
    }
  }
}

TEST(Bakong, static_qr_cannot_be_asked_by_md5) {
  BankFixture fixture;
  const auto fixed = fixture.khqr("");
  EXPECT_EQ(code_of(fixture.check_md5(fixed.md5)), 1);  // never heard of
  ASSERT_TRUE(fixture.bank().remember_qr(fixed.text));
  EXPECT_EQ(code_of(fixture.check_md5(fixed.md5)), 2);
  const auto paid = fixture.bank().pay({fixed.text, {.amount = "3.25"}});
  ASSERT_TRUE(paid);
  EXPECT_TRUE(paid->static_qr);  // known even when the bank has forgotten the code itself
  EXPECT_EQ(code_of(fixture.check_md5(fixed.md5)), 2);
  const Json by_hash =
      fixture.ask("/v1/check_transaction_by_hash", Json::object({{"hash", paid->hash}}));
  EXPECT_EQ(by_hash["data"]["amount"].number_text(), "3.25");
}

TEST(Bakong, failed_is_errorCode_3_until_a_retry_succeeds_S0_65) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  ASSERT_TRUE(fixture.bank().pay({code.text, {.status = TransferStatus::failed}}));
  const Json failed = fixture.check_md5(code.md5);
  EXPECT_EQ(failed["responseCode"].integer(), 1);
  EXPECT_EQ(code_of(failed), 3);
  EXPECT_EQ(failed["responseMessage"].string(), "Transaction failed.");
  ASSERT_TRUE(fixture.bank().pay({code.text}));
  EXPECT_EQ(fixture.check_md5(code.md5)["responseCode"].integer(), 0);
}

TEST(Bakong, refunded_says_so_in_trackingStatus) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  ASSERT_TRUE(fixture.bank().pay({code.text, {.status = TransferStatus::refunded}}));
  EXPECT_EQ(fixture.check_md5(code.md5)["data"]["trackingStatus"].string(), "REFUNDED_BY_RECEIVER");
}

TEST(Bakong, second_payer_of_one_qr_is_booked_but_md5_shows_the_first_C33_N6) {
  BankFixture fixture;
  const auto code = fixture.khqr("1");
  const auto first = fixture.bank().pay({code.text, {.payer = "dara@quitbank"}});
  fixture.advance(1'000);
  const auto second = fixture.bank().pay({code.md5, {.payer = "sophea@quitbank"}});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->hash, second->hash);
  EXPECT_EQ(fixture.check_md5(code.md5)["data"]["hash"].string(), first->hash);
  EXPECT_EQ(fixture.bank().transactions().size(), 2u);
  const Json by_hash =
      fixture.ask("/v1/check_transaction_by_hash", Json::object({{"hash", second->hash}}));
  EXPECT_EQ(by_hash["data"]["fromAccountId"].string(), "sophea@quitbank");
}

TEST(Bakong, lookups_need_a_good_token) {
  BankFixture fixture;
  const std::string good = fixture.token();
  const std::string changed =
      good.substr(0, good.size() - 2) + (good.ends_with("AA") ? "BB" : "AA");
  for (const std::string& token : {std::string(), std::string("x"), std::string("a.b.c"), changed,
                                   fixture.bank().issue_token(-1)}) {
    fixture.set_token(token);
    for (const auto path : kLookups) {
      const auto response = fixture.post(std::string(path), "{}");
      EXPECT_EQ(response.status, 401) << path << " " << token;
      EXPECT_EQ(response.body, R"({"responseCode":1,"responseMessage":"Unauthorized, not yet )"
                               R"(requested for token or code invalid","errorCode":6,)"
                               R"("data":null})");
    }
  }
  fixture.set_token(good);
  for (const auto path : kLookups) {
    EXPECT_NE(fixture.post(std::string(path), "{}").status, 401) << path;
  }
  fixture.advance(3'600'000);
  EXPECT_EQ(fixture.post(std::string(kLookups[0]), R"({"md5":"x"})").status, 401);
}

TEST(Bakong, token_without_signature_algorithm_is_refused) {
  BankFixture fixture;
  const std::string& good = fixture.token();
  const std::string claims = good.substr(good.find('.'), good.rfind('.') - good.find('.'));
  fixture.set_token(base::to_base64url(R"({"alg":"none"})") + claims + ".");
  EXPECT_EQ(fixture.post(std::string(kLookups[0]), R"({"md5":"x"})").status, 401);
}

TEST(Bakong, renew_token_needs_no_token_and_lasts_90_days) {
  BankFixture fixture;
  fixture.set_token("");
  const Json reply =
      fixture.ask("/v1/renew_token", Json::object({{"email", "demo@quittance.example"}}));
  EXPECT_EQ(reply["responseMessage"].string(), "Token has been issued");
  const std::string token = reply["data"]["token"].text_or_empty();
  const std::size_t first = token.find('.');
  const auto claims_text =
      base::from_base64url(token.substr(first + 1, token.rfind('.') - first - 1));
  ASSERT_TRUE(claims_text);
  const auto claims = Json::parse(*claims_text);
  ASSERT_TRUE(claims);
  EXPECT_TRUE((*claims)["data"]["id"].is_string());
  EXPECT_EQ((*claims)["iat"].integer(), kStartMs / 1000);
  EXPECT_EQ(*(*claims)["exp"].integer() - *(*claims)["iat"].integer(), 7'776'000);
  fixture.set_token(token);
  EXPECT_EQ(fixture.post(std::string(kLookups[0]), R"({"md5":"x"})").status, 200);

  const auto refused = [&](std::string email) {
    return code_of(fixture.ask("/v1/renew_token", Json::object({{"email", std::move(email)}})));
  };
  EXPECT_EQ(refused("stranger@example.com"), 10);
  EXPECT_EQ(refused(std::string(31, 'a')), 5);
}

TEST(Bakong, deep_link_remembers_the_qr_for_the_bank_page) {
  BankFixture fixture;
  fixture.set_token("");
  const auto code = fixture.khqr("12");
  Json body = Json::object({{"qr", code.text}});
  const Json reply = fixture.ask("/v1/generate_deeplink_by_qr", body);
  EXPECT_EQ(reply["data"]["shortLink"].string(), "http://bank.test:8900/pay?qr=" + code.md5);
  EXPECT_NE(fixture.get("/").body.find("/pay?qr=" + code.md5), std::string::npos);
  body.set("sourceInfo", Json::object({{"appName", "Shop"}, {"appIconUrl", "https://x/i.png"}}));
  EXPECT_EQ(code_of(fixture.ask("/v1/generate_deeplink_by_qr", body)), 5);
  EXPECT_EQ(code_of(fixture.ask("/v1/generate_deeplink_by_qr", Json::object({}))), 5);
  const std::string broken = code.text.substr(0, code.text.size() - 1);
  EXPECT_EQ(code_of(fixture.ask("/v1/generate_deeplink_by_qr", Json::object({{"qr", broken}}))), 4);
}

TEST(Bakong, check_account) {
  BankFixture fixture;
  fixture.set_token("");
  const auto check = [&](std::string account) {
    return fixture.ask("/v1/check_bakong_account",
                       Json::object({{"accountId", std::move(account)}}));
  };
  const Json found = check("quittance_shop@quitbank");
  EXPECT_EQ(found["responseCode"].integer(), 0);
  EXPECT_EQ(found["responseMessage"].string(), "Account ID exists");
  EXPECT_TRUE(found["data"].is_null());
  EXPECT_EQ(code_of(check("nobody@quitbank")), 11);
  for (const auto bad : {"nobody", "@bank", "name@", "with blank@bank"}) {
    EXPECT_EQ(code_of(check(bad)), 12) << bad;
  }
  EXPECT_EQ(code_of(check("")), 5);
}

TEST(Bakong, malformed_requests) {
  BankFixture fixture;
  EXPECT_EQ(fixture.post("/v1/check_transaction_by_md5", "{").status, 400);
  EXPECT_EQ(fixture.post("/v1/nothing_here", "{}").status, 404);
  EXPECT_EQ(fixture.get("/v1/check_transaction_by_md5").status, 405);
  EXPECT_EQ(fixture.post("/v1/check_transaction_by_md5", std::string(64 * 1024 + 1, ' ')).status,
            413);
  for (const auto body : {"{}", R"({"md5":7})", R"({"md5":""})", "[]", "null"}) {
    const auto response = fixture.post("/v1/check_transaction_by_md5", body);
    EXPECT_EQ(response.status, 200) << body;
    EXPECT_EQ(code_of(BankFixture::json_of(response)), 5) << body;
  }
  EXPECT_EQ(code_of(fixture.ask("/v1/check_transaction_by_md5",
                                Json::object({{"md5", std::string(256, 'a')}}))),
            5);
}

TEST(Bakong, every_reply_says_sandbox_and_a_live_engine_is_refused_C3) {
  BankFixture fixture;
  for (const std::string path :
       {"/control/reset", "/v1/check_transaction_by_md5", "/v1/nothing", "/pay", "/nothing"}) {
    const auto response = fixture.post(path, "{}");
    EXPECT_EQ(response.headers.find(kSandboxHeader), kSandboxHeaderValue) << path;
    base::HttpRequest live;
    live.method = "POST";
    live.path = path;
    live.headers.add("x-quittance-environment", "live");
    live.headers.add("Authorization", "Bearer " + fixture.token());
    const auto refused = fixture.send(std::move(live));
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_NE(refused.body.find("no real money"), std::string::npos);
    EXPECT_EQ(refused.headers.find(kSandboxHeader), kSandboxHeaderValue) << path;
  }
  EXPECT_EQ(fixture.bank().calls().at("/v1/check_transaction_by_md5"), 1);
}

TEST(Bakong, a_live_installation_cannot_open_it_C3) {
  BankFixture fixture;
  SandboxOptions options = BankFixture::usual_options();
  options.environment = "live";
  const auto live = Sandbox::open(options, fixture.clock(), fixture.random(), fixture.log());
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().code, base::ErrorCode::forbidden);
  options = BankFixture::usual_options();
  options.token_key = base::Secret();
  EXPECT_FALSE(Sandbox::open(options, fixture.clock(), fixture.random(), fixture.log()));
}

}  // namespace
}  // namespace quittance::sandbox
