// The auditor: reads the books through a connection of its own and holds them against the naive
// model, the bank's true list of transfers, and what was acknowledged. After every event it reads
// what was written since; now and then, and in the end, everything.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "sandbox/sandbox.hpp"
#include "simulation/facts.hpp"
#include "simulation/machine.hpp"
#include "simulation/model.hpp"
#include "storage/storage.hpp"

namespace quittance::simulation {

/// What the auditor may look at.
struct AuditorParts {
  const Machine& machine;
  Facts& facts;
  const sandbox::Sandbox& bank;
  std::string merchant_account;
  base::Duration retention;
  bool late_to_staff = false;
  std::map<std::string, std::int64_t> second_person_from{};  ///< minor units, by currency
  std::vector<std::string> endpoints{};  ///< of merchants who are to be told everything
};

class Auditor {
 public:
  explicit Auditor(AuditorParts parts) : parts_(std::move(parts)), model_(parts_.late_to_staff) {}
  /// Takes the books at hand; `close` before the machine starts again.
  void open();
  void close() { books_.reset(); }
  void shelve(std::int64_t product_id, Shelf shelf);

  /// Reads on in the log and holds what was written since against the model. False: see
  /// `violation`.
  bool look();
  /// The same for all books.
  bool sweep();
  /// After the healing: nothing that reached us may be missing, and all is quiet.
  bool conclude();
  /// The file itself is sound: SQLite's own look at it.
  bool check_file();
  /// Something that others found.
  void report(Violation violation) {
    if (!violation_) violation_ = std::move(violation);
  }
  const std::optional<Violation>& violation() const { return violation_; }
  /// One line for each order and settlement, for the trace.
  std::vector<std::string> final_lines();
  const Model& model() const { return model_; }
  /// Mails of an order that a server took: how many, by their ids.
  std::int64_t mails_taken(std::int64_t order_id) const;

 private:
  using Rows = storage::Rows;
  struct SeenSession {
    std::string session_id;
    std::int64_t order_id = 0;  ///< 0: it stands by itself
    std::string md5;
    std::string currency;
    std::int64_t created_at = 0;
    std::int64_t expires_at = 0;
  };

  Rows read(const storage::Sql& sql, std::initializer_list<storage::Param> params = {});
  bool broken(std::string rule, std::string expected, std::string found);
  void fetch_transfers();
  const sandbox::Transfer* transfer(const std::string& hash) const;
  const SeenSession* session(const std::string& session_id) const;

  // auditor_reading.cpp: has the program's second reader look.
  bool check_reading();

  // auditor_log.cpp: follows the audit log, entry by entry.
  bool follow_log();
  bool follow(Rows::Row entry);
  bool follow_placed(std::int64_t id, const base::Json& details);
  bool follow_session(const std::string& session_id);
  bool follow_canceled(std::int64_t id, base::Time moment);
  bool follow_hold_ended(std::int64_t id);
  bool follow_lapsed(std::int64_t id);
  bool follow_receipt_wanted(std::int64_t id);
  bool asked_to_its_end(const SeenSession& session) const;
  bool asked_since(std::int64_t order_id, std::int64_t moment) const;
  bool answered_for_good(const SeenSession& session) const;
  bool holds_money(std::int64_t order_id) const;

  // auditor_money.cpp: the same, where money is spoken of.
  bool follow_settled(std::int64_t id, const base::Json& details);
  bool check_good(const sandbox::Transfer& truth, const SeenSession& asked);
  bool follow_stated(std::int64_t id, const base::Json& details, bool late);
  std::int64_t second_person_from(std::int64_t order_id) const;
  bool follow_second_person(std::int64_t id, const base::Json& details);
  bool follow_rejected(std::int64_t id);
  bool follow_handed_over(std::int64_t id);
  bool follow_refused(std::int64_t id, const base::Json& details);
  bool follow_returned(std::int64_t id, const base::Json& details);
  bool follow_return_refused(std::int64_t id, const base::Json& details);

  // auditor_rows.cpp: holds one row of a table against the model. A row that is not there (any
  // more) is right here; the sweep counts.
  using Check = bool (Auditor::*)(std::int64_t row_id);
  bool check_changed(std::string_view table, Check check);
  bool check_order(std::int64_t id);
  bool check_order_row(Rows::Row row);
  bool check_proofs(Rows::Row row);
  bool check_said(Rows::Row row);
  bool check_shelf(std::int64_t id);
  bool check_session(std::int64_t row_id);
  bool check_gone(std::string_view what, std::int64_t row_id);
  bool check_settlement(std::int64_t row_id);
  bool check_pass(std::int64_t row_id);
  bool check_return(std::int64_t row_id);
  bool check_announcement(std::int64_t row_id);

  // auditor_news.cpp: who was told what.
  bool check_letters();
  bool check_letter(const Brought& one);
  bool check_mail(const Brought& one, std::int64_t distinct);
  bool check_distributed(std::int64_t outbox_id, const std::string& topic, std::int64_t order_id);
  bool check_delivery(std::int64_t row_id);
  bool check_given_up(Rows::Row row, const Tried& tried);
  bool check_ended(std::int64_t row_id);
  bool check_told();
  Tried tried_at(const std::string& destination, const std::string& id) const;
  std::int64_t acknowledged_by(const std::string& endpoint) const;

  // auditor_sweep.cpp: all rows, and what only all of them together can tell.
  bool check_all(const storage::Sql& ids, Check check);
  bool check_counts();
  bool check_holds();
  bool check_promises();
  bool check_said_returned();
  bool check_transfer(const SeenSession& session, const sandbox::Transfer& best);
  bool check_quiet();

  AuditorParts parts_;
  std::unique_ptr<storage::Connection> books_;
  Model model_;
  std::int64_t log_read_ = 0;
  std::unordered_map<std::string, SeenSession> sessions_;                          ///< by public id
  std::unordered_map<std::int64_t, std::vector<const SeenSession*>> sessions_of_;  ///< by order
  std::unordered_map<std::string, sandbox::Transfer> transfers_;                   ///< by hash
  std::unordered_map<std::string, std::int64_t> ref_rows_;  ///< settlement row of a reference
  std::set<std::string> seen_refs_;                         ///< of settlements in the log
  std::set<std::string> settled_md5s_;                      ///< QRs whose money was counted
  std::set<std::string> stated_md5s_;  ///< QRs of whose transfer a person said that it came
  std::set<std::pair<std::string_view, std::int64_t>> seen_rows_;  ///< of facts
  std::map<std::string, std::int64_t> announced_returns_;          ///< which row said so
  std::size_t letters_read_ = 0;
  std::map<std::string, std::string> letters_;  ///< what was told under an id
  /// Ids under which a destination was told a piece of news.
  std::map<std::string, std::map<std::string, std::set<std::string>>> told_;
  std::map<std::string, std::size_t> ended_;  ///< endpoints, and what had arrived anywhere by then
  std::set<std::int64_t> delivered_rows_;
  std::optional<Violation> violation_;
};

}  // namespace quittance::simulation
