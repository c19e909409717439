#include "detect/bulletin.hpp"

#include <algorithm>

namespace quittance::detect {
namespace {

/// Orders that were looked at and never changed are forgotten when there are so many.
constexpr std::size_t kOrdersBeforeSweep = 4'096;

}  // namespace

void Subscription::wake() {
  base::Callback<bool>::Resume waiting;
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
    waiting = std::exchange(waiting_, nullptr);
    if (waiting) news_ = false;
  }
  if (waiting) waiting(true);
}

base::Task<bool> Subscription::changed(std::shared_ptr<Subscription> self,
                                       base::Duration patience) {
  base::Executor& executor = co_await base::ThisExecutor{};
  base::Callback<bool> pending([self, patience, &executor](base::Callback<bool>::Resume resume) {
    std::uint64_t wait = 0;
    base::Callback<bool>::Resume at_once;
    {
      const std::lock_guard lock(self->mutex_);
      wait = ++self->wait_;
      self->waiting_ = std::move(resume);
      if (std::exchange(self->news_, false)) at_once = std::exchange(self->waiting_, nullptr);
    }
    if (at_once) {
      at_once(true);
      return;
    }
    executor.post_after(patience, [self, wait] {
      base::Callback<bool>::Resume waiting;
      {
        const std::lock_guard lock(self->mutex_);
        if (self->wait_ == wait) waiting = std::exchange(self->waiting_, nullptr);
      }
      if (waiting) waiting(false);
    });
  });
  co_return co_await pending;
}

std::shared_ptr<Subscription> Bulletin::subscribe(core::OrderId id) {
  auto subscription = std::make_shared<Subscription>();
  const std::lock_guard lock(mutex_);
  if (readers_.size() >= kOrdersBeforeSweep) {
    std::erase_if(readers_, [](const auto& entry) {
      return std::ranges::all_of(entry.second, [](const auto& reader) { return reader.expired(); });
    });
  }
  auto& readers = readers_[id];
  std::erase_if(readers, [](const auto& reader) { return reader.expired(); });
  readers.push_back(subscription);
  return subscription;
}

void Bulletin::publish(core::OrderId id) {
  std::vector<std::shared_ptr<Subscription>> awake;
  {
    const std::lock_guard lock(mutex_);
    const auto readers = readers_.find(id);
    if (readers == readers_.end()) return;
    for (const auto& reader : readers->second) {
      if (auto subscription = reader.lock()) awake.push_back(std::move(subscription));
    }
    if (awake.empty()) readers_.erase(readers);
  }
  for (const auto& subscription : awake)
    subscription->wake();
}

}  // namespace quittance::detect
