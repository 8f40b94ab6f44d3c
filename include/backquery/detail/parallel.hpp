/// @file
/// Independent tasks on several threads.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace backquery::detail {

/// Threads that sleep between the jobs that they are called for. A copy has none until it is used.
class Team {
 public:
  Team() = default;
  Team(const Team&) noexcept {}
  Team(Team&&) noexcept = default;
  Team& operator=(const Team&) noexcept { return *this; }
  Team& operator=(Team&&) noexcept = default;
  ~Team() = default;

  /// Calls run(0) ... run(tasks - 1), each once, on up to `threads` threads of which the caller is one. The
  /// first exception that a task throws is thrown again here, after all have ended. One call at a time.
  template <typename Function>
  void run(Eigen::Index tasks, int threads, const Function& function) {
    if (threads <= 1 || tasks <= 1) {
      for (Eigen::Index task = 0; task < tasks; ++task) {
        function(task);
      }
      return;
    }
    if (!crew_) {
      crew_ = std::make_unique<Crew>();
    }
    const auto call = [](const void* f, Eigen::Index task) { (*static_cast<const Function*>(f))(task); };
    crew_->run({call, &function, tasks},
               static_cast<std::size_t>(std::min<Eigen::Index>(threads, tasks) - 1));
  }

 private:
  struct Job {
    void (*call)(const void*, Eigen::Index) = nullptr;
    const void* function = nullptr;
    Eigen::Index tasks = 0;
  };

  /// The threads and what they share; it stays where it is while the Team moves.
  class Crew {
   public:
    ~Crew() {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        leaving_ = true;
      }
      called_.notify_all();
      for (std::thread& member : members_) {
        member.join();
      }
    }

    void run(const Job& job, std::size_t helpers) {
      hire(helpers);
      std::unique_lock<std::mutex> lock(mutex_);
      job_ = job;
      next_ = 0;
      wanted_ = std::min(helpers, members_.size());
      error_ = nullptr;
      lock.unlock();
      for (std::size_t i = 0; i < std::min(helpers, members_.size()); ++i) {
        called_.notify_one();
      }
      lock.lock();
      work(lock);
      wanted_ = 0;  // who has not come by now need not come
      finished_.wait(lock, [this] { return working_ == 0; });
      if (error_) {
        std::rethrow_exception(error_);
      }
    }

   private:
    void hire(std::size_t helpers) {
      try {
        while (members_.size() < helpers) {
          members_.emplace_back([this] { wait_for_jobs(); });
        }
      } catch (...) {
        // No more threads to be had, or no memory for them: those that are here, and the caller, do the work.
      }
    }

    void wait_for_jobs() {
      std::unique_lock<std::mutex> lock(mutex_);
      for (;;) {
        called_.wait(lock, [this] { return leaving_ || wanted_ > 0; });
        if (leaving_) {
          return;
        }
        --wanted_;
        ++working_;
        work(lock);
        if (--working_ == 0) {
          finished_.notify_one();
        }
      }
    }

    /// Tasks until there are none left. The lock is held but for the task itself.
    void work(std::unique_lock<std::mutex>& lock) {
      while (next_ < job_.tasks) {
        const Eigen::Index task = next_++;
        lock.unlock();
        try {
          job_.call(job_.function, task);
          lock.lock();
        } catch (...) {
          lock.lock();
          next_ = job_.tasks;
          error_ = error_ ? error_ : std::current_exception();
        }
      }
    }

    std::vector<std::thread> members_;
    std::mutex mutex_;
    std::condition_variable called_, finished_;
    Job job_;
    Eigen::Index next_ = 0;
    std::size_t wanted_ = 0, working_ = 0;
    std::exception_ptr error_;
    bool leaving_ = false;
  };

  std::unique_ptr<Crew> crew_;
};

/// The same with threads that end with the call.
template <typename Function>
void parallel_for(Eigen::Index tasks, int threads, const Function& run) {
  Team().run(tasks, threads, run);
}

}  // namespace backquery::detail
