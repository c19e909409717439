#include "base/json_text.hpp"

#include <cstdint>

namespace quittance::base {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

void append_unicode_escape(std::string& out, unsigned code) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out += kDigits[(code >> shift) & 0xF];
}

/// Escapes one ASCII character when JSON or a line-based reader needs it; false when it may stand.
bool append_ascii_escape(std::string& out, std::uint8_t c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return true;
    case '\\':
      out += "\\\\";
      return true;
    case '\b':
      out += "\\b";
      return true;
    case '\f':
      out += "\\f";
      return true;
    case '\n':
      out += "\\n";
      return true;
    case '\r':
      out += "\\r";
      return true;
    case '\t':
      out += "\\t";
      return true;
    default:
      break;
  }
  if (c >= 0x20 && c != 0x7F) return false;
  append_unicode_escape(out, c);
  return true;
}

/// C1 controls and the two Unicode line breaks: legal in JSON, but terminals and line readers
/// act on them. 0 when `sequence` is none of them.
unsigned unsafe_code_point(std::string_view sequence) {
  if (sequence.size() == 2 && byte_at(sequence, 0) == 0xC2 && byte_at(sequence, 1) < 0xA0) {
    return byte_at(sequence, 1);
  }
  if (sequence == "\xE2\x80\xA8") return 0x2028;
  if (sequence == "\xE2\x80\xA9") return 0x2029;
  return 0;
}

}  // namespace

std::size_t utf8_length(std::string_view rest) {
  if (rest.empty()) return 0;
  const std::uint8_t first = byte_at(rest, 0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (rest.size() < length) return 0;
  // The second byte's range shuts out overlong forms, surrogates and code points past U+10FFFF.
  const std::uint8_t least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte_at(rest, 1) < least || byte_at(rest, 1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(rest, i) & 0xC0) != 0x80) return 0;
  }
  return length;
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  // A sequence has at most three continuation bytes; past that the text is no UTF-8 anyway.
  for (int back = 0; back < 3 && end > 0 && (byte_at(text, end) & 0xC0) == 0x80; ++back)
    --end;
  return text.substr(0, end);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t c = byte_at(text, i);
    if (c < 0x80) {
      if (!append_ascii_escape(out, c)) out += text[i];
      ++i;
      continue;
    }
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
      continue;
    }
    const std::string_view sequence = text.substr(i, length);
    if (const unsigned code = unsafe_code_point(sequence); code != 0) {
      append_unicode_escape(out, code);
    } else {
      out += sequence;
    }
    i += length;
  }
  out += '"';
}

}  // namespace quittance::base
