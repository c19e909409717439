// Stripe's signatures, forms and amounts, with published vectors where they are at hand.
#include "providers/stripe_wire.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/providers/stripe_fixture.hpp"

namespace quittance::providers::stripe {
namespace {

using base::Json;

Json published(std::string_view name) {
  const auto path = std::filesystem::path(QUITTANCE_SHARED_VECTORS) / name;
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return Json::parse(text.str()).value_or(Json());
}

TEST(StripeSignature, PublishedVectors) {
  const Json vectors = published("stripe.json");
  if (vectors.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  EXPECT_GE(vectors["webhook_signatures"].array().size(), 8U);
  for (const Json& one : vectors["webhook_signatures"].array()) {
    const std::vector secrets{base::Secret(one["secret"].text_or_empty())};
    const bool valid =
        verify_signature(one["header"].text_or_empty(), one["body"].text_or_empty(), secrets,
                         base::from_ms(one["now"].integer().value() * 1'000),
                         base::Duration{one["tolerance_s"].integer().value() * 1'000});
    EXPECT_EQ(valid, one["valid"].boolean()) << one["name"].text_or_empty();
  }
}

/// Nested parameters as Stripe's kits flatten them.
void flatten(Form& form, const std::string& name, const Json& value) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.object())
      flatten(form, name.empty() ? key : name + "[" + key + "]", inner);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.array().size(); ++i)
      flatten(form, name + "[" + std::to_string(i) + "]", value.array()[i]);
  } else if (const auto boolean = value.boolean()) {
    form.add(name, *boolean ? "true" : "false");
  } else if (const auto number = value.integer()) {
    form.add(name, *number);
  } else {
    form.add(name, value.text_or_empty());
  }
}

TEST(StripeForm, PublishedVectors) {
  const Json vectors = published("stripe.json");
  if (vectors.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  EXPECT_GE(vectors["form_encoding"].array().size(), 3U);
  for (const Json& one : vectors["form_encoding"].array()) {
    Form form;
    flatten(form, "", one["params"]);
    EXPECT_EQ(form.text(), one["encoded"].string());
  }
}

/// A header over `body` at second 1 000 000 000.
std::string signed_header(std::string_view body, std::string_view t = "1000000000") {
  return base::hmac_sha256_hex(base::Secret("whsec"), std::string(t) + "." + std::string(body));
}

TEST(StripeSignature, OddHeaders) {
  const std::vector secrets{base::Secret("whsec")};
  const base::Time now = base::from_ms(1'000'000'000'000);
  const std::string v1 = signed_header("{}");
  const auto accepted = [&](const std::string& header) {
    return verify_signature(header, "{}", secrets, now, std::chrono::minutes(5));
  };
  EXPECT_TRUE(accepted("t=1000000000,v1=" + v1));
  EXPECT_TRUE(accepted("v1=" + v1 + ",t=1000000000"));
  EXPECT_TRUE(accepted("t=1000000000,v1=ff,v2=x,,=,v1=" + v1 + ",v0=00"));
  EXPECT_FALSE(accepted("t=1000000000,v0=" + v1));
  EXPECT_FALSE(accepted("t=1000000000,v1=" + v1.substr(1)));
  EXPECT_FALSE(accepted("t=+1000000000,v1=" + v1));
  EXPECT_FALSE(accepted("t=,v1=" + v1));
  EXPECT_FALSE(accepted("v1=" + v1));
  EXPECT_FALSE(accepted(""));
  EXPECT_FALSE(accepted("t=1000000000,v1="));
  EXPECT_FALSE(accepted("t=1000000000,v1=" + v1 + std::string(5'000, ',')));
  const std::string huge = "99999999999999999999";
  EXPECT_FALSE(accepted("t=" + huge + ",v1=" + signed_header("{}", huge)));
  const std::vector none{base::Secret()};
  const std::string by_nobody =
      "t=1000000000,v1=" + base::hmac_sha256_hex(base::Secret(), "1000000000.{}");
  EXPECT_FALSE(verify_signature(by_nobody, "{}", none, now, std::chrono::minutes(5)))
      << "an empty secret is no secret";
}

TEST(StripeSignature, C23_ToleranceHoldsOnBothSides) {
  const std::vector secrets{base::Secret("whsec")};
  const std::string header = "t=1000000000,v1=" + signed_header("{}");
  const auto at = [&](std::int64_t offset_s) {
    return verify_signature(header, "{}", secrets,
                            base::from_ms((1'000'000'000 + offset_s) * 1'000),
                            std::chrono::minutes(5));
  };
  EXPECT_TRUE(at(300));
  EXPECT_FALSE(at(301));
  EXPECT_TRUE(at(-300));
  EXPECT_FALSE(at(-301)) << "their own kit would take it; we do not";
}

TEST(StripeAmount, C34_ThereAndBackForEveryCurrency) {
  const struct {
    const char* amount;
    const char* code;
    std::int64_t minor;
  } rows[] = {{"12.50", "USD", 1'250},
              {"4000", "KHR", 400'000},
              {"250.05", "MNT", 25'005},
              {"15000", "MGA", 15'000},
              {"1", "INR", 100}};
  for (const auto& row : rows) {
    const auto wire = to_wire(money(row.amount, row.code));
    ASSERT_TRUE(wire) << row.code;
    EXPECT_EQ(wire->minor, row.minor) << row.code;
    EXPECT_EQ(from_wire(wire->minor, wire->currency), money(row.amount, row.code)) << row.code;
  }
  EXPECT_EQ(from_wire(100, "eur"), std::nullopt);
  EXPECT_EQ(from_wire(-1, "usd"), std::nullopt);
  EXPECT_EQ(from_wire(150, "khr"), std::nullopt) << "a riel and a half";
  EXPECT_TRUE(to_wire(money("999999.99", "USD")));
  EXPECT_FALSE(to_wire(money("1000000.00", "USD")));
}

TEST(StripeIntent, WhatItCannotDoWithoutMakesItUnreadable) {
  const Json good = Json::parse(R"({"id":"pi_1","object":"payment_intent","status":"succeeded",
      "amount":100,"amount_received":100,"currency":"usd","created":1700000000})")
                        .value();
  EXPECT_TRUE(read_intent(good).has_value());
  for (const char* name : {"id", "object", "status", "amount", "currency", "created"}) {
    Json without = good;
    without.set(name, nullptr);
    EXPECT_FALSE(read_intent(without).has_value()) << name;
  }
  Json odd = good;
  odd.set("status", "daydreaming");
  EXPECT_EQ(unknown_reason(answer_of(*read_intent(odd))), UnknownReason::unreadable);
  odd.set("amount", Json::Number{"1e2"});
  EXPECT_FALSE(read_intent(odd).has_value());
}

}  // namespace
}  // namespace quittance::providers::stripe
