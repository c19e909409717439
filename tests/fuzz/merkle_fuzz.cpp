// Any bytes as a proof: what is accepted for a tree of ours is the proof that we would make.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/base.hpp"

namespace {

using namespace quittance::base;

std::vector<Digest> entries(std::uint64_t size) {
  std::vector<Digest> all;
  for (std::uint64_t i = 0; i < size; ++i)
    all.push_back(leaf_digest(std::to_string(i)));
  return all;
}

Digest root_of(const std::vector<Digest>& all, std::uint64_t size) {
  Frontier frontier;
  for (std::uint64_t i = 0; i < size; ++i)
    frontier.add(all[i]);
  return frontier.root();
}

}  // namespace

/// Two sizes, then hashes of a proof.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint64_t a = data[0];
  const std::uint64_t b = data[1] % 65;
  std::vector<Digest> proof;
  for (std::size_t at = 2; at + 32 <= size; at += 32) {
    Digest digest;
    std::copy_n(data + at, digest.size(), digest.begin());
    proof.push_back(digest);
  }
  const auto all = entries(65);
  const SubtreeDigests digests = [&all](Subtree subtree) -> Result<Digest> {
    Frontier frontier;
    const std::uint64_t width = std::uint64_t{1} << subtree.level;
    for (std::uint64_t i = 0; i < width; ++i)
      frontier.add(all[subtree.position * width + i]);
    return frontier.root();
  };
  const Digest root = root_of(all, b);
  if (verify_inclusion(a, b, all[a % 65], proof, root)) {
    const auto ours = inclusion_proof(a, b, digests);
    if (!ours || *ours != proof) std::abort();
  }
  if (verify_consistency(a, b, root_of(all, a % 65), root, proof)) {
    const auto ours = consistency_proof(a, b, digests);
    if (!ours || *ours != proof) std::abort();
  }
  // Sizes that no log has, as a foreign file may claim them.
  if (verify_inclusion(a << 56, (b << 57) + 1, root, proof, root) && a != 0) std::abort();
  return 0;
}
