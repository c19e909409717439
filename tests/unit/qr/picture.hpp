// Our pictures, read back by the library's own reader.
#pragma once

#include <gtest/gtest.h>
#include <png.h>

#include <cstdint>
#include <string>
#include <vector>

namespace quittance::qr {

/// One byte per pixel: 0 is dark, 255 light.
struct Picture {
  unsigned width = 0;
  unsigned height = 0;
  std::vector<std::uint8_t> grey{};

  bool dark(int x, int y) const {
    return grey[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)] == 0;
  }
};

inline Picture read_png(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  Picture picture;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  image.format = PNG_FORMAT_GRAY;
  picture.width = image.width;
  picture.height = image.height;
  picture.grey.resize(std::size_t{image.width} * image.height);
  EXPECT_NE(png_image_finish_read(&image, nullptr, picture.grey.data(), 0, nullptr), 0);
  return picture;
}

}  // namespace quittance::qr
