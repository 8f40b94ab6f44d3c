/// @file
/// Threads that share the work of one call after another.
#pragma once

#include <backquery/detail/check.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace backquery {

/// A fixed number of threads, made once, that share the work of the calls to which the pool is passed:
///
/// ```cpp
/// backquery::ThreadPool two(2);
/// backquery::Parameters<float> gradients;
/// backquery::Workspace<float> workspace;
/// net.gradients(X, T, gradients, workspace, two);
/// ```
///
/// The thread that makes such a call is one of the threads of the pool. Results do not depend on the number
/// of threads, bit for bit.
///
/// Any thread may use the pool at any time. It serves one parallel region at a time: a call that finds the
/// pool busy, because another thread uses it or because the call is made inside a task of the same pool, does
/// its work in the calling thread alone. So no call waits for the work of another, and nested use cannot
/// deadlock.
///
/// Workers look for work for some tens of microseconds before they sleep, since waking a thread may take
/// longer than a short task.
class ThreadPool {
 public:
  /// @param threads  total number, the calling thread included; at least 1. No more than the processor has
  /// cores pay. If the system provides fewer threads, the pool works with those.
  /// @throws std::invalid_argument for threads < 1
  explicit ThreadPool(int threads = 1) {
    if (threads < 1) {
      detail::throw_invalid_argument("ThreadPool: threads is ", threads, ", expected at least 1");
    }
    spawn(static_cast<std::size_t>(threads) - 1);
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// No call may use the pool any more, and every Background of it must be destroyed.
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

  /// Threads that there are, the caller of run() included.
  [[nodiscard]] int threads() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  /// A parallel region: calls function(0) ... function(tasks - 1), each once, on any of the threads, and
  /// returns when all have ended. Rethrows the first exception that a task throws; tasks that have not begun
  /// by then are skipped.
  template <typename Function>
  void run(Eigen::Index tasks, const Function& function) {
    const auto call = [](const void* f, Eigen::Index task) { (*static_cast<const Function*>(f))(task); };
    if (tasks <= 1 || workers_.empty() || !run_region({call, &function, tasks})) {
      for (Eigen::Index task = 0; task < tasks; ++task) {
        function(task);
      }
    }
  }

  /// A function that runs beside parallel regions. A worker calls it when it has no task of a region to do;
  /// no region waits for it.
  ///
  /// ```cpp
  /// Eigen::MatrixXf next;
  /// backquery::ThreadPool::Background prepare_next(pool, [&] { next = backquery::inputs<float>(training);
  /// }); prepare_next.start(); net.train(X, T);  // or any other work, also by regions of the same pool
  /// prepare_next.wait();
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

    /// Asks for one call of the function. One at a time: wait() for it before the next.
    void start() {
      const std::lock_guard<std::mutex> lock(pool_.mutex_);
      pool_.queue_.push_back(this);
      pool_.notify(1);
    }

    /// Returns when the call that start() asked for has ended; calls the function here if no worker has begun
    /// to. Rethrows what the function threw.
    void wait() {
      std::unique_lock<std::mutex> lock(pool_.mutex_);
      if (take_back()) {
        call(lock);
      }
      pool_.wait(lock, [this] { return !is_running_; });
      if (error_) {
        std::rethrow_exception(std::exchange(error_, nullptr));
      }
    }

   private:
    friend class ThreadPool;

    /// Whether the call had not begun. The lock is held.
    bool take_back() {
      const auto position = std::find(pool_.queue_.begin(), pool_.queue_.end(), this);
      const bool is_queued = position != pool_.queue_.end();
      if (is_queued) {
        pool_.queue_.erase(position);
      }
      return is_queued;
    }

    /// The lock is held but for the function itself.
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
    }

    ThreadPool& pool_;
    std::function<void()> function_;
    std::exception_ptr error_;
    bool is_running_ = false;
  };

 private:
  struct Region {
    void (*call)(const void*, Eigen::Index) = nullptr;
    const void* function = nullptr;
    Eigen::Index tasks = 0;
  };

  void spawn(std::size_t workers) {
    try {
      while (workers_.size() < workers) {
        workers_.emplace_back([this] { worker_loop(); });
      }
    } catch (...) {
      // The system has no more threads, or no memory for them: the threads that exist do the work.
    }
  }

  /// Whether the pool was free; if not, nothing is done.
  bool run_region(const Region& region) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (is_busy_) {
      return false;
    }
    is_busy_ = true;
    region_ = region;
    next_task_ = 0;
    notify(static_cast<std::size_t>(region.tasks) - 1);
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
      if (next_task_ < region_.tasks) {
        ++workers_in_region_;
        run_tasks(lock);
        --workers_in_region_;
        ended_.notify_all();
        run_background(lock);
        continue;
      }
      // A region usually begins soon after a background call is asked for, and is waited for sooner.
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

  /// Runs tasks of the region until none is left. The lock is held but for the task itself.
  void run_tasks(std::unique_lock<std::mutex>& lock) {
    while (next_task_ < region_.tasks) {
      const Eigen::Index task = next_task_++;
      lock.unlock();
      try {
        region_.call(region_.function, task);
        lock.lock();
      } catch (...) {
        lock.lock();
        next_task_ = region_.tasks;
        error_ = error_ ? error_ : std::current_exception();
      }
    }
  }

  /// Whether a call was queued.
  bool run_background(std::unique_lock<std::mutex>& lock) {
    if (queue_.empty()) {
      return false;
    }
    Background& background = *queue_.front();
    queue_.erase(queue_.begin());
    background.call(lock);
    ended_.notify_all();
    return true;
  }

  /// Tells workers that there is work for so many of them. The lock is held.
  void notify(std::size_t workers) {
    ++generation_;
    for (std::size_t count = std::min(workers, sleepers_); count > 0; --count) {
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
  Region region_;
  Eigen::Index next_task_ = 0;
  std::size_t workers_in_region_ = 0, sleepers_ = 0;
  std::atomic<std::size_t> generation_{0};  // changes with all work and with stopping_
  std::vector<Background*> queue_;
  std::exception_ptr error_;  // of the region
  bool is_busy_ = false, stopping_ = false;
};

}  // namespace backquery
