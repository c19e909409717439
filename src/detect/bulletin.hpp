// The bulletin: who wants to hear of an order, and the news that it changed. Nothing here is a
// fact; a reader who hears news looks into the books.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "core/core.hpp"

namespace quittance::detect {

/// One reader of one order's news. At most one wait at a time.
class Subscription {
 public:
  /// Comes back at the next news, or after `patience`. True: there was news, perhaps before the
  /// call.
  static base::Task<bool> changed(std::shared_ptr<Subscription> self, base::Duration patience);

 private:
  friend class Bulletin;
  void wake();
  std::mutex mutex_;
  bool news_ = false;
  std::uint64_t wait_ = 0;  ///< tells a time-out of an earlier wait from one of this
  base::Callback<bool>::Resume waiting_;
};

/// Publishes news to subscriptions; safe from any thread.
class Bulletin {
 public:
  std::shared_ptr<Subscription> subscribe(core::OrderId id);
  void publish(core::OrderId id);

 private:
  std::mutex mutex_;
  std::map<core::OrderId, std::vector<std::weak_ptr<Subscription>>> readers_;
};

}  // namespace quittance::detect
