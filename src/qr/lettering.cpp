#include "qr/lettering.hpp"

#include <algorithm>

namespace quittance::qr {
namespace {

/// Letters drawn side by side, each in a cell of kGlyphAdvance columns.
struct Strip {
  std::string_view letters;
  std::array<std::string_view, kGlyphHeight> rows;
};

// clang-format off
// The letters of kHanging stand on their bowl: their last kGlyphHang rows are drawn below the line.
// Zero has a stroke and the small L a foot, because nobody may take one for O or I.
constexpr std::array kStrips{
    Strip{"ABCDEFGHIJKLM",
          {" ###  ####   ###  ####  ##### #####  ###  #   #  ###    ### #   # #     #   # ",
           "#   # #   # #   # #   # #     #     #   # #   #   #      #  #  #  #     ## ## ",
           "#   # #   # #     #   # #     #     #     #   #   #      #  # #   #     # # # ",
           "##### ####  #     #   # ####  ####  # ### #####   #      #  ##    #     # # # ",
           "#   # #   # #     #   # #     #     #   # #   #   #      #  # #   #     #   # ",
           "#   # #   # #   # #   # #     #     #   # #   #   #   #  #  #  #  #     #   # ",
           "#   # ####   ###  ####  ##### #      ###  #   #  ###   ##   #   # ##### #   # "}},
    Strip{"NOPQRSTUVWXYZ",
          {"#   #  ###  ####   ###  ####   #### ##### #   # #   # #   # #   # #   # ##### ",
           "##  # #   # #   # #   # #   # #       #   #   # #   # #   # #   # #   #     # ",
           "##  # #   # #   # #   # #   # #       #   #   # #   # #   #  # #   # #     #  ",
           "# # # #   # ####  #   # ####   ###    #   #   # #   # # # #   #     #     #   ",
           "#  ## #   # #     # # # # #       #   #   #   #  # #  # # #  # #    #    #    ",
           "#  ## #   # #     #  #  #  #      #   #   #   #  # #  ## ## #   #   #   #     ",
           "#   #  ###  #      ## # #   # ####    #    ###    #   #   # #   #   #   ##### "}},
    Strip{"abcdefghijklm",
          {"      #               #         ##   #### #       #      #  #      ##         ",
           "      #               #        #  # #   # #                 #       #         ",
           " ###  ####   ###   ####  ###   #    #   # # ##   ##     ##  #  #    #   ## #  ",
           "    # #   # #   # #   # #   # ####  #   # ##  #   #      #  # #     #   # # # ",
           " #### #   # #     #   # #####  #     #### #   #   #      #  ##      #   # # # ",
           "#   # #   # #   # #   # #      #        # #   #   #   #  #  # #     #   # # # ",
           " #### ####   ###   ####  ###   #     ###  #   #  ###   ##   #  #   ###  # # # "}},
    Strip{"nopqrstuvwxyz",
          {"            ####   ####              #                            #   #       ",
           "            #   # #   #              #                            #   #       ",
           "# ##   ###  #   # #   # # ##   #### ####  #   # #   # #   # #   # #   # ##### ",
           "##  # #   # #   # #   # ##  # #      #    #   # #   # #   #  # #  #   #    #  ",
           "#   # #   # ####   #### #      ###   #    #   # #   # # # #   #    ####   #   ",
           "#   # #   # #         # #         #  #  # #  ##  # #  # # #  # #      #  #    ",
           "#   #  ###  #         # #     ####    ##   ## #   #    # #  #   #  ###  ##### "}},
    Strip{"0123456789",
          {" ###    #    ###   ###     #  #####   ##  #####  ###   ###  ",
           "#   #  ##   #   # #   #   ##  #      #        # #   # #   # ",
           "#  ##   #       #     #  # #  ####  #        #  #   # #   # ",
           "# # #   #     ##    ##  #  #      # ####    #    ###   #### ",
           "##  #   #    #        # #####     # #   #  #    #   #     # ",
           "#   #   #   #     #   #    #  #   # #   #  #    #   #    #  ",
           " ###   ###  #####  ###     #   ###   ###   #     ###   ##   "}},
    Strip{":=_.- ",
          {"                                    ",
           "  #                                 ",
           "  #   #####                         ",
           "                        #####       ",
           "  #   #####                         ",
           "  #                ##               ",
           "            #####  ##               "}},
};
// clang-format on

constexpr std::string_view kHanging = "gpqy";

constexpr Glyph kBox{0b11111, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b11111};

consteval Glyph cut_out(const Strip& strip, std::size_t place) {
  Glyph glyph{};
  for (std::size_t y = 0; y < glyph.size(); ++y) {
    for (const char pixel : strip.rows[y].substr(place * kGlyphAdvance, kGlyphWidth))
      glyph[y] = static_cast<std::uint8_t>(glyph[y] << 1U | (pixel == '#' ? 1U : 0U));
  }
  return glyph;
}

consteval bool every_cell_is_whole() {
  for (const Strip& strip : kStrips) {
    for (const std::string_view row : strip.rows) {
      if (row.size() != strip.letters.size() * kGlyphAdvance) return false;
    }
  }
  return true;
}
static_assert(every_cell_is_whole());

consteval std::array<Glyph, 128> make_font() {
  std::array<Glyph, 128> font{};
  font.fill(kBox);
  for (const Strip& strip : kStrips) {
    for (std::size_t place = 0; place < strip.letters.size(); ++place)
      font[static_cast<unsigned char>(strip.letters[place])] = cut_out(strip, place);
  }
  return font;
}
constexpr std::array<Glyph, 128> kFont = make_font();

bool has_letter(char letter) {
  return std::ranges::any_of(
      kStrips, [letter](const Strip& strip) { return strip.letters.contains(letter); });
}

/// Where the word that begins at `from` ends: after its `:` or `=`, or before a space.
std::size_t word_end(std::string_view letters, std::size_t from) {
  const std::size_t end = letters.find_first_of(" :=", from);
  if (end == std::string_view::npos) return letters.size();
  return letters[end] == ' ' ? end : end + 1;
}

std::vector<std::string> wrap_greedily(std::string_view letters, std::size_t columns) {
  std::vector<std::string> rows;
  std::size_t begin = std::min(letters.find_first_not_of(' '), letters.size());
  while (begin < letters.size()) {
    // The row always takes the start of a word, in pieces when the word is longer than it.
    std::size_t end = std::min(word_end(letters, begin), begin + columns);
    for (std::size_t next = end; next < letters.size();) {
      next = word_end(letters, letters[next] == ' ' ? next + 1 : next);
      if (next - begin > columns) break;
      end = next;
    }
    rows.emplace_back(letters.substr(begin, end - begin));
    begin = std::min(letters.find_first_not_of(' ', end), letters.size());
  }
  return rows;
}

}  // namespace

Glyph glyph_of(char letter) {
  const auto place = static_cast<unsigned char>(letter);
  return place < kFont.size() ? kFont[place] : kBox;
}

std::string lettered(std::string_view text) {
  constexpr std::string_view kCut = "...";
  std::string letters;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // The later bytes of a UTF-8 character draw nothing: one box for each character.
    if ((byte & 0xC0U) == 0x80U || (c == ' ' && (letters.empty() || letters.back() == ' '))) {
      continue;
    }
    letters.push_back(has_letter(c) ? c : kUnknownLetter);
    if (letters.size() > kMaxLineLetters) {
      letters.replace(kMaxLineLetters - kCut.size(), std::string::npos, kCut);
      break;
    }
  }
  letters.erase(letters.find_last_not_of(' ') + 1);
  return letters;
}

std::vector<std::string> wrap_letters(std::string_view letters, std::size_t columns) {
  std::vector<std::string> rows = wrap_greedily(letters, columns);
  // The narrowest rows that are no more of them: no lonely word is left for the last one.
  for (std::size_t narrower = columns - 1; narrower > 0; --narrower) {
    std::vector<std::string> tried = wrap_greedily(letters, narrower);
    if (tried.size() > rows.size()) break;
    rows = std::move(tried);
  }
  return rows;
}

int letters_width(std::size_t count, int scale) {
  return count == 0 ? 0 : (static_cast<int>(count) * kGlyphAdvance - 1) * scale;
}

std::vector<PixelRows> letter_rows(std::string_view letters, int width, int scale) {
  const int left = (width - letters_width(letters.size(), scale)) / 2;
  std::vector<PixelRows> rows(kGlyphHeight + kGlyphHang, PixelRows{light_pixels(width), scale});
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const Glyph glyph = glyph_of(letters[i]);
    const int first = left + static_cast<int>(i) * kGlyphAdvance * scale;
    const std::size_t top = kHanging.contains(letters[i]) ? kGlyphHang : 0;
    for (std::size_t y = 0; y < glyph.size(); ++y) {
      for (int x = 0; x < kGlyphWidth; ++x) {
        const bool dark = (glyph[y] >> static_cast<unsigned>(kGlyphWidth - 1 - x) & 1U) != 0;
        if (dark) darken(rows[top + y].pixels, first + x * scale, scale);
      }
    }
  }
  return rows;
}

}  // namespace quittance::qr
