#include "storage/copy.hpp"

#include <algorithm>
#include <deque>

#include "storage/audit_bytes.hpp"
#include "storage/catalog.hpp"
#include "storage/store.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

/// Rows that are in memory at a time.
constexpr std::int64_t kPage = 2'000;
constexpr std::size_t kKeyColumnsMost = 3;

/// What a table holds, whatever the order of its rows: their number, and their hashes added up
/// as one large number. No two rows of a table are the same, so nothing cancels out.
struct Contents {
  std::int64_t rows = 0;
  base::Digest sum{};
  bool operator==(const Contents&) const = default;
};

/// A cell with its type and length before it, so that no two rows have the same bytes.
void append_cell(std::string& bytes, const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    bytes += "i" + std::to_string(*number) + ";";
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    bytes += "t" + std::to_string(text->size()) + ":" + *text;
  } else {
    bytes += "n;";
  }
}

void count_in(Contents& contents, std::string_view row) {
  const base::Digest digest = base::leaf_digest(row);
  int carry = 0;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int sum = int{contents.sum[i]} + int{digest[i]} + carry;
    contents.sum[i] = static_cast<std::uint8_t>(sum & 0xFF);
    carry = sum >> 8;
  }
  ++contents.rows;
}

std::string joined(const std::vector<std::string>& names, std::string_view before = "",
                   std::string_view after = "") {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + std::string(before) + name + std::string(after);
  return text;
}

/// The statements that one table needs. The drivers know a statement by its address, so it stays
/// where it is.
struct Statements {
  explicit Statements(const Table& table) {
    std::vector<std::string> names;
    for (const TableColumn& column : table.columns) {
      names.push_back(column.name);
      columns.push_back(
          {column.name, column.integer ? BatchColumn::Type::integer : BatchColumn::Type::text});
    }
    const std::string selected = "SELECT " + joined(names) + " FROM " + table.name;
    const std::string ordered = " ORDER BY " + joined(table.key) + " LIMIT $1";
    std::string places;
    for (std::size_t i = 0; i < table.key.size(); ++i)
      places += (i == 0 ? "$" : ", $") + std::to_string(i + 2);
    first_text = selected + ordered;
    next_text = selected + " WHERE (" + joined(table.key) + ") > (" + places + ")" + ordered;
    insert_text = "INSERT INTO " + table.name + " (" + joined(names) + ") SELECT " +
                  joined(names, "{", "}") + " {from_rows}";
    count_text = "SELECT COUNT(*) AS n FROM " + table.name;
    clear_text = "DELETE FROM " + table.name;
    // Only now do the texts stand where the statements look for them.
    first = Sql{first_text};
    next = Sql{next_text};
    count = Sql{count_text};
    clear = Sql{clear_text};
    insert = BatchSql{insert_text, columns};
  }
  Statements(const Statements&) = delete;
  Statements& operator=(const Statements&) = delete;

  std::vector<BatchColumn> columns;
  std::string first_text, next_text, insert_text, count_text, clear_text;
  Sql first, next, count, clear;
  BatchSql insert;
};

/// Everything in the order in which it can be inserted: what is referred to comes first.
Result<std::vector<Table>> in_order(std::vector<Table> tables) {
  std::vector<Table> ordered;
  const auto is_there = [&ordered](const Table& table, const std::string& name) {
    return name == table.name || std::ranges::find(ordered, name, &Table::name) != ordered.end();
  };
  while (!tables.empty()) {
    const auto next = std::ranges::find_if(tables, [&](const Table& table) {
      return std::ranges::all_of(table.references,
                                 [&](const std::string& name) { return is_there(table, name); });
    });
    if (next == tables.end()) {
      return fail(ErrorCode::internal, "Tables refer to each other in a circle.");
    }
    ordered.push_back(std::move(*next));
    tables.erase(next);
  }
  return ordered;
}

class Copying {
 public:
  Copying(Connection& from, Connection& to) : from_(from), to_(to) {}

  Result<Copied> run(const std::vector<Table>& tables, Connection& fresh) {
    for (const Table& table : tables) {
      if (table.key.empty() || table.key.size() > kKeyColumnsMost) {
        return fail(ErrorCode::internal, table.name + " needs a primary key of 1 to 3 columns.");
      }
      statements_.emplace_back(table);
    }
    TRY_VOID(make_room(tables, fresh));
    Copied copied{.tables = static_cast<std::int64_t>(tables.size())};
    for (std::size_t i = 0; i < tables.size(); ++i) {
      TRY(const Contents sent, copy_table(tables[i], statements_[i]));
      TRY(const Contents arrived, walk(to_, tables[i], statements_[i], nullptr));
      if (arrived != sent) {
        return fail(ErrorCode::storage_failure,
                    "The copy of " + tables[i].name + " differs from the original (" +
                        std::to_string(arrived.rows) + " rows of " + std::to_string(sent.rows) +
                        "); nothing was kept.");
      }
      copied.rows += sent.rows;
    }
    TRY_VOID(renumber(to_));
    TRY(const base::Frontier log, log_of(from_));
    TRY(const base::Frontier log_there, log_of(to_));
    if (log.size() != log_there.size() || log.root() != log_there.root()) {
      return fail(ErrorCode::storage_failure,
                  "The copied audit log has another root than the original; nothing was kept.");
    }
    copied.audit_entries = static_cast<std::int64_t>(log.size());
    copied.audit_root = base::to_hex(log.root());
    return copied;
  }

 private:
  /// Only what the schema itself puts into a fresh database may be there, and goes.
  Result<bool> make_room(const std::vector<Table>& tables, Connection& fresh) {
    for (std::size_t i = tables.size(); i-- > 0;) {
      TRY(const Rows there, to_.run(statements_[i].count));
      TRY(const Rows seeds, fresh.run(statements_[i].count));
      if (there.front().integer("n") > seeds.front().integer("n")) {
        return fail(ErrorCode::conflict, "The target is not empty: " + tables[i].name +
                                             " holds rows. Copy into a new database.");
      }
      TRY_VOID(to_.run(statements_[i].clear));
    }
    return true;
  }

  Result<Contents> copy_table(const Table& table, const Statements& statements) {
    return walk(from_, table, statements, &to_);
  }

  /// Goes through a table page by page; each page is also inserted into `into`.
  Result<Contents> walk(Connection& connection, const Table& table, const Statements& statements,
                        Connection* into) {
    Contents contents;
    std::vector<Cell> last;
    for (bool more = true; more;) {
      TRY(const Rows page, last.empty() ? connection.run(statements.first, {kPage})
                                        : run_after(connection, statements.next, last));
      Batch batch;
      for (std::size_t i = 0; i < page.size(); ++i) {
        std::string bytes;
        for (const TableColumn& column : table.columns)
          append_cell(bytes, page[i].cell(column.name));
        count_in(contents, bytes);
        if (into) add_row(batch, page[i], table);
      }
      if (into && !batch.empty()) TRY_VOID(into->run_batch(statements.insert, batch));
      more = page.size() == static_cast<std::size_t>(kPage);
      if (!more) continue;
      last.clear();
      for (const std::string& name : table.key)
        last.push_back(page[page.size() - 1].cell(name));
    }
    return contents;
  }

  static Param param_of(const Cell& cell) {
    if (const auto* number = std::get_if<std::int64_t>(&cell)) return {*number};
    if (const auto* text = std::get_if<std::string>(&cell)) return {*text};
    return {nullptr};
  }

  static void add_row(Batch& batch, const Rows::Row& row, const Table& table) {
    for (const TableColumn& column : table.columns)
      batch.add({param_of(row.cell(column.name))});
  }

  static Result<Rows> run_after(Connection& connection, const Sql& next,
                                const std::vector<Cell>& last) {
    switch (last.size()) {
      case 1:
        return connection.run(next, {kPage, param_of(last[0])});
      case 2:
        return connection.run(next, {kPage, param_of(last[0]), param_of(last[1])});
      default:
        return connection.run(next,
                              {kPage, param_of(last[0]), param_of(last[1]), param_of(last[2])});
    }
  }

  /// The tree of the audit log, made anew from what the entries say.
  static Result<base::Frontier> log_of(Connection& connection) {
    Books books(connection);
    base::Frontier frontier;
    for (bool more = true; more;) {
      TRY(const auto entries, books.audit_after(static_cast<std::int64_t>(frontier.size()), kPage));
      for (const AuditEntry& entry : entries)
        frontier.add(base::leaf_digest(audit_bytes(entry)));
      more = entries.size() == static_cast<std::size_t>(kPage);
    }
    TRY(const base::Frontier head, books.audit_frontier());
    if (head.size() != frontier.size() || head.root() != frontier.root()) {
      return fail(ErrorCode::storage_failure,
                  "The audit log does not match its head; see `quittance verify-log`.");
    }
    return frontier;
  }

  Connection& from_;
  Connection& to_;
  std::deque<Statements> statements_;
};

}  // namespace

Result<Copied> copy_books(Connection& from, Connection& to, const base::Clock& clock) {
  TRY_VOID(migrate(to, clock));
  // What a database holds that nobody has written to yet.
  TRY(const auto fresh, open_sqlite(":memory:", false));
  TRY_VOID(migrate(*fresh, clock));
  TRY_VOID(begin_snapshot(from));
  TRY(std::vector<Table> tables, tables_of(from));
  TRY(const std::vector<Table> tables_there, tables_of(to));
  if (tables != tables_there) {
    return fail(ErrorCode::conflict,
                "The two databases have different schemas: bring the source up to date first, with "
                "`quittance migrate`.");
  }
  TRY(const std::vector<Table> ordered, in_order(std::move(tables)));
  TRY_VOID(to.begin_write());
  TRY_VOID(be_patient(to));
  auto copied = Copying(from, to).run(ordered, *fresh);
  TRY_VOID(end_snapshot(from));
  if (!copied) {
    to.rollback();
    return copied;
  }
  TRY_VOID(to.commit());
  return copied;
}

}  // namespace quittance::storage
