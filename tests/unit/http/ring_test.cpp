// What the edge answers when a phone would be rung too often.
#include <gtest/gtest.h>

#include "http/visit.hpp"
#include "support/edge.hpp"

namespace quittance::http {
namespace {

using base::Json;

constexpr const char* kPhone = "0343500004";

/// A shop that takes money by ringing phones.
struct Exchange : testing::Edge {
  Exchange() {
    auto made = std::make_unique<testing::ScriptedProvider>("mvola");
    made->presents_remotely = true;
    made->rings_phone = true;
    push = made.get();
    add_rail(std::move(made));
    open(parts());
    silk = add_product(100);
    add_user("desk");
  }
  base::HttpResponse post(std::string path, const Json& body, bool staff = false) {
    base::HttpRequest request =
        testing::json_post(std::move(path), body, "10.0.0." + std::to_string(++visitors));
    if (staff) log_in(request, "desk");
    return answer(std::move(request));
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
