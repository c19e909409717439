// Why an entry is in the log, in a form that somebody who trusts neither us nor our database can
// check: the entry's bytes, the hashes beside its way to the root, and a signed checkpoint.
#pragma once

#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "storage/storage.hpp"

namespace quittance::audit {

/// Hashes only: it tells nothing of what the entry says.
struct Proof {
  std::int64_t seq = 0;
  base::Digest leaf{};
  std::vector<base::Digest> hashes;
  std::string note;  ///< the checkpoint that it leads to
};

/// not_found when the checkpoint is older than the entry.
base::Result<Proof> prove(storage::Books& books, std::int64_t seq,
                          const storage::StoredCheckpoint& checkpoint);

/// That the log of `to` entries begins with that of `from` entries.
base::Result<std::vector<base::Digest>> prove_growth(storage::Books& books, std::int64_t from,
                                                     std::int64_t to);

/// In base64, as in the note.
base::Json hashes_json(const std::vector<base::Digest>& hashes);
/// `{"seq", "leaf_hash", "hashes", "checkpoint"}`; hashes in base64, as in the note.
base::Json proof_json(const Proof& proof);
/// The same with `entry`, its bytes in base64, and `key`, what the checkpoint is signed with.
base::Json proof_file(const Proof& proof, const storage::AuditEntry& entry,
                      std::string_view verifier_key);

/// Longer files are not ours.
inline constexpr std::size_t kProofLimit = 1024 * 1024;

/// What a proof file proves.
struct Proven {
  storage::AuditEntry entry;
  Checkpoint checkpoint;
};

/// Checks a proof file, whoever wrote it; the error says what is wrong with it. `verifier_key` is
/// the key that the reader trusts; empty: the one in the file, which proves only that the file fits
/// together.
base::Result<Proven> verify_proof(std::string_view file, std::string_view verifier_key);

}  // namespace quittance::audit
