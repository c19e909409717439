#include "qr/decimal.hpp"

#include <charconv>

namespace quittance::qr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Moves the digits at the front of `text` to the end of `digits`; says how many.
std::size_t take_digits(std::string_view& text, std::string& digits) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count]))
    ++count;
  digits.append(text.substr(0, count));
  text.remove_prefix(count);
  return count;
}

bool take_sign(std::string_view& text) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const bool negative = text.front() == '-';
  text.remove_prefix(1);
  return negative;
}

std::optional<int> take_exponent(std::string_view text) {
  const bool negative = take_sign(text);
  std::string digits;
  const std::size_t count = take_digits(text, digits);
  if (count == 0 || count > kMaxExponentDigits || !text.empty()) return std::nullopt;
  const int size = std::stoi(digits);
  return negative ? -size : size;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal number;
  number.negative = take_sign(text);
  std::size_t count = take_digits(text, number.digits);
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const std::size_t fraction = take_digits(text, number.digits);
    count += fraction;
    if (fraction > kMaxPlainDigits) return std::nullopt;
    number.scale = static_cast<int>(fraction);
  }
  if (count == 0) return std::nullopt;
  if (!text.empty()) {
    if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
    const auto exponent = take_exponent(text.substr(1));
    if (!exponent) return std::nullopt;
    number.scale -= *exponent;
  }
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  if (number.digits.empty()) return Decimal{};
  return number;
}

std::optional<std::string> plain_text(const Decimal& number) {
  if (number.digits.empty()) return "0";
  std::string text = number.digits;
  int scale = number.scale;
  while (scale > 0 && text.back() == '0') {
    text.pop_back();
    --scale;
  }
  const auto shift = static_cast<std::size_t>(scale < 0 ? -scale : scale);
  if (text.size() > kMaxPlainDigits || shift > kMaxPlainDigits) return std::nullopt;
  if (scale < 0) text.append(shift, '0');
  if (scale > 0) {
    if (text.size() <= shift) text.insert(0, shift + 1 - text.size(), '0');
    text.insert(text.size() - shift, 1, '.');
  }
  if (number.negative) text.insert(0, 1, '-');
  return text;
}

std::optional<std::int64_t> whole_number(const Decimal& number) {
  const auto text = plain_text(number);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (status != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return value;
}

}  // namespace quittance::qr
