// A connection that loses every group of writes once, just before its commit, as a server that goes
// away would: what is written must come out the same when it is done a second time.
#pragma once

#include "storage/storage.hpp"

namespace quittance::testing {

class StumblingConnection final : public storage::Connection {
 public:
  explicit StumblingConnection(std::unique_ptr<storage::Connection> real);

  base::Result<storage::Rows> run(const storage::Sql& sql,
                                  std::initializer_list<storage::Param> params) override;
  base::Result<storage::Rows> run_batch(const storage::BatchSql& sql,
                                        const storage::Batch& batch) override;
  base::Result<storage::Rows> run_script(std::string_view script) override;
  base::Result<storage::Rows> begin_read() override;
  base::Result<storage::Rows> begin_write() override;
  base::Result<storage::Rows> commit() override;
  void rollback() override;
  bool worth_redoing() const override;
  std::vector<std::pair<std::string, std::string>> schema_tokens() const override;

 private:
  std::unique_ptr<storage::Connection> real_;
  bool migrating_ = true;
  bool stumbles_ = false;
  bool lost_ = false;
};

}  // namespace quittance::testing
