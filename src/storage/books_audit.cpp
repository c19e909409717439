// Statements about the audit log: entries, their tree, and its signed heads. Only ever appended to;
// the one row that changes is the head, which says how far the log reaches.
#include "storage/audit_bytes.hpp"
#include "storage/books.hpp"

namespace quittance::storage {

using base::Digest;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Subtree;

namespace {

/// Hashes of subtrees of 2^8, 2^16, … entries are kept, so that none is ever made of more than 256
/// others.
constexpr int kStoredEvery = 8;

std::unexpected<base::Error> broken(std::string_view what) {
  return fail(ErrorCode::storage_failure, "The audit log is damaged; see `quittance verify-log`.",
              "", std::string(what));
}

AuditEntry read_entry(Rows::Row row) {
  return {.created_at = row.time("created_at"),
          .actor = row.text("actor"),
          .action = row.text("action"),
          .subject_type = row.text("subject_type"),
          .subject_id = row.integer("subject_id"),
          .details = row.text("details"),
          .seq = row.integer("seq"),
          .leaf_hash = row.text("leaf_hash")};
}

std::vector<AuditEntry> read_entries(const Rows& rows) {
  std::vector<AuditEntry> entries;
  entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    entries.push_back(read_entry(rows[i]));
  return entries;
}

StoredCheckpoint read_checkpoint(Rows::Row row) {
  return {
      .size = row.integer("size"), .note = row.text("note"), .created_at = row.time("created_at")};
}

/// The root of `count` hashes side by side, a power of two.
Result<Digest> joined(const Rows& rows, std::uint64_t count) {
  if (rows.size() != count) return broken("a hash is missing");
  base::Frontier frontier;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto digest = base::digest_from_hex(rows[i].text("hash"));
    if (!digest) return broken("a hash is no hash");
    frontier.add(*digest);
  }
  return frontier.root();
}

#define QUITTANCE_AUDIT_COLUMNS \
  "seq, created_at, actor, action, subject_type, subject_id, details, leaf_hash"

}  // namespace

Listed<AuditEntry> Books::audit_of(std::string_view subject_type, std::int64_t subject_id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_AUDIT_COLUMNS
                            " FROM audit WHERE subject_type = $1 AND subject_id = $2 ORDER BY seq"};
  TRY(const Rows rows, connection_.run(kSql, {subject_type, subject_id}));
  return read_entries(rows);
}

Listed<AuditEntry> Books::audit_after(std::int64_t seq, std::int64_t limit) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_AUDIT_COLUMNS
                            " FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {seq, limit}));
  return read_entries(rows);
}

Result<base::Frontier> Books::audit_frontier() {
  static constexpr Sql kSql{"SELECT size, peaks FROM audit_head WHERE id = 1"};
  TRY(const Rows rows, connection_.run(kSql));
  if (rows.empty()) return broken("audit_head has no row");
  const std::string& text = rows.front().text("peaks");
  std::vector<Digest> peaks;
  for (std::size_t at = 0; at < text.size(); at += 2 * sizeof(Digest)) {
    const auto digest =
        base::digest_from_hex(std::string_view(text).substr(at, 2 * sizeof(Digest)));
    if (!digest) return broken("a peak of audit_head is no hash");
    peaks.push_back(*digest);
  }
  auto frontier = base::Frontier::from(static_cast<std::uint64_t>(rows.front().integer("size")),
                                       std::move(peaks));
  if (!frontier) return broken("audit_head has not the peaks of its size");
  return std::move(*frontier);
}

Result<Digest> Books::audit_digest(Subtree subtree) {
  static constexpr Sql kLeaves{
      "SELECT leaf_hash AS hash FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq"};
  static constexpr Sql kNodes{
      "SELECT hash FROM audit_nodes WHERE level = $1 AND position >= $2 AND position < $3 "
      "ORDER BY position"};
  const int stored = subtree.level / kStoredEvery * kStoredEvery;
  const auto width = std::int64_t{1} << (subtree.level - stored);
  const auto begin = static_cast<std::int64_t>(subtree.position) * width;
  const auto fetch = [&] {
    return stored == 0 ? connection_.run(kLeaves, {begin, begin + width})
                       : connection_.run(kNodes, {std::int64_t{stored}, begin, begin + width});
  };
  TRY(const Rows rows, fetch());
  return joined(rows, static_cast<std::uint64_t>(width));
}

Result<std::int64_t> Books::audit_node_count() {
  static constexpr Sql kSql{"SELECT COUNT(*) AS n FROM audit_nodes"};
  TRY(const Rows rows, connection_.run(kSql));
  return rows.front().integer("n");
}

Found<StoredCheckpoint> Books::newest_checkpoint() {
  static constexpr Sql kSql{
      "SELECT size, note, created_at FROM checkpoints ORDER BY size DESC LIMIT 1"};
  TRY(const Rows rows, connection_.run(kSql));
  return rows.empty() ? std::nullopt : std::optional(read_checkpoint(rows.front()));
}

Listed<StoredCheckpoint> Books::checkpoints_after(std::int64_t size, std::int64_t limit) {
  static constexpr Sql kSql{
      "SELECT size, note, created_at FROM checkpoints WHERE size > $1 ORDER BY size LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {size, limit}));
  std::vector<StoredCheckpoint> checkpoints;
  for (std::size_t i = 0; i < rows.size(); ++i)
    checkpoints.push_back(read_checkpoint(rows[i]));
  return checkpoints;
}

Result<Rows> WritableBooks::insert_checkpoint(const StoredCheckpoint& checkpoint) {
  static constexpr Sql kSql{"INSERT INTO checkpoints (size, note, created_at) VALUES ($1, $2, $3)"};
  return connection_.run(kSql, {checkpoint.size, checkpoint.note, checkpoint.created_at});
}

Result<Rows> WritableBooks::insert_audit(AuditEntry entry) {
  if (audited_) audit_.push_back(std::move(entry));
  return Rows();
}

Result<Rows> WritableBooks::flush_audit() {
  static constexpr BatchColumn kEntryColumns[] = {
      {"seq", BatchColumn::Type::integer},       {"created_at", BatchColumn::Type::integer},
      {"actor", BatchColumn::Type::text},        {"action", BatchColumn::Type::text},
      {"subject_type", BatchColumn::Type::text}, {"subject_id", BatchColumn::Type::integer},
      {"details", BatchColumn::Type::text},      {"leaf_hash", BatchColumn::Type::text}};
  static constexpr BatchSql kEntries{
      "INSERT INTO audit (" QUITTANCE_AUDIT_COLUMNS
      ") SELECT {seq}, {created_at}, {actor}, {action}, {subject_type}, {subject_id}, {details}, "
      "{leaf_hash} {from_rows}",
      kEntryColumns};
  static constexpr BatchColumn kNodeColumns[] = {{"level", BatchColumn::Type::integer},
                                                 {"position", BatchColumn::Type::integer},
                                                 {"hash", BatchColumn::Type::text}};
  static constexpr BatchSql kNodes{
      "INSERT INTO audit_nodes (level, position, hash) SELECT {level}, {position}, {hash} "
      "{from_rows}",
      kNodeColumns};
  static constexpr Sql kHead{"UPDATE audit_head SET size = $1, peaks = $2 WHERE id = 1"};
  if (audit_.empty()) return Rows();
  TRY(base::Frontier frontier, audit_frontier());
  struct Node {
    Subtree subtree;
    std::string hash;
  };
  std::vector<Node> nodes;
  const auto keep = [&nodes](Subtree subtree, const Digest& digest) {
    if (subtree.level % kStoredEvery == 0) nodes.push_back({subtree, base::to_hex(digest)});
  };
  Batch rows;
  for (AuditEntry& entry : audit_) {
    entry.seq = static_cast<std::int64_t>(frontier.size()) + 1;
    const Digest leaf = base::leaf_digest(audit_bytes(entry));
    entry.leaf_hash = base::to_hex(leaf);
    frontier.add(leaf, keep);
    rows.add({entry.seq, entry.created_at, entry.actor, entry.action, entry.subject_type,
              entry.subject_id, entry.details, entry.leaf_hash});
  }
  TRY_VOID(connection_.run_batch(kEntries, rows));
  Batch node_rows;
  for (const Node& node : nodes) {
    node_rows.add({std::int64_t{node.subtree.level},
                   static_cast<std::int64_t>(node.subtree.position), node.hash});
  }
  if (!nodes.empty()) TRY_VOID(connection_.run_batch(kNodes, node_rows));
  std::string peaks;
  for (const Digest& peak : frontier.peaks())
    peaks += base::to_hex(peak);
  TRY_VOID(connection_.run(kHead, {static_cast<std::int64_t>(frontier.size()), peaks}));
  audit_.clear();
  return Rows();
}

}  // namespace quittance::storage
