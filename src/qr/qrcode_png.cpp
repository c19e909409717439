#include <png.h>

#include <csetjmp>

#include "qr/qrcode.hpp"

namespace quittance::qr {
namespace {

/// One row of pixels of the picture per row of modules, packed eight to a byte.
using PackedRows = std::vector<std::vector<std::uint8_t>>;

PackedRows pack_rows(const QrMatrix& matrix, int scale) {
  const int side = (matrix.size + 2 * kQuietZone) * scale;
  const std::vector<std::uint8_t> light(static_cast<std::size_t>((side + 7) / 8), 0xFF);
  PackedRows rows(static_cast<std::size_t>(matrix.size), light);
  for (int y = 0; y < matrix.size; ++y) {
    auto& row = rows[static_cast<std::size_t>(y)];
    for (int x = 0; x < matrix.size; ++x) {
      if (!matrix.dark(x, y)) continue;
      const int first = (x + kQuietZone) * scale;
      for (int pixel = first; pixel < first + scale; ++pixel) {
        row[static_cast<std::size_t>(pixel / 8)] &=
            static_cast<std::uint8_t>(~(0x80U >> static_cast<unsigned>(pixel % 8)));
      }
    }
  }
  return rows;
}

void append_bytes(png_structp png, png_bytep bytes, std::size_t size) {
  auto* out = static_cast<std::string*>(png_get_io_ptr(png));
  out->append(bytes, bytes + size);
}

void flush_nothing(png_structp) {}

/// A row of modules is `count` equal rows of pixels. From the second on the filter "same as
/// above" leaves only zeros, which compress to next to nothing.
void write_repeated(png_structp png, const std::vector<std::uint8_t>& row, int count) {
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  for (int i = 0; i < count; ++i) {
    if (i == 1) png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_write_row(png, row.data());
  }
}

void write_picture(png_structp png, png_infop info, const PackedRows& rows,
                   const std::vector<std::uint8_t>& light, int scale) {
  const auto side =
      static_cast<png_uint_32>((static_cast<int>(rows.size()) + 2 * kQuietZone) * scale);
  png_set_IHDR(png, info, side, side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  png_set_compression_level(png, 1);
  // Both filters are named for the first row, so that the library keeps the row above from then.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE | PNG_FILTER_UP);
  png_write_info(png, info);
  png_write_row(png, light.data());
  write_repeated(png, light, kQuietZone * scale - 1);
  for (const auto& row : rows)
    write_repeated(png, row, scale);
  write_repeated(png, light, kQuietZone * scale);
  png_write_end(png, info);
}

/// The library leaves by longjmp: nothing in this frame or below may need a destructor.
bool write_guarded(png_structp png, png_infop info, const PackedRows& rows,
                   const std::vector<std::uint8_t>& light, int scale) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  write_picture(png, info, rows, light, scale);
  return true;
}

}  // namespace

base::Result<std::string> qr_png(const QrMatrix& matrix, int scale) {
  if (scale < 1 || scale > kMaxPngScale) {
    return base::fail(base::ErrorCode::invalid_request, "The picture has no such scale.", "scale");
  }
  const PackedRows rows = pack_rows(matrix, scale);
  const int side = (matrix.size + 2 * kQuietZone) * scale;
  const std::vector<std::uint8_t> light(static_cast<std::size_t>((side + 7) / 8), 0xFF);
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  bool written = false;
  if (info != nullptr) {
    png_set_write_fn(png, &bytes, append_bytes, flush_nothing);
    written = write_guarded(png, info, rows, light, scale);
  }
  png_destroy_write_struct(&png, &info);
  if (!written) {
    return base::fail(base::ErrorCode::internal, "The picture could not be written.");
  }
  return bytes;
}

}  // namespace quittance::qr
