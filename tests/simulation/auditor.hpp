// The auditor: reads the books through a connection of its own and holds them against the naive
// model, the bank's true list of transfers, and what was acknowledged.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

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
};

class Auditor {
 public:
  explicit Auditor(AuditorParts parts) : parts_(std::move(parts)) {}
  /// Takes the books at hand; `close` before the machine starts again.
  void open();
  void close() { books_.reset(); }
  void shelve(std::int64_t product_id, Shelf shelf);

  /// Reads on in the log and holds all books against the model. False: see `violation`.
  bool look();
  /// The cheap rules alone.
  bool glance();
  /// After the healing: nothing that reached us may be missing, and all is quiet.
  bool conclude();
  /// The file itself is sound: SQLite's own look at it.
  bool check_file();
  /// Something that others found.
  void report(Violation violation) {
    if (!violation_) violation_ = std::move(violation);
  }
  const std::optional<Violation>& violation() const { return violation_; }
  /// One line for each order and product, for the trace.
  std::vector<std::string> final_lines();
  const Model& model() const { return model_; }

 private:
  using Rows = storage::Rows;
  struct SeenSession {
    std::int64_t order_id = 0;  ///< 0: it stands by itself
    std::string md5;
    std::string currency;
    std::int64_t created_at = 0;
  };

  Rows read(const storage::Sql& sql, std::initializer_list<storage::Param> params = {});
  bool broken(std::string rule, std::string expected, std::string found);

  // auditor_log.cpp: follows the audit log, entry by entry.
  bool follow_log();
  bool follow(Rows::Row entry);
  bool follow_placed(std::int64_t id, const base::Json& details);
  bool follow_session(const std::string& session_id);
  bool follow_settled(std::int64_t id, const base::Json& details);
  bool follow_canceled(std::int64_t id, base::Time moment);
  bool follow_handed_over(std::int64_t id);
  bool follow_refused(const base::Json& details);
  bool follow_hold_ended(std::int64_t id);
  bool follow_lapsed(std::int64_t id);
  bool asked_to_its_end(const SeenSession& session) const;
  bool asked_since(std::int64_t order_id, std::int64_t moment) const;

  // auditor_books.cpp: holds the tables against the model.
  bool check_orders();
  bool check_order(Rows::Row row);
  bool check_shelves();
  bool check_settlements();
  bool check_promises();
  bool check_holds();
  bool check_expired();
  bool check_sums();
  bool check_transfer(const SeenSession& session, const sandbox::Transfer& best);

  const sandbox::Transfer* transfer(const std::string& hash) const;
  void fetch_transfers();

  AuditorParts parts_;
  std::unique_ptr<storage::Connection> books_;
  Model model_;
  std::int64_t log_read_ = 0;
  std::map<std::string, SeenSession> sessions_;         ///< by public id
  std::map<std::string, sandbox::Transfer> transfers_;  ///< by hash
  std::set<std::string> settled_md5s_;
  std::set<std::string> seen_refs_;
  std::optional<Violation> violation_;
};

}  // namespace quittance::simulation
