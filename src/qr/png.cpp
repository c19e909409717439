#include "qr/png.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>

#include "qr/unicode.hpp"

namespace quittance::qr {
namespace {

/// What is written, in a form that needs no destructor.
struct Sheet {
  int width;
  int height;
  std::span<const PixelRows> rows;
  png_text* description;  ///< null for none
};

void append_bytes(png_structp png, png_bytep bytes, std::size_t size) {
  auto* out = static_cast<std::string*>(png_get_io_ptr(png));
  out->append(bytes, bytes + size);
}

void flush_nothing(png_structp) {}

/// From the second of equal rows on the filter "same as above" leaves only zeros, which
/// compress to next to nothing.
void write_repeated(png_structp png, const PixelRows& rows, bool first_of_all) {
  for (int i = 0; i < rows.count; ++i) {
    // For the very first row both filters stay named: so the library begins to keep the row above.
    if (i == 0 && !first_of_all) png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    if (i == 1) png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_write_row(png, rows.pixels.data());
  }
}

void write_sheet(png_structp png, png_infop info, const Sheet& sheet) {
  png_set_IHDR(png, info, static_cast<png_uint_32>(sheet.width),
               static_cast<png_uint_32>(sheet.height), 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  if (sheet.description != nullptr) png_set_text(png, info, sheet.description, 1);
  png_set_compression_level(png, 1);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE | PNG_FILTER_UP);
  png_write_info(png, info);
  bool first = true;
  for (const PixelRows& rows : sheet.rows) {
    write_repeated(png, rows, first);
    first = false;
  }
  png_write_end(png, info);
}

/// The library leaves by longjmp: nothing in this frame or below may need a destructor.
bool write_guarded(png_structp png, png_infop info, const Sheet& sheet) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  write_sheet(png, info, sheet);
  return true;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

}  // namespace

std::vector<std::uint8_t> light_pixels(int width) {
  return std::vector<std::uint8_t>(static_cast<std::size_t>((width + 7) / 8), 0xFF);
}

void darken(std::vector<std::uint8_t>& row, int first, int count) {
  for (int pixel = first; pixel < first + count; ++pixel) {
    row[static_cast<std::size_t>(pixel / 8)] &=
        static_cast<std::uint8_t>(~(0x80U >> static_cast<unsigned>(pixel % 8)));
  }
}

base::Result<std::string> write_png(int width, std::span<const PixelRows> rows,
                                    std::string_view description) {
  if (description.size() > kMaxDescriptionBytes || std::ranges::any_of(description, is_control) ||
      !is_utf8(description)) {
    return base::fail(base::ErrorCode::invalid_request,
                      "The picture cannot carry this description.", "description");
  }
  std::string text(description);
  std::array<char, 12> keyword{"Description"};
  png_text chunk{};
  chunk.key = keyword.data();
  chunk.text = text.data();
  chunk.compression =
      std::ranges::all_of(text, is_ascii) ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
  Sheet sheet{width, 0, rows, text.empty() ? nullptr : &chunk};
  for (const PixelRows& some : rows)
    sheet.height += some.count;
  std::string bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  bool written = false;
  if (info != nullptr) {
    png_set_write_fn(png, &bytes, append_bytes, flush_nothing);
    written = write_guarded(png, info, sheet);
  }
  png_destroy_write_struct(&png, &info);
  if (!written) {
    return base::fail(base::ErrorCode::internal, "The picture could not be written.");
  }
  return bytes;
}

}  // namespace quittance::qr
