// How many live streams one address may hold open.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace quittance::http {

/// Counts open streams per address; safe from any loop.
class StreamLimit {
 public:
  static constexpr std::size_t kPerAddress = 100;

  /// A place for one stream, given back when it is dropped; empty when the address has all of its.
  std::shared_ptr<void> enter(const std::string& address);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> open_;
};

}  // namespace quittance::http
