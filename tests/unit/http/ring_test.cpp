// What the edge answers when a phone would be rung too often.
#include <gtest/gtest.h>

#include "http/http.hpp"
#include "http/visit.hpp"
#include "support/shop.hpp"

namespace quittance::http {
namespace {

using base::Json;

constexpr const char* kPhone = "0343500004";
const base::Secret kKey("only for tests");

/// A shop that takes money by ringing phones.
struct Exchange : testing::Shop {
  Exchange() {
    auto made = std::make_unique<testing::ScriptedProvider>("mvola");
    made->presents_remotely = true;
    made->rings_phone = true;
    push = made.get();
    add_rail(std::move(made));
    api = std::make_unique<Api>(ApiParts{.store = *store,
                                         .registry = registry,
                                         .asker = *asker,
                                         .manual = *manual,
                                         .notices = *notices,
                                         .sync = *sync,
                                         .bulletin = bulletin,
                                         .settle = context,
                                         .checkout = {},
                                         .notary = notary,
                                         .outbox = outbox,
                                         .clock = clock,
                                         .random = random,
                                         .worker = worker,
                                         .log = log,
                                         .jwt_key = kKey,
                                         .merchant_name = "Shop",
                                         .public_url = "http://shop.test",
                                         .sandbox_url = "",
                                         .requests_per_minute = 1'000,
                                         .guarded_requests_per_minute = 1'000});
    silk = add_product(100);
    write<storage::Rows>([this](storage::WritableBooks& books) {
      return books.upsert_user({.username = "desk",
                                .password_hash = "x",
                                .role = storage::Role::staff,
                                .customer_id = std::nullopt},
                               clock.now());
    });
  }
  base::HttpResponse post(std::string path, const Json& body, bool staff = false) {
    base::HttpRequest request{.method = "POST", .path = std::move(path)};
    request.headers.add("Content-Type", "application/json");
    const std::int64_t now_s = base::to_ms(clock.now()) / 1'000;
    if (staff) {
      request.headers.add("Authorization",
                          "Bearer " + base::sign_jwt(kKey, {.subject = "desk",
                                                            .role = "staff",
                                                            .issued_at_s = now_s,
                                                            .expires_at_s = now_s + 3'600}));
    }
    request.body = body.dump();
    request.remote_address = "10.0.0." + std::to_string(++visitors);
    return run(api->handle(std::move(request)));
  }
  base::HttpResponse order(const std::string& phone) {
    Json items{Json::Array{}};
    items.push(Json::object({{"product_id", silk.value()}, {"quantity", 1}}));
    return post("/api/orders", Json::object({{"items", std::move(items)},
                                             {"payment_method", "mvola"},
                                             {"payer_phone", phone}}));
  }
  std::int64_t orders() {
    static constexpr storage::Sql kSql{"SELECT COUNT(*) AS n FROM orders"};
    return number(kSql);
  }

  testing::ScriptedProvider* push = nullptr;
  base::Worker worker{1};
  audit::Notary notary{*store, key, audit::origin_of("http://shop.test"), clock, log};
  notify::Outbox outbox{{.store = *store, .clock = clock, .random = random, .log = log}, {}};
  std::unique_ptr<Api> api;
  core::ProductId silk;
  int visitors = 0;
};

void expect_too_often(const base::HttpResponse& response) {
  EXPECT_EQ(response.status, 429) << response.body;
  EXPECT_EQ(response.headers.find("Retry-After").value_or(""), "600");
  const Json body = Json::parse(response.body).value_or(Json());
  EXPECT_EQ(body["error"]["code"].text_or_empty(), "rate_limited");
  EXPECT_EQ(body["error"]["param"].text_or_empty(), "payer_phone");
}

TEST(RingEdge, Law9_AStrangersPhoneIsRungThreeTimesInTenMinutesFromWhereverItIsAsked) {
  Exchange shop;
  for (int i = 0; i < 3; ++i) {
    const auto placed = shop.order(kPhone);
    EXPECT_EQ(placed.status, 201) << placed.body;
  }
  expect_too_often(shop.order("+261 34 35 000 04"));
  const Json asked = Json::object(
      {{"provider", "mvola"}, {"currency", "USD"}, {"amount", 10}, {"payer_phone", kPhone}});
  expect_too_often(shop.post("/api/payment/create-session", asked, true));
  EXPECT_EQ(shop.orders(), 3) << "a refusal leaves no order behind";
  EXPECT_EQ(shop.push->drafts.size(), 3U);
  EXPECT_EQ(shop.order("0343500003").status, 201) << "another phone";
  shop.clock.advance(checkout::kRingsWithin);
  EXPECT_EQ(shop.post("/api/payment/create-session", asked, true).status, 200);
}

TEST(RingEdge, OtherLimitsSayAMinute) {
  const base::Error often{base::ErrorCode::rate_limited, "Too many requests."};
  EXPECT_EQ(error_response(often, "req_1", false).headers.find("Retry-After").value_or(""), "60");
  const base::Error wrong{base::ErrorCode::invalid_request, "Wrong.", "payer_phone"};
  EXPECT_FALSE(error_response(wrong, "req_1", false).headers.find("Retry-After").has_value());
}

}  // namespace
}  // namespace quittance::http
