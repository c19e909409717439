// Migrations: numbered SQL files in the binary, applied in order, each recorded with its hash.
#include "storage/store.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr Sql kCreate{
    "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, "
    "sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL)"};
constexpr Sql kApplied{"SELECT version, sha256 FROM schema_migrations ORDER BY version"};
constexpr Sql kRecord{
    "INSERT INTO schema_migrations (version, name, sha256, applied_at) VALUES ($1, $2, $3, $4)"};

std::string with_tokens(const Connection& connection, std::string_view script) {
  std::string text(script);
  for (const auto& [token, word] : connection.schema_tokens()) {
    text = replaced(std::move(text), token, word);
  }
  return text;
}

Result<Migrated> migrate_locked(Connection& connection, const base::Clock& clock) {
  TRY_VOID(connection.run(kCreate));
  TRY(const Rows applied, connection.run(kApplied));
  const auto files = base::embedded_migrations();
  const auto known = static_cast<std::int64_t>(files.size());
  const auto present = static_cast<std::int64_t>(applied.size());
  if (present > known) {
    return fail(ErrorCode::storage_failure,
                "The database was written by a newer Quittance (schema " + std::to_string(present) +
                    ", this program knows " + std::to_string(known) +
                    "). Run that version, or restore a backup from before the upgrade.");
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (applied[i].text("sha256") != base::sha256_hex(files[i].bytes)) {
      return fail(ErrorCode::storage_failure,
                  "Migration " + std::string(files[i].path) +
                      " differs from the one that this database was made with.");
    }
  }
  for (auto version = present; version < known; ++version) {
    const auto& file = files[static_cast<std::size_t>(version)];
    TRY_VOID(connection.run_script(with_tokens(connection, file.bytes)));
    TRY_VOID(connection.run(kRecord,
                            {version + 1, file.path, base::sha256_hex(file.bytes), clock.now()}));
  }
  return Migrated{.from = present, .to = known};
}

}  // namespace

Result<Migrated> migrate(Connection& connection, const base::Clock& clock) {
  TRY_VOID(connection.begin_write());
  auto migrated = migrate_locked(connection, clock);
  if (!migrated) {
    connection.rollback();
    return migrated;
  }
  TRY_VOID(connection.commit());
  return migrated;
}

Result<Migrated> migrate_database(const std::string& database, const base::Clock& clock) {
  TRY(const std::unique_ptr<Connection> connection, open_database(database, false));
  return migrate(*connection, clock);
}

}  // namespace quittance::storage
