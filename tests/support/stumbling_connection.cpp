#include "support/stumbling_connection.hpp"

#include <utility>

namespace quittance::testing {

using base::Result;
using storage::Rows;

StumblingConnection::StumblingConnection(std::unique_ptr<storage::Connection> real)
    : real_(std::move(real)) {}

Result<Rows> StumblingConnection::run(const storage::Sql& sql,
                                      std::initializer_list<storage::Param> params) {
  return real_->run(sql, params);
}
Result<Rows> StumblingConnection::run_batch(const storage::BatchSql& sql,
                                            const storage::Batch& batch) {
  return real_->run_batch(sql, batch);
}
Result<Rows> StumblingConnection::run_script(std::string_view script) {
  return real_->run_script(script);
}
Result<Rows> StumblingConnection::begin_read() { return real_->begin_read(); }
Result<Rows> StumblingConnection::begin_write() {
  // A transaction that is begun right after one that stumbled is the same one again.
  stumbles_ = !lost_;
  lost_ = false;
  return real_->begin_write();
}
Result<Rows> StumblingConnection::commit() {
  // Migrating comes first, and is tried once only: whoever starts a server sees it fail.
  if (std::exchange(migrating_, false) || !stumbles_) return real_->commit();
  lost_ = true;
  return base::fail(base::ErrorCode::storage_failure, "Stumbled.");
}
void StumblingConnection::rollback() { real_->rollback(); }
bool StumblingConnection::worth_redoing() const { return lost_; }
std::vector<std::pair<std::string, std::string>> StumblingConnection::schema_tokens() const {
  return real_->schema_tokens();
}

}  // namespace quittance::testing
