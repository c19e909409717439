// How many requests one address may send in a minute.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/base.hpp"

namespace quittance::http {

/// Counts per address in windows of one minute; safe from any loop. Remembers a bounded number of
/// addresses and starts afresh beyond it, which lets a few requests more through, never fewer.
class RateLimit {
 public:
  RateLimit(std::int64_t per_minute, const base::Clock& clock)
      : per_minute_(per_minute), clock_(clock) {}
  bool allow(std::string_view address);

 private:
  static constexpr std::size_t kAddressLimit = 100'000;
  std::int64_t per_minute_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::int64_t window_ = 0;
  std::unordered_map<std::string, std::int64_t> counts_;
};

}  // namespace quittance::http
