// The tree of RFC 9162 against the recursive definition: every size up to 64, every entry, every
// pair of sizes; then proofs that are wrong in one place; then vectors from an independent script.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/base.hpp"

namespace quittance::base {
namespace {

constexpr std::uint64_t kMost = 64;

std::string entry(std::uint64_t number) {
  std::string text;
  for (std::uint64_t i = 0; i < number; ++i)
    text += "entry " + std::to_string(number);
  return text;
}

std::vector<Digest> leaves(std::uint64_t size) {
  std::vector<Digest> all;
  for (std::uint64_t i = 0; i < size; ++i)
    all.push_back(leaf_digest(entry(i)));
  return all;
}

/// MTH of section 2.1.1, word by word.
Digest naive_root(std::span<const Digest> entries) {
  if (entries.empty()) return empty_digest();
  if (entries.size() == 1) return entries[0];
  std::size_t half = 1;
  while (half * 2 < entries.size())
    half *= 2;
  return node_digest(naive_root(entries.first(half)), naive_root(entries.subspan(half)));
}

SubtreeDigests over(std::span<const Digest> entries) {
  return [entries](Subtree subtree) -> Result<Digest> {
    const std::uint64_t width = std::uint64_t{1} << subtree.level;
    const std::uint64_t begin = subtree.position * width;
    if (begin + width > entries.size()) return fail(ErrorCode::internal, "beyond the tree");
    return naive_root(entries.subspan(begin, width));
  };
}

struct Merkle : ::testing::Test {
  std::vector<Digest> all = leaves(kMost + 1);
  SubtreeDigests digests = over(all);
  Digest root(std::uint64_t size) const { return naive_root(std::span(all).first(size)); }
};

TEST_F(Merkle, S3AuditRootsAreThoseOfTheDefinition) {
  Frontier frontier;
  for (std::uint64_t size = 0; size <= kMost; ++size) {
    EXPECT_EQ(frontier.root(), root(size)) << size;
    EXPECT_EQ(*tree_digest(size, digests), root(size)) << size;
    frontier.add(all[size]);
    const auto again = Frontier::from(frontier.size(), frontier.peaks());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->root(), root(size + 1));
  }
  EXPECT_FALSE(Frontier::from(3, {all[0]}));
}

TEST_F(Merkle, S3AuditAFrontierTellsOfEachSubtreeOnce) {
  Frontier frontier;
  std::map<std::pair<int, std::uint64_t>, Digest> seen;
  for (std::uint64_t i = 0; i < kMost; ++i) {
    frontier.add(all[i], [&](Subtree subtree, const Digest& digest) {
      EXPECT_TRUE(seen.emplace(std::pair(subtree.level, subtree.position), digest).second);
    });
  }
  EXPECT_EQ(seen.size(), kMost - 1);
  for (const auto& [at, digest] : seen)
    EXPECT_EQ(digest, *digests({.level = at.first, .position = at.second}));
}

TEST_F(Merkle, S3AuditEveryEntryOfEverySizeIsProvenAndNoOther) {
  for (std::uint64_t size = 1; size <= kMost; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(index, size, digests);
      ASSERT_TRUE(proof) << index << " of " << size;
      EXPECT_TRUE(verify_inclusion(index, size, all[index], *proof, root(size)));
      EXPECT_FALSE(verify_inclusion(index, size, all[index + 1], *proof, root(size)));
      for (std::uint64_t other = 0; other <= size; ++other) {
        if (other == index) continue;
        EXPECT_FALSE(verify_inclusion(other, size, all[index], *proof, root(size)));
      }
    }
    EXPECT_FALSE(inclusion_proof(size, size, digests));
  }
}

TEST_F(Merkle, S3AuditEveryPairOfSizesIsConsistentAndNoOther) {
  for (std::uint64_t size = 0; size <= kMost; ++size) {
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = consistency_proof(old_size, size, digests);
      ASSERT_TRUE(proof) << old_size << " in " << size;
      EXPECT_TRUE(verify_consistency(old_size, size, root(old_size), root(size), *proof))
          << old_size << " in " << size;
      for (std::uint64_t other = 0; other <= size; ++other) {
        if (other == old_size) continue;
        EXPECT_FALSE(verify_consistency(old_size, size, root(other), root(size), *proof));
        // Every tree goes on from the empty one.
        if (other == size || old_size == 0) continue;
        EXPECT_FALSE(verify_consistency(old_size, size, root(old_size), root(other), *proof));
      }
    }
    EXPECT_FALSE(consistency_proof(size + 1, size, digests));
    EXPECT_FALSE(verify_consistency(size + 1, size, root(size), root(size), {}));
  }
}

TEST_F(Merkle, S3AuditAProofWithOneBitTurnedOrOneHashMoreOrLessIsRefused) {
  for (std::uint64_t size = 1; size <= kMost; size += 3) {
    for (std::uint64_t at = 0; at < size; ++at) {
      const auto inclusion = *inclusion_proof(at, size, digests);
      const auto consistency = *consistency_proof(at, size, digests);
      const auto included = [&](std::span<const Digest> proof) {
        return verify_inclusion(at, size, all[at], proof, root(size));
      };
      const auto consistent = [&](std::span<const Digest> proof) {
        return verify_consistency(at, size, root(at), root(size), proof);
      };
      const auto expect_bites = [&](std::vector<Digest> proof, const auto& accepted) {
        ASSERT_TRUE(accepted(proof));
        for (std::size_t i = 0; i < proof.size(); ++i) {
          auto turned = proof;
          turned[i][(at + i) % 32] ^= static_cast<std::uint8_t>(1U << (size % 8));
          EXPECT_FALSE(accepted(turned)) << at << " " << size << " " << i;
        }
        if (!proof.empty()) {
          EXPECT_FALSE(accepted(std::span(proof).first(proof.size() - 1)));
          EXPECT_FALSE(accepted(std::span(proof).subspan(1)));
        }
        proof.push_back(all[0]);
        EXPECT_FALSE(accepted(proof)) << at << " " << size;
      };
      expect_bites(inclusion, included);
      expect_bites(consistency, consistent);
    }
  }
}

TEST_F(Merkle, S3AuditTwoTreesThatDifferInOneEntryAreNotConsistent) {
  for (std::uint64_t old_size = 1; old_size < 40; ++old_size) {
    auto changed = all;
    changed[old_size / 2] = leaf_digest("something else");
    const auto proof = *consistency_proof(old_size, 40, over(changed));
    EXPECT_FALSE(verify_consistency(old_size, 40, root(old_size),
                                    naive_root(std::span(changed).first(40)), proof));
  }
}

TEST_F(Merkle, S3AuditALeafIsNeverANode) {
  std::string both(all[0].begin(), all[0].end());
  both.append(all[1].begin(), all[1].end());
  EXPECT_NE(leaf_digest(both), node_digest(all[0], all[1]));
  EXPECT_NE(leaf_digest(""), empty_digest());
}

TEST_F(Merkle, S3AuditSizesNearTheTopOfTheRangeEnd) {
  constexpr std::uint64_t kTop = ~std::uint64_t{0};
  EXPECT_FALSE(verify_inclusion(kTop - 1, kTop, all[0], all, root(1)));
  EXPECT_FALSE(verify_consistency(kTop - 1, kTop, all[0], all[1], all));
  EXPECT_FALSE(verify_consistency(std::uint64_t{1} << 63, kTop, all[0], all[1], all));
}

TEST(MerkleText, S3AuditDigestsAreReadStrictly) {
  const Digest digest = leaf_digest("x");
  EXPECT_EQ(digest_from_hex(to_hex(digest)), digest);
  EXPECT_FALSE(digest_from_hex(to_hex(digest).substr(2)));
  EXPECT_FALSE(digest_from_hex(std::string(64, 'g')));
  EXPECT_FALSE(digest_from_bytes("short"));
}

std::uint64_t number(const Json& json) { return static_cast<std::uint64_t>(*json.integer()); }

std::vector<Digest> read_proof(const Json& json) {
  std::vector<Digest> proof;
  for (const Json& node : json.array())
    proof.push_back(*digest_from_hex(*node.string()));
  return proof;
}

TEST(MerkleVectors, S3AuditAnIndependentScriptComesToTheSameTrees) {
  std::ifstream file(QUITTANCE_TEST_VECTORS "/merkle/vectors.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto vectors = Json::parse(text);
  ASSERT_TRUE(vectors);
  const auto all = leaves(300);
  const auto digests = over(all);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < (*vectors)["entries"].array().size(); ++i)
    EXPECT_EQ(from_hex(*(*vectors)["entries"].array()[i].string()), entry(i));
  for (const Json& vector : (*vectors)["roots"].array()) {
    EXPECT_EQ(to_hex(*tree_digest(number(vector["size"]), digests)), *vector["root"].string());
    ++compared;
  }
  for (const Json& vector : (*vectors)["inclusion"].array()) {
    EXPECT_EQ(*inclusion_proof(number(vector["index"]), number(vector["size"]), digests),
              read_proof(vector["proof"]));
    ++compared;
  }
  for (const Json& vector : (*vectors)["consistency"].array()) {
    EXPECT_EQ(*consistency_proof(number(vector["old_size"]), number(vector["size"]), digests),
              read_proof(vector["proof"]));
    ++compared;
  }
  EXPECT_GT(compared, 150U);
}

}  // namespace
}  // namespace quittance::base
