#include "storage/readers.hpp"

namespace quittance::storage {

Readers::Readers(std::vector<std::unique_ptr<Connection>> connections, std::size_t limit)
    : limit_(limit), connections_(std::move(connections)) {
  for (const auto& connection : connections_)
    threads_.emplace_back([this, raw = connection.get()] { read_on(*raw); });
}

Readers::~Readers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

bool Readers::post(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= limit_ || stopping_) return false;
    jobs_.push_back(std::move(job));
  }
  filled_.notify_one();
  return true;
}

void Readers::read_on(Connection& connection) {
  for (bool running = true; running;) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    running = !jobs_.empty();
    if (!running) continue;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job(connection);
  }
}

}  // namespace quittance::storage
