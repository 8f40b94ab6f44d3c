/// @file
/// A pool of threads that share the work of parallel regions.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace backquery {

/// A fixed number of threads. They are made once and share the work of each call to which the pool is passed:
///
/// ```cpp
/// backquery::ThreadPool two(2);
/// backquery::Parameters<float> gradients;
/// backquery::Workspace<float> workspace;
/// net.gradients(X, T, gradients, workspace, two);
/// ```
///
/// The calling thread is one of the threads of the pool. Results do not depend on the number of threads, bit
/// for bit.
///
/// Any thread may use the pool at any time. It runs one parallel region at a time. A call does its work in
/// the calling thread alone if another thread uses the pool, or if the call is made inside a task of the same
/// pool. So no call waits for another, and nested use cannot deadlock.
///
/// Workers spin for some tens of microseconds before they sleep, because waking a thread may take longer than
/// a short task.
class ThreadPool {
 public:
  /// @param threads  total number, the calling thread included; at least 1, and best at most the number of
  /// cores. If the system provides fewer threads, the pool works with those.
  /// @throws std::invalid_argument for threads < 1
  explicit ThreadPool(int threads = 1) {
    if (threads < 1) {
      detail::throw_invalid_argument("ThreadPool: threads is ", threads, ", expected at least 1");
    }
    try {
      while (static_cast<int>(workers_.size()) < threads - 1) {
        workers_.emplace_back([this] { worker_loop(); });
      }
    } catch (...) {
      // The system has no more threads or memory. The existing threads do the work.
    }
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Ends the workers. All calls that use the pool must have ended before, and each Background of the pool
  /// must be destroyed.
  ~ThreadPool() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      notify(workers_.size());
    }
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }

  /// The actual number of threads, the caller of run() included.
  [[nodiscard]] int threads() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  /// A parallel region: calls function(0) ... function(tasks - 1), each once, on any of the threads, and
  /// returns when all have ended. Rethrows the first exception of a task; tasks that have not begun by then
  /// are skipped.
  template <typename Function>
  void run(Index tasks, const Function& function) {
    if (tasks <= 1 || workers_.empty() || !run_region(tasks, std::cref(function))) {
      for (Index task = 0; task < tasks; ++task) {
        function(task);
      }
    }
  }

  /// A function that runs beside parallel regions. A worker without a task of a region calls it. No region
  /// waits for it.
  ///
  /// ```cpp
  /// Eigen::MatrixXf next;
  /// const auto prepare = [&] { next = backquery::inputs<float>(training); };
  /// backquery::ThreadPool::Background background(pool, prepare);
  /// background.start();
  /// net.train(X, T);  // or other work, also regions of the same pool
  /// background.wait();
  /// ```
  class Background {
   public:
    /// @param pool  must outlive this object
    Background(ThreadPool& pool, std::function<void()> function)
        : pool_(pool), function_(std::move(function)) {}
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    /// Waits for a worker that is inside the function; a call that has not begun is dropped.
    ~Background() {
      std::unique_lock<std::mutex> lock(pool_.mutex_);
      take_back();
      pool_.wait(lock, [this] { return !is_running_; });
    }

    /// Requests one call of the function. Call wait() before the next start().
    /// @throws std::invalid_argument if wait() has not been called since the last start()
    void start() {
      const std::lock_guard<std::mutex> lock(pool_.mutex_);
      if (is_awaited_) {
        detail::throw_invalid_argument(
            "ThreadPool::Background::start: the last call was not waited for; call wait() first");
      }
      pool_.queue_.push_back(this);
      is_awaited_ = true;
      pool_.notify(1);
    }

    /// Returns when the call that start() requested has ended. If no worker has begun the call, the calling
    /// thread makes it. Rethrows an exception of the function; if several threads wait, only one of them
    /// receives the exception.
    void wait() {
      std::unique_lock<std::mutex> lock(pool_.mutex_);
      if (take_back()) {
        call(lock);
      }
      pool_.wait(lock, [this] { return !is_running_; });
      is_awaited_ = false;
      if (error_) {
        std::rethrow_exception(std::exchange(error_, nullptr));
      }
    }

   private:
    friend class ThreadPool;

    /// Removes the call from the queue. Returns whether it had not begun. The lock is held.
    bool take_back() {
      const auto position = std::find(pool_.queue_.begin(), pool_.queue_.end(), this);
      const bool is_queued = position != pool_.queue_.end();
      if (is_queued) {
        pool_.queue_.erase(position);
      }
      return is_queued;
    }

    /// Runs the function. The lock is held before and after, but not during the function.
    void call(std::unique_lock<std::mutex>& lock) {
      is_running_ = true;
      lock.unlock();
      std::exception_ptr error;
      try {
        function_();
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      error_ = std::move(error);
      is_running_ = false;
      pool_.ended_.notify_all();
    }

    ThreadPool& pool_;
    std::function<void()> function_;
    std::exception_ptr error_;
    bool is_running_ = false, is_awaited_ = false;
  };

 private:
  /// Runs the region if the pool is free. Returns whether it was.
  /// @param function  a reference wrapper, so that std::function allocates nothing
  bool run_region(Index tasks, std::function<void(Index)> function) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (is_busy_) {
      return false;
    }
    is_busy_ = true;
    function_ = std::move(function);
    next_task_ = 0;
    tasks_ = tasks;
    notify(static_cast<std::size_t>(tasks) - 1);
    run_tasks(lock);
    wait(lock, [this] { return workers_in_region_ == 0; });
    is_busy_ = false;
    if (error_) {
      std::rethrow_exception(std::exchange(error_, nullptr));
    }
    return true;
  }

  void worker_loop() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopping_) {
      if (next_task_ < tasks_) {
        ++workers_in_region_;
        run_tasks(lock);
        --workers_in_region_;
        ended_.notify_all();
        run_background(lock);
        continue;
      }
      // Spin before a background call: a region usually begins soon after start(), and its caller waits for
      // it first.
      const std::size_t known = generation_;
      lock.unlock();  // a spinning worker must not hold the lock that busy ones need
      for (int spins = 0; generation_ == known && spins < spin_limit; ++spins) {
        std::this_thread::yield();
      }
      lock.lock();
      if (generation_ == known && !run_background(lock)) {
        ++sleepers_;
        wake_.wait(lock, [&] { return generation_ != known; });
        --sleepers_;
      }
    }
  }

  /// Runs tasks of the region until none is left. The lock is held, but not during a task.
  void run_tasks(std::unique_lock<std::mutex>& lock) {
    while (next_task_ < tasks_) {
      const Index task = next_task_++;
      lock.unlock();
      try {
        function_(task);
        lock.lock();
      } catch (...) {
        lock.lock();
        next_task_ = tasks_;
        error_ = error_ ? error_ : std::current_exception();
      }
    }
  }

  /// Runs the first queued background call. Returns whether there was one.
  bool run_background(std::unique_lock<std::mutex>& lock) {
    if (queue_.empty()) {
      return false;
    }
    Background& background = *queue_.front();
    queue_.erase(queue_.begin());
    background.call(lock);
    return true;
  }

  /// Announces work for `workers` workers: wakes sleepers and changes the generation. The lock is held.
  void notify(std::size_t workers) {
    ++generation_;
    for (std::size_t count = (std::min)(workers, sleepers_); count > 0; --count) {
      wake_.notify_one();
    }
  }

  /// Waits for workers until the condition holds, which is read under the lock.
  template <typename Condition>
  void wait(std::unique_lock<std::mutex>& lock, const Condition& condition) {
    for (int spins = 0; !condition() && spins < spin_limit; ++spins) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    }
    ended_.wait(lock, condition);
  }

  static constexpr int spin_limit = 200;  // tens of microseconds

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;   // for workers: there is work
  std::condition_variable ended_;  // for callers: a worker has left the region, or a background call ended
  std::function<void(Index)> function_;  // of the region
  Index next_task_ = 0, tasks_ = 0;
  std::size_t workers_in_region_ = 0, sleepers_ = 0;
  std::atomic<std::size_t> generation_{0};  // changes with all work and with stopping_
  std::vector<Background*> queue_;
  std::exception_ptr error_;  // of the region
  bool is_busy_ = false, stopping_ = false;
};

}  // namespace backquery
