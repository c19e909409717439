// A few threads for work that would block a loop, such as hashing a password.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/task.hpp"

namespace quittance::base {

/// Runs jobs on its own threads; the Task that awaits one goes on where it was.
class Worker {
 public:
  explicit Worker(std::size_t threads);
  ~Worker();  ///< ends after the jobs that were begun

  template <class T>
  Task<T> run(std::move_only_function<T()> work) {
    Callback<T> pending([this, work = std::move(work)](auto resume) mutable {
      post([work = std::move(work), resume = std::move(resume)]() mutable { resume(work()); });
    });
    co_return co_await pending;
  }

 private:
  void post(Job job);
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace quittance::base
