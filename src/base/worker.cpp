#include "base/worker.hpp"

#include <csignal>

namespace quittance::base {

Worker::Worker(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      // Signals meant for the process are for the threads that wait for them, and a peer that has
      // gone must not end the process (SIGPIPE).
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      for (bool running = true; running;) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        running = !stopping_;
        if (jobs_.empty() || stopping_) continue;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
      }
    });
  }
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  filled_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void Worker::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  filled_.notify_one();
}

}  // namespace quittance::base
