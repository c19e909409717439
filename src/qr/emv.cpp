#include "qr/emv.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>

#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kCrcBytes = 4;

constexpr std::array<std::uint16_t, 256> crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    }
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}
constexpr auto kCrcTable = crc_table();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The two-digit number at `at`.
std::size_t pair_at(std::string_view text, std::size_t at) {
  return static_cast<std::size_t>(text[at] - '0') * 10 +
         static_cast<std::size_t>(text[at + 1] - '0');
}

std::string crc_text(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const unsigned crc = crc16(bytes);
  std::string text;
  for (const unsigned shift : {12U, 8U, 4U, 0U})
    text += kHex[(crc >> shift) & 0xFU];
  return text;
}

/// May an object of this id be a template, and must it be?
enum class Shape { plain, maybe_template, is_template };

Shape top_shape(std::size_t id) {
  if ((id >= 26 && id <= 51) || id == 62 || id == 64) return Shape::is_template;
  return id >= 65 ? Shape::maybe_template : Shape::plain;
}

struct LevelError {
  EmvFault fault;
  std::size_t offset;
};

/// Reads the object at `at` and moves `at` behind it.
std::expected<DataObject, LevelError> read_object(std::string_view text, std::size_t& at) {
  const std::size_t header = std::min(kHeaderBytes, text.size() - at);
  if (!std::ranges::all_of(text.substr(at, header), is_digit)) {
    return std::unexpected(LevelError{EmvFault::bad_header, at});
  }
  if (header < kHeaderBytes) return std::unexpected(LevelError{EmvFault::cut_off, at});
  const std::size_t begin = at + kHeaderBytes;
  const Walk walk = walk_utf16(text, begin, pair_at(text, at + 2));
  switch (walk.end) {
    case WalkEnd::reached:
      break;
    case WalkEnd::ran_out:
      return std::unexpected(LevelError{EmvFault::cut_off, at});
    case WalkEnd::inside_character:
      return std::unexpected(LevelError{EmvFault::split_character, at});
  }
  DataObject object{std::string(text.substr(at, 2)),
                    std::string(text.substr(begin, walk.offset - begin))};
  at = walk.offset;
  return object;
}

/// A whole value as objects, when it is nothing else; ids unique.
std::optional<std::vector<DataObject>> read_children(std::string_view value) {
  std::vector<DataObject> children;
  std::bitset<100> seen;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t start = at;
    auto object = read_object(value, at);
    if (!object || seen.test(pair_at(value, start))) return std::nullopt;
    seen.set(pair_at(value, start));
    children.push_back(std::move(*object));
  }
  return children;
}

/// The third level has no rule of its own in the standard except inside 62-50..99. A value is
/// taken for a template only when it reads as id 00 and at least one more, so that an account
/// number that happens to look like one object stays a number.
void expand_third_level(const DataObject& parent, DataObject& child) {
  if (child.id == "00" || !child.value.starts_with("00")) return;
  if (parent.id == "62" && child.id < "50") return;
  auto inner = read_children(child.value);
  if (inner && inner->size() >= 2) child.children = std::move(*inner);
}

/// Reads the children of a template; false when its id promises one and the value breaks that.
bool expand(DataObject& object) {
  const Shape shape = top_shape(pair_at(object.id, 0));
  if (shape == Shape::plain) return true;
  auto children = read_children(object.value);
  if (!children || children->empty()) return shape == Shape::maybe_template;
  // 65-79 are reserved: without a globally unique id in 00 they are somebody's plain text.
  if (object.id < "80" && object.id > "64" && children->front().id != "00") return true;
  object.children = std::move(*children);
  for (DataObject& child : object.children)
    expand_third_level(object, child);
  return true;
}

std::optional<EmvFault> check_strict(const DataObject& object, bool sound_template) {
  if (object.id == "00" && object.value != "01") return EmvFault::wrong_format;
  if (object.value.empty()) return EmvFault::empty_value;
  if (!sound_template) return EmvFault::broken_template;
  for (const DataObject& child : object.children) {
    if (child.value.empty()) return EmvFault::empty_value;
    for (const DataObject& inner : child.children) {
      if (inner.value.empty()) return EmvFault::empty_value;
    }
  }
  return std::nullopt;
}

std::optional<EmvFault> check_crc(std::string_view text, std::span<const DataObject> objects,
                                  EmvMode mode) {
  if (objects.empty() || objects.back().id != "63") return EmvFault::crc_missing;
  std::string given = objects.back().value;
  if (given.size() != kCrcBytes) return EmvFault::crc_malformed;
  for (char& c : given) {
    const bool lower = c >= 'a' && c <= 'f';
    if (!is_digit(c) && !(c >= 'A' && c <= 'F') && !lower) return EmvFault::crc_malformed;
    if (lower && mode == EmvMode::strict) return EmvFault::crc_malformed;
    if (lower) c = static_cast<char>(c - 'a' + 'A');
  }
  const bool same = given == crc_text(text.substr(0, text.size() - kCrcBytes));
  return same ? std::nullopt : std::optional(EmvFault::crc_mismatch);
}

/// Reads the object at `at` into `read` and checks what can be checked now.
std::optional<EmvFault> read_top(std::string_view text, EmvMode mode, std::size_t& at,
                                 std::vector<DataObject>& read) {
  if (!read.empty() && read.back().id == "63") return EmvFault::crc_not_last;
  auto object = read_object(text, at);
  if (!object) return object.error().fault;
  if (read.empty() && object->id != "00") return EmvFault::no_format_indicator;
  if (find_object(read, object->id) != nullptr) return EmvFault::duplicate_id;
  const bool sound_template = expand(*object);
  if (mode == EmvMode::strict) {
    if (auto fault = check_strict(*object, sound_template)) return fault;
  }
  read.push_back(std::move(*object));
  return std::nullopt;
}

std::expected<std::string, EmvFault> encode_level(std::span<const DataObject> objects, int depth) {
  if (depth > kMaxEmvDepth) return std::unexpected(EmvFault::too_deep);
  std::string text;
  std::bitset<100> seen;
  for (const DataObject& object : objects) {
    if (object.id.size() != 2 || !std::ranges::all_of(object.id, is_digit)) {
      return std::unexpected(EmvFault::bad_header);
    }
    if (seen.test(pair_at(object.id, 0))) return std::unexpected(EmvFault::duplicate_id);
    seen.set(pair_at(object.id, 0));
    std::string value = object.value;
    if (!object.children.empty()) {
      auto inner = encode_level(object.children, depth + 1);
      if (!inner) return inner;
      value = std::move(*inner);
    }
    const auto units = utf16_length(value);
    if (!units) return std::unexpected(EmvFault::invalid_utf8);
    if (*units == 0) return std::unexpected(EmvFault::empty_value);
    if (*units > kMaxValueUnits) return std::unexpected(EmvFault::value_too_long);
    text += object.id;
    text += static_cast<char>('0' + *units / 10);
    text += static_cast<char>('0' + *units % 10);
    text += value;
  }
  return text;
}

}  // namespace

std::string_view emv_fault_name(EmvFault fault) {
  switch (fault) {
    case EmvFault::invalid_utf8:
      return "invalid_utf8";
    case EmvFault::too_long:
      return "too_long";
    case EmvFault::no_format_indicator:
      return "no_format_indicator";
    case EmvFault::wrong_format:
      return "wrong_format";
    case EmvFault::bad_header:
      return "bad_header";
    case EmvFault::cut_off:
      return "cut_off";
    case EmvFault::split_character:
      return "split_character";
    case EmvFault::duplicate_id:
      return "duplicate_id";
    case EmvFault::empty_value:
      return "empty_value";
    case EmvFault::broken_template:
      return "broken_template";
    case EmvFault::crc_missing:
      return "crc_missing";
    case EmvFault::crc_malformed:
      return "crc_malformed";
    case EmvFault::crc_not_last:
      return "crc_not_last";
    case EmvFault::crc_mismatch:
      return "crc_mismatch";
    case EmvFault::value_too_long:
      return "value_too_long";
    case EmvFault::too_deep:
      return "too_deep";
  }
  return "unknown";
}

std::uint16_t crc16(std::string_view bytes) {
  unsigned crc = 0xFFFF;
  for (const char c : bytes) {
    const unsigned index = ((crc >> 8U) ^ static_cast<unsigned char>(c)) & 0xFFU;
    crc = ((crc << 8U) ^ kCrcTable[index]) & 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc);
}

std::expected<std::vector<DataObject>, EmvError> decode_emv(std::string_view text, EmvMode mode) {
  if (text.size() > kMaxPayloadBytes) return std::unexpected(EmvError{EmvFault::too_long});
  if (!is_utf8(text)) return std::unexpected(EmvError{EmvFault::invalid_utf8});
  std::vector<DataObject> read;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (auto fault = read_top(text, mode, at, read)) {
      return std::unexpected(EmvError{*fault, start, std::move(read)});
    }
  }
  if (auto fault = check_crc(text, read, mode)) {
    return std::unexpected(EmvError{*fault, text.size(), std::move(read)});
  }
  return read;
}

std::expected<std::string, EmvFault> encode_emv(std::span<const DataObject> objects) {
  if (objects.empty() || objects.front().id != "00") {
    return std::unexpected(EmvFault::no_format_indicator);
  }
  if (find_object(objects, "63") != nullptr) return std::unexpected(EmvFault::duplicate_id);
  auto text = encode_level(objects, 1);
  if (!text) return text;
  *text += "6304";
  *text += crc_text(*text);
  if (text->size() > kMaxPayloadBytes) return std::unexpected(EmvFault::too_long);
  return text;
}

const DataObject* find_object(std::span<const DataObject> objects, std::string_view id) {
  const auto found = std::ranges::find(objects, id, &DataObject::id);
  return found == objects.end() ? nullptr : &*found;
}

const DataObject* find_object(std::span<const DataObject> objects, std::string_view id,
                              std::string_view sub) {
  const DataObject* parent = find_object(objects, id);
  return parent == nullptr ? nullptr : find_object(parent->children, sub);
}

}  // namespace quittance::qr
