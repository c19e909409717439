#include "qr/kept_picture.hpp"

#include <gtest/gtest.h>

#include "picture.hpp"
#include "qr/lettering.hpp"
#include "qr/recovery_code.hpp"

namespace quittance::qr {
namespace {

constexpr std::string_view kPayload =
    "00020101021129190015sok_dara@devb015204599953031165802KH5908Sok Dara6010Phnom Penh6304ABCD";
constexpr std::string_view kCode =
    "KHQR:order_id=123:transaction_id=0f1e2d3c4b5a69788796a5b4c3d2e1f0:amount=12.50";

QrMatrix payment_code() { return make_qr(kPayload).value(); }

struct Chunk {
  std::string type;
  std::string data;
};

std::size_t big_endian(const std::string& bytes, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t i = at; i < at + 4; ++i)
    number = number << 8U | static_cast<unsigned char>(bytes.at(i));
  return number;
}

/// The text chunks of a PNG (PNG specification, 5.3: length, type, data, check sum).
std::vector<Chunk> text_chunks(const std::string& png) {
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t size = big_endian(png, at);
    Chunk chunk{png.substr(at + 4, 4), png.substr(at + 8, size)};
    if (chunk.type == "tEXt" || chunk.type == "iTXt") chunks.push_back(chunk);
    at += 12 + size;
  }
  return chunks;
}

/// Rows of `#` and ` ` as they stand in the picture, one character for `scale` x `scale` pixels.
std::vector<std::string> look(const Picture& picture, int left, int top, int scale, int rows) {
  std::vector<std::string> seen;
  for (int y = 0; y < rows; ++y) {
    std::string& row = seen.emplace_back();
    for (int x = 0; x < kGlyphWidth; ++x)
      row.push_back(picture.dark(left + x * scale, top + y * scale) ? '#' : ' ');
  }
  return seen;
}

int dark_pixels_below(const Picture& picture, int top) {
  int dark = 0;
  for (int y = top; y < static_cast<int>(picture.height); ++y) {
    for (int x = 0; x < static_cast<int>(picture.width); ++x)
      dark += picture.dark(x, y) ? 1 : 0;
  }
  return dark;
}

TEST(KeptPicture, is_480_to_640_pixels_wide_for_every_size_of_code) {
  for (std::size_t bytes = 1; bytes <= 2'300; bytes += 37) {
    const auto matrix = make_qr(std::string(bytes, 'a'));
    ASSERT_TRUE(matrix.has_value()) << bytes;
    const auto png = kept_png(*matrix, {"12.50 USD"}, "");
    ASSERT_TRUE(png.has_value()) << bytes;
    const Picture picture = read_png(*png);
    EXPECT_GE(picture.width, static_cast<unsigned>(kMinKeptWidth)) << bytes;
    EXPECT_LE(picture.width, static_cast<unsigned>(kMaxKeptWidth)) << bytes;
    EXPECT_GT(picture.height, picture.width) << bytes;
  }
}

// C8: what a bank app scans is the whole code with its quiet zone, and nothing is written on it.
TEST(KeptPicture, holds_the_code_untouched_with_its_quiet_zone) {
  const QrMatrix matrix = payment_code();
  const auto png =
      kept_png(matrix, {"Sok Dara", "12.50 USD", "Order 123", std::string(kCode)}, kCode);
  ASSERT_TRUE(png.has_value());
  const Picture picture = read_png(*png);
  const int modules = matrix.size + 2 * kQuietZone;
  const int scale = static_cast<int>(picture.width) / modules;
  ASSERT_EQ(picture.width, static_cast<unsigned>(modules * scale));
  int wrong = 0;
  for (int y = 0; y < modules * scale; ++y) {
    for (int x = 0; x < modules * scale; ++x) {
      const int column = x / scale - kQuietZone;
      const int row = y / scale - kQuietZone;
      const bool inside = column >= 0 && row >= 0 && column < matrix.size && row < matrix.size;
      if (picture.dark(x, y) != (inside && matrix.dark(column, row))) ++wrong;
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(dark_pixels_below(picture, modules * scale), 0);
  // The quiet zone is kept below the letters and at their sides, too.
  const int margin = kQuietZone * scale;
  EXPECT_EQ(dark_pixels_below(picture, static_cast<int>(picture.height) - margin), 0);
  for (int y = 0; y < static_cast<int>(picture.height); ++y) {
    for (int x = 0; x < margin / 2; ++x) {
      ASSERT_FALSE(picture.dark(x, y));
      ASSERT_FALSE(picture.dark(static_cast<int>(picture.width) - 1 - x, y));
    }
  }
}

TEST(KeptPicture, without_lines_is_the_bare_code) {
  const QrMatrix matrix = payment_code();
  const int scale = kMaxKeptWidth / (matrix.size + 2 * kQuietZone);
  EXPECT_EQ(kept_png(matrix, {}, "").value(), qr_png(matrix, scale).value());
  EXPECT_EQ(kept_png(matrix, {"", "   "}, "").value(), qr_png(matrix, scale).value());
}

// C8: the recovery code is inside the file, readable without looking at the picture.
TEST(KeptPicture, carries_the_recovery_code_as_its_description) {
  const auto png = kept_png(payment_code(), {"Order 123"}, kCode);
  ASSERT_TRUE(png.has_value());
  const auto chunks = text_chunks(*png);
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].type, "tEXt");
  const std::string keyword = chunks[0].data.substr(0, 11);
  EXPECT_EQ(keyword, "Description");
  EXPECT_EQ(chunks[0].data[11], '\0');
  const auto read = parse_recovery_code(chunks[0].data.substr(12));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->order_id, 123);
  EXPECT_EQ(read->amount, "12.50");
}

TEST(KeptPicture, description_may_be_any_utf8_or_none) {
  const QrMatrix matrix = payment_code();
  const auto khmer = text_chunks(kept_png(matrix, {}, "ការបញ្ជាទិញ 123").value());
  ASSERT_EQ(khmer.size(), 1U);
  EXPECT_EQ(khmer[0].type, "iTXt");
  EXPECT_TRUE(khmer[0].data.starts_with("Description"));
  EXPECT_TRUE(khmer[0].data.ends_with("ការបញ្ជាទិញ 123"));
  EXPECT_TRUE(text_chunks(kept_png(matrix, {"Order 123"}, "").value()).empty());
}

TEST(KeptPicture, refuses_a_description_that_no_chunk_can_hold) {
  const QrMatrix matrix = payment_code();
  EXPECT_TRUE(kept_png(matrix, {}, std::string(kMaxDescriptionBytes, 'x')).has_value());
  for (const std::string& bad : {std::string(kMaxDescriptionBytes + 1, 'x'), std::string("a\0b", 3),
                                 std::string("a\nb"), std::string("\xC3")}) {
    const auto png = kept_png(matrix, {}, bad);
    ASSERT_FALSE(png.has_value());
    EXPECT_EQ(png.error().code, base::ErrorCode::invalid_request);
    EXPECT_EQ(png.error().param, "description");
  }
}

TEST(KeptPicture, writes_a_known_letter_in_the_middle_below_the_code) {
  const QrMatrix matrix = payment_code();
  const Picture picture = read_png(kept_png(matrix, {"R"}, "").value());
  constexpr int kScale = 4;
  const int width = static_cast<int>(picture.width);
  const int left = (width - kGlyphWidth * kScale) / 2;
  const std::vector<std::string> expected{"#### ", "#   #", "#   #", "#### ",
                                          "# #  ", "#  # ", "#   #"};
  EXPECT_EQ(look(picture, left, width, kScale, kGlyphHeight), expected);
  // 4+2+2+4+2+2+2 pixels of the font and no other.
  EXPECT_EQ(dark_pixels_below(picture, width), 18 * kScale * kScale);
}

TEST(KeptPicture, hangs_the_letters_that_reach_below_the_line) {
  const Picture picture = read_png(kept_png(payment_code(), {"p"}, "").value());
  constexpr int kScale = 4;
  const int width = static_cast<int>(picture.width);
  const int left = (width - kGlyphWidth * kScale) / 2;
  const std::vector<std::string> expected{"     ", "     ", "#### ", "#   #", "#   #",
                                          "#   #", "#### ", "#    ", "#    "};
  EXPECT_EQ(look(picture, left, width, kScale, kGlyphHeight + kGlyphHang), expected);
}

TEST(KeptPicture, draws_one_hollow_box_for_each_unknown_character) {
  const std::vector<std::string> box{"#####", "#   #", "#   #", "#   #", "#   #", "#   #", "#####"};
  for (const char* unknown : {"&", "é", "ខ", "😀", "\t"}) {
    const Picture picture = read_png(kept_png(payment_code(), {unknown}, "").value());
    const int width = static_cast<int>(picture.width);
    EXPECT_EQ(look(picture, (width - kGlyphWidth * 4) / 2, width, 4, kGlyphHeight), box) << unknown;
    EXPECT_EQ(dark_pixels_below(picture, width), 20 * 16) << unknown;
  }
  EXPECT_EQ(lettered("ខ្មែរ").size(), 5U);
}

// Law 9: the picture has a largest height, whatever it is asked to say.
TEST(KeptPicture, very_long_text_is_bounded) {
  const QrMatrix matrix = payment_code();
  const std::vector<std::string> longest(kMaxKeptLines, std::string(kMaxLineLetters, 'W'));
  const std::vector<std::string> endless(kMaxKeptLines, std::string(1'000'000, 'W'));
  const auto bounded = kept_png(matrix, endless, "");
  ASSERT_TRUE(bounded.has_value());
  EXPECT_EQ(read_png(*bounded).height, read_png(kept_png(matrix, longest, "").value()).height);
  const auto too_many = kept_png(matrix, std::vector<std::string>(kMaxKeptLines + 1, "x"), "");
  ASSERT_FALSE(too_many.has_value());
  EXPECT_EQ(too_many.error().code, base::ErrorCode::invalid_request);
  EXPECT_EQ(too_many.error().param, "lines");
}

TEST(Lettering, has_every_letter_digit_and_sign_and_all_differ) {
  const std::string_view all =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:=_.- ";
  for (const char letter : all) {
    EXPECT_NE(glyph_of(letter), glyph_of(kUnknownLetter)) << letter;
    for (const char other : all) {
      if (letter != other) {
        EXPECT_NE(glyph_of(letter), glyph_of(other)) << letter << other;
      }
    }
  }
  EXPECT_EQ(glyph_of(' '), Glyph{});
  EXPECT_EQ(glyph_of('\xE9'), glyph_of(kUnknownLetter));
}

TEST(Lettering, cuts_what_is_too_long_and_shows_it) {
  const std::string fits(kMaxLineLetters, 'a');
  EXPECT_EQ(lettered(fits), fits);
  EXPECT_EQ(lettered(fits + "a"), std::string(kMaxLineLetters - 3, 'a') + "...");
  // The longest recovery code is never cut.
  EXPECT_GE(kMaxLineLetters, kMaxRecoveryBytes);
}

TEST(Lettering, drops_spaces_that_show_nothing) {
  EXPECT_EQ(lettered("  Sok   Dara "), "Sok Dara");
  EXPECT_EQ(lettered("   "), "");
}

TEST(Lettering, breaks_rows_between_words_and_keeps_them_even) {
  using Rows = std::vector<std::string>;
  EXPECT_EQ(wrap_letters("", 10), Rows{});
  EXPECT_EQ(wrap_letters("one", 10), Rows{"one"});
  EXPECT_EQ(wrap_letters("one two three four", 14), (Rows{"one two", "three four"}));
  EXPECT_EQ(wrap_letters("abcdefghij", 4), (Rows{"abcd", "efgh", "ij"}));
  EXPECT_EQ(wrap_letters("abcdefghij", 8), (Rows{"abcde", "fghij"}));
  EXPECT_EQ(wrap_letters(kCode, 46), (Rows{"KHQR:order_id=123:transaction_id=",
                                           "0f1e2d3c4b5a69788796a5b4c3d2e1f0:amount=12.50"}));
}

TEST(Lettering, rows_lose_nothing_and_are_never_too_wide) {
  const std::string text = "KHQR:order_id=9:a=b  c _ ====:::: Wat Phnom 00000000000000000000 x";
  std::string wanted = lettered(text);
  std::erase(wanted, ' ');
  for (std::size_t columns = 1; columns <= text.size() + 1; ++columns) {
    std::string joined;
    for (const std::string& row : wrap_letters(lettered(text), columns)) {
      EXPECT_LE(row.size(), columns);
      EXPECT_FALSE(row.empty() || row.front() == ' ' || row.back() == ' ') << columns;
      joined += row;
    }
    std::erase(joined, ' ');
    EXPECT_EQ(joined, wanted) << columns;
  }
}

}  // namespace
}  // namespace quittance::qr
