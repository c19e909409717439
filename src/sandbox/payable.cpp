#include "sandbox/payable.hpp"

#include "qr/qr.hpp"
#include "sandbox/bank.hpp"

namespace quittance::sandbox {
namespace {

std::unexpected<base::Error> refused(std::string message) {
  return base::fail(base::ErrorCode::invalid_request, std::move(message), "qr");
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Tag 53 (ISO 4217 numbers).
std::optional<Currency> currency_from_number(std::string_view number) {
  if (number == "840") return Currency::usd;
  if (number == "116") return Currency::khr;
  return std::nullopt;
}

}  // namespace

base::Result<Payable> read_payable(std::string_view payload) {
  const std::string_view text = trimmed(payload);
  if (text.empty()) return refused("Paste the text of a QR first.");
  if (text.size() > kPayloadLimitBytes) return refused("This is too long for a QR.");
  const auto data = qr::decode_khqr(text);
  if (!data) return refused("This is no KHQR, or a character of it is missing or changed.");
  Payable payable;
  payable.qr = text;
  payable.md5 = base::md5_hex(text);
  payable.account = data->account.value_or("");
  if (!is_account_id(payable.account)) return refused("This KHQR names no Bakong account.");
  payable.merchant_name = data->name.value_or("");
  payable.bill_number = data->bill_number.value_or("");
  const auto currency = currency_from_number(data->currency.value_or(""));
  if (!currency) return refused("This KHQR is neither in USD nor in KHR.");
  payable.currency = *currency;
  // No amount, or zero, makes a KHQR static (the bank's SDK, tag 01).
  const std::string amount = data->amount.value_or("");
  if (amount.find_first_not_of("0.") != std::string::npos) {
    payable.amount = parse_amount(amount, *currency);
    if (!payable.amount) return refused("The amount in this KHQR cannot be read.");
  }
  payable.dynamic = payable.amount.has_value();
  payable.expires_at = qr::khqr_time(data->expires_at_ms);
  return payable;
}

}  // namespace quittance::sandbox
