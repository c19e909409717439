#include "base/event_loops.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>

namespace quittance::base {

namespace asio = boost::asio;

// The hint says that one thread runs the context; posting from others stays safe.
EventLoop::EventLoop() : context_(1), work_(context_.get_executor()) {
  thread_ = std::thread([this] { context_.run(); });
}

EventLoop::~EventLoop() { stop(); }

void EventLoop::post(Job job) { asio::post(context_, std::move(job)); }

void EventLoop::post_after(Duration delay, Job job) {
  auto timer = std::make_unique<asio::steady_timer>(context_, delay);
  asio::steady_timer& waiting = *timer;
  waiting.async_wait([timer = std::move(timer),
                      job = std::move(job)](const boost::system::error_code& failure) mutable {
    if (!failure) job();
  });
}

void EventLoop::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

EventLoops::EventLoops(std::size_t threads) : state_(std::make_unique<State>()) {
  for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
    state_->loops.push_back(std::make_unique<EventLoop>());
  }
}

EventLoops::~EventLoops() { stop(); }

std::size_t EventLoops::size() const { return state_->loops.size(); }

Executor& EventLoops::executor(std::size_t index) { return *state_->loops.at(index); }

void EventLoops::stop() {
  state_->stopped = true;
  for (const auto& loop : state_->loops)
    loop->stop();
}

void EventLoops::wait_for_signal() {
  asio::signal_set arriving(state_->signals, SIGINT, SIGTERM);
  // An aborted wait (the set's own destruction) must not touch the context any more.
  arriving.async_wait([this](const boost::system::error_code& failure, int) {
    if (!failure) state_->signals.stop();
  });
  state_->signals.run();
  state_->signals.restart();
}

void EventLoops::wake() { state_->signals.stop(); }

}  // namespace quittance::base
