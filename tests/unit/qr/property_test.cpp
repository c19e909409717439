// Properties that hold for any text, found false by example when they do not.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "qr/qr.hpp"
#include "qr/unicode.hpp"
#include "vector_files.hpp"

namespace quittance::qr {
namespace {

const base::Time kNow = base::from_ms(1'767'225'600'000);

/// UTF-8 of up to `most` characters, from several alphabets, never more UTF-16 units than that.
rc::Gen<std::string> a_text(std::size_t least, std::size_t most) {
  const auto character = rc::gen::elementOf(std::vector<std::string>{
      "a", "B", "7", "0", " ", "@", "-", "é", "ក", "ខ្", "文", "😀", "63", "04", "00"});
  return rc::gen::exec([=] {
    std::string text;
    const auto count = *rc::gen::inRange<std::size_t>(least, most + 1);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string next = *character;
      if (utf16_length(text + next).value_or(most + 1) > most) break;
      text += next;
    }
    return text.size() < least ? std::string(least, 'x') : text;
  });
}

KhqrInput an_input() {
  KhqrInput input;
  input.kind = *rc::gen::element(KhqrKind::individual, KhqrKind::merchant);
  input.account = *a_text(1, 10) + "@bank";
  input.name = *a_text(1, kMaxKhqrLabel);
  input.city = *a_text(0, kMaxKhqrCity);
  input.merchant_id = *a_text(1, 20);
  input.acquiring_bank = *a_text(1, 20);
  input.currency = *rc::gen::element<std::string>("116", "840");
  const auto cents = *rc::gen::inRange(0, 100'000'000);
  input.amount = std::to_string(cents);
  if (input.currency == "840") input.amount.append(".").append(std::to_string(10 + cents % 90));
  input.bill_number = *a_text(0, kMaxKhqrLabel);
  input.store_label = *a_text(0, kMaxKhqrLabel);
  input.purpose = *a_text(0, kMaxKhqrLabel);
  input.language = *rc::gen::element<std::string>("", "km");
  if (!input.language.empty()) {
    input.alternate_name = *a_text(1, kMaxKhqrLabel);
    input.alternate_city = *a_text(0, kMaxKhqrCity);
  }
  input.expires_at_ms = base::to_ms(kNow) + *rc::gen::inRange(0, 100'000'000);
  return input;
}

/// A sound code with a few characters replaced, removed or inserted.
std::string mutated(std::string text) {
  const auto changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const auto byte = static_cast<char>(*rc::gen::inRange(0, 256));
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.erase(at, 1);
        break;
      case 2:
        text.insert(at, 1, byte);
        break;
    }
  }
  return text;
}

const std::vector<std::string>& sound_codes() {
  static const std::vector<std::string> codes = [] {
    std::vector<std::string> found;
    const base::Json oracle = testing::own_oracle();
    for (const base::Json& entry : oracle["entries"].array()) {
      if (entry["qr"].is_string()) found.push_back(entry["qr"].text_or_empty());
    }
    return found;
  }();
  return codes;
}

std::string some_code() { return *rc::gen::elementOf(sound_codes()); }

std::string or_none(const std::optional<std::string>& text) { return text.value_or(""); }

RC_GTEST_PROP(KhqrProperty, encode_then_decode_gives_the_input_back, ()) {
  const KhqrInput input = an_input();
  const auto khqr = encode_khqr(input, kNow);
  RC_ASSERT(khqr.has_value());
  RC_ASSERT(verify_khqr(khqr->text, kNow) == std::nullopt);
  RC_ASSERT(decode_emv(khqr->text, EmvMode::strict).has_value());
  const auto data = decode_khqr(khqr->text);
  RC_ASSERT(data.has_value());
  RC_ASSERT(or_none(data->account) == input.account);
  RC_ASSERT(or_none(data->name) == input.name);
  RC_ASSERT(or_none(data->city) == (input.city.empty() ? "Phnom Penh" : input.city));
  RC_ASSERT(or_none(data->bill_number) == input.bill_number);
  RC_ASSERT(or_none(data->store_label) == input.store_label);
  RC_ASSERT(or_none(data->purpose) == input.purpose);
  RC_ASSERT(or_none(data->alternate_name) == input.alternate_name);
  RC_ASSERT(or_none(data->currency) == input.currency);
  const bool merchant = input.kind == KhqrKind::merchant;
  RC_ASSERT(or_none(data->merchant_id) == (merchant ? input.merchant_id : ""));
}

RC_GTEST_PROP(EmvProperty, what_strict_reads_lenient_reads_alike, ()) {
  const std::string text = *rc::gen::element(true, false) ? mutated(some_code()) : some_code();
  const auto strict = decode_emv(text, EmvMode::strict);
  const auto lenient = decode_emv(text, EmvMode::lenient);
  if (strict) {
    RC_ASSERT(lenient.has_value());
    RC_ASSERT(*strict == *lenient);
  }
}

RC_GTEST_PROP(EmvProperty, what_is_read_is_written_back_to_the_byte, ()) {
  const std::string text = some_code();
  auto objects = decode_emv(text, EmvMode::lenient);
  RC_ASSERT(objects.has_value());
  objects->pop_back();
  RC_ASSERT(encode_emv(*objects).value_or("") == text);
}

RC_GTEST_PROP(PayloadProperty, a_damaged_code_is_never_taken_for_a_sound_one, ()) {
  const std::string whole = some_code();
  const std::string text = mutated(whole);
  const Payload payload = read_payload(text);
  // One chance in 65536 remains that a change keeps the check sum; equal text is no damage, nor
  // is a check sum in lower case.
  if (payload.valid && payload.format == PayloadFormat::khqr) {
    RC_ASSERT(crc16(payload.text.substr(0, payload.text.size() - 4)) ==
              std::stoul(payload.text.substr(payload.text.size() - 4), nullptr, 16));
  }
  RC_ASSERT(payload.valid || !payload.errors.empty());
}

RC_GTEST_PROP(PayloadProperty, any_bytes_are_answered, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto prefix = *rc::gen::element<std::string>("", "000201", "KHQR:", "ORDER_", "upi://pay?",
                                                     "https://", "/app/qr-verification/?");
  const Payload payload = read_payload(prefix + bytes);
  RC_ASSERT(payload.valid || !payload.errors.empty());
  RC_ASSERT(base::Json::parse(payload.fields.dump()).has_value());
}

RC_GTEST_PROP(RecoveryCodeProperty, make_then_parse_gives_it_back, ()) {
  RecoveryCode code;
  code.order_id = *rc::gen::positive<std::int64_t>();
  code.transaction_id = *rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcdef0123456789XYZ"))));
  code.transaction_id.resize(std::min(code.transaction_id.size(), kMaxTransactionIdBytes));
  code.amount = std::to_string(*rc::gen::inRange(0, 1'000'000)) + ".25";
  for (const RecoveryStyle style : {RecoveryStyle::khqr, RecoveryStyle::simple}) {
    const auto text = make_recovery_code(code, style);
    RC_ASSERT(text.has_value());
    const auto read = parse_recovery_code(*text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == code);
  }
}

RC_GTEST_PROP(QrCodeProperty, every_payment_text_can_be_drawn, ()) {
  const auto matrix = make_qr(*a_text(1, 400));
  RC_ASSERT(matrix.has_value());
  RC_ASSERT(matrix->modules.size() ==
            static_cast<std::size_t>(matrix->size) * static_cast<std::size_t>(matrix->size));
}

}  // namespace
}  // namespace quittance::qr
