#include "simulation/bent_connection.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace quittance::simulation {
namespace {

using base::Result;
using storage::Batch;
using storage::BatchSql;
using storage::Param;
using storage::Rows;
using storage::Sql;

/// In the statement that begins with `statement`, `right` becomes `wrong`.
struct Bend {
  Plant plant;
  std::string_view statement;
  std::string_view right;
  std::string_view wrong;
};

constexpr std::array kBends{
    Bend{Plant::stock_taken_twice, "UPDATE products SET stock = stock +", "{more_stock},",
         "{more_stock} * 2,"},
    Bend{Plant::hold_kept, "UPDATE products SET reserved = reserved - ", "- $2", "- 0 * $2"},
    Bend{Plant::outbox_skipped, "INSERT INTO outbox", "WHERE true", "WHERE false"},
    Bend{Plant::approval_lost, "INSERT INTO approvals", "{from_rows}", "{from_rows} WHERE false"},
    Bend{Plant::audit_gap, "INSERT INTO audit ", "{from_rows}",
         "{from_rows} WHERE {seq} % 50 <> 0"},
    Bend{Plant::pass_not_revoked, "UPDATE passes SET", "'revoked'", "'active'"},
    Bend{Plant::refund_forgotten, "UPDATE orders SET status", "= {new_refunded}",
         "= {then_refunded}"},
    Bend{Plant::payment_forgotten, "UPDATE orders SET status", "= {new_paid}", "= {then_paid}"},
    Bend{Plant::expires_unasked, "UPDATE payment_sessions SET status = 'expired'",
         "AND last_answer = 'not_yet' AND last_checked_at >= expires_at", ""},
    Bend{Plant::asks_for_ever, "UPDATE payment_sessions SET status = {new_status}",
         "THEN NULL ELSE next_check_at END", "THEN next_check_at ELSE next_check_at END"},
    Bend{Plant::swaps_blindly, "UPDATE payment_sessions SET status = {new_status}",
         "status = {then_status}", "{then_status} = {then_status}"},
    Bend{Plant::swaps_blindly, "UPDATE payment_sessions SET checks", "AND status <> 'settled'", ""},
    Bend{Plant::excess_swallowed, "INSERT INTO settlements", "{s_excess}", "0 * {s_excess}"},
    Bend{Plant::trusts_its_clock, "SELECT id, next_check_at, age_band FROM payment_sessions",
         "next_check_at > $3", "next_check_at > 1000 * $3"},
    Bend{Plant::news_dropped, "INSERT INTO deliveries", "WHERE true", "WHERE {d_outbox} % 9 <> 0"},
    Bend{Plant::called_delivered, "UPDATE deliveries SET next_attempt_at = {d_lease}",
         "next_attempt_at = {d_lease},", "state = 'delivered', next_attempt_at = NULL,"},
    Bend{Plant::delivered_forgotten, "UPDATE deliveries SET state = 'delivered'",
         "state <> 'delivered'", "id % 9 <> 0"},
    Bend{Plant::given_up_at_once, "UPDATE deliveries SET last_error = $3", "next_attempt_at = $4",
         "state = 'dead', next_attempt_at = 0 * $4 + NULL"},
};

class BentConnection final : public storage::Connection {
 public:
  BentConnection(Plant plant, std::unique_ptr<storage::Connection> honest)
      : plant_(plant), honest_(std::move(honest)) {}

  Result<Rows> run(const Sql& sql, std::initializer_list<Param> params) override {
    const std::string* text = bent(&sql, sql.text);
    if (!text) return honest_->run(sql, params);
    const Sql& wrong = statements_.try_emplace(&sql, Sql{*text}).first->second;
    return honest_->run(wrong, params);
  }
  Result<Rows> run_batch(const BatchSql& sql, const Batch& batch) override {
    const std::string* text = bent(&sql, sql.text);
    if (!text) return honest_->run_batch(sql, batch);
    const BatchSql& wrong = batches_.try_emplace(&sql, BatchSql{*text, sql.columns}).first->second;
    return honest_->run_batch(wrong, batch);
  }
  Result<Rows> run_script(std::string_view script) override { return honest_->run_script(script); }
  Result<Rows> begin_read() override { return honest_->begin_read(); }
  Result<Rows> begin_write() override { return honest_->begin_write(); }
  Result<Rows> commit() override {
    // Answers before it is done, and then does not do it.
    if (plant_ == Plant::answered_unwritten && ++commits_ % 40 == 0) {
      honest_->rollback();
      return Rows();
    }
    return honest_->commit();
  }
  void rollback() override { honest_->rollback(); }
  std::vector<std::pair<std::string, std::string>> schema_tokens() const override {
    return honest_->schema_tokens();
  }

 private:
  /// The wrong text of a statement that is bent; nullptr for all others.
  const std::string* bent(const void* statement, std::string_view text) {
    const auto known = texts_.find(statement);
    if (known != texts_.end()) return known->second.empty() ? nullptr : &known->second;
    std::string wrong;
    for (const Bend& bend : kBends) {
      if (bend.plant != plant_ || !text.starts_with(bend.statement)) continue;
      if (text.find(bend.right) == std::string_view::npos) continue;
      wrong = storage::replaced(std::string(text), bend.right, bend.wrong);
    }
    const std::string& kept = texts_.emplace(statement, std::move(wrong)).first->second;
    return kept.empty() ? nullptr : &kept;
  }

  Plant plant_;
  std::unique_ptr<storage::Connection> honest_;
  std::map<const void*, std::string> texts_;
  std::map<const void*, Sql> statements_;
  std::map<const void*, BatchSql> batches_;
  std::int64_t commits_ = 0;
};

}  // namespace

std::unique_ptr<storage::Connection> bend(Plant plant,
                                          std::unique_ptr<storage::Connection> honest) {
  const bool bends = plant == Plant::answered_unwritten ||
                     std::ranges::find(kBends, plant, &Bend::plant) != kBends.end();
  if (!bends) return honest;
  return std::make_unique<BentConnection>(plant, std::move(honest));
}

}  // namespace quittance::simulation
