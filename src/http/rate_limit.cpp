#include "http/rate_limit.hpp"

namespace quittance::http {

bool RateLimit::allow(std::string_view address) {
  const std::lock_guard lock(mutex_);
  const std::int64_t window = base::to_ms(clock_.now()) / 60'000;
  if (window != window_ || counts_.size() >= kAddressLimit) {
    counts_.clear();
    window_ = window;
  }
  return ++counts_[std::string(address)] <= per_minute_;
}

}  // namespace quittance::http
