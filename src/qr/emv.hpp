// The TLV notation of EMVCo merchant-presented QR codes (EMV QRCPS, merchant-presented mode):
// two-digit id, two-digit length in UTF-16 code units, value; a CRC over the UTF-8 bytes at the
// end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quittance::qr {

/// A longer payload is refused; the longest one seen in the wild has some 950 characters.
inline constexpr std::size_t kMaxPayloadBytes = 4096;
/// Top level, template, template inside a template (VietQR 38-01).
inline constexpr int kMaxEmvDepth = 3;
/// Two digits hold no more.
inline constexpr std::size_t kMaxValueUnits = 99;

/// One data object.
struct DataObject {
  std::string id;                      ///< two digits
  std::string value;                   ///< UTF-8
  std::vector<DataObject> children{};  ///< of a template; empty for a plain value

  bool operator==(const DataObject&) const = default;
};

/// How picky a decoder is.
enum class EmvMode {
  strict,  ///< our own codes: format 01, no empty value, sound templates, upper-case CRC
  lenient  ///< scanned codes: what published codes in the wild do
};

/// Why a text is no EMV payload, or objects cannot be written as one.
enum class EmvFault {
  invalid_utf8,         ///< not UTF-8
  too_long,             ///< over kMaxPayloadBytes
  no_format_indicator,  ///< does not begin with object 00
  wrong_format,         ///< strict: object 00 is not 01
  bad_header,           ///< id or length is not two digits
  cut_off,              ///< a value runs past the end
  split_character,      ///< a value ends between the two units of one character
  duplicate_id,         ///< an id twice on one level
  empty_value,          ///< strict: length 00
  broken_template,      ///< strict: a template holds no sound objects
  crc_missing,          ///< the text ends without object 63
  crc_malformed,        ///< object 63 is not four hexadecimal digits (strict: upper case)
  crc_not_last,         ///< something follows object 63
  crc_mismatch,         ///< the check sum is another
  value_too_long,       ///< writing: over kMaxValueUnits
  too_deep              ///< writing: over kMaxEmvDepth
};

/// Stable snake_case name.
std::string_view emv_fault_name(EmvFault fault);

/// What was wrong and where, with the objects that were read before (all, for crc_mismatch).
struct EmvError {
  EmvFault fault;
  std::size_t offset = 0;  ///< byte where it was noticed
  std::vector<DataObject> read{};
};

/// CRC-16/CCITT-FALSE: polynomial 1021, start FFFF; `123456789` gives 29B1.
std::uint16_t crc16(std::string_view bytes);

/// Reads a whole payload including its CRC. A template that is not sound stays a plain value
/// in lenient mode. Everything strict accepts, lenient accepts.
std::expected<std::vector<DataObject>, EmvError> decode_emv(std::string_view text, EmvMode mode);

/// Writes `objects`, which hold no 63, and the CRC. A template is written from its children.
std::expected<std::string, EmvFault> encode_emv(std::span<const DataObject> objects);

/// The object with this id, or null.
const DataObject* find_object(std::span<const DataObject> objects, std::string_view id);
/// The child `sub` of object `id`, or null.
const DataObject* find_object(std::span<const DataObject> objects, std::string_view id,
                              std::string_view sub);

}  // namespace quittance::qr
