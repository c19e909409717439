// Texts that every database can hold, and what becomes of the others.
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace quittance::base {
namespace {

using namespace std::string_view_literals;

TEST(Text, UTF8WithoutNulIsStorableWhereverItStands) {
  for (const std::string_view text : {""sv, "plain"sv, "ភ្នំពេញ"sv, "\x01\x7F"sv, "𝄞"sv}) {
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string moved = std::string(before, 'x') + std::string(text) + "12345678";
      EXPECT_TRUE(is_storable(moved)) << moved;
      EXPECT_EQ(made_storable(moved), moved);
    }
  }
}

TEST(Text, NulAndBrokenSequencesAreNotStorableWhereverTheyStand) {
  for (const std::string_view text :
       {"\0"sv, "\x80"sv, "\xC0\x80"sv, "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv, "\xE1\x9E"sv}) {
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string moved = std::string(before, 'x') + std::string(text) + "12345678";
      EXPECT_FALSE(is_storable(moved)) << before;
      const std::string mended = made_storable(moved);
      EXPECT_TRUE(is_storable(mended));
      EXPECT_TRUE(mended.starts_with(std::string(before, 'x') + "\xEF\xBF\xBD"));
      EXPECT_TRUE(
          mended.ends_with("\xEF\xBF\xBD"
                           "12345678"));
    }
  }
}

TEST(Text, ALowByteBesideOneMakesNoNul) {
  EXPECT_TRUE(is_storable("\x01\x01\x01\x01\x01\x01\x01\x01"sv));
  EXPECT_FALSE(is_storable("\x01\x01\x01\x00\x01\x01\x01\x01"sv));
}

}  // namespace
}  // namespace quittance::base
