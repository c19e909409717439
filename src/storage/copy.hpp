// Moving the books from one database to another, and proving that nothing was lost on the way.
#pragma once

#include "storage/books.hpp"

namespace quittance::storage {

/// What was copied.
struct Copied {
  std::int64_t tables = 0;
  std::int64_t rows = 0;
  std::int64_t audit_entries = 0;
  std::string audit_root;  ///< hexadecimal, recomputed from the entries' fields on both sides
};

/// Copies all that `from` holds, as of one moment, into `to`, whose books must be empty; the source
/// may be in use. All or nothing. It is an error when afterwards the two differ: in the number of
/// rows of a table, in their contents, or in the root of the audit log.
base::Result<Copied> copy_books(Connection& from, Connection& to, const base::Clock& clock);

}  // namespace quittance::storage
