// Inside storage only: what tables a database has, as the database itself says, and what else a
// copy needs of an engine.
#pragma once

#include "storage/database.hpp"

namespace quittance::storage {

struct TableColumn {
  std::string name;
  bool integer = false;  ///< else text
  bool operator==(const TableColumn&) const = default;
};

struct Table {
  std::string name;
  std::vector<TableColumn> columns;
  std::vector<std::string> key;         ///< columns of the primary key
  std::vector<std::string> references;  ///< tables that its foreign keys point to
  bool operator==(const Table&) const = default;
};

/// The tables of the books, by name. Not among them is what each database keeps for itself: which
/// migrations it has had, and the marks of its own commits.
base::Result<std::vector<Table>> tables_of(Connection& connection);

/// From here to end_snapshot() all reads see the same moment.
base::Result<Rows> begin_snapshot(Connection& connection);
base::Result<Rows> end_snapshot(Connection& connection);

/// From here to the end of its transaction nobody ends it for doing nothing, however long the other
/// side of a copy takes to read or to write.
base::Result<Rows> be_patient(Connection& connection);

/// Lets generated keys go on after the largest that is there.
base::Result<Rows> renumber(Connection& connection);

}  // namespace quittance::storage
