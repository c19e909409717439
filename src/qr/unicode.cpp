#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

/// Bytes of the well-formed character that starts at `i`; 0 when there is none.
std::size_t character_bytes(std::string_view bytes, std::size_t i) {
  const unsigned first = byte_at(bytes, i);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (bytes.size() - i < count) return 0;
  for (std::size_t k = 1; k < count; ++k) {
    if ((byte_at(bytes, i + k) & 0xC0U) != 0x80) return 0;
  }
  // The second byte is narrower after four lead bytes (RFC 3629 section 4).
  const unsigned second = byte_at(bytes, i + 1);
  if (first == 0xE0 && second < 0xA0) return 0;
  if (first == 0xED && second > 0x9F) return 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second > 0x8F) return 0;
  return count;
}

/// Four bytes of UTF-8 are a surrogate pair in UTF-16, everything shorter is one unit.
std::size_t units_of(std::size_t character) { return character == 4 ? 2 : 1; }

}  // namespace

std::optional<std::size_t> utf16_length(std::string_view bytes) {
  std::size_t units = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t character = character_bytes(bytes, i);
    if (character == 0) return std::nullopt;
    units += units_of(character);
    i += character;
  }
  return units;
}

bool is_utf8(std::string_view bytes) { return utf16_length(bytes).has_value(); }

Walk walk_utf16(std::string_view bytes, std::size_t offset, std::size_t units) {
  while (units > 0) {
    if (offset >= bytes.size()) return {WalkEnd::ran_out, offset};
    const std::size_t character = character_bytes(bytes, offset);
    if (character == 0 || units_of(character) > units) return {WalkEnd::inside_character, offset};
    units -= units_of(character);
    offset += character;
  }
  return {WalkEnd::reached, offset};
}

}  // namespace quittance::qr
