// The second reading: what the program writes fits, and any row that is changed, removed or
// inserted is found (issue 3).
#include <gtest/gtest.h>

#include "unit/audit/market.hpp"

namespace quittance::audit {
namespace {

using storage::Connection;
using storage::Rows;
using storage::Sql;
using testing::Market;
using testing::usd;

struct Column {
  std::string name;
  bool number = false;
};

/// A connection that changes one thing, looks, and takes it back.
class Tamperer {
 public:
  explicit Tamperer(Market& market)
      : market_(market), connection_(storage::open_sqlite(market.path(), false).value()) {
    run("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1; PRAGMA "
        "recursive_triggers=0");
  }

  /// Whether the second reader notices `change`; nullopt when the database itself refuses it.
  std::optional<bool> notices(const std::string& change) {
    run("BEGIN");
    const bool changed = connection_->run_script(change).has_value() && touched();
    std::optional<bool> noticed;
    if (changed) {
      storage::Books books(*connection_);
      noticed = !market_.verify(books).findings.empty();
    }
    connection_->rollback();
    return noticed;
  }
  std::vector<std::string> keys(const std::string& table) {
    return list("SELECT CAST(rowid AS TEXT) AS v FROM " + table + " ORDER BY rowid");
  }
  std::vector<Column> columns(const std::string& table) {
    std::vector<Column> columns;
    for (const std::string& text :
         list("SELECT name || ' ' || type AS v FROM pragma_table_info('" + table + "')")) {
      const std::size_t blank = text.find(' ');
      columns.push_back(
          {.name = text.substr(0, blank), .number = text.substr(blank + 1) == "INTEGER"});
    }
    return columns;
  }

 private:
  void run(const std::string& script) { ASSERT_TRUE(connection_->run_script(script)) << script; }
  bool touched() {
    static constexpr Sql kChanges{"SELECT changes() AS n"};
    return connection_->run(kChanges)->front().integer("n") == 1;
  }
  std::vector<std::string> list(const std::string& text) {
    // A statement is known by its address: these stay where they are.
    texts_.push_back(std::make_unique<std::string>(text));
    statements_.push_back(std::make_unique<Sql>(*texts_.back()));
    const Rows rows = connection_->run(*statements_.back()).value();
    std::vector<std::string> values;
    for (std::size_t i = 0; i < rows.size(); ++i)
      values.push_back(rows[i].text("v"));
    return values;
  }
  Market& market_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::unique_ptr<Sql>> statements_;
  std::unique_ptr<Connection> connection_;
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

/// Tampering needs what only SQLite lets anybody do: to switch its own constraints off.
class SqliteTampering : public SecondReading {};

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

TEST_F(SqliteTampering, S3AuditEveryColumnOfEveryRowThatIsChangedIsFound) {
  Tamperer tamperer(market);
  int tried = 0;
  for (const std::string table : kTables) {
    for (const auto& [column, number] : tamperer.columns(table)) {
      if (!counts(table, column)) continue;
      for (const std::string& key : tamperer.keys(table)) {
        const std::string changed =
            number ? "COALESCE(" + column + ", 0) + 1" : "COALESCE(" + column + ", '') || 'x'";
        const auto noticed = tamperer.notices("UPDATE " + table + " SET " + column + " = " +
                                              changed + " WHERE rowid = " + key);
        if (!noticed) continue;  // it would collide with another row
        EXPECT_TRUE(*noticed) << table << "." << column << " of row " << key;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 900);
}

TEST_F(SqliteTampering, S3AuditEveryRowThatIsRemovedIsFound) {
  Tamperer tamperer(market);
  for (const std::string table : kTables) {
    const auto keys = tamperer.keys(table);
    EXPECT_FALSE(keys.empty()) << table;
    for (const std::string& key : keys) {
      // A checkpoint is a copy of what was handed out; the log is whole without it.
      if (table == "checkpoints") continue;
      EXPECT_EQ(tamperer.notices("DELETE FROM " + table + " WHERE rowid = " + key), true)
          << table << " row " << key;
    }
  }
}

TEST_F(SqliteTampering, S3AuditEveryRowThatIsInsertedIsFound) {
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
    for (const std::string& key : tamperer.keys(table)) {
      EXPECT_EQ(tamperer.notices("INSERT INTO " + table + " (" + names + ") SELECT " + values +
                                 " FROM " + table + " WHERE rowid = " + key),
                true)
          << table << " like row " << key;
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

TEST_F(SqliteTampering, S3AuditALogWithoutAGapInManySubtreesFits) {
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
