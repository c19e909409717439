// A connection that loses every group of writes once, just before its commit, as a server that goes
// away would: what is written must come out the same when it is done a second time.
#pragma once

#include <utility>

#include "storage/storage.hpp"

namespace quittance::testing {

class StumblingConnection final : public storage::Connection {
 public:
  explicit StumblingConnection(std::unique_ptr<storage::Connection> real)
      : real_(std::move(real)) {}

  base::Result<storage::Rows> run(const storage::Sql& sql,
                                  std::initializer_list<storage::Param> params) override {
    return real_->run(sql, params);
  }
  base::Result<storage::Rows> run_batch(const storage::BatchSql& sql,
                                        const storage::Batch& batch) override {
    return real_->run_batch(sql, batch);
  }
  base::Result<storage::Rows> run_script(std::string_view script) override {
    return real_->run_script(script);
  }
  base::Result<storage::Rows> begin_write() override {
    // A transaction that is begun right after one that stumbled is the same one again.
    stumbles_ = !lost_;
    lost_ = false;
    return real_->begin_write();
  }
  base::Result<storage::Rows> commit() override {
    // Migrating comes first, and is tried once only: whoever starts a server sees it fail.
    if (std::exchange(migrating_, false) || !stumbles_) return real_->commit();
    lost_ = true;
    return base::fail(base::ErrorCode::storage_failure, "Stumbled.");
  }
  void rollback() override { real_->rollback(); }
  bool worth_redoing() const override { return lost_; }
  std::vector<std::pair<std::string, std::string>> schema_tokens() const override {
    return real_->schema_tokens();
  }

 private:
  std::unique_ptr<storage::Connection> real_;
  bool migrating_ = true;
  bool stumbles_ = false;
  bool lost_ = false;
};

}  // namespace quittance::testing
