#include "base/text.hpp"

#include <cstdint>
#include <cstring>

#include "base/json_text.hpp"

namespace quittance::base {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080U;
constexpr std::uint64_t kOnes = 0x0101010101010101U;

/// Where the first byte stands that is not plain ASCII or is NUL; eight are looked at together.
std::size_t plain_length(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, 8);
    // A byte below 0x80 loses its high bit in the subtraction only when it is zero, or when one
    // below it borrowed: then we look closer than needed.
    if (((eight | (eight - kOnes)) & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<signed char>(text[at]) > 0)
    ++at;
  return at;
}

/// Length of the storable character that `rest` begins with; 0 for none.
std::size_t character_length(std::string_view rest) {
  return rest.front() == '\0' ? 0 : utf8_length(rest);
}

}  // namespace

bool is_storable(std::string_view text) {
  for (text.remove_prefix(plain_length(text)); !text.empty();
       text.remove_prefix(plain_length(text))) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string made_storable(std::string_view text) {
  if (is_storable(text)) return std::string(text);
  std::string mended;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    mended += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return mended;
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace quittance::base
