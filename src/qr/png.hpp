// Black and white pictures as PNG. Only this room draws; its door shows the finished pictures.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qr/qrcode.hpp"

namespace quittance::qr {

/// Longest text that a picture carries with it; a recovery code has at most 160 bytes.
inline constexpr std::size_t kMaxDescriptionBytes = 1024;

/// The same row of pixels `count` times, eight pixels to a byte, the leftmost highest; 1 is light.
struct PixelRows {
  std::vector<std::uint8_t> pixels{};
  int count = 1;
};

/// One light row of `width` pixels.
std::vector<std::uint8_t> light_pixels(int width);

/// Darkens the `count` pixels of `row` from pixel `first` on; they must lie inside it.
void darken(std::vector<std::uint8_t>& row, int first, int count);

/// The code at `scale` pixels per module with its quiet zone on all sides: matrix.size + 2
/// entries that add up to (matrix.size + 2 * kQuietZone) * scale rows of as many pixels.
std::vector<PixelRows> module_rows(const QrMatrix& matrix, int scale);

/// A 1-bit greyscale PNG of all `rows` below each other, each `width` pixels wide. What is not
/// empty in `description` travels along as the text `Description` (PNG specification, 11.3.3):
/// tEXt for ASCII, iTXt for other UTF-8. invalid_request when it is too long or holds control
/// characters.
base::Result<std::string> write_png(int width, std::span<const PixelRows> rows,
                                    std::string_view description = {});

}  // namespace quittance::qr
