#include <array>
#include <cstddef>

#include "qr/khqr.hpp"

namespace quittance::qr {
namespace {

// The messages are the SDK's, because clients compare them; the names are ours.
constexpr std::array kRows{
    KhqrErrorRow{KhqrErrorCode::account_required, "account_required",
                 "Bakong Account ID cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::name_required, "name_required",
                 "Merchant name cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::account_invalid, "account_invalid", "Bakong Account ID is invalid"},
    KhqrErrorRow{KhqrErrorCode::amount_invalid, "amount_invalid", "Amount is invalid"},
    KhqrErrorRow{KhqrErrorCode::merchant_type_required, "merchant_type_required",
                 "Merchant type cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::account_length, "account_length",
                 "Bakong Account ID Length is Invalid"},
    KhqrErrorRow{KhqrErrorCode::name_length, "name_length", "Merchant Name Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::khqr_invalid, "khqr_invalid", "KHQR provided is invalid"},
    KhqrErrorRow{KhqrErrorCode::currency_required, "currency_required",
                 "Currency type cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::bill_number_length, "bill_number_length",
                 "Bill Name Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::store_label_length, "store_label_length",
                 "Store Label Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::terminal_label_length, "terminal_label_length",
                 "Terminal Label Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::connection_timeout, "connection_timeout",
                 "Cannot reach Bakong Open API service. Please check internet connection"},
    KhqrErrorRow{KhqrErrorCode::deeplink_source_invalid, "deeplink_source_invalid",
                 "Source Info for Deep Link is invalid"},
    KhqrErrorRow{KhqrErrorCode::internal_server_error, "internal_server_error",
                 "Internal server error"},
    KhqrErrorRow{KhqrErrorCode::format_indicator_length, "format_indicator_length",
                 "Payload Format indicator Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::initiation_length, "initiation_length",
                 "Point of initiation Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::category_length, "category_length",
                 "Merchant code Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::currency_length, "currency_length",
                 "Transaction currency Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::country_length, "country_length", "Country code Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::city_length, "city_length", "Merchant city Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::crc_length, "crc_length", "CRC Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::format_indicator_required, "format_indicator_required",
                 "Payload format indicator tag required"},
    KhqrErrorRow{KhqrErrorCode::crc_required, "crc_required", "CRC tag required"},
    KhqrErrorRow{KhqrErrorCode::category_required, "category_required",
                 "Merchant category tag required"},
    KhqrErrorRow{KhqrErrorCode::country_required, "country_required",
                 "Country Code cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::city_required, "city_required",
                 "Merchant City cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::currency_unsupported, "currency_unsupported",
                 "Unsupported currency"},
    KhqrErrorRow{KhqrErrorCode::deeplink_url_invalid, "deeplink_url_invalid",
                 "Deep Link URL is not valid"},
    KhqrErrorRow{KhqrErrorCode::merchant_id_required, "merchant_id_required",
                 "Merchant ID cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::acquiring_bank_required, "acquiring_bank_required",
                 "Acquiring Bank cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::merchant_id_length, "merchant_id_length",
                 "Merchant ID Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::acquiring_bank_length, "acquiring_bank_length",
                 "Acquiring Bank Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::mobile_number_length, "mobile_number_length",
                 "Mobile Number Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::account_information_length, "account_information_length",
                 "Account Information Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::tag_not_in_order, "tag_not_in_order", "Tag is not in order"},
    KhqrErrorRow{KhqrErrorCode::language_required, "language_required",
                 "Language Preference cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::language_length, "language_length",
                 "Language Preference Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::alternate_name_required, "alternate_name_required",
                 "Merchant Name Alternate Language cannot be null or empty"},
    KhqrErrorRow{KhqrErrorCode::alternate_name_length, "alternate_name_length",
                 "Merchant Name Alternate Language Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::alternate_city_length, "alternate_city_length",
                 "Merchant City Alternate Language Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::purpose_length, "purpose_length",
                 "Purpose of Transaction Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::union_pay_length, "union_pay_length",
                 "Upi Account Information Length is invalid"},
    KhqrErrorRow{KhqrErrorCode::union_pay_currency, "union_pay_currency",
                 "Upi Account Information Length does not accept USD"},
    KhqrErrorRow{KhqrErrorCode::expiration_required, "expiration_required",
                 "Expiration timestamp is required for dynamic KHQR"},
    KhqrErrorRow{KhqrErrorCode::expired, "expired", "This dynamic KHQR has expired"},
    KhqrErrorRow{KhqrErrorCode::dynamic_amount_missing, "dynamic_amount_missing",
                 "This dynamic KHQR has invalid field transaction amount"},
    KhqrErrorRow{KhqrErrorCode::initiation_invalid, "initiation_invalid",
                 "Point of Initiation Method is invalid"},
    KhqrErrorRow{KhqrErrorCode::expiration_length, "expiration_length",
                 "Expiration timestamp length is invalid"},
    KhqrErrorRow{KhqrErrorCode::expiration_in_past, "expiration_in_past",
                 "Expiration timestamp is in the past"},
    KhqrErrorRow{KhqrErrorCode::category_invalid, "category_invalid",
                 "Invalid merchant category code"},
};

constexpr bool rows_in_enum_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].code) != i + 1) return false;
  }
  return kRows.size() == static_cast<std::size_t>(KhqrErrorCode::category_invalid);
}
static_assert(rows_in_enum_order(), "kRows repeats the enum, in its order");

}  // namespace

const KhqrErrorRow& khqr_error_row(KhqrErrorCode code) {
  return kRows[static_cast<std::size_t>(code) - 1];
}

}  // namespace quittance::qr
