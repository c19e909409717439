#include <array>

#include "qr/decimal.hpp"
#include "qr/khqr.hpp"
#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

constexpr std::array kFields{
    KhqrField{"merchantType", &KhqrData::merchant_type},
    KhqrField{"bakongAccountID", &KhqrData::account},
    KhqrField{"accountInformation", &KhqrData::account_information},
    KhqrField{"merchantID", &KhqrData::merchant_id},
    KhqrField{"acquiringBank", &KhqrData::acquiring_bank},
    KhqrField{"billNumber", &KhqrData::bill_number},
    KhqrField{"mobileNumber", &KhqrData::mobile_number},
    KhqrField{"storeLabel", &KhqrData::store_label},
    KhqrField{"terminalLabel", &KhqrData::terminal_label},
    KhqrField{"purposeOfTransaction", &KhqrData::purpose},
    KhqrField{"languagePreference", &KhqrData::language},
    KhqrField{"merchantNameAlternateLanguage", &KhqrData::alternate_name},
    KhqrField{"merchantCityAlternateLanguage", &KhqrData::alternate_city},
    KhqrField{"creationTimestamp", &KhqrData::created_at_ms},
    KhqrField{"expirationTimestamp", &KhqrData::expires_at_ms},
    KhqrField{"payloadFormatIndicator", &KhqrData::format_indicator},
    KhqrField{"pointofInitiationMethod", &KhqrData::initiation},
    KhqrField{"unionPayMerchant", &KhqrData::union_pay},
    KhqrField{"merchantCategoryCode", &KhqrData::category},
    KhqrField{"transactionCurrency", &KhqrData::currency},
    KhqrField{"transactionAmount", &KhqrData::amount},
    KhqrField{"countryCode", &KhqrData::country},
    KhqrField{"merchantName", &KhqrData::name},
    KhqrField{"merchantCity", &KhqrData::city},
    KhqrField{"crc", &KhqrData::crc},
};

/// Where a field lives; an empty `sub` is the object itself.
struct Place {
  std::string_view id;
  std::string_view sub;
  std::optional<std::string> KhqrData::* member;
};
constexpr std::array kPlaces{
    Place{"00", "", &KhqrData::format_indicator},
    Place{"01", "", &KhqrData::initiation},
    Place{"15", "", &KhqrData::union_pay},
    Place{"29", "00", &KhqrData::account},
    Place{"29", "01", &KhqrData::account_information},
    Place{"29", "02", &KhqrData::acquiring_bank},
    Place{"30", "00", &KhqrData::account},
    Place{"30", "01", &KhqrData::merchant_id},
    Place{"30", "02", &KhqrData::acquiring_bank},
    Place{"52", "", &KhqrData::category},
    Place{"53", "", &KhqrData::currency},
    Place{"54", "", &KhqrData::amount},
    Place{"58", "", &KhqrData::country},
    Place{"59", "", &KhqrData::name},
    Place{"60", "", &KhqrData::city},
    Place{"62", "01", &KhqrData::bill_number},
    Place{"62", "02", &KhqrData::mobile_number},
    Place{"62", "03", &KhqrData::store_label},
    Place{"62", "07", &KhqrData::terminal_label},
    Place{"62", "08", &KhqrData::purpose},
    Place{"63", "", &KhqrData::crc},
    Place{"64", "00", &KhqrData::language},
    Place{"64", "01", &KhqrData::alternate_name},
    Place{"64", "02", &KhqrData::alternate_city},
    Place{"99", "00", &KhqrData::created_at_ms},
    Place{"99", "01", &KhqrData::expires_at_ms},
};

using Faults = std::vector<KhqrErrorCode>;
using Field = std::optional<std::string>;

/// Longer than `units`; a text from decode_emv is always UTF-8.
bool longer_than(const std::string& text, std::size_t units) {
  return utf16_length(text).value_or(units + 1) > units;
}

bool all_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// A present text must not be empty nor longer than the limit.
void check_text(Faults& faults, const Field& field, std::size_t limit, KhqrErrorCode empty,
                KhqrErrorCode too_long) {
  if (!field) return;
  if (field->empty()) {
    faults.push_back(empty);
  } else if (longer_than(*field, limit)) {
    faults.push_back(too_long);
  }
}

/// The same with one code for both.
void check_label(Faults& faults, const Field& field, std::size_t limit, KhqrErrorCode fault) {
  check_text(faults, field, limit, fault, fault);
}

void check_dynamic(Faults& faults, const KhqrData& data, std::span<const DataObject> objects) {
  const bool timed = find_object(objects, "99") != nullptr;
  if (data.initiation == "12" && !data.amount) {
    faults.push_back(KhqrErrorCode::dynamic_amount_missing);
  }
  if ((data.initiation == "12" || data.amount) && !timed) {
    faults.push_back(KhqrErrorCode::expiration_required);
  }
}

void check_required(Faults& faults, const KhqrData& data) {
  if (!data.merchant_type) faults.push_back(KhqrErrorCode::merchant_type_required);
  if (!data.category) faults.push_back(KhqrErrorCode::category_required);
  if (!data.currency) faults.push_back(KhqrErrorCode::currency_required);
  if (!data.country) faults.push_back(KhqrErrorCode::country_required);
  if (!data.name) faults.push_back(KhqrErrorCode::name_required);
  if (!data.city) faults.push_back(KhqrErrorCode::city_required);
}

void check_account(Faults& faults, const KhqrData& data) {
  if (!data.merchant_type) return;
  if (data.account.value_or("").empty()) {
    faults.push_back(KhqrErrorCode::account_required);
  } else if (longer_than(*data.account, kMaxKhqrAccount)) {
    faults.push_back(KhqrErrorCode::account_length);
  } else if (!data.account->contains('@')) {
    faults.push_back(KhqrErrorCode::account_invalid);
  }
  // The SDK looks at object 30 with the rules of 29 here, so neither part is needed.
  for (const Field* second : {&data.account_information, &data.merchant_id}) {
    if (*second && longer_than(**second, kMaxKhqrAccount)) {
      faults.push_back(KhqrErrorCode::account_information_length);
    }
  }
  check_text(faults, data.acquiring_bank, kMaxKhqrAccount, KhqrErrorCode::acquiring_bank_required,
             KhqrErrorCode::acquiring_bank_length);
}

void check_category(Faults& faults, const KhqrData& data) {
  check_text(faults, data.category, kMaxKhqrCategory, KhqrErrorCode::category_required,
             KhqrErrorCode::category_length);
  const bool measured =
      data.category && !data.category->empty() && data.category->size() <= kMaxKhqrCategory;
  if (measured && !all_digits(*data.category)) {
    faults.push_back(KhqrErrorCode::category_invalid);
  }
}

void check_currency(Faults& faults, const KhqrData& data) {
  check_text(faults, data.currency, kMaxKhqrCurrency, KhqrErrorCode::currency_required,
             KhqrErrorCode::currency_length);
  const bool measured =
      data.currency && !data.currency->empty() && data.currency->size() <= kMaxKhqrCurrency;
  if (measured && data.currency != "116" && data.currency != "840") {
    faults.push_back(KhqrErrorCode::currency_unsupported);
  }
}

/// Objects 00, 01 and 52 to 60.
void check_plain_objects(Faults& faults, const KhqrData& data) {
  check_text(faults, data.format_indicator, 2, KhqrErrorCode::format_indicator_required,
             KhqrErrorCode::format_indicator_length);
  if (data.initiation && longer_than(*data.initiation, 2)) {
    faults.push_back(KhqrErrorCode::initiation_length);
  } else if (data.initiation && data.initiation != "11" && data.initiation != "12") {
    faults.push_back(KhqrErrorCode::initiation_invalid);
  }
  check_account(faults, data);
  check_category(faults, data);
  check_currency(faults, data);
  // Published codes write amounts in many ways (whole, one decimal, zero-padded); what is not
  // an unsigned decimal number is no amount at all.
  if (data.amount) {
    const auto amount = parse_decimal(*data.amount);
    if (!amount || longer_than(*data.amount, kMaxKhqrAmount) ||
        data.amount->find_first_not_of("0123456789.") != std::string::npos) {
      faults.push_back(KhqrErrorCode::amount_invalid);
    }
  }
  check_text(faults, data.country, 3, KhqrErrorCode::country_required,
             KhqrErrorCode::country_length);
  check_text(faults, data.name, kMaxKhqrLabel, KhqrErrorCode::name_required,
             KhqrErrorCode::name_length);
  check_text(faults, data.city, kMaxKhqrCity, KhqrErrorCode::city_required,
             KhqrErrorCode::city_length);
}

void check_labels(Faults& faults, const KhqrData& data) {
  check_label(faults, data.bill_number, kMaxKhqrLabel, KhqrErrorCode::bill_number_length);
  check_label(faults, data.mobile_number, kMaxKhqrLabel, KhqrErrorCode::mobile_number_length);
  check_label(faults, data.store_label, kMaxKhqrLabel, KhqrErrorCode::store_label_length);
  check_label(faults, data.terminal_label, kMaxKhqrLabel, KhqrErrorCode::terminal_label_length);
  check_label(faults, data.purpose, kMaxKhqrLabel, KhqrErrorCode::purpose_length);
  if (!data.language.value_or("").empty() && data.alternate_name.value_or("").empty()) {
    faults.push_back(KhqrErrorCode::alternate_name_required);
  } else if (data.alternate_name && !data.language) {
    faults.push_back(KhqrErrorCode::language_required);
  }
  if (data.alternate_name)
    check_label(faults, data.language, kMaxKhqrLanguage, KhqrErrorCode::language_length);
  check_label(faults, data.alternate_name, kMaxKhqrLabel, KhqrErrorCode::alternate_name_length);
  check_label(faults, data.alternate_city, kMaxKhqrCity, KhqrErrorCode::alternate_city_length);
}

void check_times(Faults& faults, const KhqrData& data, std::span<const DataObject> objects,
                 base::Time now) {
  if (data.initiation != "12" || find_object(objects, "99") == nullptr) return;
  const auto expires = khqr_time(data.expires_at_ms);
  const auto created = khqr_time(data.created_at_ms);
  if (!expires || base::to_ms(*expires) == 0) {
    faults.push_back(KhqrErrorCode::expiration_required);
  } else if (std::to_string(base::to_ms(*expires)).size() != kKhqrTimeDigits) {
    faults.push_back(KhqrErrorCode::expiration_length);
  } else if (created && *expires < *created) {
    faults.push_back(KhqrErrorCode::expiration_in_past);
  } else if (*expires < now) {
    faults.push_back(KhqrErrorCode::expired);
  }
}

/// Two receivers, or a named template without sound objects: nobody can say who is paid what.
bool is_ambiguous(std::span<const DataObject> objects) {
  if (find_object(objects, "29") != nullptr && find_object(objects, "30") != nullptr) return true;
  for (const std::string_view id : {"29", "30", "62", "64", "99"}) {
    const DataObject* object = find_object(objects, id);
    if (object != nullptr && !object->value.empty() && object->children.empty()) return true;
  }
  return false;
}

}  // namespace

std::span<const KhqrField> khqr_fields() { return kFields; }

std::optional<base::Time> khqr_time(const std::optional<std::string>& text) {
  if (!text || text->empty() || !all_digits(*text)) return std::nullopt;
  const auto number = parse_decimal(*text);
  const auto ms = number ? whole_number(*number) : std::nullopt;
  if (!ms) return std::nullopt;
  return base::from_ms(*ms);
}

bool is_khqr(std::span<const DataObject> objects) {
  const DataObject* country = find_object(objects, "58");
  for (const std::string_view id : {"29", "30"}) {
    const DataObject* object = find_object(objects, id);
    if (object == nullptr) continue;
    const DataObject* account = find_object(object->children, "00");
    const std::string& text = account == nullptr ? object->value : account->value;
    if (text.contains('@')) return true;
    // Other schemes keep a registered application id in the same place and name their country.
    if (country == nullptr ? !text.starts_with("A000000") : country->value == "KH") return true;
  }
  return false;
}

KhqrData khqr_data(std::span<const DataObject> objects) {
  KhqrData data;
  for (const std::string_view id : {"29", "30"}) {
    if (find_object(objects, id) != nullptr) data.merchant_type = id;
  }
  for (const Place& place : kPlaces) {
    const DataObject* object = place.sub.empty() ? find_object(objects, place.id)
                                                 : find_object(objects, place.id, place.sub);
    if (object != nullptr) data.*place.member = object->value;
  }
  return data;
}

std::vector<KhqrErrorCode> khqr_faults(std::span<const DataObject> objects, base::Time now) {
  const KhqrData data = khqr_data(objects);
  Faults faults;
  if (is_ambiguous(objects)) faults.push_back(KhqrErrorCode::khqr_invalid);
  check_dynamic(faults, data, objects);
  check_required(faults, data);
  check_plain_objects(faults, data);
  check_labels(faults, data);
  check_times(faults, data, objects, now);
  return faults;
}

std::expected<KhqrData, KhqrErrorCode> decode_khqr(std::string_view text) {
  const auto objects = decode_emv(text, EmvMode::lenient);
  if (!objects || !is_khqr(*objects) || is_ambiguous(*objects)) {
    return std::unexpected(KhqrErrorCode::khqr_invalid);
  }
  return khqr_data(*objects);
}

std::optional<KhqrErrorCode> verify_khqr(std::string_view text, base::Time now) {
  const auto objects = decode_emv(text, EmvMode::lenient);
  if (!objects) return KhqrErrorCode::khqr_invalid;
  const auto faults = khqr_faults(*objects, now);
  return faults.empty() ? std::nullopt : std::optional(faults.front());
}

}  // namespace quittance::qr
