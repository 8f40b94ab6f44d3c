/// @file
/// Independent tasks on several threads.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace backquery::detail {

/// Calls run(0) ... run(tasks - 1), each once, on up to `threads` threads of which the caller is one. The
/// threads end with the call. The first exception that a task throws is thrown again here, after all threads
/// have ended.
template <typename Function>
void parallel_for(Eigen::Index tasks, int threads, const Function& run) {
  if (threads <= 1 || tasks <= 1) {
    for (Eigen::Index task = 0; task < tasks; ++task) {
      run(task);
    }
    return;
  }
  std::atomic<Eigen::Index> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&] {
    try {
      for (Eigen::Index task = next++; task < tasks; task = next++) {
        run(task);
      }
    } catch (...) {
      next = tasks;
      const std::lock_guard<std::mutex> lock(mutex);
      error = error ? error : std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  const auto wanted = static_cast<std::size_t>(std::min<Eigen::Index>(threads, tasks) - 1);
  helpers.reserve(wanted);
  try {
    while (helpers.size() < wanted) {
      helpers.emplace_back(work);
    }
  } catch (...) {
    // No more threads to be had, or no memory for them: those that run, and this one, do the work.
  }
  work();
  for (std::thread& helper : helpers) {
    helper.join();
  }
  if (error) {
    std::rethrow_exception(error);
  }
}

}  // namespace backquery::detail
