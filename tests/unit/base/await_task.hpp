// For tests: runs a Task on an executor and waits for its end on this thread.
#pragma once

#include <future>
#include <memory>
#include <utility>

#include "base/task.hpp"

namespace quittance::base {

template <class T>
Task<void> keep_result(Task<T> task, std::shared_ptr<std::promise<T>> result) {
  Task<T> running = std::move(task);
  result->set_value(co_await running);
}

/// What the Task returned.
template <class T>
T await_task(Executor& executor, Task<T> task) {
  auto result = std::make_shared<std::promise<T>>();
  auto future = result->get_future();
  spawn(executor, keep_result(std::move(task), std::move(result)));
  return future.get();
}

inline void await_task(Executor& executor, Task<void> task) {
  std::promise<void> ended;
  auto future = ended.get_future();
  spawn(executor, std::move(task), [&ended] { ended.set_value(); });
  future.get();
}

}  // namespace quittance::base
