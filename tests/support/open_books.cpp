#include "support/open_books.hpp"

#include <gtest/gtest.h>

namespace quittance::testing {

core::Money usd(std::int64_t minor) {
  return *core::Money::from_minor(minor, *core::Currency::from_code("USD"));
}
core::Money khr(std::int64_t riel) {
  return *core::Money::from_minor(riel, *core::Currency::from_code("KHR"));
}

OpenBooks::OpenBooks() {
  storage::StoreOptions options = database.options();
  options.inline_executor = &executor;
  auto opened = storage::Store::open(std::move(options), clock, log);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
  store = std::move(*opened);
}
OpenBooks::~OpenBooks() = default;

std::int64_t OpenBooks::number(const storage::Sql& sql) {
  const auto rows = reader().run(sql);
  EXPECT_TRUE(rows.has_value()) << sql.text;
  return rows->front().integer("n");
}

base::Result<bool> OpenBooks::write_all(storage::Writing<bool> work) {
  return run(store->write<bool>(std::move(work)));
}

storage::Connection& OpenBooks::reader() {
  if (!reader_) reader_ = database.open(true);
  return *reader_;
}

void OpenBooks::say(const base::Error& error) { ADD_FAILURE() << error.message + error.detail; }

}  // namespace quittance::testing
