// A Merkle tree over a growing list, hashed as in RFC 9162 section 2.1: whoever keeps one root can
// later be shown that an entry was there, and that nothing before it was changed.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace quittance::base {

/// SHA-256 of an entry or of a subtree.
using Digest = std::array<std::uint8_t, 32>;

/// Of the bytes of one entry (prefix 0x00).
Digest leaf_digest(std::string_view entry);
/// Of two subtrees side by side (prefix 0x01).
Digest node_digest(const Digest& left, const Digest& right);
/// Of a tree without entries.
Digest empty_digest();
/// 64 lower- or upper-case hex digits; nullopt for anything else.
std::optional<Digest> digest_from_hex(std::string_view hex);
/// Exactly 32 raw bytes; nullopt for anything else.
std::optional<Digest> digest_from_bytes(std::string_view bytes);

/// A complete subtree: the 2^level entries that begin with entry `position`·2^level, counted from
/// 0. Level 0 is an entry.
struct Subtree {
  int level = 0;
  std::uint64_t position = 0;
  bool operator==(const Subtree&) const = default;
};

/// Looks up the hash of a complete subtree.
using SubtreeDigests = std::function<Result<Digest>(Subtree)>;

/// All that appending needs of a tree: the hashes of its largest complete subtrees, from the left.
class Frontier {
 public:
  Frontier() = default;  ///< of an empty tree
  /// nullopt unless there are as many peaks as `size` has ones in binary.
  static std::optional<Frontier> from(std::uint64_t size, std::vector<Digest> peaks);

  /// Appends an entry; `completed` is told of each larger subtree that this completes, from small
  /// to large.
  void add(const Digest& leaf, const std::function<void(Subtree, const Digest&)>& completed);
  void add(const Digest& leaf) { add(leaf, {}); }
  std::uint64_t size() const { return size_; }
  const std::vector<Digest>& peaks() const { return peaks_; }
  Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

/// The root of the first `size` entries.
Result<Digest> tree_digest(std::uint64_t size, const SubtreeDigests& digests);

/// That entry `index` (from 0) is in the tree of `size` entries (section 2.1.3.1). The index must
/// be below the size.
Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                            const SubtreeDigests& digests);
/// Section 2.1.3.2. False for any proof, index or size that is not right.
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf,
                      std::span<const Digest> proof, const Digest& root);

/// That the tree of `old_size` entries is the beginning of that of `size` (section 2.1.4.1). Empty
/// when the two are equal, or the old one is.
Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                              const SubtreeDigests& digests);
/// Section 2.1.4.2. False for any proof or size that is not right.
bool verify_consistency(std::uint64_t old_size, std::uint64_t size, const Digest& old_root,
                        const Digest& root, std::span<const Digest> proof);

}  // namespace quittance::base
