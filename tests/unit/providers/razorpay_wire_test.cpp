// Razorpay's signatures and entities, with published vectors where they are at hand.
#include "providers/razorpay_wire.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "unit/providers/razorpay_fixture.hpp"

namespace quittance::providers::razorpay {
namespace {

using base::Json;

Json published() {
  const auto path = std::filesystem::path(QUITTANCE_SHARED_VECTORS) / "razorpay.json";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return Json::parse(text.str()).value_or(Json());
}

TEST(RazorpaySignature, PublishedVectors) {
  const Json vectors = published();
  if (vectors.is_null()) GTEST_SKIP() << "the vectors are not beside the project";
  EXPECT_GE(vectors["webhook_signatures"].array().size(), 3U);
  for (const Json& one : vectors["webhook_signatures"].array()) {
    const std::vector secrets{base::Secret(one["secret"].text_or_empty())};
    const std::string body = one["body"].text_or_empty();
    EXPECT_EQ(verify_signature(one["x_razorpay_signature"].text_or_empty(), body, secrets),
              one["valid"].boolean())
        << one["name"].text_or_empty();
    EXPECT_TRUE(read_event(body, "").has_value());
  }
  const Json& checkout = vectors["checkout_signature"];
  const std::vector secrets{base::Secret(checkout["key_secret"].text_or_empty())};
  EXPECT_TRUE(verify_signature(
      checkout["signature"].text_or_empty(),
      checkout["order_id"].text_or_empty() + "|" + checkout["payment_id"].text_or_empty(),
      secrets));
}

TEST(RazorpaySignature, NothingElseIsTaken) {
  const std::vector secrets{base::Secret("s")};
  const std::string good = base::hmac_sha256_hex(base::Secret("s"), "{}");
  EXPECT_TRUE(verify_signature(good, "{}", secrets));
  EXPECT_FALSE(verify_signature("", "{}", secrets));
  EXPECT_FALSE(verify_signature(good.substr(0, 63), "{}", secrets));
  EXPECT_FALSE(verify_signature(good, "{} ", secrets));
  EXPECT_FALSE(verify_signature(good, "{}", {}));
  const std::vector none{base::Secret()};
  EXPECT_FALSE(verify_signature(base::hmac_sha256_hex(base::Secret(), "{}"), "{}", none));
}

Json payment() {
  return Json::parse(R"({"id":"pay_1","entity":"payment","amount":25000,"currency":"INR",
      "status":"captured","amount_refunded":0,"notes":[],"created_at":1760000000})")
      .value();
}

TEST(RazorpayPaymentEntity, WhatItCannotDoWithoutMakesItUnreadable) {
  EXPECT_TRUE(read_payment(payment()).has_value());
  for (const char* name : {"id", "entity", "amount", "currency", "status", "created_at"}) {
    Json without = payment();
    without.set(name, nullptr);
    EXPECT_FALSE(read_payment(without).has_value()) << name;
  }
  for (const auto& [name, value] : {std::pair<const char*, Json>("currency", "KHR"),
                                    {"currency", "EUR"},
                                    {"amount", "25000"},
                                    {"amount", Json::Number{"250.00"}},
                                    {"amount", -1},
                                    {"status", "sleeping"},
                                    {"created_at", 0}}) {
    Json odd = payment();
    odd.set(name, value);
    EXPECT_FALSE(read_payment(odd).has_value()) << name << value.dump();
  }
}

TEST(RazorpayPaymentEntity, OddButReadable) {
  Json odd = payment();
  odd.set("error_code", "");
  odd.set("vpa", nullptr);
  odd.set("email", "a@example.com");
  odd.set("notes", Json::object({{"quittance_session", "s"}}));
  odd.set("amount_refunded", nullptr);
  const auto read = read_payment(odd);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->payer, "a@example.com");
  EXPECT_EQ(read->merchant_reference, "s");
  EXPECT_TRUE(read->refunded.is_zero());
}

TEST(RazorpayAnswer, TheEarliestCaptureCounts) {
  auto first = *read_payment(payment());
  auto second = first;
  second.payment_ref = "pay_2";
  second.paid_at = *first.paid_at - base::Duration{1'000};
  auto failed = first;
  failed.payment_ref = "pay_3";
  failed.paid_at.reset();
  const Answer answer = answer_of({failed, first, second});
  EXPECT_EQ(std::get<Paid>(answer).provider_ref, "pay_2");
  EXPECT_TRUE(std::holds_alternative<NotYet>(answer_of({failed})));
  EXPECT_TRUE(std::holds_alternative<NotYet>(answer_of({})));
}

TEST(RazorpayCode, CloseByComesAsNumberOrText) {
  const auto end = [](Json close_by) {
    return read_code(Json::object({{"id", "qr_1"}, {"entity", "qr_code"}, {"close_by", close_by}}))
        ->expires_at;
  };
  EXPECT_EQ(end(1'760'001'000), base::from_ms(1'760'001'000'000));
  EXPECT_EQ(end("1760001000"), base::from_ms(1'760'001'000'000));
  EXPECT_EQ(end(nullptr), std::nullopt);
  EXPECT_EQ(end("soon"), std::nullopt);
}

TEST(RazorpayPayment, S4_3_S4_12_WhatAPayerOfAnEventFilledIn) {
  EXPECT_FALSE(read_payment(payment())->registration.has_value()) << "[] is nothing";
  for (const char* name :
       {"name", "roll_number", "college_name", "department", "phone", "emergency_contact_number"}) {
    Json one = payment();
    one.set("notes", Json::object({{name, " x "}}));
    EXPECT_TRUE(read_payment(one)->registration.has_value()) << name;
    one.set("notes", Json::object({{name, "  "}}));
    EXPECT_FALSE(read_payment(one)->registration.has_value()) << name << " left blank";
  }
  Json foreign = payment();
  foreign.set("notes", Json::object({{"email", "a@b.example"}, {"cart", "17"}}));
  EXPECT_FALSE(read_payment(foreign)->registration.has_value()) << "somebody else's notes";
  Json full = payment();
  full.set("email", "void@razorpay.com");
  full.set("contact", "+919000000000");
  full.set("notes", Json::object({{"name", "Asha"},
                                  {"roll_number", "21CS045"},
                                  {"college_name", "City College"},
                                  {"department", "CSE"},
                                  {"year", "3"},
                                  {"section", "B"},
                                  {"emergency_contact_number", "+919000000001"},
                                  {"event_id", "4"}}));
  const Registration expected{.event_id = "4",
                              .name = "Asha",
                              .roll_number = "21CS045",
                              .college_name = "City College",
                              .department = "CSE",
                              .year = "3",
                              .section = "B",
                              .phone = "+919000000000",
                              .emergency_contact_number = "+919000000001",
                              .email = ""};
  EXPECT_EQ(read_payment(full)->registration, expected) << "nobody's address is none";
  full.set("email", "asha@mail.example");
  EXPECT_EQ(read_payment(full)->registration->email, "asha@mail.example");
  full.set("notes", Json::object({{"name", "Asha"}, {"roll_number", 21045}}));
  EXPECT_EQ(read_payment(full)->registration->roll_number, "21045") << "a number is an answer";
  full.set("notes", Json::object({{"name", std::string(5'000, 'x')}}));
  EXPECT_EQ(read_payment(full)->registration->name.size(), 256U);
}

}  // namespace
}  // namespace quittance::providers::razorpay
