// The second reading: what the program writes fits, and any row that is changed, removed or
// inserted is found (issue 3).
#include <gtest/gtest.h>

#include "storage/catalog.hpp"
#include "unit/audit/market.hpp"

namespace quittance::audit {
namespace {

using storage::Connection;
using storage::Rows;
using storage::Sql;
using testing::Market;
using testing::usd;

/// A connection that changes one thing, looks, and takes it back. What the engine itself would
/// refuse is allowed first: only that two rows are not the same stays forbidden.
class Tamperer {
 public:
  explicit Tamperer(Market& market)
      : market_(market), connection_(storage::open_database(market.path(), false).value()) {
    const bool sqlite = connection_->engine() == storage::Engine::sqlite;
    const auto allowed = connection_->run_script(
        sqlite ? "PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1; PRAGMA "
                 "recursive_triggers=0"
               : "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS owner, "
                 "conname FROM pg_constraint WHERE contype IN ('c', 'f') AND "
                 "connamespace = current_schema()::regnamespace LOOP "
                 "EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.owner, c.conname); "
                 "END LOOP; END $$");
    EXPECT_TRUE(allowed.has_value()) << allowed.error().detail;
    tables_ = storage::tables_of(*connection_).value();
  }

  /// Whether the second reader notices `change`; nullopt when the database itself refuses it.
  std::optional<bool> notices(const std::string& change) {
    EXPECT_TRUE(connection_->begin_write().has_value());
    const auto changed = connection_->run(statement(change));
    std::optional<bool> noticed;
    if (changed && changed->changed == 1) {
      storage::Books books(*connection_);
      noticed = !market_.verify(books).findings.empty();
    }
    connection_->rollback();
    return noticed;
  }
  const std::vector<storage::TableColumn>& columns(const std::string& table) {
    return table_called(table).columns;
  }
  /// Each row, as a condition on its primary key.
  std::vector<std::string> rows(const std::string& table) {
    std::string condition = "''";
    for (const std::string& key : table_called(table).key)
      condition += " || ' AND " + key + " = ''' || CAST(" + key + " AS TEXT) || ''''";
    const Rows found =
        connection_->run(statement("SELECT " + condition + " AS v FROM " + table)).value();
    std::vector<std::string> conditions;
    for (std::size_t i = 0; i < found.size(); ++i)
      conditions.push_back(" WHERE 1 = 1" + found[i].text("v"));
    return conditions;
  }

 private:
  const storage::Table& table_called(const std::string& name) {
    return *std::ranges::find(tables_, name, &storage::Table::name);
  }
  /// The drivers know a statement by its address: these stay where they are.
  const Sql& statement(const std::string& text) {
    texts_.push_back(std::make_unique<std::string>(text));
    statements_.push_back(std::make_unique<Sql>(*texts_.back()));
    return *statements_.back();
  }
  Market& market_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::unique_ptr<Sql>> statements_;
  std::unique_ptr<Connection> connection_;
  std::vector<storage::Table> tables_;
};

const char* const kTables[] = {"products",    "orders",     "order_items", "evidence",
                               "settlements", "refunds",    "passes",      "approvals",
                               "audit",       "audit_head", "checkpoints"};

/// Columns that hold nothing of the story.
bool counts(const std::string& table, const std::string& column) {
  return table != "approvals" || column != "id";
}

class SecondReading : public ::testing::Test {
 protected:
  SecondReading() { parts = testing::trade(market); }
  Market market;
  core::OrderId parts;
};

/// Once on each engine, and not a third time on the SQLite that stumbles: the prefix is what
/// tests/CMakeLists.txt chooses by.
class Tampering : public SecondReading, public ::testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Sqlite, Tampering, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(Postgres, Tampering, ::testing::Values(true));

TEST_F(SecondReading, S3AuditWhatTheProgramWritesFits) {
  const Report report = market.verify();
  EXPECT_TRUE(report.findings.empty()) << report_text(report);
  EXPECT_EQ(report.orders, 7);
  EXPECT_EQ(report.sessions, 2);
  EXPECT_EQ(report.products, 2U);
  EXPECT_EQ(report.checkpoints, 2);
  const Balance& dollars = report.balances.at("USD");
  EXPECT_EQ(dollars.counted, 2'250 + 3'000 + 250 + 250 + 250 + 1'000 + 1'000 + 700);
  EXPECT_EQ(dollars.excess, 500 + 3'000);
  EXPECT_EQ(dollars.given_back, 1'000 + 3'000 + 2'250 + 200);
  const std::string text = report_text(report);
  EXPECT_NE(text.find("Everything fits."), std::string::npos) << text;
}

TEST(RestlessClock, S3AuditRowsAndTheLogTellOfTheSameMoment) {
  Market market;
  market.clock.advance_per_look(std::chrono::milliseconds(1));
  testing::trade(market);
  const Report report = market.verify();
  EXPECT_TRUE(report.findings.empty()) << report_text(report);
}

TEST_P(Tampering, S3AuditEveryColumnOfEveryRowThatIsChangedIsFound) {
  Tamperer tamperer(market);
  int tried = 0;
  for (const std::string table : kTables) {
    for (const auto& [column, number] : tamperer.columns(table)) {
      if (!counts(table, column)) continue;
      for (const std::string& row : tamperer.rows(table)) {
        const std::string changed =
            number ? "COALESCE(" + column + ", 0) + 1" : "COALESCE(" + column + ", '') || 'x'";
        const auto noticed =
            tamperer.notices("UPDATE " + table + " SET " + column + " = " + changed + row);
        if (!noticed) continue;  // it would collide with another row
        EXPECT_TRUE(*noticed) << table << "." << column << row;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 900);
}

TEST_P(Tampering, S3AuditEveryRowThatIsRemovedIsFound) {
  Tamperer tamperer(market);
  for (const std::string table : kTables) {
    const auto rows = tamperer.rows(table);
    EXPECT_FALSE(rows.empty()) << table;
    for (const std::string& row : rows) {
      // A checkpoint is a copy of what was handed out; the log is whole without it.
      if (table == "checkpoints") continue;
      EXPECT_EQ(tamperer.notices("DELETE FROM " + table + row), true) << table << row;
    }
  }
}

TEST_P(Tampering, S3AuditEveryRowThatIsInsertedIsFound) {
  Tamperer tamperer(market);
  for (const std::string table : kTables) {
    if (table == "audit_head") continue;  // it can hold one row only
    std::string names;
    std::string values;
    for (const auto& [column, number] : tamperer.columns(table)) {
      const bool unique = column == "id" || column == "seq" || column == "size" ||
                          column == "evidence_id" || column == "provider_ref" ||
                          column == "token" || column == "transaction_id" || column == "subject";
      names += (names.empty() ? "" : ", ") + column;
      values += (values.empty() ? "" : ", ") + column;
      if (unique) values += number ? " + 1000" : " || 'x'";
    }
    for (const std::string& row : tamperer.rows(table)) {
      EXPECT_EQ(tamperer.notices("INSERT INTO " + table + " (" + names + ") SELECT " + values +
                                 " FROM " + table + row),
                true)
          << table << row;
    }
  }
}

TEST_F(SecondReading, S3AuditAFindingNamesTheEntryAndTheRow) {
  const auto connection = storage::open_database(market.path(), false).value();
  const std::string id = std::to_string(parts.value());
  ASSERT_TRUE(connection->run_script("UPDATE orders SET paid_minor = 2999 WHERE id = " + id));
  const Report report = market.verify();
  ASSERT_EQ(report.findings.count(), 1);
  const Finding finding = report.findings.sorted().front();
  EXPECT_EQ(finding.text, "orders " + id + ": paid_minor is 2999, the log says 3000");
  EXPECT_EQ(finding.seq, market.audit(parts).back().seq);
  EXPECT_NE(report_text(report).find("do not fit"), std::string::npos);
}

TEST_F(SecondReading, S3AuditALogThatIsRewrittenWholeIsFoundByItsCheckpoints) {
  const auto connection = storage::open_database(market.path(), false).value();
  // Whoever may write everything but has not the key: entry, leaf hash and head agree again.
  ASSERT_TRUE(connection->run_script("UPDATE audit SET actor = 'nobody' WHERE seq = 3"));
  storage::Books books(*connection);
  base::Frontier forged;
  const auto entries = books.audit_after(0, 1'000).value();
  std::string script;
  for (const storage::AuditEntry& entry : entries) {
    const auto leaf = base::leaf_digest(storage::audit_bytes(entry));
    script += "UPDATE audit SET leaf_hash = '" + base::to_hex(leaf) +
              "' WHERE seq = " + std::to_string(entry.seq) + ";";
    forged.add(leaf);
  }
  std::string peaks;
  for (const auto& peak : forged.peaks())
    peaks += base::to_hex(peak);
  ASSERT_TRUE(connection->run_script(script + "UPDATE audit_head SET peaks = '" + peaks + "'"));
  const Report report = market.verify();
  ASSERT_FALSE(report.findings.empty());
  EXPECT_NE(report.findings.sorted().front().text.find("signed for other entries"),
            std::string::npos);
}

TEST_F(SecondReading, S3AuditAnActThatDoesNotFollowIsFoundThoughTheHashesAreRight) {
  const auto forge = [&](std::string action, std::string details) {
    const auto before = market.verify().findings.count();
    market.write<Rows>([&](storage::WritableBooks& books) {
      return books.insert_audit({.created_at = testing::kStart,
                                 .actor = "system",
                                 .action = std::move(action),
                                 .subject_type = "order",
                                 .subject_id = parts.value(),
                                 .details = std::move(details)});
    });
    return market.verify().findings.count() > before;
  };
  EXPECT_TRUE(forge("order.placed", R"({"total_minor":1,"items":[]})"));
  EXPECT_TRUE(forge("order.canceled",
                    R"({"order":{"status":"canceled","paid_minor":3000,"refunded_minor":0,)"
                    R"("stock_state":"committed","attention":"excess"}})"));
  EXPECT_TRUE(forge("order.canceled", R"({"stock":[{"product_id":1,"stock":3,"reserved":0}]})"));
  EXPECT_TRUE(forge("settlement.recorded",
                    R"({"evidence_id":999,"kind":"payment","session_id":"none",)"
                    R"("amount_minor":5,"counted_minor":4,"excess_minor":0})"));
}

TEST_P(Tampering, S3AuditALogWithoutAGapInManySubtreesFits) {
  market.write<Rows>([](storage::WritableBooks& books) -> base::Result<Rows> {
    for (int i = 0; i < 700; ++i) {
      TRY_VOID(books.insert_audit({.created_at = testing::kStart,
                                   .actor = "sokha",
                                   .action = "user.logged_in",
                                   .subject_type = "user",
                                   .subject_id = 1,
                                   .details = "{}"}));
    }
    return Rows();
  });
  const Report report = market.verify();
  EXPECT_TRUE(report.findings.empty()) << report_text(report);
  Tamperer tamperer(market);
  for (const char* change : {"DELETE FROM audit_nodes WHERE position = 1",
                             "UPDATE audit_nodes SET hash = hash || '0' WHERE position = 0",
                             "UPDATE audit_nodes SET position = 77 WHERE position = 1",
                             "INSERT INTO audit_nodes SELECT 16, 0, hash FROM audit_nodes WHERE "
                             "position = 0",
                             "DELETE FROM audit WHERE seq = 300"}) {
    EXPECT_EQ(tamperer.notices(change), true) << change;
  }
}

}  // namespace
}  // namespace quittance::audit
