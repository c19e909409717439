// Asynchronous work as coroutines, and the executor that runs them: an event loop's thread in the
// server, a virtual clock in the simulation. A Task starts when it is awaited or spawned.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace quittance::base {

using Job = std::move_only_function<void()>;

/// Runs jobs one at a time, in the order of their due moments. Posting is safe from any thread.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(Job job) = 0;
  virtual void post_after(Duration delay, Job job) = 0;
};

namespace task_machinery {

struct PromiseBase {
  Executor* executor = nullptr;
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception;
  bool starting = false;  ///< its awaiter is still inside await_suspend
  bool finished = false;  ///< it reached its end while starting

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      Promise& promise = self.promise();
      if (!promise.starting) return promise.continuation;
      promise.finished = true;
      return std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() { exception = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  std::coroutine_handle<Promise> handle() {
    return std::coroutine_handle<Promise>::from_promise(*this);
  }
  std::coroutine_handle<Promise> get_return_object() { return handle(); }
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  std::coroutine_handle<Promise> get_return_object() {
    return std::coroutine_handle<Promise>::from_promise(*this);
  }
  void return_void() {}
  void take() {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace task_machinery

/// A coroutine that yields one T. Await it once. It runs on the executor of whoever awaits it.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_machinery::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  /// Runs the Task inside this call, so that a loop over Tasks that end at once does not grow the
  /// stack: g++ turns a symmetric transfer into a tail call only when it optimizes. An executor
  /// runs one job at a time, so nothing else resumes the Task meanwhile.
  template <class Parent>
  bool await_suspend(std::coroutine_handle<Parent> parent) {
    promise_type& promise = handle_.promise();
    promise.executor = parent.promise().executor;
    promise.continuation = parent;
    promise.starting = true;
    handle_.resume();
    promise.starting = false;
    return !promise.finished;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  Handle handle_;
};

/// Suspends a Task until `start`'s callback is called, from any thread, exactly once; the Task
/// goes on where it ran before. `start` gets the callback.
template <class T>
class Callback {
 public:
  using Resume = std::move_only_function<void(T)>;
  explicit Callback(std::move_only_function<void(Resume)> start) : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  template <class Parent>
  void await_suspend(std::coroutine_handle<Parent> parent) {
    Executor* executor = parent.promise().executor;
    auto start = std::move(start_);
    start([this, executor, parent](T value) mutable {
      value_.emplace(std::move(value));
      executor->post([parent] { parent.resume(); });
    });
  }
  T await_resume() { return std::move(*value_); }

 private:
  std::move_only_function<void(Resume)> start_;
  std::optional<T> value_;
};

/// `co_await Sleep{delay}` on the executor's clock.
struct Sleep {
  Duration delay;
  bool await_ready() const noexcept { return false; }
  template <class Parent>
  void await_suspend(std::coroutine_handle<Parent> parent) {
    parent.promise().executor->post_after(delay, [parent] { parent.resume(); });
  }
  void await_resume() const noexcept {}
};

/// `Executor& here = co_await ThisExecutor{};`
struct ThisExecutor {
  Executor* executor = nullptr;
  bool await_ready() const noexcept { return false; }
  template <class Parent>
  bool await_suspend(std::coroutine_handle<Parent> parent) noexcept {
    executor = parent.promise().executor;
    return false;
  }
  Executor& await_resume() const noexcept { return *executor; }
};

/// Starts a Task on an executor and lets it go; `done` is called on that executor at its end.
/// An exception that leaves the Task ends the program: expected failures are values.
void spawn(Executor& executor, Task<void> task, Job done = [] {});

namespace task_machinery {

/// What the tasks of one `gather` share.
template <class T>
struct Gathering {
  std::vector<std::optional<T>> values;
  std::size_t missing = 0;
  std::optional<typename Callback<bool>::Resume> resume;
};

template <class T>
Task<void> gather_one(Task<T> task, std::shared_ptr<Gathering<T>> shared, std::size_t index) {
  shared->values[index].emplace(co_await task);
  if (--shared->missing == 0) (*shared->resume)(true);
}

}  // namespace task_machinery

/// Runs tasks side by side on this executor; their values in the order of the tasks.
template <class T>
Task<std::vector<T>> gather(std::vector<Task<T>> tasks) {
  std::vector<T> values;
  if (tasks.empty()) co_return values;
  Executor& executor = co_await ThisExecutor{};
  auto shared = std::make_shared<task_machinery::Gathering<T>>();
  shared->values.resize(tasks.size());
  shared->missing = tasks.size();
  Callback<bool> all_done([&](typename Callback<bool>::Resume resume) {
    shared->resume.emplace(std::move(resume));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      spawn(executor, task_machinery::gather_one(std::move(tasks[i]), shared, i));
    }
  });
  co_await all_done;
  for (std::optional<T>& value : shared->values)
    values.push_back(std::move(*value));
  co_return values;
}

/// Executor of a simulation: virtual time, one thread, same order every run.
class VirtualExecutor final : public Executor {
 public:
  explicit VirtualExecutor(ManualClock& clock);
  ~VirtualExecutor() override;
  void post(Job job) override;
  void post_after(Duration delay, Job job) override;
  /// Runs the next job, moving the clock to it. False when none is due by `latest`.
  bool run_one(Time latest = Time::max());
  /// Runs everything that is due up to `moment`, then sets the clock there.
  void run_until(Time moment);

 private:
  struct Queue;
  ManualClock& clock_;
  std::unique_ptr<Queue> queue_;
};

}  // namespace quittance::base
