#include "qr/recovery_code.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace quittance::qr {
namespace {

using base::ErrorCode;
using base::Result;

constexpr std::string_view kKhqrPrefix = "KHQR:";
constexpr std::string_view kSimplePrefix = "ORDER_";
constexpr std::array<std::string_view, 3> kParts{"order_id", "transaction_id", "amount"};
constexpr std::size_t kMaxWholeDigits = 13;
constexpr std::size_t kMaxDecimals = 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_id_char(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t at = text.find(separator);
  while (at != std::string_view::npos) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
    at = text.find(separator);
  }
  parts.push_back(text);
  return parts;
}

std::optional<std::int64_t> read_order_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = status == std::errc{} && end == text.data() + text.size();
  if (!whole || id <= 0) return std::nullopt;
  return id;
}

bool is_transaction_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTransactionIdBytes &&
         std::ranges::all_of(text, is_id_char);
}

bool is_amount(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  if (whole.empty() || whole.size() > kMaxWholeDigits) return false;
  if (!std::ranges::all_of(whole, is_digit)) return false;
  if (point == text.size()) return true;
  const std::string_view decimals = text.substr(point + 1);
  return !decimals.empty() && decimals.size() <= kMaxDecimals &&
         std::ranges::all_of(decimals, is_digit);
}

std::unexpected<base::Error> wrong_part(std::string_view part) {
  return base::fail(ErrorCode::invalid_request,
                    "The recovery code has no valid " + std::string(part) + ".", std::string(part));
}

Result<RecoveryCode> check(std::string_view order_id, std::string_view transaction_id,
                           std::string_view amount) {
  const auto id = read_order_id(order_id);
  if (!id) return wrong_part("order_id");
  if (!is_transaction_id(transaction_id)) return wrong_part("transaction_id");
  if (!is_amount(amount)) return wrong_part("amount");
  return RecoveryCode{*id, std::string(transaction_id), std::string(amount)};
}

/// The values of `KHQR:key=value:…` in the order of kParts; a part may stand anywhere, once.
Result<std::array<std::string_view, 3>> read_pairs(std::string_view body) {
  std::array<std::string_view, 3> values{};
  std::array<bool, 3> seen{};
  for (const std::string_view pair : split(body, ':')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto part = std::ranges::find(kParts, pair.substr(0, equals));
    const auto index = static_cast<std::size_t>(part - kParts.begin());
    if (part == kParts.end() || seen.at(index)) {
      return base::fail(ErrorCode::invalid_request,
                        "The recovery code has a part that does not belong there.");
    }
    seen.at(index) = true;
    values.at(index) = pair.substr(std::min(equals + 1, pair.size()));
  }
  return values;
}

}  // namespace

base::Result<RecoveryCode> parse_recovery_code(std::string_view text) {
  if (text.size() > kMaxRecoveryBytes) {
    return base::fail(ErrorCode::invalid_request, "The recovery code is too long.");
  }
  if (text.starts_with(kKhqrPrefix)) {
    TRY(const auto values, read_pairs(text.substr(kKhqrPrefix.size())));
    return check(values[0], values[1], values[2]);
  }
  if (text.starts_with(kSimplePrefix)) {
    auto parts = split(text.substr(kSimplePrefix.size()), '_');
    if (parts.size() > kParts.size()) {
      return base::fail(ErrorCode::invalid_request,
                        "The recovery code has a part that does not belong there.");
    }
    parts.resize(kParts.size());
    return check(parts[0], parts[1], parts[2]);
  }
  return base::fail(ErrorCode::invalid_request, "This is no recovery code.");
}

base::Result<std::string> make_recovery_code(const RecoveryCode& code, RecoveryStyle style) {
  const std::string id = std::to_string(code.order_id);
  TRY_VOID(check(id, code.transaction_id, code.amount));
  switch (style) {
    case RecoveryStyle::khqr:
      return "KHQR:order_id=" + id + ":transaction_id=" + code.transaction_id +
             ":amount=" + code.amount;
    case RecoveryStyle::simple:
      return "ORDER_" + id + "_" + code.transaction_id + "_" + code.amount;
  }
  return base::fail(ErrorCode::internal, "No such style of recovery code.");
}

std::int64_t recovery_order_id(std::string_view text) {
  if (text.size() > kMaxRecoveryBytes) return 0;
  if (text.starts_with(kSimplePrefix)) {
    return read_order_id(split(text.substr(kSimplePrefix.size()), '_').front()).value_or(0);
  }
  if (!text.starts_with(kKhqrPrefix)) return 0;
  const auto values = read_pairs(text.substr(kKhqrPrefix.size()));
  return values ? read_order_id((*values)[0]).value_or(0) : 0;
}

}  // namespace quittance::qr
