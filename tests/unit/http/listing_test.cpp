// Lists as the API pages them: how many rows, and where the next page begins (law 9).
#include "http/listing.hpp"

#include <gtest/gtest.h>

namespace quittance::http {
namespace {

using base::Json;
using base::Result;

struct Row {
  std::int64_t id = 0;
};

std::int64_t limit_for(std::optional<std::string> limit) {
  Visit visit;
  if (limit) visit.query.emplace("limit", *limit);
  return limit_of(visit);
}

std::optional<std::int64_t> cursor_for(std::optional<std::string> cursor) {
  Visit visit;
  if (cursor) visit.query.emplace("cursor", *cursor);
  return cursor_of(visit);
}

Json row_json(const Row& row) { return Json(row.id); }

TEST(Listing, Law9_APageHasOneToAHundredRowsWhateverIsAskedFor) {
  EXPECT_EQ(limit_for("1"), 1);
  EXPECT_EQ(limit_for("100"), 100);
  EXPECT_EQ(limit_for(std::nullopt), kUsuallyListed);
  for (const char* wrong : {"0", "101", "-1", "x", "1e1", "2.5", "", "99999999999999999999"})
    EXPECT_EQ(limit_for(wrong), kUsuallyListed) << wrong;
}

TEST(Listing, ACursorIsAWholeNumberOrNone) {
  EXPECT_EQ(cursor_for("42"), 42);
  for (const char* wrong : {"", "x", "4.2", "1e3", "99999999999999999999"})
    EXPECT_EQ(cursor_for(wrong), std::nullopt) << wrong;
  EXPECT_EQ(cursor_for(std::nullopt), std::nullopt);
}

TEST(Listing, AFullPageNamesItsLastRowAndAShortOneIsTheEnd) {
  const std::vector<Row> rows{{7}, {5}, {3}};
  EXPECT_EQ(listed_json("rows", rows, 3, row_json).value().dump(),
            R"({"rows":[7,5,3],"next_cursor":3})");
  EXPECT_EQ(listed_json("rows", rows, 4, row_json).value().dump(),
            R"({"rows":[7,5,3],"next_cursor":null})");
  EXPECT_EQ(listed_json("rows", std::vector<Row>(), 4, row_json).value().dump(),
            R"({"rows":[],"next_cursor":null})");
}

TEST(Listing, ARowThatCannotBeShownIsTheAnswer) {
  const auto lost = [](const Row& row) -> Result<Json> {
    if (row.id == 5) return base::fail(base::ErrorCode::not_found, "This one is lost.");
    return row_json(row);
  };
  const auto listed = listed_json("rows", std::vector<Row>{{7}, {5}}, 2, lost);
  ASSERT_FALSE(listed.has_value());
  EXPECT_EQ(listed.error().code, base::ErrorCode::not_found);
}

}  // namespace
}  // namespace quittance::http
