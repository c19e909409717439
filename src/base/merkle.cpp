#include "base/merkle.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>

#include "base/crypto.hpp"

namespace quittance::base {
namespace {

constexpr char kLeafPrefix = 0x00;
constexpr char kNodePrefix = 0x01;

Digest hashed(std::string_view bytes) {
  // Looked up once: asking OpenSSL for it by name costs as much as hashing two digests.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Digest out;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, algorithm, nullptr) != 1) {
    throw std::runtime_error("EVP_Digest failed");
  }
  return out;
}

/// The entries from `begin` to before `end`, where `begin` is a multiple of the largest power of
/// two that is not above their number.
struct Span {
  std::uint64_t begin;
  std::uint64_t end;
  std::uint64_t size() const { return end - begin; }
  bool complete() const { return std::has_single_bit(size()); }
  /// Where the larger, complete half ends: the largest power of two below the size.
  std::uint64_t middle() const { return begin + std::bit_floor(size() - 1); }
};

Result<Digest> span_digest(Span span, const SubtreeDigests& digests) {
  if (span.complete()) {
    return digests({.level = std::countr_zero(span.size()), .position = span.begin / span.size()});
  }
  TRY(const Digest left, span_digest({span.begin, span.middle()}, digests));
  TRY(const Digest right, span_digest({span.middle(), span.end}, digests));
  return node_digest(left, right);
}

std::unexpected<Error> out_of_range() {
  return fail(ErrorCode::not_found, "The log does not reach that far.");
}

}  // namespace

Digest leaf_digest(std::string_view entry) {
  std::string bytes(1, kLeafPrefix);
  bytes.append(entry);
  return hashed(bytes);
}

Digest node_digest(const Digest& left, const Digest& right) {
  std::array<char, 65> bytes;
  bytes[0] = kNodePrefix;
  std::ranges::copy(left, bytes.begin() + 1);
  std::ranges::copy(right, bytes.begin() + 33);
  return hashed({bytes.data(), bytes.size()});
}

Digest empty_digest() { return hashed(""); }

std::optional<Digest> digest_from_bytes(std::string_view bytes) {
  Digest digest;
  if (bytes.size() != digest.size()) return std::nullopt;
  std::ranges::copy(bytes, digest.begin());
  return digest;
}

std::optional<Digest> digest_from_hex(std::string_view hex) {
  const auto bytes = from_hex(hex);
  return bytes ? digest_from_bytes(*bytes) : std::nullopt;
}

std::optional<Frontier> Frontier::from(std::uint64_t size, std::vector<Digest> peaks) {
  if (static_cast<std::size_t>(std::popcount(size)) != peaks.size()) return std::nullopt;
  Frontier frontier;
  frontier.size_ = size;
  frontier.peaks_ = std::move(peaks);
  return frontier;
}

void Frontier::add(const Digest& leaf,
                   const std::function<void(Subtree, const Digest&)>& completed) {
  Digest digest = leaf;
  // Each one at the end of the old size is a peak that finds its right neighbour now.
  for (int level = 0; level < std::countr_one(size_); ++level) {
    digest = node_digest(peaks_.back(), digest);
    peaks_.pop_back();
    if (completed) completed({.level = level + 1, .position = size_ >> (level + 1)}, digest);
  }
  peaks_.push_back(digest);
  ++size_;
}

Digest Frontier::root() const {
  if (peaks_.empty()) return empty_digest();
  Digest digest = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i > 0; --i)
    digest = node_digest(peaks_[i - 1], digest);
  return digest;
}

Result<Digest> tree_digest(std::uint64_t size, const SubtreeDigests& digests) {
  if (size == 0) return empty_digest();
  return span_digest({0, size}, digests);
}

Result<std::vector<Digest>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                            const SubtreeDigests& digests) {
  if (index >= size) return out_of_range();
  std::vector<Digest> proof;
  for (Span span{0, size}; span.size() > 1;) {
    const bool left = index < span.middle();
    const Span other = left ? Span{span.middle(), span.end} : Span{span.begin, span.middle()};
    TRY(const Digest digest, span_digest(other, digests));
    proof.push_back(digest);
    span = left ? Span{span.begin, span.middle()} : Span{span.middle(), span.end};
  }
  // From the root down was easier to find; from the entry up is how it is written and read.
  std::ranges::reverse(proof);
  return proof;
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf,
                      std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Digest digest = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if (node % 2 == 1 || node == last) {
      digest = node_digest(sibling, digest);
      // The last node of a level without a right neighbour is carried up as it is.
      while (node % 2 == 0 && node != 0) {
        node /= 2;
        last /= 2;
      }
    } else {
      digest = node_digest(digest, sibling);
    }
    node /= 2;
    last /= 2;
  }
  return last == 0 && digest == root;
}

Result<std::vector<Digest>> consistency_proof(std::uint64_t old_size, std::uint64_t size,
                                              const SubtreeDigests& digests) {
  if (old_size > size) return out_of_range();
  std::vector<Digest> proof;
  if (old_size == 0 || old_size == size) return proof;
  Span span{0, size};
  while (span.end != old_size) {
    const bool left = old_size <= span.middle();
    const Span other = left ? Span{span.middle(), span.end} : Span{span.begin, span.middle()};
    TRY(const Digest digest, span_digest(other, digests));
    proof.push_back(digest);
    span = left ? Span{span.begin, span.middle()} : Span{span.middle(), span.end};
  }
  // What is left is the last subtree of the old tree. When it is all of it, its root is known.
  if (span.begin != 0) {
    TRY(const Digest digest, span_digest(span, digests));
    proof.push_back(digest);
  }
  std::ranges::reverse(proof);
  return proof;
}

bool verify_consistency(std::uint64_t old_size, std::uint64_t size, const Digest& old_root,
                        const Digest& root, std::span<const Digest> proof) {
  if (old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  if (old_size == 0) return proof.empty() && old_root == empty_digest();
  std::uint64_t node = old_size - 1;
  std::uint64_t last = size - 1;
  while (node % 2 == 1) {
    node /= 2;
    last /= 2;
  }
  // An old tree that is one complete subtree is where both ways begin.
  const bool known = std::has_single_bit(old_size);
  if (!known && proof.empty()) return false;
  Digest old_digest = known ? old_root : proof.front();
  Digest digest = old_digest;
  for (const Digest& sibling : proof.subspan(known ? 0 : 1)) {
    if (last == 0) return false;
    if (node % 2 == 1 || node == last) {
      old_digest = node_digest(sibling, old_digest);
      digest = node_digest(sibling, digest);
      while (node % 2 == 0 && node != 0) {
        node /= 2;
        last /= 2;
      }
    } else {
      digest = node_digest(digest, sibling);
    }
    node /= 2;
    last /= 2;
  }
  return last == 0 && old_digest == old_root && digest == root;
}

}  // namespace quittance::base
