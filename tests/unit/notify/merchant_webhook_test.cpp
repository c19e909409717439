// What a merchant's program receives, and how it knows that it is ours.
#include <gtest/gtest.h>

#include "unit/notify/post_office.hpp"

namespace quittance::notify {
namespace {

using base::Secret;
using storage::DeliveryState;
using namespace std::chrono_literals;

TEST(MerchantWebhook, CarriesTheEventWithItsSignatureAndId) {
  PostOffice office;
  const auto outbox = office.opened({kFirst}, false);
  const core::OrderId order = office.sell();
  office.tick(*outbox);
  ASSERT_EQ(office.endpoints.heard[kFirst].size(), 1U);
  const base::HttpCall& call = office.endpoints.heard[kFirst][0].call;
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.timeout, kWebhookTimeout);
  EXPECT_EQ(call.response_limit_bytes, kWebhookAnswerLimit);
  EXPECT_EQ(call.headers.find("Content-Type"), "application/json");
  const auto body = base::Json::parse(call.body);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ((*body)["type"].text_or_empty(), "order.completed");
  EXPECT_EQ((*body)["data"]["order_id"].integer(), order.value());
  EXPECT_EQ((*body)["data"]["amount_minor"].integer(), 1'000);
  EXPECT_EQ((*body)["created_at"].integer(), base::to_ms(testing::kStart));
  EXPECT_EQ(call.headers.find("Quittance-Event-Id"), (*body)["id"].text_or_empty());
  const std::string expected =
      "t=1795000000,v1=" + base::hmac_sha256_hex(Secret(kKey), "1795000000." + call.body);
  EXPECT_EQ(call.headers.find("Quittance-Signature"), expected);
}

TEST(MerchantWebhook, SignaturesAreThoseOfAnIndependentProgram) {
  // printf '1795000000.{"a":1}' | openssl dgst -sha256 -hmac 'sixteen letters!'
  const std::vector secrets{Secret("sixteen letters!")};
  EXPECT_EQ(event_signature(secrets, base::from_ms(1'795'000'000'999), R"({"a":1})"),
            "t=1795000000,v1=273a5a8d21b405b681753c8d4db7e5624aa13ee8a6846e387ddcf3b2e8bb3266");
}

TEST(MerchantWebhook, WhileASecretIsReplacedBothSign) {
  const std::vector secrets{Secret("the new one, long"), Secret("the old one, long")};
  const auto now = base::from_ms(1'000);
  const std::string both = event_signature(secrets, now, "{}");
  const auto one = [&](int i) {
    return event_signature(std::span(&secrets[static_cast<std::size_t>(i)], 1), now, "{}");
  };
  EXPECT_EQ(both, one(0) + one(1).substr(3));
}

TEST(MerchantWebhook, EachAttemptIsTheSameEventSignedAnew) {
  PostOffice office;
  office.endpoints.manners[kFirst].status = 503;
  const auto outbox = office.opened({kFirst}, false);
  office.sell();
  office.tick(*outbox);
  office.advance(10s);
  office.tick(*outbox);
  const auto& heard = office.endpoints.heard[kFirst];
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0].call.body, heard[1].call.body);
  EXPECT_NE(heard[0].call.headers.find("Quittance-Signature"),
            heard[1].call.headers.find("Quittance-Signature"));
}

TEST(MerchantWebhook, OnlySuccessIsTaken) {
  for (const auto& [status, error] : std::map<int, std::string>{{199, "http_199"},
                                                                {200, ""},
                                                                {204, ""},
                                                                {299, ""},
                                                                {301, "http_301"},
                                                                {307, "http_307"},
                                                                {400, "http_400"},
                                                                {404, "http_404"},
                                                                {500, "http_500"},
                                                                {0, "timeout"},
                                                                {-1, "unreachable"}}) {
    PostOffice office;
    office.endpoints.manners[kFirst].status = status;
    const auto outbox = office.opened({kFirst}, false);
    const core::OrderId order = office.sell();
    office.tick(*outbox);
    office.advance(kWebhookTimeout);
    const storage::Delivery delivery = office.delivery(order, kFirst);
    EXPECT_EQ(delivery.last_error, error);
    EXPECT_EQ(delivery.state, error.empty() ? DeliveryState::delivered : DeliveryState::pending)
        << status;
  }
}

TEST(MerchantWebhook, AReturnOfMoneyIsToldToo) {
  PostOffice office;
  const auto outbox = office.opened({kFirst});
  const core::OrderId order = office.sell();
  core::Evidence back = office.money(office
                                         .read<std::vector<core::Session>>([&](auto& books) {
                                           return books.sessions_of_order(order);
                                         })[0]
                                         .id,
                                     "back-1");
  back.kind = core::EvidenceKind::refund;
  back.against = "ref-" + std::to_string(order.value());
  EXPECT_EQ(office.settle(std::move(back)).outcome, core::Outcome::refunded);
  office.tick(*outbox);
  const auto& heard = office.endpoints.heard[kFirst];
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_NE(heard[1].call.body.find("order.refunded"), std::string::npos);
}

TEST(MerchantWebhook, SettingsAreCheckedAtTheStart) {
  const Secret one("0123456789abcdef");
  const Secret two("0123456789abcdef 0123456789ABCDEF,fedcba9876543210");
  EXPECT_TRUE(read_webhook_endpoints("", Secret())->empty());
  EXPECT_EQ(read_webhook_endpoints("https://a.example/x", one)->size(), 1U);
  EXPECT_EQ(read_webhook_endpoints(" http://127.0.0.1:9/x ", one)->size(), 1U);
  EXPECT_EQ(read_webhook_endpoints("http://[::1]:9/x", one)->size(), 1U);
  const auto both = read_webhook_endpoints("https://a.example/x https://b.example/?k=1", two);
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ((*both)[1].secrets.size(), 2U);
  for (const char* url :
       {"http://a.example/x", "ftp://a.example/", "a.example", "https://", "https://u:p@a.example/",
        "https://a.example/#x", "http://127.evil.com/", "http://localhost.evil.com/"}) {
    const auto refused = read_webhook_endpoints(url, one);
    ASSERT_FALSE(refused.has_value()) << url;
    EXPECT_EQ(refused.error().param, "url");
  }
  EXPECT_EQ(read_webhook_endpoints("https://a.example/ https://a.example/", two).error().param,
            "url");
  for (const Secret& secret : {Secret(), Secret("short"), two, Secret("0123456789abcdef,short")}) {
    const auto refused = read_webhook_endpoints("https://a.example/x", secret);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().param, "secret");
  }
  EXPECT_EQ(read_webhook_endpoints("", one).error().param, "secret");
}

}  // namespace
}  // namespace quittance::notify
