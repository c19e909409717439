// Writing on a picture: a drawn font of 5 x 7 pixels, and how a line is broken into rows.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "qr/png.hpp"

namespace quittance::qr {

inline constexpr int kGlyphWidth = 5;
inline constexpr int kGlyphHeight = 7;
/// How far g, p, q and y reach below the line on which the others stand.
inline constexpr int kGlyphHang = 2;
/// From one letter to the next, in pixels of the font.
inline constexpr int kGlyphAdvance = kGlyphWidth + 1;
/// Longer lines end in "...". A recovery code of any order fits (kMaxRecoveryBytes).
inline constexpr std::size_t kMaxLineLetters = 160;
/// Stands for a character that the font does not have; drawn as a hollow box.
inline constexpr char kUnknownLetter = '\x7F';

/// Seven rows from the top; of each the lowest five bits, the highest of them leftmost.
using Glyph = std::array<std::uint8_t, kGlyphHeight>;

/// The picture of one letter of `lettered`; a hollow box for any that the font does not have.
Glyph glyph_of(char letter);

/// `text` (UTF-8) with one byte for each character that is drawn: those outside the font become
/// kUnknownLetter, spaces at the ends and doubled ones go, and what exceeds kMaxLineLetters is cut.
std::string lettered(std::string_view text);

/// Breaks a result of `lettered` into as few rows of at most `columns` letters (1 or more) as
/// its words allow, and those as even as they can be. Rows end at a space, which is dropped, or
/// after `:` or `=`, which is kept; only a word longer than a row is broken elsewhere.
std::vector<std::string> wrap_letters(std::string_view letters, std::size_t columns);

/// Width of a row of `count` letters at `scale` pixels per pixel of the font.
int letters_width(std::size_t count, int scale);

/// The row of letters as kGlyphHeight + kGlyphHang entries, centred on a picture `width` pixels
/// wide, into which they must fit.
std::vector<PixelRows> letter_rows(std::string_view letters, int width, int scale);

}  // namespace quittance::qr
