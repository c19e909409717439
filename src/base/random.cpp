#include "base/random.hpp"

#include <sodium.h>

#include <array>
#include <cstring>
#include <vector>

#include "base/crypto.hpp"
#include "base/sodium.hpp"

namespace quittance::base {

std::string Random::hex(std::size_t bytes) {
  std::vector<std::uint8_t> buffer(bytes);
  fill(buffer);
  return to_hex(buffer);
}

std::string Random::uuid() {
  std::array<std::uint8_t, 16> b{};
  fill(b);
  b[6] = static_cast<std::uint8_t>((b[6] & 0x0F) | 0x40);
  b[8] = static_cast<std::uint8_t>((b[8] & 0x3F) | 0x80);
  const std::string h = to_hex(b);
  return h.substr(0, 8) + "-" + h.substr(8, 4) + "-" + h.substr(12, 4) + "-" + h.substr(16, 4) +
         "-" + h.substr(20);
}

std::uint64_t Random::below(std::uint64_t bound) {
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = limit;
  while (value >= limit) {
    std::array<std::uint8_t, 8> b{};
    fill(b);
    std::memcpy(&value, b.data(), b.size());
  }
  return value % bound;
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  ready_sodium();
  randombytes_buf(bytes.data(), bytes.size());
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const std::uint64_t word = engine_();
    std::memcpy(bytes.data() + i, &word, std::min<std::size_t>(8, bytes.size() - i));
  }
}

}  // namespace quittance::base
