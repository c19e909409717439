#include "storage/catalog.hpp"

#include <algorithm>
#include <map>

namespace quittance::storage {

using base::Result;

Result<std::vector<Table>> tables_of(Connection& connection) {
  static constexpr Sql kSqliteColumns{
      "SELECT m.name AS table_name, c.name AS column_name, c.type = 'INTEGER' AS is_integer, "
      "c.pk AS key_position FROM sqlite_schema m, pragma_table_info(m.name) c "
      "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid"};
  static constexpr Sql kSqliteReferences{
      "SELECT DISTINCT m.name AS table_name, f.\"table\" AS target FROM sqlite_schema m, "
      "pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, target"};
  static constexpr Sql kPostgresColumns{
      "SELECT c.relname::text AS table_name, a.attname::text AS column_name, "
      "a.atttypid = 'bigint'::regtype AS is_integer, "
      "COALESCE(array_position(i.indkey::int2[], a.attnum) + 1, 0) AS key_position "
      "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
      "a.attisdropped LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
      "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
      "ORDER BY c.relname, a.attnum"};
  static constexpr Sql kPostgresReferences{
      "SELECT DISTINCT c.relname::text AS table_name, t.relname::text AS target FROM pg_constraint "
      "f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid "
      "WHERE f.contype = 'f' AND c.relnamespace = current_schema()::regnamespace "
      "ORDER BY table_name, target"};
  const bool sqlite = connection.engine() == Engine::sqlite;
  TRY(const Rows columns, connection.run(sqlite ? kSqliteColumns : kPostgresColumns));
  TRY(const Rows references, connection.run(sqlite ? kSqliteReferences : kPostgresReferences));
  std::map<std::string, Table> tables;
  std::map<std::string, std::map<std::int64_t, std::string>> keys;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = columns[i].text("table_name");
    if (name == "schema_migrations" || name == "commit_marks") continue;
    Table& table = tables[name];
    table.name = name;
    table.columns.push_back(
        {.name = columns[i].text("column_name"), .integer = columns[i].integer("is_integer") == 1});
    const std::int64_t position = columns[i].integer("key_position");
    if (position > 0) keys[name][position] = columns[i].text("column_name");
  }
  for (const auto& [name, columns_of_key] : keys) {
    for (const auto& [position, column] : columns_of_key)
      tables[name].key.push_back(column);
  }
  for (std::size_t i = 0; i < references.size(); ++i) {
    const auto table = tables.find(references[i].text("table_name"));
    if (table != tables.end()) table->second.references.push_back(references[i].text("target"));
  }
  std::vector<Table> list;
  for (auto& [name, table] : tables)
    list.push_back(std::move(table));
  return list;
}

Result<Rows> begin_snapshot(Connection& connection) {
  static constexpr Sql kSqlite{"BEGIN"};
  static constexpr Sql kPostgres{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
  static constexpr Sql kLook{"SELECT COUNT(*) AS n FROM schema_migrations"};
  TRY_VOID(connection.run(connection.engine() == Engine::sqlite ? kSqlite : kPostgres));
  TRY_VOID(be_patient(connection));
  // The moment is that of the first look.
  return connection.run(kLook);
}

Result<Rows> end_snapshot(Connection& connection) {
  static constexpr Sql kRollback{"ROLLBACK"};
  return connection.run(kRollback);
}

Result<Rows> be_patient(Connection& connection) {
  if (connection.engine() == Engine::sqlite) return Rows();
  return connection.run_script("SET LOCAL idle_in_transaction_session_timeout = 0");
}

Result<Rows> renumber(Connection& connection) {
  // SQLite takes the largest that is there without being told.
  if (connection.engine() == Engine::sqlite) return Rows();
  return connection.run_script(
      "DO $$ DECLARE c record; last bigint; BEGIN FOR c IN SELECT t.relname, a.attname FROM "
      "pg_class t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attidentity <> '' AND "
      "t.relnamespace = current_schema()::regnamespace LOOP "
      "EXECUTE format('SELECT max(%I) FROM %I', c.attname, c.relname) INTO last; "
      "PERFORM setval(pg_get_serial_sequence(quote_ident(c.relname), c.attname), "
      "COALESCE(last, 0) + 1, false); END LOOP; END $$");
}

}  // namespace quittance::storage
