#include "qr/khqr.hpp"

#include <gtest/gtest.h>

#include "vector_files.hpp"

namespace quittance::qr {
namespace {

using testing::own_oracle;
using testing::published;

const base::Time kNow = base::from_ms(1'767'225'600'000);

KhqrInput order() {
  KhqrInput input;
  input.account = "lotus@demo";
  input.name = "Lotus Trading";
  input.city = "Battambang";
  input.currency = "840";
  input.amount = "12.50";
  input.bill_number = "BILL_0A1B2C3D";
  input.expires_at_ms = base::to_ms(kNow) + 600'000;
  return input;
}

KhqrErrorCode fault_of(const KhqrInput& input) {
  const auto khqr = encode_khqr(input, kNow);
  EXPECT_FALSE(khqr.has_value());
  return khqr ? KhqrErrorCode::internal_server_error : khqr.error();
}

std::string amount_written(const std::string& currency, const std::string& amount) {
  KhqrInput input = order();
  input.currency = currency;
  input.amount = amount;
  const auto khqr = encode_khqr(input, kNow);
  if (!khqr) return std::to_string(static_cast<int>(khqr.error()));
  const auto data = decode_khqr(khqr->text);
  return data ? data->amount.value_or("static") : "unreadable";
}

base::Json fields_of(const KhqrData& data) {
  base::Json fields{base::Json::Object{}};
  for (const KhqrField& field : khqr_fields()) {
    if (data.*field.member) fields.set(field.key, *(data.*field.member));
  }
  return fields;
}

void expect_fields(const KhqrData& data, const base::Json& wanted, const std::string& text) {
  const base::Json fields = fields_of(data);
  std::size_t present = 0;
  for (const auto& [key, value] : wanted.object()) {
    EXPECT_EQ(fields[key], value) << key << " of " << text;
    if (!value.is_null()) ++present;
  }
  EXPECT_EQ(fields.object().size(), present) << text;
}

TEST(Khqr, error_rows_keep_the_numbers_of_the_sdk) {
  EXPECT_EQ(khqr_error_row(KhqrErrorCode::account_required).message,
            "Bakong Account ID cannot be null or empty");
  EXPECT_EQ(khqr_error_row(KhqrErrorCode::category_invalid).name, "category_invalid");
}

// C8: the payable code carries amount, currency, our bill number, times and a check sum.
TEST(Khqr, an_order_becomes_a_code_that_verifies_and_says_everything) {
  const auto khqr = encode_khqr(order(), kNow);
  ASSERT_TRUE(khqr.has_value());
  EXPECT_EQ(khqr->md5, base::md5_hex(khqr->text));
  EXPECT_EQ(verify_khqr(khqr->text, kNow), std::nullopt);
  const auto data = decode_khqr(khqr->text);
  ASSERT_TRUE(data.has_value());
  EXPECT_EQ(data->account, "lotus@demo");
  EXPECT_EQ(data->amount, "12.50");
  EXPECT_EQ(data->currency, "840");
  EXPECT_EQ(data->bill_number, "BILL_0A1B2C3D");
  EXPECT_EQ(khqr_time(data->created_at_ms), kNow);
  EXPECT_EQ(khqr_time(data->expires_at_ms), kNow + base::Duration{600'000});
  EXPECT_TRUE(decode_emv(khqr->text, EmvMode::strict).has_value());
}

TEST(Khqr, expiry_counts_from_the_moment_of_asking) {
  const auto khqr = encode_khqr(order(), kNow);
  ASSERT_TRUE(khqr.has_value());
  EXPECT_EQ(verify_khqr(khqr->text, kNow + base::Duration{600'000}), std::nullopt);
  EXPECT_EQ(verify_khqr(khqr->text, kNow + base::Duration{600'001}), KhqrErrorCode::expired);
}

TEST(Khqr, amounts_are_written_without_floating_point) {
  EXPECT_EQ(amount_written("840", "12.5"), "12.50");
  EXPECT_EQ(amount_written("840", "12"), "12");
  EXPECT_EQ(amount_written("840", "0.07"), "0.07");
  EXPECT_EQ(amount_written("840", "1."), "1.00");
  EXPECT_EQ(amount_written("840", "9999999999.99"), "9999999999.99");
  EXPECT_EQ(amount_written("840", "99999999999.99"), "4");
  EXPECT_EQ(amount_written("840", "0.001"), "4");
  EXPECT_EQ(amount_written("840", "1e2"), "4");
  EXPECT_EQ(amount_written("840", "-1"), "4");
  EXPECT_EQ(amount_written("840", "twelve"), "4");
  EXPECT_EQ(amount_written("840", " 12"), "4");
  EXPECT_EQ(amount_written("840", "0.00"), "static");
  EXPECT_EQ(amount_written("116", "4000.00"), "4000");
  EXPECT_EQ(amount_written("116", "4e3"), "4000");
  EXPECT_EQ(amount_written("116", "4000.5"), "4");
  EXPECT_EQ(amount_written("116", "10000000000000"), "4");
  // Beyond the precision of a double: the SDK would round it to a whole number.
  EXPECT_EQ(amount_written("116", "0.99999999999999999999"), "4");
}

TEST(Khqr, refuses_what_the_sdk_writes_unreadably) {
  KhqrInput long_template = order();
  long_template.store_label = std::string(25, 's');
  long_template.terminal_label = std::string(25, 't');
  long_template.purpose = std::string(25, 'p');
  EXPECT_EQ(fault_of(long_template), KhqrErrorCode::khqr_invalid);
  KhqrInput long_account = order();
  long_account.account = std::string(27, 'a') + "@demo";
  long_account.account_information = std::string(32, '1');
  long_account.acquiring_bank = std::string(32, 'b');
  EXPECT_EQ(fault_of(long_account), KhqrErrorCode::khqr_invalid);
  KhqrInput bad_name = order();
  bad_name.name = "\xFF";
  EXPECT_EQ(fault_of(bad_name), KhqrErrorCode::name_length);
  KhqrInput no_language = order();
  no_language.alternate_name = "ឡូតូស";
  EXPECT_EQ(fault_of(no_language), KhqrErrorCode::language_required);
}

TEST(Khqr, decode_names_one_receiver_or_none) {
  const std::vector<DataObject> both{
      {"00", "01"}, {"29", {}, {{"00", "a@demo"}}}, {"30", {}, {{"00", "b@demo"}}}, {"58", "KH"}};
  const auto text = encode_emv(both);
  ASSERT_TRUE(text.has_value());
  EXPECT_FALSE(decode_khqr(*text).has_value());
  EXPECT_EQ(verify_khqr(*text, kNow), KhqrErrorCode::khqr_invalid);
}

TEST(Khqr, a_damaged_code_is_refused) {
  const auto khqr = encode_khqr(order(), kNow);
  ASSERT_TRUE(khqr.has_value());
  std::string text = khqr->text;
  text[text.find("12.50")] = '9';
  EXPECT_FALSE(decode_khqr(text).has_value());
  EXPECT_EQ(verify_khqr(text, kNow), KhqrErrorCode::khqr_invalid);
  EXPECT_FALSE(decode_khqr(khqr->text.substr(0, khqr->text.size() - 4)).has_value());
}

TEST(Khqr, promptpay_in_the_same_object_is_another_scheme) {
  const std::vector<DataObject> promptpay{
      {"00", "01"}, {"29", {}, {{"00", "A000000677010111"}}}, {"53", "764"}, {"58", "TH"}};
  EXPECT_FALSE(is_khqr(promptpay));
}

// Codes of older SDKs have no expiry: they are read, and only verify refuses them.
TEST(Khqr, an_old_dynamic_code_is_still_read) {
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
  const auto text = encode_emv(old);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(decode_khqr(*text)->amount, "5.0");
  EXPECT_EQ(verify_khqr(*text, kNow), KhqrErrorCode::expiration_required);
}

TEST(Khqr, agrees_with_the_sdk_on_our_own_inputs) {
  const base::Json oracle = own_oracle();
  ASSERT_GE(oracle["entries"].array().size(), 100U);
  for (const base::Json& entry : oracle["entries"].array()) {
    const std::string text = entry["qr"].text_or_empty();
    if (text.empty()) continue;  // command_test runs the inputs and the refusals
    const auto data = decode_khqr(text);
    ASSERT_TRUE(data.has_value()) << text;
    expect_fields(*data, entry["decode"], text);
    const auto now = base::from_ms(entry["now_ms"].integer().value_or(0));
    EXPECT_EQ(!verify_khqr(text, now).has_value(), entry["verify"].boolean()) << text;
  }
}

TEST(Khqr, published_codes_are_read_and_verified_as_the_sdk_does) {
  const base::Json entries = published("khqr.json");
  for (const base::Json& entry : entries.array()) {
    const std::string text = entry["qr"].text_or_empty();
    const auto data = decode_khqr(text);
    ASSERT_TRUE(data.has_value()) << text;
    expect_fields(*data, entry["fields"], text);
    EXPECT_EQ(base::md5_hex(text), entry["md5"].text_or_empty());
    const auto created = khqr_time(data->created_at_ms).value_or(base::Time{});
    EXPECT_EQ(!verify_khqr(text, created).has_value(),
              entry["sdk_1_0_20_verify_at_creation_time"].boolean())
        << text;
  }
}

TEST(Khqr, published_broken_codes_are_refused) {
  const base::Json entries = published("khqr_invalid.json");
  for (const base::Json& entry : entries.array()) {
    const std::string text = entry["qr"].text_or_empty();
    EXPECT_FALSE(decode_khqr(text).has_value()) << text;
    EXPECT_TRUE(verify_khqr(text, kNow).has_value()) << text;
  }
}

}  // namespace
}  // namespace quittance::qr
