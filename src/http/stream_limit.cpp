#include "http/stream_limit.hpp"

namespace quittance::http {

std::shared_ptr<void> StreamLimit::enter(const std::string& address) {
  const std::lock_guard lock(mutex_);
  std::size_t& count = open_[address];
  if (count >= kPerAddress) return nullptr;
  ++count;
  return {this, [address](StreamLimit* limit) {
            const std::lock_guard again(limit->mutex_);
            const auto entry = limit->open_.find(address);
            if (--entry->second == 0) limit->open_.erase(entry);
          }};
}

}  // namespace quittance::http
