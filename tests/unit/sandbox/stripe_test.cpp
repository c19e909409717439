// The simulator's Stripe as clients meet it.
#include "sandbox/form_fields.hpp"
#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Json;

struct StripeBank : BankFixture {
  StripeBank() : BankFixture(options()) {}
  static SandboxOptions options() {
    SandboxOptions options = usual_options();
    options.accounts["stripe"] = {.secret = base::Secret("sk_test_1")};
    return options;
  }
  HttpResponse call(std::string method, std::string path, std::string text = {},
                    std::string key = {}) {
    HttpRequest request{.method = method, .path = std::move(path)};
    (method == "GET" ? request.query : request.body) = std::move(text);
    request.headers.add("Authorization", "Bearer sk_test_1");
    if (!key.empty()) request.headers.add("Idempotency-Key", std::move(key));
    return send(std::move(request));
  }
  Json get(std::string path, std::string query = {}) {
    return json_of(call("GET", std::move(path), std::move(query)));
  }
  Json post(std::string path, std::string form = {}) {
    return json_of(call("POST", std::move(path), std::move(form)));
  }
  std::string create(std::string more = {}) {
    return post("/v1/payment_intents", "amount=1099&currency=usd" + more)["id"].text_or_empty();
  }
};

std::string code_of(const Json& json) { return json["error"]["code"].text_or_empty(); }

TEST(FormFields, BracketsNest) {
  const auto read = [](std::string_view text) {
    const auto json = read_form_fields(text);
    return json ? json->dump() : "refused: " + json.error().param;
  };
  EXPECT_EQ(read("amount=1099&metadata[order_id]=42&metadata[note]=a%20b%26c%3Dd"
                 "&payment_method_types[0]=promptpay&payment_method_types[1]=card"),
            R"({"amount":"1099","metadata":{"order_id":"42","note":"a b&c=d"},)"
            R"("payment_method_types":["promptpay","card"]})");
  EXPECT_EQ(read("a%5Bb%5D[c]=1&x[]=1&x[]=2&e="), R"({"a":{"b":{"c":"1"}},"x":["1","2"],"e":""})");
  EXPECT_EQ(read("a=1&a=2"), R"({"a":"2"})");
  EXPECT_EQ(read(""), "{}");
  EXPECT_EQ(read("a[0][b]=1"), R"({"a":[{"b":"1"}]})");
  EXPECT_EQ(read("7=x"), R"({"7":"x"})");
  EXPECT_EQ(read("a[b]=1&a[0]=2"), R"({"a":{"b":"1","0":"2"}})");
  for (const char* bad : {"a[b=1", "a]b=1", "[a]=1", "a=1&a[b]=2", "a[b]=1&a=2", "a[1]=x", "a=%zz",
                          "a[b]c=1", "a[99999999999999999999]=1", "a[b][c][d][e][f][g][h][i]=1"}) {
    EXPECT_TRUE(read(bad).starts_with("refused")) << bad;
  }
  std::string many;
  for (std::size_t i = 0; i <= kFieldLimit; ++i)
    many += "x[]=1&";
  EXPECT_TRUE(read(many).starts_with("refused"));
}

TEST(Stripe, KeysAreAskedFor) {
  StripeBank bank;
  HttpRequest request{.method = "GET", .path = "/v1/payment_intents"};
  EXPECT_EQ(bank.send(request).status, 401);
  request.headers.add("Authorization", "Bearer sk_test_other");
  EXPECT_EQ(bank.send(request).status, 401);
  HttpRequest basic{.method = "GET", .path = "/v1/payment_intents"};
  basic.headers.add("Authorization", "Basic " + base::to_base64("sk_test_1:"));
  EXPECT_EQ(bank.send(basic).status, 200);
  EXPECT_EQ(bank.call("GET", "/v1/unicorns").status, 404);
}

TEST(Stripe, ParametersAreChecked) {
  StripeBank bank;
  EXPECT_EQ(code_of(bank.post("/v1/payment_intents", "currency=usd")), "parameter_missing");
  EXPECT_EQ(code_of(bank.post("/v1/payment_intents", "amount=100")), "parameter_missing");
  EXPECT_EQ(code_of(bank.post("/v1/payment_intents", "amount=1.5&currency=usd")),
            "parameter_invalid_integer");
  EXPECT_EQ(code_of(bank.post("/v1/payment_intents", "amount=49&currency=usd")),
            "amount_too_small");
  EXPECT_EQ(code_of(bank.post("/v1/payment_intents", "amount=100000000&currency=usd")),
            "amount_too_large");
  EXPECT_EQ(code_of(bank.post("/v1/payment_intents",
                              "amount=5000&currency=thb&confirm=true&payment_method_data[type]="
                              "promptpay")),
            "parameter_missing")
      << "PromptPay wants an address";
}

TEST(Stripe, CancelOfWhatIsOverNamesTheStatesThatAreNot) {
  StripeBank bank;
  const std::string id = bank.create("&confirm=true&payment_method=pm_card_visa");
  const Json refused = bank.post("/v1/payment_intents/" + id + "/cancel");
  EXPECT_EQ(code_of(refused), "payment_intent_unexpected_state");
  EXPECT_NE(refused["error"]["message"].text_or_empty().find("requires_payment_method"),
            std::string::npos);
  EXPECT_EQ(refused["error"]["payment_intent"]["status"].string(), "succeeded");
  const std::string open = bank.create();
  const Json canceled =
      bank.post("/v1/payment_intents/" + open + "/cancel", "cancellation_reason=abandoned");
  EXPECT_EQ(canceled["status"].string(), "canceled");
  EXPECT_EQ(canceled["cancellation_reason"].string(), "abandoned");
  EXPECT_EQ(code_of(bank.post("/v1/payment_intents/" + open + "/cancel")),
            "payment_intent_unexpected_state");
}

TEST(Stripe, ADeclinedCardLeavesAnIntentThatMaySucceed) {
  StripeBank bank;
  const HttpResponse declined =
      bank.call("POST", "/v1/payment_intents",
                "amount=1099&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined");
  EXPECT_EQ(declined.status, 402);
  const Json error = bank.json_of(declined)["error"];
  EXPECT_EQ(error["decline_code"].string(), "generic_decline");
  EXPECT_EQ(error["payment_intent"]["status"].string(), "requires_payment_method");
  const std::string id = error["payment_intent"]["id"].text_or_empty();
  const Json paid =
      bank.post("/v1/payment_intents/" + id + "/confirm", "payment_method=pm_card_visa");
  EXPECT_EQ(paid["status"].string(), "succeeded");
  EXPECT_EQ(bank.bank().objects("stripe", "charge").size(), 2U);
}

TEST(Stripe, ManualCaptureWaits) {
  StripeBank bank;
  const std::string id =
      bank.create("&confirm=true&payment_method=pm_card_visa&capture_method=manual");
  const Json held = bank.get("/v1/payment_intents/" + id);
  EXPECT_EQ(held["status"].string(), "requires_capture");
  EXPECT_EQ(held["amount_received"].integer(), 0);
  EXPECT_EQ(bank.post("/v1/payment_intents/" + id + "/capture")["amount_received"].integer(),
            1'099);
}

TEST(Stripe, AKeyIsRememberedForADayWithItsAnswer) {
  StripeBank bank;
  const auto create = [&](std::string form, std::string key) {
    return bank.call("POST", "/v1/payment_intents", std::move(form), std::move(key));
  };
  const HttpResponse first = create("amount=1099&currency=usd", "key-1");
  const HttpResponse again = create("amount=1099&currency=usd", "key-1");
  EXPECT_EQ(first.body, again.body);
  EXPECT_FALSE(first.headers.find("Idempotent-Replayed"));
  EXPECT_EQ(again.headers.find("Idempotent-Replayed"), "true");
  const HttpResponse other = create("amount=1100&currency=usd", "key-1");
  EXPECT_EQ(other.status, 400);
  EXPECT_EQ(bank.json_of(other)["error"]["type"].string(), "idempotency_error");
  EXPECT_EQ(create("amount=1&currency=usd", "key-2").status, 400);
  EXPECT_EQ(create("amount=1099&currency=usd", "key-2").status, 200)
      << "what failed validation is not remembered";
  bank.advance(24 * 3'600'000);
  EXPECT_NE(create("amount=1099&currency=usd", "key-1").body, first.body);
}

TEST(Stripe, A500IsRememberedToo) {
  StripeBank bank;
  ASSERT_TRUE(bank.bank()
                  .change_rail_faults("stripe", Json::object({{"server_error_percent", 100}}))
                  .has_value());
  EXPECT_EQ(bank.call("POST", "/v1/payment_intents", "amount=99&currency=usd", "k").status, 500);
  ASSERT_TRUE(bank.bank()
                  .change_rail_faults("stripe", Json::object({{"server_error_percent", 0}}))
                  .has_value());
  const HttpResponse again =
      bank.call("POST", "/v1/payment_intents", "amount=99&currency=usd", "k");
  EXPECT_EQ(again.status, 500);
  EXPECT_EQ(again.headers.find("Idempotent-Replayed"), "true");
  EXPECT_EQ(bank.bank().objects("stripe", "payment_intent").size(), 1U) << "the work was done";
}

TEST(Stripe, ListsGoBothWaysFromACursor) {
  StripeBank bank;
  std::vector<std::string> ids;
  for (int i = 0; i < 25; ++i) {
    ids.push_back(bank.create());
    bank.advance(1'000);
  }
  const auto page = [&](std::string query) { return bank.get("/v1/payment_intents", query); };
  EXPECT_EQ(page("").dump().find(ids[24]) != std::string::npos, true);
  EXPECT_EQ(page("")["data"].array().size(), 10U);
  EXPECT_EQ(page("")["has_more"].boolean(), true);
  const Json after = page("limit=10&starting_after=" + ids[15]);
  EXPECT_EQ(after["data"].array().front()["id"].string(), ids[14]);
  EXPECT_EQ(page("limit=10&starting_after=" + ids[5])["has_more"].boolean(), false);
  const Json before = page("limit=10&ending_before=" + ids[5]);
  ASSERT_EQ(before["data"].array().size(), 10U);
  EXPECT_EQ(before["data"].array().front()["id"].string(), ids[15]) << "newest first all the same";
  EXPECT_EQ(before["data"].array().back()["id"].string(), ids[6]);
  EXPECT_EQ(code_of(page("starting_after=pi_none")), "resource_missing");
  EXPECT_EQ(code_of(page("limit=101")), "parameter_invalid");
  EXPECT_EQ(code_of(page("created[gte]=yesterday")), "parameter_invalid");
  const std::string at = std::to_string(kStartMs / 1'000 + 3);
  EXPECT_EQ(page("created[lt]=" + at)["data"].array().size(), 3U);
  EXPECT_EQ(page("created=" + at)["data"].array().at(0)["id"].string(), ids[3]);
}

TEST(Stripe, EventsAreKeptForThirtyDaysAndFilteredByType) {
  StripeBank bank;
  bank.create("&confirm=true&payment_method=pm_card_visa");
  const auto count = [&](std::string query) {
    return bank.get("/v1/events", std::move(query))["data"].array().size();
  };
  EXPECT_EQ(count(""), 3U);
  EXPECT_EQ(count("type=payment_intent.succeeded"), 1U);
  EXPECT_EQ(count("type=payment_intent.*"), 2U);
  EXPECT_EQ(count("types[]=charge.succeeded&types[]=payment_intent.created"), 2U);
  EXPECT_EQ(count("delivery_success=false"), 3U) << "nobody listens";
  bank.advance(31LL * 86'400'000);
  EXPECT_EQ(count(""), 0U);
}

TEST(Stripe, AScannedCodeLeadsToThePayersPage) {
  StripeBank bank;
  const Json intent =
      bank.post("/v1/payment_intents",
                "amount=25000&currency=inr&confirm=true&payment_method_data[type]=upi");
  const std::string id = intent["id"].text_or_empty();
  const HttpResponse hosted = bank.BankFixture::get("/stripe/qr/" + id);
  EXPECT_EQ(hosted.status, 303);
  EXPECT_EQ(hosted.headers.find("Location"), "/rails/stripe/" + id);
  EXPECT_EQ(bank.BankFixture::get("/stripe/qr/" + id + ".png").body.substr(1, 3), "PNG");
  EXPECT_NE(bank.BankFixture::get("/rails/stripe/" + id).body.find("INR 250.00"),
            std::string::npos);
}

}  // namespace
}  // namespace quittance::sandbox
