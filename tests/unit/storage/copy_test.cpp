// Moving the books: what only PostgreSQL would do to a copy. tests/api/moving.test.mjs moves shops.
#include "storage/copy.hpp"

#include <gtest/gtest.h>

#include "storage/catalog.hpp"
#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using testing::OpenBooks;

/// How long this session's transaction may stand idle.
std::string idle_limit(Connection& connection) {
  static constexpr Sql kLimit{
      "SELECT current_setting('idle_in_transaction_session_timeout') AS value"};
  return connection.run(kLimit).value().front().text("value");
}

TEST(PostgresCopy, S3ASourceMayWaitForTheTarget) {
  OpenBooks books;
  const auto source = books.database.open(true);
  ASSERT_TRUE(begin_snapshot(*source).has_value());
  EXPECT_EQ(idle_limit(*source), "0");
  ASSERT_TRUE(end_snapshot(*source).has_value());
  EXPECT_EQ(idle_limit(*source), "30s") << "only as long as the snapshot is read";
}

TEST(PostgresCopy, S3ATargetMayWaitForTheSource) {
  OpenBooks books;
  OpenBooks copy;
  const auto source = books.database.open(true);
  const auto target = copy.database.open();
  // Refuses whatever is written in a transaction that would be ended for standing idle.
  ASSERT_TRUE(target->run_script(
      "CREATE FUNCTION only_patient() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF current_setting('idle_in_transaction_session_timeout') <> '0' THEN "
      "RAISE EXCEPTION 'it would be ended'; END IF; RETURN NULL; END $$;"
      "CREATE TRIGGER patient BEFORE INSERT OR DELETE ON audit_head FOR EACH STATEMENT "
      "EXECUTE FUNCTION only_patient()"));
  const auto copied = copy_books(*source, *target, base::ManualClock(testing::kStart));
  ASSERT_TRUE(copied.has_value()) << copied.error().detail;
  EXPECT_EQ(copied->rows, 1) << "the head of an empty log";
  EXPECT_EQ(idle_limit(*target), "30s");
}

}  // namespace
}  // namespace quittance::storage
