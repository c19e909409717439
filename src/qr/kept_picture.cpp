#include "qr/kept_picture.hpp"

#include <iterator>

#include "qr/lettering.hpp"

namespace quittance::qr {
namespace {

/// Pixels per pixel of the font, at most and at least.
constexpr int kLargeLetters = 4;
constexpr int kSmallLetters = 2;
/// Below what hangs from a line, and from a row of the same line, in pixels.
constexpr int kLineGap = 14;
constexpr int kRowGap = 6;

// Largest and smallest code: 177 and 21 modules. The worst fit is a code of 153 (161 with its
// quiet zone), which leaves 483 of 640 pixels.
static_assert(kMaxKeptWidth / 161 * 161 >= kMinKeptWidth);

/// The largest letters in which the line is one row; the smallest when there are none.
int letter_scale(std::size_t letters, int room) {
  int scale = kLargeLetters;
  while (scale > kSmallLetters && letters_width(letters, scale) > room)
    --scale;
  return scale;
}

void append_line(std::vector<PixelRows>& picture, std::string_view letters, int width, int room) {
  const int scale = letter_scale(letters.size(), room);
  const auto columns = static_cast<std::size_t>((room + scale) / (kGlyphAdvance * scale));
  int gap = 0;
  for (const std::string& row : wrap_letters(letters, columns)) {
    if (gap > 0) picture.push_back({light_pixels(width), gap});
    std::vector<PixelRows> drawn = letter_rows(row, width, scale);
    std::ranges::move(drawn, std::back_inserter(picture));
    gap = kRowGap;
  }
}

}  // namespace

base::Result<std::string> kept_png(const QrMatrix& matrix, const std::vector<std::string>& lines,
                                   std::string_view description) {
  if (lines.size() > kMaxKeptLines) {
    return base::fail(base::ErrorCode::invalid_request, "The picture has no room for more lines.",
                      "lines");
  }
  const int modules = matrix.size + 2 * kQuietZone;
  const int scale = kMaxKeptWidth / modules;
  const int width = modules * scale;
  const int margin = kQuietZone * scale;
  std::vector<PixelRows> picture = module_rows(matrix, scale);
  // The quiet zone below the code parts it from the first line.
  int gap = 0;
  for (const std::string& line : lines) {
    const std::string letters = lettered(line);
    if (letters.empty()) continue;
    if (gap > 0) picture.push_back({light_pixels(width), gap});
    append_line(picture, letters, width, width - margin);
    gap = kLineGap;
  }
  if (gap > 0) picture.push_back({light_pixels(width), margin});
  return write_png(width, picture, description);
}

}  // namespace quittance::qr
