// KHQR, the QR of the National Bank of Cambodia: writing, reading, verifying.
// Facts: KHQR Content Guideline v1.4, checked against the bank's own SDK 1.0.20
// (tests/vectors/khqr).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"
#include "qr/emv.hpp"

namespace quittance::qr {

/// The SDK's error codes; the numbers are wire data.
enum class KhqrErrorCode {
  account_required = 1,
  name_required = 2,
  account_invalid = 3,
  amount_invalid = 4,
  merchant_type_required = 5,
  account_length = 6,
  name_length = 7,
  khqr_invalid = 8,
  currency_required = 9,
  bill_number_length = 10,
  store_label_length = 11,
  terminal_label_length = 12,
  connection_timeout = 13,
  deeplink_source_invalid = 14,
  internal_server_error = 15,
  format_indicator_length = 16,
  initiation_length = 17,
  category_length = 18,
  currency_length = 19,
  country_length = 20,
  city_length = 21,
  crc_length = 22,
  format_indicator_required = 23,
  crc_required = 24,
  category_required = 25,
  country_required = 26,
  city_required = 27,
  currency_unsupported = 28,
  deeplink_url_invalid = 29,
  merchant_id_required = 30,
  acquiring_bank_required = 31,
  merchant_id_length = 32,
  acquiring_bank_length = 33,
  mobile_number_length = 34,
  account_information_length = 35,
  tag_not_in_order = 36,
  language_required = 37,
  language_length = 38,
  alternate_name_required = 39,
  alternate_name_length = 40,
  alternate_city_length = 41,
  purpose_length = 42,
  union_pay_length = 43,
  union_pay_currency = 44,
  expiration_required = 45,
  expired = 46,
  dynamic_amount_missing = 47,
  initiation_invalid = 48,
  expiration_length = 49,
  expiration_in_past = 50,
  category_invalid = 51
};

/// What the SDK says for a code (wire compatibility data), and our stable snake_case name.
struct KhqrErrorRow {
  KhqrErrorCode code;
  std::string_view name;
  std::string_view message;
};
/// The row of one code. Total over the enum.
const KhqrErrorRow& khqr_error_row(KhqrErrorCode code);

/// Limits of the bank's SDK, in UTF-16 code units.
inline constexpr std::size_t kMaxKhqrAccount = 32;  ///< also account information, ids and banks
inline constexpr std::size_t kMaxKhqrLabel = 25;    ///< also merchant names
inline constexpr std::size_t kMaxKhqrCity = 15;
inline constexpr std::size_t kMaxKhqrLanguage = 2;
inline constexpr std::size_t kMaxKhqrAmount = 13;
inline constexpr std::size_t kMaxKhqrCategory = 4;
inline constexpr std::size_t kMaxKhqrCurrency = 3;
/// Digits of a moment in milliseconds, from 2001 to 2286.
inline constexpr std::size_t kKhqrTimeDigits = 13;

/// Account holder: a person or sole trader (tag 29), or a company (tag 30).
enum class KhqrKind { individual, merchant };

/// What goes into a KHQR. An empty text means "not given". Lengths are in UTF-16 code units.
struct KhqrInput {
  KhqrKind kind = KhqrKind::individual;
  std::string account{};              ///< `name@bank`, at most 32
  std::string name{};                 ///< merchant name, at most 25
  std::string city{};                 ///< at most 15; `Phnom Penh` when not given
  std::string account_information{};  ///< individual only, at most 32
  std::string merchant_id{};          ///< merchant only and needed there, at most 32
  std::string acquiring_bank{};       ///< needed for a merchant, at most 32
  std::string currency = "116";       ///< ISO 4217 number: 116 riel or 840 dollar
  std::string amount{};               ///< decimal text, major units; none or zero makes it static
  std::string bill_number{};          ///< at most 25, as the next four
  std::string mobile_number{};
  std::string store_label{};
  std::string terminal_label{};
  std::string purpose{};
  std::string language{};                       ///< two letters
  std::string alternate_name{};                 ///< at most 25
  std::string alternate_city{};                 ///< at most 15
  std::string union_pay{};                      ///< tag 15, at most 99; riel only
  std::string category{};                       ///< up to four digits; 5999 when not given
  std::optional<std::int64_t> expires_at_ms{};  ///< needed when there is an amount
};

/// A finished code.
struct Khqr {
  std::string text;
  std::string md5;  ///< lower-case hex over the UTF-8 text: the key that the bank is asked by
};

/// Writes a KHQR as the SDK does, object by object, `now` being the creation time. Where the
/// SDK writes a broken code (a template over 99, an amount that is no decimal number) it is
/// refused: amount_invalid or khqr_invalid. Amount rules: riel whole; dollars at most two
/// decimals, two are written as soon as there is a point, a whole amount is written as given.
std::expected<Khqr, KhqrErrorCode> encode_khqr(const KhqrInput& input, base::Time now);

/// A scanned KHQR under the SDK's own field names; what is absent is empty.
struct KhqrData {
  std::optional<std::string> merchant_type{};  ///< "29" or "30"
  std::optional<std::string> account{};
  std::optional<std::string> account_information{};
  std::optional<std::string> merchant_id{};
  std::optional<std::string> acquiring_bank{};
  std::optional<std::string> bill_number{};
  std::optional<std::string> mobile_number{};
  std::optional<std::string> store_label{};
  std::optional<std::string> terminal_label{};
  std::optional<std::string> purpose{};
  std::optional<std::string> language{};
  std::optional<std::string> alternate_name{};
  std::optional<std::string> alternate_city{};
  std::optional<std::string> created_at_ms{};  ///< as written; see khqr_time
  std::optional<std::string> expires_at_ms{};
  std::optional<std::string> format_indicator{};
  std::optional<std::string> initiation{};  ///< "11" static, "12" dynamic
  std::optional<std::string> union_pay{};
  std::optional<std::string> category{};
  std::optional<std::string> currency{};
  std::optional<std::string> amount{};  ///< as written: `1`, `1.5`, `1.50`, `0000009800`
  std::optional<std::string> country{};
  std::optional<std::string> name{};
  std::optional<std::string> city{};
  std::optional<std::string> crc{};

  bool operator==(const KhqrData&) const = default;
};

/// A field of KhqrData under the name that the SDK's decode gives it.
struct KhqrField {
  std::string_view key;
  std::optional<std::string> KhqrData::* member;
};
/// All of them, in the SDK's order.
std::span<const KhqrField> khqr_fields();

/// True when objects 29 or 30 hold a Bakong account, sound or not, rather than another scheme's id.
bool is_khqr(std::span<const DataObject> objects);

/// The named fields of objects read by decode_emv.
KhqrData khqr_data(std::span<const DataObject> objects);

/// Everything wrong with objects that form a sound payload, in the order in which the SDK
/// looks; its verify stops at the first. Also refused beyond the SDK: objects 29 and 30
/// together, and a named template that holds no sound objects (both khqr_invalid).
std::vector<KhqrErrorCode> khqr_faults(std::span<const DataObject> objects, base::Time now);

/// Reads a KHQR; khqr_invalid when the text is not sound, its CRC is wrong, or it is no KHQR.
/// An old-style dynamic code without expiry is read; only verify_khqr refuses it.
std::expected<KhqrData, KhqrErrorCode> decode_khqr(std::string_view text);

/// The SDK's verify at the moment `now`; nothing when the code is good.
std::optional<KhqrErrorCode> verify_khqr(std::string_view text, base::Time now);

/// A timestamp of object 99; nothing when it is not a number of milliseconds.
std::optional<base::Time> khqr_time(const std::optional<std::string>& text);

}  // namespace quittance::qr
