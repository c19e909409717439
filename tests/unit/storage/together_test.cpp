// Work that is done for many at once: batched statements, and commands that run together.
#include <gtest/gtest.h>

#include <array>
#include <map>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::Result;
using testing::OpenBooks;

constexpr Sql kNames{"SELECT COUNT(*) AS n FROM customers"};
using Names = std::vector<std::string>;

/// Adds a customer for each name; `bad` is refused without a write, `worse` breaks the whole.
struct Adding {
  std::vector<std::size_t> sizes;
  /// Of the last handings-over: a group that was lost is handed over once more.
  std::vector<std::size_t> last(std::size_t count) const {
    return {sizes.end() - static_cast<std::ptrdiff_t>(std::min(count, sizes.size())), sizes.end()};
  }
  Together<std::string, std::int64_t> together{
      [this](
          WritableBooks& books,
          std::span<const std::string* const> names) -> Result<std::vector<Result<std::int64_t>>> {
        sizes.push_back(names.size());
        std::vector<Result<std::int64_t>> results;
        for (const std::string* name : names) {
          if (*name == "bad") {
            results.push_back(base::fail(ErrorCode::conflict, "bad"));
            continue;
          }
          TRY(const auto id, books.insert_customer({.name = *name, .email = ""}, testing::kStart));
          if (*name == "worse") return base::fail(ErrorCode::storage_failure, "worse");
          results.push_back(id.value());
        }
        return results;
      }};
};

std::vector<std::optional<Result<std::int64_t>>> added(OpenBooks& books, Adding& adding,
                                                       const Names& names) {
  std::vector<std::optional<Result<std::int64_t>>> answers(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    books.start(books.store->write_together(adding.together, names[i]), answers[i]);
  }
  books.settle_down();
  return answers;
}

TEST(Together, WhatWaitsIsHandedOverAtOnce) {
  OpenBooks books;
  Adding adding;
  const auto answers = added(books, adding, {"a", "b", "c"});
  EXPECT_EQ(adding.last(1), (std::vector<std::size_t>{3}));
  for (const auto& answer : answers)
    EXPECT_TRUE(answer && answer->has_value());
  EXPECT_EQ(books.number(kNames), 3);
}

TEST(Together, ARefusedItemHarmsNoNeighbour) {
  OpenBooks books;
  Adding adding;
  const auto answers = added(books, adding, {"a", "bad", "c"});
  EXPECT_TRUE(answers[0]->has_value());
  EXPECT_EQ(answers[1]->error().message, "bad");
  EXPECT_TRUE(answers[2]->has_value());
  EXPECT_EQ(books.number(kNames), 2);
}

TEST(Together, WhenTheWholeBreaksEachIsTriedAlone) {
  OpenBooks books;
  Adding adding;
  const auto answers = added(books, adding, {"a", "worse", "c"});
  EXPECT_EQ(adding.last(4), (std::vector<std::size_t>{3, 1, 1, 1}));
  EXPECT_TRUE(answers[0]->has_value());
  EXPECT_EQ(answers[1]->error().message, "worse");
  EXPECT_TRUE(answers[2]->has_value());
  EXPECT_EQ(books.number(kNames), 2);
}

constexpr std::array kColumns{BatchColumn{"id", BatchColumn::Type::integer},
                              BatchColumn{"name", BatchColumn::Type::text}};

TEST(Batch, OneTextInsertsUpdatesAndSelectsManyRows) {
  OpenBooks books;
  static constexpr BatchSql kInsert{
      "INSERT INTO customers (id, name, created_at) SELECT {id}, {name}, 0 {from_rows} WHERE true "
      "ON CONFLICT (id) DO NOTHING",
      kColumns};
  static constexpr BatchSql kUpdate{
      "UPDATE customers SET name = {name} {from_rows} WHERE customers.id = {id}", kColumns};
  static constexpr BatchSql kSelect{
      "SELECT c.id, c.name FROM customers c {and_rows} WHERE c.id = {id} AND c.name <> {name}",
      kColumns};
  const Names odd{"", "it's", "a\\b\"c", "{id}", "NULL", "ភ្នំពេញ"};
  const auto connection = books.database.open();
  auto run = [&](const BatchSql& sql, std::size_t count, const std::string& suffix) {
    Names texts;
    for (std::size_t i = 0; i < count; ++i)
      texts.push_back(odd[i % odd.size()] + suffix);
    Batch batch;
    for (std::size_t i = 0; i < count; ++i)
      batch.add({static_cast<std::int64_t>(i) + 1, texts[i]});
    auto rows = connection->run_batch(sql, batch);
    EXPECT_TRUE(rows.has_value()) << rows.error().detail;
    return *rows;
  };
  EXPECT_EQ(run(kInsert, 6, "").changed, 6);
  EXPECT_EQ(run(kInsert, 7, "").changed, 1);
  EXPECT_EQ(run(kUpdate, 6, "!").changed, 6);
  const Rows selected = run(kSelect, 7, "?");
  ASSERT_EQ(selected.size(), 7U);
  std::map<std::int64_t, std::string> names;
  for (std::size_t i = 0; i < selected.size(); ++i)
    names[selected[i].integer("id")] = selected[i].text("name");
  for (std::size_t i = 0; i < odd.size(); ++i)
    EXPECT_EQ(names[static_cast<std::int64_t>(i) + 1], odd[i] + "!");
}

}  // namespace
}  // namespace quittance::storage
