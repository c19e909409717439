// Threads that read, for a database that would block whoever asks it: each has a connection of its
// own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/database.hpp"

namespace quittance::storage {

class Readers {
 public:
  using Job = std::move_only_function<void(Connection&)>;

  /// One thread for each connection; more than `limit` waiting jobs are refused.
  Readers(std::vector<std::unique_ptr<Connection>> connections, std::size_t limit);
  ~Readers();  ///< after the jobs that wait

  /// False: too many wait, and `job` was not taken.
  bool post(Job& job);

 private:
  void read_on(Connection& connection);
  std::size_t limit_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace quittance::storage
