#include "qr/payload.hpp"

#include <gtest/gtest.h>

#include "vector_files.hpp"

namespace quittance::qr {
namespace {

const base::Time kNow = base::from_ms(1'767'225'600'000);

std::string shop_code() {
  KhqrInput input;
  input.account = "lotus@demo";
  input.name = "Lotus Trading";
  input.bill_number = "BILL_0A1B2C3D";
  input.amount = "4000";
  input.expires_at_ms = base::to_ms(kNow) + 600'000;
  const auto khqr = encode_khqr(input, kNow);
  EXPECT_TRUE(khqr.has_value());
  return khqr ? khqr->text : std::string();
}

std::string first_error(const Payload& payload) {
  return payload.errors.empty() ? "none" : payload.errors.front().code;
}

TEST(Payload, reads_a_khqr_under_the_names_of_the_sdk) {
  const std::string text = shop_code();
  const Payload payload = read_payload("  " + text + "\r\n");
  EXPECT_EQ(payload.format, PayloadFormat::khqr);
  EXPECT_TRUE(payload.valid);
  EXPECT_TRUE(payload.errors.empty());
  EXPECT_EQ(payload.text, text);
  EXPECT_EQ(payload.fields["billNumber"].text_or_empty(), "BILL_0A1B2C3D");
  EXPECT_EQ(payload.fields["transactionAmount"].text_or_empty(), "4000");
  ASSERT_TRUE(payload.khqr.has_value());
  EXPECT_EQ(payload.khqr->account, "lotus@demo");
}

TEST(Payload, a_wrong_check_sum_shows_the_fields_and_is_not_valid) {
  std::string text = shop_code();
  text.back() = text.back() == '0' ? '1' : '0';
  const Payload payload = read_payload(text);
  EXPECT_EQ(payload.format, PayloadFormat::khqr);
  EXPECT_FALSE(payload.valid);
  EXPECT_EQ(first_error(payload), "crc_mismatch");
  EXPECT_EQ(payload.errors.front().khqr, KhqrErrorCode::khqr_invalid);
  EXPECT_EQ(payload.fields["merchantName"].text_or_empty(), "Lotus Trading");
}

TEST(Payload, a_cut_off_khqr_is_incomplete_and_guesses_nothing) {
  const std::string text = shop_code();
  for (std::size_t size = 36; size < text.size(); ++size) {
    const Payload payload = read_payload(text.substr(0, size));
    EXPECT_EQ(payload.format, PayloadFormat::khqr) << size;
    EXPECT_FALSE(payload.valid);
    EXPECT_EQ(first_error(payload), "incomplete") << size;
    EXPECT_TRUE(payload.fields.object().empty());
  }
}

// C9, S0.49: the third printed example has a Vietnamese id, is cut off and has no check sum.
TEST(Payload, the_printed_bakong_example_is_incomplete_C9) {
  const std::string printed = "00020101021238570010A0000007270127000697040401080408KHQR0104";
  for (const std::string& text : {printed + "...", printed, printed + "…"}) {
    const Payload payload = read_payload(text);
    EXPECT_EQ(payload.format, PayloadFormat::emv);
    EXPECT_FALSE(payload.valid);
    ASSERT_EQ(payload.errors.size(), 1U);
    EXPECT_EQ(payload.errors[0].code, "incomplete");
    EXPECT_TRUE(payload.errors[0].message.starts_with("Bakong format, incomplete"));
    EXPECT_TRUE(payload.fields.object().empty());
  }
}

TEST(Payload, an_expired_or_old_code_still_leads_to_its_order) {
  const std::vector<DataObject> old{{"00", "01"},
                                    {"01", "12"},
                                    {"29", {}, {{"00", "a@demo"}}},
                                    {"52", "5999"},
                                    {"53", "840"},
                                    {"54", "5.0"},
                                    {"58", "KH"},
                                    {"59", "Shop"},
                                    {"60", "Kampot"},
                                    {"99", {}, {{"00", "1626157869648"}}}};
  const Payload payload = read_payload(encode_emv(old).value_or(""));
  EXPECT_TRUE(payload.valid);
  ASSERT_EQ(payload.errors.size(), 1U);
  EXPECT_EQ(payload.errors[0].khqr, KhqrErrorCode::expiration_required);
}

TEST(Payload, a_khqr_without_needed_objects_is_not_valid) {
  const std::vector<DataObject> bare{{"00", "01"}, {"29", {}, {{"00", "a@demo"}}}, {"58", "KH"}};
  const Payload payload = read_payload(encode_emv(bare).value_or(""));
  EXPECT_EQ(payload.format, PayloadFormat::khqr);
  EXPECT_FALSE(payload.valid);
  EXPECT_EQ(payload.errors.front().khqr, KhqrErrorCode::category_required);
}

TEST(Payload, names_the_scheme_of_another_country) {
  const std::vector<DataObject> promptpay{
      {"00", "01"},
      {"29", {}, {{"00", "A000000677010111"}, {"01", "0066000000000"}}},
      {"53", "764"},
      {"58", "TH"}};
  const Payload payload = read_payload(encode_emv(promptpay).value_or(""));
  EXPECT_EQ(payload.format, PayloadFormat::emv);
  EXPECT_EQ(payload.scheme, Scheme::promptpay);
  EXPECT_TRUE(payload.valid);
  EXPECT_EQ(payload.fields["29"]["01"].text_or_empty(), "0066000000000");
}

TEST(Payload, reads_recovery_codes_S0_47_S0_48) {
  const Payload khqr =
      read_payload("KHQR:order_id=123:transaction_id=abc123def456789:amount=50.00");
  EXPECT_EQ(khqr.format, PayloadFormat::recovery);
  EXPECT_TRUE(khqr.valid);
  EXPECT_EQ(khqr.fields["transaction_id"].text_or_empty(), "abc123def456789");
  const Payload simple = read_payload("ORDER_123_abc123def456_50.00");
  EXPECT_EQ(simple.format, PayloadFormat::order);
  EXPECT_TRUE(simple.valid);
  EXPECT_EQ(simple.fields["order_id"].text_or_empty(), "123");
  EXPECT_EQ(simple.fields["amount"].text_or_empty(), "50.00");
}

// C10: a bare order number is recognised but never enough.
TEST(Payload, a_bare_order_number_is_incomplete_C10) {
  const Payload payload = read_payload("ORDER_7");
  EXPECT_EQ(payload.format, PayloadFormat::order);
  EXPECT_FALSE(payload.valid);
  EXPECT_EQ(first_error(payload), "incomplete");
  EXPECT_EQ(payload.fields["order_id"].text_or_empty(), "7");
  EXPECT_FALSE(payload.recovery.has_value());
  EXPECT_EQ(first_error(read_payload("ORDER_seven")), "bad_recovery_code");
}

TEST(Payload, reads_upi_links) {
  const Payload payload =
      read_payload("UPI://pay?pa=tea@examplebank&pn=Tea%20Stall&am=12.50&cu=INR");
  EXPECT_EQ(payload.format, PayloadFormat::upi);
  EXPECT_TRUE(payload.valid);
  EXPECT_EQ(payload.fields["pn"].text_or_empty(), "Tea Stall");
  EXPECT_EQ(first_error(read_payload("upi://pay?pn=x")), "payee_missing");
  EXPECT_EQ(first_error(read_payload("upi://pay?pa=a@b&am=1e3")), "amount_invalid");
  EXPECT_EQ(first_error(read_payload("upi://pay?pa=a@b&cu=USD")), "currency_unsupported");
  EXPECT_EQ(first_error(read_payload("upi://pay?pa=a@b&pn=%4")), "bad_escape");
  EXPECT_EQ(first_error(read_payload("upi://mandate?pa=a@b")), "unsupported_link");
}

TEST(Payload, published_upi_links_are_read) {
  const base::Json entries = testing::published("upi.json");
  for (const base::Json& entry : entries.array()) {
    const Payload payload = read_payload(entry["uri"].text_or_empty());
    EXPECT_EQ(payload.format, PayloadFormat::upi);
    EXPECT_TRUE(payload.valid) << entry["uri"].text_or_empty();
    if (entry.has("params")) {
      EXPECT_EQ(payload.fields, entry["params"]);
    }
    if (payload.fields.has("invoiceDate")) {
      EXPECT_TRUE(payload.fields["invoiceDate"].text_or_empty().contains('+'));
    }
  }
}

TEST(Payload, published_qpay_codes_are_read) {
  const base::Json codes = testing::published("qpay.json")["qr_text"];
  for (const base::Json& code : codes.array()) {
    const Payload payload = read_payload(code.text_or_empty());
    EXPECT_EQ(payload.format, PayloadFormat::emv);
    EXPECT_TRUE(payload.valid) << code.dump();
    EXPECT_EQ(payload.scheme, Scheme::mongolia);
    EXPECT_EQ(payload.fields["53"].text_or_empty(), "496");
    EXPECT_EQ(payload.fields["58"].text_or_empty(), "MN");
  }
}

TEST(Payload, reads_web_addresses_and_our_own_passes) {
  const Payload pass =
      read_payload("https://tax.example/app/qr-verification/?lang=fr&code=aB-_9#x");
  EXPECT_EQ(pass.format, PayloadFormat::url);
  EXPECT_TRUE(pass.valid);
  EXPECT_EQ(pass.fields["code"].text_or_empty(), "aB-_9");
  EXPECT_EQ(read_payload("/app/qr-verification?code=t").fields["code"].text_or_empty(), "t");
  EXPECT_TRUE(read_payload("http://example.org").valid);
  EXPECT_EQ(first_error(read_payload("https://tax.example/app/qr-verification/")), "code_missing");
  EXPECT_EQ(first_error(read_payload("https://")), "bad_url");
  EXPECT_EQ(first_error(read_payload("https:///path")), "bad_url");
  EXPECT_EQ(first_error(read_payload("https://a b")), "bad_url");
}

TEST(Payload, everything_else_is_unknown) {
  for (const std::string& text : {std::string(), std::string("hello"), std::string(" \n"),
                                  std::string("order_7"), std::string("123456")}) {
    const Payload payload = read_payload(text);
    EXPECT_EQ(payload.format, PayloadFormat::unknown) << text;
    EXPECT_EQ(first_error(payload), "unknown_format");
  }
  EXPECT_EQ(first_error(read_payload("\xFF")), "invalid_utf8");
  EXPECT_EQ(first_error(read_payload(std::string(kMaxPayloadBytes + 1, 'x'))), "too_long");
}

}  // namespace
}  // namespace quittance::qr
