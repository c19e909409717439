#include "qr/png.hpp"
#include "qr/qrcode.hpp"

namespace quittance::qr {

std::vector<PixelRows> module_rows(const QrMatrix& matrix, int scale) {
  const int width = (matrix.size + 2 * kQuietZone) * scale;
  const PixelRows quiet{light_pixels(width), kQuietZone * scale};
  std::vector<PixelRows> rows;
  rows.reserve(static_cast<std::size_t>(matrix.size) + 2);
  rows.push_back(quiet);
  for (int y = 0; y < matrix.size; ++y) {
    PixelRows& row = rows.emplace_back(quiet.pixels, scale);
    for (int x = 0; x < matrix.size; ++x) {
      if (matrix.dark(x, y)) darken(row.pixels, (x + kQuietZone) * scale, scale);
    }
  }
  rows.push_back(quiet);
  return rows;
}

base::Result<std::string> qr_png(const QrMatrix& matrix, int scale) {
  if (scale < 1 || scale > kMaxPngScale) {
    return base::fail(base::ErrorCode::invalid_request, "The picture has no such scale.", "scale");
  }
  return write_png((matrix.size + 2 * kQuietZone) * scale, module_rows(matrix, scale));
}

}  // namespace quittance::qr
