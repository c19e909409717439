#include <algorithm>
#include <utility>

#include "qr/decimal.hpp"
#include "qr/khqr.hpp"
#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

constexpr std::size_t kDollarDecimals = 2;

using Fault = std::optional<KhqrErrorCode>;
using Objects = std::vector<DataObject>;

/// A longer text, or one that is not UTF-8.
bool longer_than(const std::string& text, std::size_t units) {
  return utf16_length(text).value_or(units + 1) > units;
}

/// One sub-object that may be absent: its id, text, limit, and the code for passing the limit.
struct OptionalPart {
  std::string_view id;
  const std::string* text;
  std::size_t limit;
  KhqrErrorCode too_long;
};

Fault add_parts(Objects& objects, std::initializer_list<OptionalPart> parts) {
  for (const OptionalPart& part : parts) {
    if (part.text->empty()) continue;
    if (longer_than(*part.text, part.limit)) return part.too_long;
    objects.push_back({std::string(part.id), *part.text});
  }
  return std::nullopt;
}

Fault add_account(Objects& objects, const KhqrInput& input) {
  if (input.account.empty()) return KhqrErrorCode::account_required;
  if (longer_than(input.account, kMaxKhqrAccount)) return KhqrErrorCode::account_length;
  if (!input.account.contains('@')) return KhqrErrorCode::account_invalid;
  const bool merchant = input.kind == KhqrKind::merchant;
  Objects parts{{"00", input.account}};
  if (merchant && input.merchant_id.empty()) return KhqrErrorCode::merchant_id_required;
  const OptionalPart second = merchant
                                  ? OptionalPart{"01", &input.merchant_id, kMaxKhqrAccount,
                                                 KhqrErrorCode::merchant_id_length}
                                  : OptionalPart{"01", &input.account_information, kMaxKhqrAccount,
                                                 KhqrErrorCode::account_information_length};
  if (auto fault = add_parts(parts, {second})) return fault;
  if (merchant && input.acquiring_bank.empty()) return KhqrErrorCode::acquiring_bank_required;
  if (auto fault = add_parts(parts, {{"02", &input.acquiring_bank, kMaxKhqrAccount,
                                      KhqrErrorCode::acquiring_bank_length}})) {
    return fault;
  }
  objects.push_back({merchant ? "30" : "29", {}, std::move(parts)});
  return std::nullopt;
}

Fault add_category(Objects& objects, const KhqrInput& input) {
  const std::string category = input.category.empty() ? "5999" : input.category;
  if (longer_than(category, kMaxKhqrCategory)) return KhqrErrorCode::category_length;
  if (!std::ranges::all_of(category, [](char c) { return c >= '0' && c <= '9'; })) {
    return KhqrErrorCode::category_invalid;
  }
  objects.push_back({"52", category});
  return std::nullopt;
}

Fault add_currency(Objects& objects, const KhqrInput& input) {
  if (input.currency.empty()) return KhqrErrorCode::currency_required;
  if (longer_than(input.currency, kMaxKhqrCurrency)) return KhqrErrorCode::currency_length;
  if (input.currency != "116" && input.currency != "840") {
    return KhqrErrorCode::currency_unsupported;
  }
  if (input.currency == "840" && !input.union_pay.empty()) {
    return KhqrErrorCode::union_pay_currency;
  }
  objects.push_back({"53", input.currency});
  return std::nullopt;
}

/// Riel have no decimals in KHQR; the number is written plainly whatever its notation was.
std::optional<std::string> riel_text(const Decimal& amount) {
  auto text = plain_text(amount);
  if (!text || text->contains('.')) return std::nullopt;
  return text;
}

/// A dollar amount with a point gets exactly two decimals and no leading zeros; one without a
/// point is written as it was given. Both are the SDK's ways.
std::optional<std::string> dollar_text(const std::string& given, const Decimal& amount) {
  if (given.find_first_of("eE+") != std::string::npos) return std::nullopt;
  const std::size_t point = given.find('.');
  if (point == std::string::npos) return given;
  if (given.size() - point - 1 > kDollarDecimals) return std::nullopt;
  auto text = plain_text(amount);
  if (!text) return std::nullopt;
  const std::size_t plain_point = text->find('.');
  const std::size_t decimals =
      plain_point == std::string::npos ? 0 : text->size() - plain_point - 1;
  if (decimals == 0) *text += '.';
  text->append(kDollarDecimals - decimals, '0');
  return text;
}

Fault add_amount(Objects& objects, const KhqrInput& input, const std::optional<Decimal>& amount) {
  if (!amount || amount->negative) return KhqrErrorCode::amount_invalid;
  const auto text =
      input.currency == "116" ? riel_text(*amount) : dollar_text(input.amount, *amount);
  if (!text || text->size() > kMaxKhqrAmount) return KhqrErrorCode::amount_invalid;
  objects.push_back({"54", *text});
  return std::nullopt;
}

Fault add_names(Objects& objects, const KhqrInput& input) {
  objects.push_back({"58", "KH"});
  if (input.name.empty()) return KhqrErrorCode::name_required;
  if (longer_than(input.name, kMaxKhqrLabel)) return KhqrErrorCode::name_length;
  objects.push_back({"59", input.name});
  const std::string city = input.city.empty() ? "Phnom Penh" : input.city;
  if (longer_than(city, kMaxKhqrCity)) return KhqrErrorCode::city_length;
  objects.push_back({"60", city});
  return std::nullopt;
}

Fault add_additional_data(Objects& objects, const KhqrInput& input) {
  Objects parts;
  if (auto fault = add_parts(
          parts,
          {{"01", &input.bill_number, kMaxKhqrLabel, KhqrErrorCode::bill_number_length},
           {"02", &input.mobile_number, kMaxKhqrLabel, KhqrErrorCode::mobile_number_length},
           {"03", &input.store_label, kMaxKhqrLabel, KhqrErrorCode::store_label_length},
           {"07", &input.terminal_label, kMaxKhqrLabel, KhqrErrorCode::terminal_label_length},
           {"08", &input.purpose, kMaxKhqrLabel, KhqrErrorCode::purpose_length}})) {
    return fault;
  }
  if (!parts.empty()) objects.push_back({"62", {}, std::move(parts)});
  return std::nullopt;
}

Fault add_language(Objects& objects, const KhqrInput& input) {
  if (input.alternate_name.empty() && !input.language.empty()) {
    return KhqrErrorCode::alternate_name_required;
  }
  if (!input.alternate_name.empty() && input.language.empty()) {
    return KhqrErrorCode::language_required;
  }
  Objects parts;
  if (auto fault = add_parts(
          parts,
          {{"00", &input.language, kMaxKhqrLanguage, KhqrErrorCode::language_length},
           {"01", &input.alternate_name, kMaxKhqrLabel, KhqrErrorCode::alternate_name_length},
           {"02", &input.alternate_city, kMaxKhqrCity, KhqrErrorCode::alternate_city_length}})) {
    return fault;
  }
  if (!parts.empty()) objects.push_back({"64", {}, std::move(parts)});
  return std::nullopt;
}

Fault add_times(Objects& objects, const KhqrInput& input, base::Time now) {
  if (input.expires_at_ms.value_or(0) == 0) return KhqrErrorCode::expiration_required;
  const std::string expires = std::to_string(*input.expires_at_ms);
  if (expires.size() != kKhqrTimeDigits) return KhqrErrorCode::expiration_length;
  if (base::from_ms(*input.expires_at_ms) < now) return KhqrErrorCode::expiration_in_past;
  objects.push_back({"99", {}, {{"00", std::to_string(base::to_ms(now))}, {"01", expires}}});
  return std::nullopt;
}

/// Fills `objects` in the SDK's order of emission, which is also its order of checking.
Fault add_all(Objects& objects, const KhqrInput& input, base::Time now) {
  const auto amount = input.amount.empty() ? Decimal{} : parse_decimal(input.amount);
  const bool dynamic = !amount || !amount->digits.empty();
  objects.push_back({"00", "01"});
  objects.push_back({"01", dynamic ? "12" : "11"});
  if (auto fault = add_parts(
          objects, {{"15", &input.union_pay, kMaxValueUnits, KhqrErrorCode::union_pay_length}})) {
    return fault;
  }
  if (auto fault = add_account(objects, input)) return fault;
  if (auto fault = add_category(objects, input)) return fault;
  if (auto fault = add_currency(objects, input)) return fault;
  if (dynamic) {
    if (auto fault = add_amount(objects, input, amount)) return fault;
  }
  if (auto fault = add_names(objects, input)) return fault;
  if (auto fault = add_additional_data(objects, input)) return fault;
  if (auto fault = add_language(objects, input)) return fault;
  return dynamic ? add_times(objects, input, now) : std::nullopt;
}

}  // namespace

std::expected<Khqr, KhqrErrorCode> encode_khqr(const KhqrInput& input, base::Time now) {
  Objects objects;
  if (auto fault = add_all(objects, input, now)) return std::unexpected(*fault);
  // The SDK writes a template over 99 with a three-digit length; such a code cannot be read.
  auto text = encode_emv(objects);
  if (!text) return std::unexpected(KhqrErrorCode::khqr_invalid);
  std::string md5 = base::md5_hex(*text);
  return Khqr{std::move(*text), std::move(md5)};
}

}  // namespace quittance::qr
