#include "qr/qrcode.hpp"

#include <gtest/gtest.h>

#include "picture.hpp"

namespace quittance::qr {
namespace {

TEST(QrCode, digits_and_capitals_make_a_smaller_code) {
  const auto bytes = make_qr(std::string(120, 'a'));
  const auto digits = make_qr(std::string(120, '7'));
  const auto mixed = make_qr("a" + std::string(118, '7') + "z");
  ASSERT_TRUE(bytes && digits && mixed);
  EXPECT_LT(digits->size, bytes->size);
  EXPECT_LT(mixed->size, bytes->size);
  EXPECT_EQ(make_qr("HELLO WORLD")->size, 21);
}

TEST(QrCode, has_finder_patterns_in_three_corners) {
  const auto matrix = make_qr("KHQR:order_id=1:transaction_id=a:amount=1");
  ASSERT_TRUE(matrix.has_value());
  const int last = matrix->size - 1;
  for (const auto& [x, y] : {std::pair{0, 0}, {last - 6, 0}, {0, last - 6}}) {
    for (int i = 0; i < 7; ++i) {
      EXPECT_TRUE(matrix->dark(x + i, y));
      EXPECT_TRUE(matrix->dark(x + i, y + 6));
    }
    EXPECT_FALSE(matrix->dark(x + 1, y + 1));
    EXPECT_TRUE(matrix->dark(x + 3, y + 3));
  }
}

TEST(QrCode, refuses_what_does_not_fit) {
  EXPECT_TRUE(make_qr(std::string(kMaxQrTextBytes, 'a'), QrLevel::low).has_value());
  EXPECT_FALSE(make_qr(std::string(kMaxQrTextBytes + 1, 'a'), QrLevel::low).has_value());
  EXPECT_FALSE(make_qr(std::string(100'000, '1')).has_value());
  const auto nothing = make_qr("");
  ASSERT_FALSE(nothing.has_value());
  EXPECT_EQ(nothing.error().code, base::ErrorCode::invalid_request);
}

TEST(QrCode, svg_draws_every_dark_module_once) {
  const auto matrix = make_qr("svg");
  ASSERT_TRUE(matrix.has_value());
  const std::string svg = qr_svg(*matrix);
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_TRUE(svg.contains("viewBox=\"0 0 29 29\""));
  EXPECT_EQ(svg.find("<path"), svg.rfind("<path"));
  // Add up the runs of the path again.
  int drawn = 0;
  for (std::size_t at = svg.find('h', svg.find(" d=\"")); at != std::string::npos;
       at = svg.find('h', at + 1)) {
    if (svg[at + 1] != '-' && svg[at - 1] >= '0' && svg[at - 1] <= '9') {
      drawn += std::max(0, std::atoi(svg.c_str() + at + 1));
    }
  }
  int backwards = 0;
  for (std::size_t at = svg.find("h-"); at != std::string::npos; at = svg.find("h-", at + 1)) {
    backwards += std::atoi(svg.c_str() + at + 2);
  }
  int dark = 0;
  for (const std::uint8_t module : matrix->modules)
    dark += module;
  EXPECT_EQ(drawn, dark);
  EXPECT_EQ(backwards, dark);
}

TEST(QrCode, png_shows_the_modules_and_the_quiet_zone) {
  const auto matrix = make_qr("00020101021129070003a@b5204599953031165802KH5901N6001C6304CCC4");
  ASSERT_TRUE(matrix.has_value());
  for (const int scale : {1, 3, 10}) {
    const auto bytes = qr_png(*matrix, scale);
    ASSERT_TRUE(bytes.has_value());
    const Picture picture = read_png(*bytes);
    const int side = (matrix->size + 2 * kQuietZone) * scale;
    ASSERT_EQ(picture.width, static_cast<unsigned>(side));
    ASSERT_EQ(picture.height, static_cast<unsigned>(side));
    int wrong = 0;
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const int column = x / scale - kQuietZone;
        const int row = y / scale - kQuietZone;
        const bool inside = column >= 0 && row >= 0 && column < matrix->size && row < matrix->size;
        const bool dark = inside && matrix->dark(column, row);
        const auto index =
            static_cast<std::size_t>(y) * picture.width + static_cast<std::size_t>(x);
        if (picture.grey[index] != (dark ? 0 : 255)) ++wrong;
      }
    }
    EXPECT_EQ(wrong, 0) << scale;
  }
}

TEST(QrCode, png_has_a_range_of_scales) {
  const auto matrix = make_qr("x");
  ASSERT_TRUE(matrix.has_value());
  EXPECT_FALSE(qr_png(*matrix, 0).has_value());
  EXPECT_FALSE(qr_png(*matrix, kMaxPngScale + 1).has_value());
  EXPECT_TRUE(qr_png(*matrix, kMaxPngScale).has_value());
}

}  // namespace
}  // namespace quittance::qr
