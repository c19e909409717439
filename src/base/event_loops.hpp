// Inside base only: what EventLoops is made of, for the HTTP server.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "base/http.hpp"

namespace quittance::base {

/// One thread with its io_context. What is posted here runs on that thread only.
class EventLoop final : public Executor {
 public:
  EventLoop();
  ~EventLoop() override;
  void post(Job job) override;
  void post_after(Duration delay, Job job) override;
  boost::asio::io_context& context() { return context_; }
  /// Stops and joins; jobs that have not run are dropped.
  void stop();

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

struct EventLoops::State {
  std::vector<std::unique_ptr<EventLoop>> loops;
  boost::asio::io_context signals;
  std::atomic<bool> stopped = false;
};

}  // namespace quittance::base
