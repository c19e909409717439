// Counting text as KHQR counts it: lengths in UTF-16 code units, bytes in UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace quittance::qr {

/// True for well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

/// Number of UTF-16 code units; nothing when `bytes` is not UTF-8.
std::optional<std::size_t> utf16_length(std::string_view bytes);

/// Why a walk over code units stopped short.
enum class WalkEnd {
  reached,          ///< exactly `units` were passed
  ran_out,          ///< the text ended first
  inside_character  ///< the boundary falls between the two units of one character
};

/// Where a walk ended.
struct Walk {
  WalkEnd end;
  std::size_t offset;  ///< in bytes
};

/// Walks `units` UTF-16 code units forward from byte `offset` of `bytes`, which must be UTF-8.
Walk walk_utf16(std::string_view bytes, std::size_t offset, std::size_t units);

}  // namespace quittance::qr
