// Randomness is injected (law 8): the real source for a server, a seeded one for the simulation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace quittance::base {

/// A source of random bytes. Implementations are safe to call from any thread unless they say so.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  /// Lower-case hex of `bytes` random bytes.
  std::string hex(std::size_t bytes);
  /// RFC 9562 version 4 UUID, lower case.
  std::string uuid();
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
};

/// The operating system's generator.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

/// Repeatable bytes from a seed; one thread only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::mt19937_64 engine_;
};

}  // namespace quittance::base
