#include "audit/proof.hpp"

namespace quittance::audit {
namespace {

using base::Digest;
using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;

std::string text_of(const Digest& digest) {
  return base::to_base64(std::string(digest.begin(), digest.end()));
}

base::SubtreeDigests digests_of(storage::Books& books) {
  return [&books](base::Subtree subtree) { return books.audit_digest(subtree); };
}

std::unexpected<base::Error> no_proof(std::string why) {
  return fail(ErrorCode::invalid_request, "This proves nothing: " + std::move(why) + ".");
}

Result<std::vector<Digest>> read_hashes(const Json& json) {
  // A tree of 2^64 entries has 64 levels.
  if (!json.is_array() || json.array().size() > 64) return no_proof("`hashes` is no list of them");
  std::vector<Digest> hashes;
  for (const Json& item : json.array()) {
    const auto bytes = base::from_base64(item.text_or_empty());
    const auto digest = bytes ? base::digest_from_bytes(*bytes) : std::nullopt;
    if (!digest) return no_proof("one of `hashes` is no hash");
    hashes.push_back(*digest);
  }
  return hashes;
}

}  // namespace

Result<Proof> prove(storage::Books& books, std::int64_t seq,
                    const storage::StoredCheckpoint& checkpoint) {
  if (seq < 1 || seq > checkpoint.size) {
    return fail(ErrorCode::not_found, "The checkpoint does not reach that entry.", "seq");
  }
  const auto index = static_cast<std::uint64_t>(seq - 1);
  TRY(const Digest leaf, books.audit_digest({.level = 0, .position = index}));
  TRY(auto hashes,
      base::inclusion_proof(index, static_cast<std::uint64_t>(checkpoint.size), digests_of(books)));
  return Proof{.seq = seq, .leaf = leaf, .hashes = std::move(hashes), .note = checkpoint.note};
}

Result<std::vector<Digest>> prove_growth(storage::Books& books, std::int64_t from,
                                         std::int64_t to) {
  TRY(const base::Frontier frontier, books.audit_frontier());
  if (from < 0 || to < from || to > static_cast<std::int64_t>(frontier.size())) {
    return fail(ErrorCode::not_found, "The log has no such sizes.", "to");
  }
  return base::consistency_proof(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to),
                                 digests_of(books));
}

Json hashes_json(const std::vector<Digest>& hashes) {
  Json list{Json::Array{}};
  for (const Digest& digest : hashes)
    list.push(text_of(digest));
  return list;
}

Json proof_json(const Proof& proof) {
  return Json::object({{"seq", proof.seq},
                       {"leaf_hash", text_of(proof.leaf)},
                       {"hashes", hashes_json(proof.hashes)},
                       {"checkpoint", proof.note}});
}

Json proof_file(const Proof& proof, const storage::AuditEntry& entry,
                std::string_view verifier_key) {
  Json file = proof_json(proof);
  file.set("entry", base::to_base64(storage::audit_bytes(entry)));
  file.set("key", verifier_key);
  return file;
}

Result<Proven> verify_proof(std::string_view file, std::string_view verifier_key) {
  if (file.size() > kProofLimit) return no_proof("it is too long");
  const auto json = Json::parse(file);
  if (!json) return no_proof("it is not JSON");
  const std::string own_key = (*json)["key"].text_or_empty();
  const auto key = public_key_of(verifier_key.empty() ? std::string_view(own_key) : verifier_key);
  if (!key) return no_proof("the key is none");
  const auto checkpoint = open_checkpoint(*key, (*json)["checkpoint"].text_or_empty());
  if (!checkpoint) return no_proof("the checkpoint is not signed with the key");
  const auto bytes = base::from_base64((*json)["entry"].text_or_empty());
  auto entry = bytes ? storage::read_audit_bytes(*bytes) : std::nullopt;
  if (!entry || entry->seq < 1) return no_proof("`entry` holds no entry of a log");
  TRY(const auto hashes, read_hashes((*json)["hashes"]));
  if (!base::verify_inclusion(static_cast<std::uint64_t>(entry->seq - 1), checkpoint->size,
                              base::leaf_digest(*bytes), hashes, checkpoint->root)) {
    return no_proof("the entry is not in the log of that checkpoint");
  }
  return Proven{.entry = std::move(*entry), .checkpoint = *checkpoint};
}

}  // namespace quittance::audit
