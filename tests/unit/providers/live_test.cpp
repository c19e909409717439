// A live shop and the sandbox have nothing to do with each other, whichever of the two looks.
#include <algorithm>

#include "unit/providers/rail_street.hpp"

namespace quittance::providers {
namespace {

using base::ErrorCode;

/// A proxy that takes away how the caller said that it is live, so that the sandbox answers.
class Careless final : public base::HttpClient {
 public:
  explicit Careless(base::HttpClient& wire) : wire_(wire) {}
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    base::HttpHeaders kept;
    for (const auto& [name, value] : call.headers.fields()) {
      if (name != sandbox::kEnvironmentHeader) kept.add(name, value);
    }
    call.headers = std::move(kept);
    return wire_.send(std::move(call));
  }

 private:
  base::HttpClient& wire_;
};

struct LiveShop : RailStreet {
  LiveShop() : RailStreet("stripe"), proxy(*wire) {
    const std::string origin(WireToSandbox::kOrigin);
    const sandbox::RailSettings stripe{.secret = base::Secret("sk_live_1")};
    const sandbox::RailSettings razorpay{.key_id = "rzp_live_1", .secret = base::Secret("s")};
    EXPECT_TRUE(bank->set_rail("stripe", stripe));
    EXPECT_TRUE(bank->set_rail("razorpay", razorpay));
    EXPECT_TRUE(bank->set_rail("qpay", {.key_id = "ID", .secret = base::Secret("s")}));
    EXPECT_TRUE(bank->set_rail("mvola", {.key_id = "ID", .secret = base::Secret("s")}));
    make_all(origin, *wire);
  }
  void make_all(const std::string& origin, base::HttpClient& client) {
    providers.clear();
    providers.push_back(make_stripe({.base_url = origin,
                                     .secret_key = base::Secret("sk_live_1"),
                                     .environment = "live",
                                     .qr_methods = {{"USD", "wechat_pay"}}},
                                    client, clock));
    providers.push_back(make_razorpay({.base_url = origin,
                                       .key_id = "rzp_live_1",
                                       .key_secret = base::Secret("s"),
                                       .environment = "live"},
                                      client, clock));
    providers.push_back(make_qpay({.base_url = origin,
                                   .client_id = "ID",
                                   .client_secret = base::Secret("s"),
                                   .invoice_code = "TEST_INVOICE",
                                   .environment = "live"},
                                  client, clock, log));
    providers.push_back(make_mvola({.base_url = origin,
                                    .consumer_key = "ID",
                                    .consumer_secret = base::Secret("s"),
                                    .partner_name = "Shop",
                                    .partner_number = "0343500004",
                                    .environment = "live"},
                                   client, clock, log));
  }
  void goes_around(base::HttpClient& client) {
    make_all(std::string(WireToSandbox::kOrigin), client);
  }
  SessionDraft draft(const Provider& of) {
    const std::string_view code = of.capabilities().currencies->front();
    const auto currency = *core::Currency::from_code(code);
    return {.amount = *core::Money::parse("1000", currency),
            .bill_number = "BILL_1",
            .merchant_reference = "5f0c",
            .description = "Order 42",
            .callback_url = "",
            .payer_phone = "0343500003",
            .object_type = "order",
            .created_at = clock.now(),
            .expires_at = clock.now()};
  }
  void nobody_is_believed(const char* how) {
    for (const auto& each : providers) {
      const auto shown = run(each->present(draft(*each)));
      ASSERT_FALSE(shown.has_value()) << each->name() << how;
      EXPECT_NE(shown.error().code, ErrorCode::invalid_request) << each->name() << how;
      std::vector<core::Session> one{{.session_id = "5f0c",
                                      .provider_ref = "known",
                                      .amount = draft(*each).amount,
                                      .created_at = clock.now()}};
      EXPECT_TRUE(unknown_reason(run(each->query(std::move(one))).at(0))) << each->name() << how;
    }
  }

  Careless proxy;
  std::vector<std::unique_ptr<Provider>> providers;
};

TEST(LiveShop, C3_TheSandboxServesNoneThatSayTheyAreLive) {
  LiveShop shop;
  shop.nobody_is_believed(", as it is");
  for (const auto& [rail, kind] : {std::pair{"stripe", "payment_intent"},
                                   {"razorpay", "qr_code"},
                                   {"qpay", "invoice"},
                                   {"mvola", "push"}}) {
    EXPECT_TRUE(shop.bank->objects(rail, kind).empty()) << rail;
  }
}

TEST(LiveShop, C3_NorDoesALiveShopBelieveASandboxThatAnswers) {
  LiveShop shop;
  shop.goes_around(shop.proxy);
  shop.nobody_is_believed(", through a proxy");
}

TEST(Capabilities, TheCurrenciesOfEachRailAndStripesByItsCodes) {
  LiveShop shop;
  const auto takes = [&](std::size_t which, std::string_view code) {
    return shop.providers.at(which)->capabilities().takes(*core::Currency::from_code(code));
  };
  const std::vector<std::vector<std::string_view>> taken{{"USD"}, {"INR"}, {"MNT"}, {"MGA"}};
  for (std::size_t i = 0; i < taken.size(); ++i) {
    for (const std::string_view code : {"USD", "KHR", "MNT", "MGA", "INR"}) {
      EXPECT_EQ(takes(i, code), std::ranges::find(taken[i], code) != taken[i].end())
          << shop.providers[i]->name() << " " << code;
    }
  }
  EXPECT_TRUE(make_cash("sandbox")->capabilities().takes(*core::Currency::from_code("MNT")));
}

}  // namespace
}  // namespace quittance::providers
