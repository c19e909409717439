// One order, or one payment session without an order, told by the log alone: a second reading that
// shares nothing with the code that decides and settles. Each entry is held against those before
// it; what the books hold is held against the whole.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "audit/expected_row.hpp"
#include "audit/findings.hpp"

namespace quittance::audit {

/// What came, by currency, in minor units.
struct Balance {
  std::int64_t counted = 0;
  std::int64_t excess = 0;
  std::int64_t given_back = 0;
};
using Balances = std::map<std::string, Balance>;

class Story {
 public:
  Story(storage::LedgerSubject kind, std::int64_t id, Findings& findings);

  /// Reads the next entry about the subject.
  void read(const storage::AuditEntry& entry, const base::Json& details);
  /// A row that the books hold about the subject.
  void compare(storage::LedgerTable table, storage::Rows::Row row,
               std::span<const std::string> columns);
  /// After all rows: those that the log knows and the books do not hold. Sessions that no money
  /// came for are removed in time, and are not missed.
  void finish(Balances& balances);

 private:
  using Key = std::pair<storage::LedgerTable, std::string>;
  struct Goods {
    std::int64_t stock = 0;
    std::int64_t reserved = 0;
    bool operator==(const Goods&) const = default;
  };
  /// Counted money, and what of it went back.
  struct Money {
    std::int64_t row = 0;
    std::int64_t counted = 0;
    std::int64_t excess = 0;
    std::int64_t counted_back = 0;
    std::int64_t excess_back = 0;
    std::string currency;
  };

  void read_placed(const base::Json& details);
  void read_session(const base::Json& session);
  void read_evidence(const base::Json& details);
  void read_settlement(const base::Json& details);
  void read_refund(const base::Json& details);
  void read_order(const base::Json& details);
  void read_approval(const base::Json& details, const base::Json& evidence,
                     const std::string& decision);
  void read_goods(const base::Json& details, const std::string& before, const std::string& after);
  void read_pass(const base::Json& pass);
  ExpectedRow& expect_row(storage::LedgerTable table, const std::string& key);
  void expect(bool fits, const std::string& otherwise);

  storage::LedgerSubject kind_;
  std::int64_t id_;
  Findings& findings_;
  const storage::AuditEntry* entry_ = nullptr;
  std::map<Key, ExpectedRow> rows_;
  std::set<Key> found_;
  std::map<std::string, std::int64_t> sessions_;                ///< key of the row by session_id
  std::map<std::pair<std::string, std::string>, Money> money_;  ///< by provider and reference
  std::map<std::int64_t, std::int64_t> ordered_;                ///< pieces by product
  std::map<std::int64_t, std::int64_t> missing_;                ///< of them, never handed over
  bool placed_ = false;
  std::int64_t total_ = 0;
  std::int64_t paid_ = 0;
  std::int64_t refunded_ = 0;
  std::map<std::string, std::int64_t> pass_until_;
  std::int64_t missing_found_ = 0;
  std::string status_;
  std::string stock_state_;
};

}  // namespace quittance::audit
