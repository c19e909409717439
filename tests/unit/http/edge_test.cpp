// The edge without a network: limits, repeats, names, and deny by default over the whole table.
#include <gtest/gtest.h>

#include "http/auth.hpp"
#include "http/idempotency.hpp"
#include "http/rate_limit.hpp"
#include "http/routes.hpp"
#include "http/views.hpp"
#include "support/edge.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using testing::usd;
using namespace std::chrono_literals;

TEST(RateLimit, CountsPerAddressAndMinute) {
  base::ManualClock clock{base::from_ms(60'000'000)};
  RateLimit limit(3, clock);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(limit.allow("10.0.0.1"));
  EXPECT_FALSE(limit.allow("10.0.0.1"));
  EXPECT_TRUE(limit.allow("10.0.0.2"));
  clock.advance(59'999ms);
  EXPECT_FALSE(limit.allow("10.0.0.1"));
  clock.advance(1ms);
  EXPECT_TRUE(limit.allow("10.0.0.1"));
  clock.advance(-1h);
  EXPECT_TRUE(limit.allow("10.0.0.1")) << "N14";
}

TEST(RateLimit, Law9_RemembersABoundedNumberOfAddresses) {
  base::ManualClock clock{base::from_ms(60'000'000)};
  RateLimit limit(1, clock);
  EXPECT_TRUE(limit.allow("first"));
  for (int i = 1; i < 100'000; ++i)
    limit.allow(std::to_string(i));
  EXPECT_TRUE(limit.allow("first")) << "it started afresh";
  EXPECT_FALSE(limit.allow("first"));
}

TEST(MaskedName, C10_ShowsItsOwnerEnoughAndOthersNothing) {
  EXPECT_EQ(masked_name("Sokha"), "S•••a");
  EXPECT_EQ(masked_name("Al"), "A•••l");
  EXPECT_EQ(masked_name("A"), "•••");
  EXPECT_EQ(masked_name(""), "•••");
  EXPECT_EQ(masked_name("សុខា"), "ស•••\u17B6") << "whole characters";
  EXPECT_EQ(masked_name("文"), "•••");
  EXPECT_EQ(masked_name("😀ab😀"), "😀•••😀");
}

TEST(Views, C35_StatusWordsOfTheSources) {
  using core::OrderStatus;
  EXPECT_EQ(order_status_word(OrderStatus::pending), "PENDING");
  EXPECT_EQ(order_status_word(OrderStatus::completed), "COMPLETED");
  EXPECT_EQ(order_status_word(OrderStatus::canceled), "CANCELLED");
  EXPECT_EQ(order_status_from_word("pending"), OrderStatus::pending);
  EXPECT_EQ(order_status_from_word("cancelled"), OrderStatus::canceled);
  EXPECT_EQ(order_status_from_word("canceled"), OrderStatus::canceled);
  EXPECT_EQ(order_status_from_word("PENDING "), std::nullopt);
}

TEST(Views, Law6_AnAmountIsWrittenDigitForDigit) {
  EXPECT_EQ(amount_json(usd(29)).dump(), "0.29");
  EXPECT_EQ(amount_json(usd(core::Money::kLimitMinor)).dump(), "10000000000000.00");
  EXPECT_EQ(amount_json(testing::khr(9'800)).dump(), "9800");
  EXPECT_EQ(moment_text(base::from_ms(1'795'251'600'000)), "2026-11-21 09:00 UTC");
}

Visit visit_with(std::optional<std::string> key, std::string body = "{}") {
  Visit visit;
  if (key) visit.request.headers.add("Idempotency-Key", *key);
  visit.request.body = std::move(body);
  visit.path = "/api/orders";
  return visit;
}

TEST(Idempotency, AKeyIsVisibleAsciiOfAtMost255) {
  EXPECT_FALSE(claim_of(visit_with(std::nullopt)).value());
  for (const std::string& good :
       {std::string(16, 'k'), std::string(255, 'k'), std::string("a-b_c:1.........")}) {
    EXPECT_TRUE(claim_of(visit_with(good)).value()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string(256, 'k'), std::string("a b"), std::string("ក"),
        std::string(16, '\n'), std::string(16, '\x7F'), std::string(15, 'k')}) {
    const auto refused = claim_of(visit_with(bad));
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
    EXPECT_EQ(refused.error().param, "Idempotency-Key");
  }
}

// Guests share one scope: a short key of one could be another's too. A login has its own scope.
TEST(Idempotency, AGuestNeedsALongKeyAndACustomerDoesNot) {
  Visit visit = visit_with("short");
  EXPECT_FALSE(claim_of(visit).has_value());
  visit.actor.kind = Actor::Kind::customer;
  EXPECT_TRUE(claim_of(visit).value());
}

TEST(StreamLimit, AnAddressHasItsShareAndGetsItBack) {
  StreamLimit limit;
  std::vector<std::shared_ptr<void>> places;
  for (std::size_t i = 0; i < StreamLimit::kPerAddress; ++i) {
    places.push_back(limit.enter("10.0.0.1"));
    ASSERT_TRUE(places.back());
  }
  EXPECT_FALSE(limit.enter("10.0.0.1"));
  EXPECT_TRUE(limit.enter("10.0.0.2"));
  places.pop_back();
  EXPECT_TRUE(limit.enter("10.0.0.1"));
}

TEST(Idempotency, TwoPeoplePathsAndBodiesAreKeptApart) {
  const auto claim = [](auto change) {
    Visit visit = visit_with("0123456789abcdef");
    change(visit);
    const auto made = claim_of(visit).value().value();
    return made.scope + "|" + made.key + "|" + made.request_hash;
  };
  std::set<std::string> claims{claim([](Visit&) {}),
                               claim([](Visit& v) { v.path = "/api/payment/create-session"; }),
                               claim([](Visit& v) { v.request.body = "{ }"; }),
                               claim([](Visit& v) { v.actor.customer_id = core::CustomerId(1); }),
                               claim([](Visit& v) { v.actor.customer_id = core::CustomerId(2); }),
                               claim([](Visit& v) { v.actor.username = "sokha"; })};
  EXPECT_EQ(claims.size(), 6U);
}

/// The whole edge.
struct Edge : testing::Edge {
  Edge() { open(parts()); }
  /// A bearer token of a new user with this role.
  std::string token_of(storage::Role role) {
    const std::string name(to_text(role));
    add_user(name, role);
    return testing::Edge::token_of(name, role);
  }
};

base::HttpRequest request_to(const Route& route, const std::string& token) {
  base::HttpRequest request{.method = std::string(route.method), .remote_address = "10.0.0.1"};
  request.path = route.pattern;
  for (std::size_t at = request.path.find('{'); at != std::string::npos;
       at = request.path.find('{')) {
    request.path.replace(at, request.path.find('}') - at + 1, "1");
  }
  if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
  return request;
}

TEST(Edge, C11_C32_EveryRouteTurnsAwayWhoeverMayNotCallIt) {
  Edge edge;
  const std::string customer = edge.token_of(storage::Role::customer);
  const std::string staff = edge.token_of(storage::Role::staff);
  std::size_t checked = 0;
  for (const Route& route : all_routes()) {
    const auto status = [&](const std::string& token) {
      return edge.answer(request_to(route, token)).status;
    };
    if (route.access == Access::customer || route.access == Access::staff ||
        route.access == Access::admin) {
      EXPECT_EQ(status(""), 401) << route.pattern;
      EXPECT_EQ(status("forged"), 401) << route.pattern;
      ++checked;
    }
    if (route.access == Access::staff || route.access == Access::admin) {
      EXPECT_EQ(status(customer), 403) << route.pattern;
      ++checked;
    }
    if (route.access == Access::admin) {
      EXPECT_EQ(status(staff), 403) << route.pattern;
      ++checked;
    }
  }
  EXPECT_GE(checked, 12U);
}

TEST(Edge, AnOrderIsShownOnlyToItsHolderAndNeverHintedAt) {
  Edge edge;
  const auto placed = edge.place(edge.add_product(5));
  const auto ask = [&](std::string id, std::string secret) {
    base::HttpRequest request{
        .method = "GET", .path = "/api/orders/" + id, .remote_address = "10.0.0.1"};
    if (!secret.empty()) request.headers.add("X-Order-Secret", secret);
    return edge.answer(std::move(request));
  };
  const std::string id = std::to_string(placed.order.value());
  EXPECT_EQ(ask(id, edge.order(placed.order).order_secret).status, 200);
  const auto refused = ask(id, "");
  EXPECT_EQ(refused.status, 404);
  for (const auto& other : {ask(id, "wrong"), ask("999", ""), ask("999", "wrong")}) {
    EXPECT_EQ(other.status, 404);
    const auto message = [](const base::HttpResponse& response) {
      return base::Json::parse(response.body).value()["error"]["message"].text_or_empty();
    };
    EXPECT_EQ(message(other), message(refused)) << "one and the same answer";
  }
  for (const char* malformed : {"0", "x", "-1", "99999999999999999999"}) {
    EXPECT_EQ(ask(malformed, "").status, 404) << malformed;
  }
}

TEST(Edge, TheSameKeyGivesTheSameAnswerAndAnotherBodyIsRefused) {
  Edge edge;
  const auto product = edge.add_product(50);
  const auto order = [&](std::string key, std::int64_t quantity) {
    base::HttpRequest request{
        .method = "POST", .path = "/api/orders", .remote_address = "10.0.0.1"};
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Idempotency-Key", key);
    request.body = "{\"items\":[{\"product_id\":" + std::to_string(product.value()) +
                   ",\"quantity\":" + std::to_string(quantity) + "}]}";
    return edge.answer(std::move(request));
  };
  const auto first = order("key-1-of-a-guest", 1);
  ASSERT_EQ(first.status, 201) << first.body;
  const auto again = order("key-1-of-a-guest", 1);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(base::Json::parse(again.body).value(), base::Json::parse(first.body).value());
  const auto other = order("key-1-of-a-guest", 2);
  EXPECT_EQ(other.status, 409);
  EXPECT_NE(other.body.find("idempotency_mismatch"), std::string::npos);
  EXPECT_EQ(order("key-2-of-a-guest", 2).status, 201);
  EXPECT_EQ(edge.product(product).reserved, 3);
}

}  // namespace
}  // namespace quittance::http
