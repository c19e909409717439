#include "base/task.hpp"

#include <map>
#include <mutex>

namespace quittance::base {
namespace {

/// A coroutine that nobody waits for: its frame goes away by itself at the end.
struct Detached {
  struct promise_type {
    Executor* executor = nullptr;
    Detached get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    // An exception here is a fault of ours that nobody is left to handle.
    [[noreturn]] void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Detached run(Task<void> task, Job done) {
  {
    // The Task's frame, and all it holds, is gone before `done` says that it ended.
    Task<void> running = std::move(task);
    co_await running;
  }
  done();
}

/// Starts the coroutine, or destroys it when the executor goes away without running it.
class FirstStep {
 public:
  explicit FirstStep(std::coroutine_handle<> handle) : handle_(handle) {}
  FirstStep(FirstStep&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  FirstStep& operator=(FirstStep&&) = delete;
  ~FirstStep() {
    if (handle_) handle_.destroy();
  }
  void operator()() { std::exchange(handle_, nullptr).resume(); }

 private:
  std::coroutine_handle<> handle_;
};

}  // namespace

void spawn(Executor& executor, Task<void> task, Job done) {
  const Detached started = run(std::move(task), std::move(done));
  started.handle.promise().executor = &executor;
  executor.post(FirstStep(started.handle));
}

/// Jobs by due moment, then by order of arrival.
struct VirtualExecutor::Queue {
  std::mutex mutex;
  std::uint64_t arrivals = 0;
  std::map<std::pair<Time, std::uint64_t>, Job> jobs;

  void add(Time due, Job job) {
    const std::lock_guard lock(mutex);
    jobs.emplace(std::pair(due, arrivals++), std::move(job));
  }
  /// The next job when it is due by `latest`; an empty Job otherwise.
  std::pair<Time, Job> take(Time latest) {
    const std::lock_guard lock(mutex);
    if (jobs.empty() || jobs.begin()->first.first > latest) return {latest, Job()};
    auto node = jobs.extract(jobs.begin());
    return {node.key().first, std::move(node.mapped())};
  }
};

VirtualExecutor::VirtualExecutor(ManualClock& clock)
    : clock_(clock), queue_(std::make_unique<Queue>()) {}

VirtualExecutor::~VirtualExecutor() = default;

void VirtualExecutor::post(Job job) { queue_->add(clock_.now(), std::move(job)); }

void VirtualExecutor::post_after(Duration delay, Job job) {
  queue_->add(clock_.now() + delay, std::move(job));
}

bool VirtualExecutor::run_one(Time latest) {
  auto [due, job] = queue_->take(latest);
  if (!job) return false;
  if (due > clock_.now()) clock_.set(due);
  job();
  return true;
}

void VirtualExecutor::run_until(Time moment) {
  for (bool more = true; more;)
    more = run_one(moment);
  clock_.set(moment);
}

}  // namespace quittance::base
