#include "notify/mail.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace quittance::notify {
namespace {

constexpr std::size_t kLocalLimit = 64;
constexpr std::size_t kDomainLimit = 190;
/// An encoded word has at most 75 bytes; 45 bytes become 60 letters, and `=?UTF-8?B??=` is 12.
constexpr std::size_t kBytesPerWord = 45;
/// What fits behind a header's name without folding.
constexpr std::size_t kPlainLimit = 60;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Words of `allowed` letters with single dots between.
bool is_dotted(std::string_view text, std::string_view allowed) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(text, [allowed](char c) {
    return is_letter_or_digit(c) || c == '.' || allowed.find(c) != std::string_view::npos;
  });
}

bool is_plain(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
  return printable && text.size() <= kPlainLimit && text.find("=?") == std::string_view::npos;
}

}  // namespace

bool is_mailbox(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  const std::string_view domain = text.substr(at + 1);
  return local.size() <= kLocalLimit && domain.size() <= kDomainLimit &&
         is_dotted(local, "!#$%&'*+-/=?^_`{|}~") && is_dotted(domain, "-") &&
         local.front() != '-' && domain.front() != '-' && domain.back() != '-';
}

std::string header_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string encoded;
  while (!text.empty()) {
    std::size_t end = std::min(kBytesPerWord, text.size());
    // A character stays whole: each word is UTF-8 by itself.
    while (end < text.size() && end > 0 &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    if (end == 0) end = std::min(kBytesPerWord, text.size());
    if (!encoded.empty()) encoded += "\r\n ";
    encoded += "=?UTF-8?B?" + base::to_base64(text.substr(0, end)) + "?=";
    text.remove_prefix(end);
  }
  return encoded;
}

std::string header_date(base::Time moment) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::weekday weekday(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(moment - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[weekday.c_encoding()], unsigned{date.day()},
                kMonths[unsigned{date.month()} - 1], int{date.year()},
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

}  // namespace quittance::notify
