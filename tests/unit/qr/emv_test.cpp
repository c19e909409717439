#include "qr/emv.hpp"

#include <gtest/gtest.h>

#include "qr/payload.hpp"
#include "vector_files.hpp"

namespace quittance::qr {
namespace {

using Objects = std::vector<DataObject>;

/// A small sound payload of an invented shop.
Objects small_payload() {
  return {{"00", "01"},
          {"26", {}, {{"00", "org.example.pay"}, {"01", "12345"}}},
          {"53", "840"},
          {"58", "US"},
          {"59", "Corner Cafe"}};
}

std::string written(const Objects& objects) {
  const auto text = encode_emv(objects);
  EXPECT_TRUE(text.has_value());
  return text.value_or("");
}

/// `body` with the check sum that belongs to it.
std::string sealed(const std::string& body) {
  std::string text = body + "6304";
  const unsigned crc = crc16(text);
  for (const unsigned shift : {12U, 8U, 4U, 0U})
    text += "0123456789ABCDEF"[(crc >> shift) & 15U];
  return text;
}

EmvFault fault_of(const std::string& text, EmvMode mode = EmvMode::lenient) {
  const auto objects = decode_emv(text, mode);
  EXPECT_FALSE(objects.has_value()) << text;
  return objects ? EmvFault::too_deep : objects.error().fault;
}

TEST(Crc16, has_the_published_check_value) {
  EXPECT_EQ(crc16("123456789"), 0x29B1);
  EXPECT_EQ(crc16(""), 0xFFFF);
}

TEST(Emv, writes_ids_lengths_and_check_sum) {
  const std::string body = "00020126280015org.example.pay01051234553038405802US5911Corner Cafe";
  EXPECT_EQ(written(small_payload()), sealed(body));
}

TEST(Emv, reads_back_what_it_wrote) {
  const auto objects = decode_emv(written(small_payload()), EmvMode::strict);
  ASSERT_TRUE(objects.has_value());
  EXPECT_EQ(find_object(*objects, "26", "01")->value, "12345");
  EXPECT_EQ(find_object(*objects, "59")->value, "Corner Cafe");
  EXPECT_EQ(find_object(*objects, "54"), nullptr);
}

TEST(Emv, counts_utf16_units_and_sums_utf8_bytes) {
  Objects objects = small_payload();
  objects.back().value = "ហាង 🍜";  // four units, and a pair
  const std::string text = written(objects);
  EXPECT_TRUE(text.contains("5906ហាង 🍜"));
  const auto read = decode_emv(text, EmvMode::strict);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(find_object(*read, "59")->value, "ហាង 🍜");
}

TEST(Emv, refuses_a_length_that_splits_a_character) {
  EXPECT_EQ(fault_of(sealed("0002015901🍜")), EmvFault::split_character);
}

TEST(Emv, refuses_text_that_is_not_utf8) {
  EXPECT_EQ(fault_of(sealed("0002015901\xFF")), EmvFault::invalid_utf8);
  EXPECT_EQ(fault_of(sealed("0002015901\xED\xA0\x80")), EmvFault::invalid_utf8);
  EXPECT_EQ(fault_of(sealed("0002015901\xC0\xAF")), EmvFault::invalid_utf8);
}

TEST(Emv, names_every_structural_fault) {
  EXPECT_EQ(fault_of(std::string(kMaxPayloadBytes + 1, '0')), EmvFault::too_long);
  EXPECT_EQ(fault_of(sealed("5802US")), EmvFault::no_format_indicator);
  EXPECT_EQ(fault_of(sealed("0002015X02US")), EmvFault::bad_header);
  EXPECT_EQ(fault_of(sealed("000201580XUS")), EmvFault::bad_header);
  EXPECT_EQ(fault_of("0002015899US"), EmvFault::cut_off);
  EXPECT_EQ(fault_of("00020158"), EmvFault::cut_off);
  EXPECT_EQ(fault_of("0002015802US"), EmvFault::crc_missing);
  EXPECT_EQ(fault_of(""), EmvFault::crc_missing);
  EXPECT_EQ(fault_of("0002016304GGGG"), EmvFault::crc_malformed);
  EXPECT_EQ(fault_of("0002016303ABC"), EmvFault::crc_malformed);
  EXPECT_EQ(fault_of("0002016304ABCD5802US"), EmvFault::crc_not_last);
  EXPECT_EQ(fault_of("0002016304ABCD"), EmvFault::crc_mismatch);
  EXPECT_EQ(fault_of(sealed("0002015802US5802US")), EmvFault::duplicate_id);
}

TEST(Emv, strict_asks_for_more_than_lenient) {
  const std::vector<std::pair<std::string, EmvFault>> cases{
      {"0002025802US", EmvFault::wrong_format},
      {"0002015900", EmvFault::empty_value},
      {"00020126040000", EmvFault::empty_value},
      {"0002012605hello", EmvFault::broken_template},
  };
  for (const auto& [body, fault] : cases) {
    const std::string text = sealed(body);
    EXPECT_EQ(fault_of(text, EmvMode::strict), fault) << text;
    EXPECT_TRUE(decode_emv(text, EmvMode::lenient).has_value()) << text;
  }
}

TEST(Emv, lower_case_check_sum_is_for_scanned_codes_only) {
  // The first spare digit whose check sum has a letter.
  for (char digit = '0'; digit <= '9'; ++digit) {
    std::string text = sealed(std::string("0002015801") + digit);
    const std::size_t letter = text.find_first_of("ABCDEF", text.size() - 4);
    if (letter == std::string::npos) continue;
    text[letter] = static_cast<char>(text[letter] - 'A' + 'a');
    EXPECT_TRUE(decode_emv(text, EmvMode::lenient).has_value());
    EXPECT_EQ(fault_of(text, EmvMode::strict), EmvFault::crc_malformed);
    return;
  }
  FAIL() << "no check sum had a letter";
}

TEST(Emv, a_repeated_sub_id_leaves_the_template_unread) {
  const auto objects = decode_emv(sealed("00020129100001100012"), EmvMode::lenient);
  ASSERT_TRUE(objects.has_value());
  EXPECT_TRUE(find_object(*objects, "29")->children.empty());
}

TEST(Emv, an_unreserved_template_may_hold_plain_text) {
  const std::string hash(64, 'b');
  const auto objects = decode_emv(sealed("0002018264" + hash), EmvMode::strict);
  ASSERT_TRUE(objects.has_value());
  EXPECT_EQ(find_object(*objects, "82")->value, hash);
  EXPECT_TRUE(find_object(*objects, "82")->children.empty());
}

TEST(Emv, reads_a_template_inside_a_template) {
  const Objects wanted{
      {"00", "01"},
      {"38", {}, {{"00", "A000000727"}, {"01", {}, {{"00", "970400"}, {"01", "77"}}}}}};
  const auto objects = decode_emv(written(wanted), EmvMode::strict);
  ASSERT_TRUE(objects.has_value());
  const DataObject* inner = find_object(*objects, "38", "01");
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(find_object(inner->children, "00")->value, "970400");
}

TEST(Emv, a_number_that_looks_like_one_object_stays_a_number) {
  const auto objects = decode_emv(
      written({{"00", "01"}, {"26", {}, {{"00", "x"}, {"01", "000212"}}}}), EmvMode::strict);
  ASSERT_TRUE(objects.has_value());
  EXPECT_TRUE(find_object(*objects, "26", "01")->children.empty());
}

TEST(Emv, refuses_to_write_what_cannot_be_read) {
  const auto fault = [](const Objects& objects) {
    const auto text = encode_emv(objects);
    EXPECT_FALSE(text.has_value());
    return text ? EmvFault::crc_missing : text.error();
  };
  EXPECT_EQ(fault({}), EmvFault::no_format_indicator);
  EXPECT_EQ(fault({{"00", "01"}, {"63", "ABCD"}}), EmvFault::duplicate_id);
  EXPECT_EQ(fault({{"00", "01"}, {"58", "US"}, {"58", "US"}}), EmvFault::duplicate_id);
  EXPECT_EQ(fault({{"00", "01"}, {"5", "US"}}), EmvFault::bad_header);
  EXPECT_EQ(fault({{"00", "01"}, {"59", ""}}), EmvFault::empty_value);
  EXPECT_EQ(fault({{"00", "01"}, {"59", std::string(100, 'x')}}), EmvFault::value_too_long);
  EXPECT_EQ(fault({{"00", "01"}, {"59", "\xFF"}}), EmvFault::invalid_utf8);
  DataObject deep{"01", "x"};
  for (int level = 0; level < kMaxEmvDepth; ++level)
    deep = {"26", {}, {deep}};
  EXPECT_EQ(fault({{"00", "01"}, deep}), EmvFault::too_deep);
}

TEST(Emv, published_codes_of_other_schemes_are_read_field_by_field) {
  const base::Json entries = testing::published("emvco.json");
  for (const base::Json& entry : entries.array()) {
    const Payload payload = read_payload(entry["qr"].text_or_empty());
    EXPECT_EQ(payload.format, PayloadFormat::emv) << entry["qr"].text_or_empty();
    EXPECT_TRUE(payload.valid) << entry["qr"].text_or_empty();
    // The order of objects is the writer's; compare by key.
    for (const auto& [id, value] : entry["fields"].object()) {
      EXPECT_EQ(payload.fields[id], value) << id << " of " << entry["qr"].text_or_empty();
    }
    EXPECT_EQ(payload.fields.object().size(), entry["fields"].object().size());
  }
}

}  // namespace
}  // namespace quittance::qr
