/// @file
/// Independent tasks on several threads.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace backquery::detail {

/// Threads that sleep between the calls that they are needed for. A copy has none until it is used.
class Team {
  class Crew;

 public:
  Team() = default;
  Team(const Team&) noexcept {}
  Team(Team&&) noexcept = default;
  Team& operator=(const Team&) noexcept { return *this; }
  Team& operator=(Team&&) noexcept = default;
  ~Team() = default;

  /// While it lasts, threads of the team stand by for one job after the other: to wake a thread may take as
  /// long as a short job, so each looks out for the next one for some microseconds before it sleeps. One at a
  /// time; the team must outlive it and stay where it is.
  class Call {
   public:
    /// @param threads  of which the caller is one; no more than there are tasks in the largest job
    Call(Team& team, int threads) {
      if (threads > 1) {
        if (!team.crew_) {
          team.crew_ = std::make_unique<Crew>();
        }
        crew_ = team.crew_.get();
        crew_->wake(static_cast<std::size_t>(threads) - 1);
      }
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
      if (crew_ != nullptr) {
        crew_->dismiss();
      }
    }

    /// Calls function(0) ... function(tasks - 1), each once, on any of the threads. The first exception that
    /// a task throws is thrown again here, after all have ended.
    template <typename Function>
    void run(Eigen::Index tasks, const Function& function) {
      if (crew_ == nullptr || tasks <= 1) {
        for (Eigen::Index task = 0; task < tasks; ++task) {
          function(task);
        }
        return;
      }
      crew_->run({[](const void* f, Eigen::Index task) { (*static_cast<const Function*>(f))(task); },
                  &function, tasks});
    }

   private:
    Crew* crew_ = nullptr;  // none where the caller is alone
  };

 private:
  struct Job {
    void (*call)(const void*, Eigen::Index) = nullptr;
    const void* function = nullptr;
    Eigen::Index tasks = 0;
  };

  /// The threads and what they share; it stays where it is while the Team moves.
  class Crew {
   public:
    Crew() = default;
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew() {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        leaving_ = true;
      }
      woken_.notify_all();
      for (std::thread& member : members_) {
        member.join();
      }
    }

    void wake(std::size_t helpers) {
      hire(helpers);
      helpers = std::min(helpers, members_.size());
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        wanted_ = helpers;
      }
      for (std::size_t i = 0; i < helpers; ++i) {
        woken_.notify_one();
      }
    }

    void dismiss() {
      const std::lock_guard<std::mutex> lock(mutex_);
      wanted_ = 0;  // who has not come by now need not come
      ++calls_;
      announce();
    }

    void run(const Job& job) {
      std::unique_lock<std::mutex> lock(mutex_);
      job_ = job;
      next_ = 0;
      error_ = nullptr;
      announce();
      work(lock);
      for (int looks = most_looks; working_ > 0 && looks > 0; --looks) {
        lock.unlock();
        std::this_thread::yield();
        lock.lock();
      }
      finished_.wait(lock, [this] { return working_ == 0; });
      if (error_) {
        std::rethrow_exception(error_);
      }
    }

   private:
    void hire(std::size_t helpers) {
      try {
        while (members_.size() < helpers) {
          members_.emplace_back([this] { serve(); });
        }
      } catch (...) {
        // No more threads to be had, or no memory for them: those that are here, and the caller, do the work.
      }
    }

    void serve() {
      std::unique_lock<std::mutex> lock(mutex_);
      for (;;) {
        woken_.wait(lock, [this] { return leaving_ || wanted_ > 0; });
        if (leaving_) {
          return;
        }
        --wanted_;
        for (const auto call = calls_; call == calls_;) {
          if (next_ == job_.tasks) {
            await_news(lock);
            continue;
          }
          ++working_;
          work(lock);
          if (--working_ == 0) {
            finished_.notify_one();
          }
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

    /// That there is another job, or that the call has ended. The lock is held.
    void announce() {
      ++news_;
      if (sleepers_ > 0) {
        woken_.notify_all();
      }
    }

    void await_news(std::unique_lock<std::mutex>& lock) {
      const std::size_t known = news_;
      lock.unlock();  // those who look out must not keep those who work from their tasks
      for (int looks = most_looks; news_ == known && looks > 0; --looks) {
        std::this_thread::yield();
      }
      lock.lock();
      ++sleepers_;
      woken_.wait(lock, [&] { return news_ != known; });
      --sleepers_;
    }

    static constexpr int most_looks = 200;  // tens of microseconds

    std::vector<std::thread> members_;
    std::mutex mutex_;
    std::condition_variable woken_, finished_;
    Job job_;
    Eigen::Index next_ = 0;   // task of the job
    std::size_t wanted_ = 0;  // members that have yet to join the call
    std::size_t working_ = 0;
    std::size_t calls_ = 0;     // that have ended
    std::size_t sleepers_ = 0;  // members of the call that no longer look out
    std::atomic<std::size_t> news_{0};
    std::exception_ptr error_;
    bool leaving_ = false;
  };

  std::unique_ptr<Crew> crew_;
};

/// Calls run(0) ... run(tasks - 1), each once, on up to `threads` threads that end with it.
template <typename Function>
void parallel_for(Eigen::Index tasks, int threads, const Function& run) {
  Team team;
  Team::Call(team, static_cast<int>(std::min<Eigen::Index>(threads, tasks))).run(tasks, run);
}

}  // namespace backquery::detail
