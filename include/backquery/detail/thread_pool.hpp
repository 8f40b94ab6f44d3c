/// @file
/// A pool of threads that share the work of parallel regions.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
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
/// In regions with equal numbers of tasks, each thread takes the same tasks, so that their data stay in the
/// cache of its core. A thread without remaining tasks takes tasks of other threads. Threads spin for some
/// tens of microseconds before they sleep, because waking a thread may take longer than a short task.
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
      while (threads > 1 && static_cast<int>(shares_.size()) < threads) {
        shares_.push_back(std::make_unique<Share>());
        if (shares_.size() > 1) {  // share 0 belongs to the calling thread
          workers_.emplace_back([this, own = workers_.size() + 1] { work(own); });
        }
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
    stopping_ = true;
    announce(workers_.size());
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }

  /// The actual number of threads, the caller of run() included.
  [[nodiscard]] int threads() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  /// A parallel region: calls function(0) ... function(tasks - 1), each once, on any of the threads, and
  /// returns when all have ended. If tasks throw, the exception of the task with the lowest index is
  /// rethrown; tasks after the failed task that have not begun are skipped.
  template <typename Function>
  void run(Index tasks, const Function& function) {
    if (tasks <= 1 || workers_.empty() || is_busy_.exchange(true)) {
      for (Index task = 0; task < tasks; ++task) {
        function(task);
      }
    } else {
      run_region(tasks, std::cref(function));
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
      if (!take_back()) {
        pool_.wait(pool_.ended_, [this] { return !is_pending_; });
      }
      const std::lock_guard<std::mutex> lock(pool_.mutex_);  // until the worker has left the object
    }

    /// Requests one call of the function. Call wait() before the next start().
    /// @throws std::invalid_argument if wait() has not been called since the last start()
    void start() {
      {
        const std::lock_guard<std::mutex> lock(pool_.mutex_);
        if (is_awaited_) {
          detail::throw_invalid_argument(
              "ThreadPool::Background::start: the last call was not waited for; call wait() first");
        }
        pool_.queue_.push_back(this);
        is_awaited_ = is_pending_ = true;
      }
      pool_.announce(1);
    }

    /// Returns when the call that start() requested has ended. If no worker has begun the call, the calling
    /// thread makes it. Rethrows an exception of the function; if several threads wait, only one of them
    /// receives the exception.
    void wait() {
      if (take_back()) {
        call();
      }
      pool_.wait(pool_.ended_, [this] { return !is_pending_; });
      const std::lock_guard<std::mutex> lock(pool_.mutex_);
      is_awaited_ = false;
      if (error_) {
        std::rethrow_exception(std::exchange(error_, nullptr));
      }
    }

   private:
    friend class ThreadPool;

    /// Removes the call from the queue. Returns whether it had not begun.
    bool take_back() {
      const std::lock_guard<std::mutex> lock(pool_.mutex_);
      const auto position = std::find(pool_.queue_.begin(), pool_.queue_.end(), this);
      const bool is_queued = position != pool_.queue_.end();
      if (is_queued) {
        pool_.queue_.erase(position);
      }
      return is_queued;
    }

    /// Runs the function. Other threads may destroy this object as soon as the lock is free.
    void call() {
      std::exception_ptr error;
      try {
        function_();
      } catch (...) {
        error = std::current_exception();
      }
      const std::lock_guard<std::mutex> lock(pool_.mutex_);
      error_ = std::move(error);
      is_pending_ = false;
      pool_.ended_.notify_all();
    }

    ThreadPool& pool_;
    std::function<void()> function_;
    std::exception_ptr error_;
    std::atomic<bool> is_pending_{false};  // from start() to the end of the call
    bool is_awaited_ = false;              // from start() to wait()
  };

 private:
  /// The tasks of one thread: the task with the index of the thread, and every threads()-th task after it.
  /// Each share has a cache line of its own, because the counter is written for every task.
  struct alignas(detail::line_bytes) Share {
    std::atomic<Index> next{0};
  };

  /// Runs the region. is_busy_ is true at the beginning, and false at the end.
  /// @param function  a reference wrapper, so that std::function allocates nothing
  void run_region(Index tasks, std::function<void(Index)> function) {
    function_ = std::move(function);
    end_ = tasks;
    for (std::size_t thread = 0; thread < shares_.size(); ++thread) {
      shares_[thread]->next = static_cast<Index>(thread);
    }
    is_open_ = true;
    announce(static_cast<std::size_t>(tasks) - 1);
    run_tasks(0);
    is_open_ = false;
    wait(ended_, [this] { return workers_inside_ == 0; });
    const std::exception_ptr error = std::exchange(error_, nullptr);
    is_busy_ = false;
    if (error) {
      std::rethrow_exception(error);
    }
  }

  /// Runs tasks of the region until none is left, first those of the share `own`.
  void run_tasks(std::size_t own) {
    const auto step = static_cast<Index>(shares_.size());
    for (std::size_t k = 0; k < shares_.size(); ++k) {
      std::atomic<Index>& next = shares_[(own + k) % shares_.size()]->next;
      while (next < end_) {
        run_task(next.fetch_add(step));
      }
    }
  }

  void run_task(Index task) {
    try {
      if (task < end_) {
        function_(task);
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (task < end_) {
        end_ = task;
        error_ = std::current_exception();
      }
    }
  }

  /// Works until the pool ends, beginning each region with the share `own`.
  void work(std::size_t own) {
    for (;;) {
      const std::size_t known = generation_;
      if (stopping_) {
        return;
      }
      ++workers_inside_;  // a region that is open after this line waits for the next count
      if (is_open_) {
        run_tasks(own);
      }
      if (--workers_inside_ == 0 && sleepers_ > 0) {
        const std::lock_guard<std::mutex> lock(mutex_);
        ended_.notify_all();
      }
      if (!run_background()) {
        wait(wake_, [&] { return generation_ != known; });
      }
    }
  }

  /// Runs the first queued background call. Returns whether there was one.
  bool run_background() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (queue_.empty()) {
      return false;
    }
    Background& background = *queue_.front();
    queue_.erase(queue_.begin());
    lock.unlock();
    background.call();
    return true;
  }

  /// Announces work for `workers` workers, and wakes as many of those that sleep.
  void announce(std::size_t workers) {
    ++generation_;
    if (sleepers_ > 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (std::size_t count = (std::min)(workers, sleepers_.load()); count > 0; --count) {
        wake_.notify_one();
      }
    }
  }

  /// Waits until the condition holds. The condition reads atomic variables. A thread that changes one of
  /// these variables then notifies `changed` with the lock held, if there are sleepers.
  template <typename Condition>
  void wait(std::condition_variable& changed, const Condition& condition) {
    using Clock = std::chrono::steady_clock;
    for (const auto end = Clock::now() + spin_time; Clock::now() < end; std::this_thread::yield()) {
      if (condition()) {
        return;
      }
    }
    std::unique_lock<std::mutex> lock(mutex_);
    ++sleepers_;
    changed.wait(lock, condition);
    --sleepers_;
  }

  // A time, not a number of turns: if threads share a core, each yield takes long, and the system moves a
  // thread to an idle core only when the thread wakes up.
  static constexpr std::chrono::microseconds spin_time{50};

  std::vector<std::thread> workers_;
  // The current region:
  std::function<void(Index)> function_;
  std::atomic<Index> end_{0};  // the number of tasks, or the lowest index of a failed task
  std::vector<std::unique_ptr<Share>> shares_;
  std::exception_ptr error_;
  std::atomic<bool> is_busy_{false}, is_open_{false}, stopping_{false};
  std::atomic<std::size_t> workers_inside_{0}, sleepers_{0};
  std::atomic<std::size_t> generation_{0};  // changes with all work and with stopping_

  std::mutex mutex_;               // for the queue, errors and sleep
  std::condition_variable wake_;   // for workers: there is work
  std::condition_variable ended_;  // for callers: no worker is inside, or a background call ended
  std::vector<Background*> queue_;
};

}  // namespace backquery
