#include "catch.hpp"

#include <backquery/detail/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using backquery::ThreadPool;
using Eigen::Index;

namespace {

/// How often each of the tasks was run.
std::vector<int> run_counts(ThreadPool& pool, Index tasks) {
  std::vector<std::atomic<int>> counts(static_cast<std::size_t>(tasks));
  pool.run(tasks, [&](Index task) { ++counts[static_cast<std::size_t>(task)]; });
  return {counts.begin(), counts.end()};
}

std::vector<int> ones(Index tasks) {
  return std::vector<int>(static_cast<std::size_t>(tasks), 1);
}

void wait_until(const std::atomic<bool>& condition) {
  while (!condition) std::this_thread::yield();
}

/// Threads of this process; 0 where the system has no /proc.
int process_threads() {
  std::ifstream status("/proc/self/status");
  int count = 0;
  for (std::string word; status >> word;) {
    if (word == "Threads:") status >> count;
  }
  return count;
}

}  // namespace

TEST_CASE("a pool runs each task once, region after region", "[thread_pool]") {
  for (const int threads : {1, 2, 3, 6}) {
    ThreadPool pool(threads);
    CHECK(pool.threads() == threads);
    for (int round = 0; round < 100; ++round) CHECK(run_counts(pool, round % 9) == ones(round % 9));
  }
}

TEST_CASE("the caller sees what the tasks of a region wrote", "[thread_pool]") {
  ThreadPool pool(3);
  for (int round = 0; round < 20; ++round) {
    std::vector<int> values(40, 0);
    for (int region = 0; region < 50; ++region) {
      const auto tasks = static_cast<Index>(values.size()) - region % 7;
      pool.run(tasks, [&](Index task) { ++values[static_cast<std::size_t>(task)]; });
      for (Index task = tasks; task < static_cast<Index>(values.size()); ++task) {
        ++values[static_cast<std::size_t>(task)];
      }
    }
    CHECK(values == std::vector<int>(40, 50));
  }
}

TEST_CASE("two tasks on two threads can wait for each other", "[thread_pool]") {
  ThreadPool pool(2);
  std::atomic<int> arrived{0};
  pool.run(2, [&](Index) {
    ++arrived;
    while (arrived != 2) std::this_thread::yield();
  });
  CHECK(arrived == 2);
}

TEST_CASE("a pool makes its threads once and ends them", "[thread_pool]") {
  const int before = process_threads();
  {
    ThreadPool pool(4);
    const int with_pool = process_threads();
    for (int round = 0; round < 50; ++round) run_counts(pool, 8);
    CHECK(process_threads() == with_pool);
  }
  for (int attempt = 0; process_threads() > before && attempt < 1000;
       ++attempt) {  // threads that are joined may still be listed
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  CHECK(process_threads() <= before + 1);  // a sanitizer may have started its own thread
}

TEST_CASE("a pool of no threads is rejected", "[thread_pool]") {
  for (const int threads : {0, -1}) {
    CHECK_THROWS_WITH(ThreadPool(threads), "backquery::ThreadPool: threads is " + std::to_string(threads) +
                                               ", expected at least 1");
    CHECK_THROWS_AS(ThreadPool(threads), std::invalid_argument);
  }
}

#ifndef _WIN32  // its clock() counts elapsed time, not processor time
TEST_CASE("workers sleep between regions", "[thread_pool]") {
  ThreadPool pool(4);
  const auto processor_seconds_of_a_pause = [] {
    const std::clock_t before = std::clock();  // of all threads
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  };
  CHECK(processor_seconds_of_a_pause() < 0.05);
  CHECK(run_counts(pool, 8) == ones(8));
  CHECK(processor_seconds_of_a_pause() < 0.05);
  CHECK(run_counts(pool, 8) == ones(8));  // wakes them
}
#endif

TEST_CASE("the exception of the first task that fails reaches the caller, and the pool remains usable",
          "[thread_pool]") {
  ThreadPool pool(GENERATE(1, 4));
  for (Index bad = 0; bad < 20; ++bad) {
    CHECK_THROWS_WITH(pool.run(20,
                               [bad](Index task) {
                                 if (task >= bad) throw std::runtime_error(std::to_string(task));
                               }),
                      std::to_string(bad));
    CHECK(run_counts(pool, 7) == ones(7));
  }
}

TEST_CASE("a region inside a task of the same pool runs in the task's thread", "[thread_pool]") {
  ThreadPool pool(3);
  std::vector<std::vector<int>> counts(6);
  std::atomic<int> other_threads{0};
  pool.run(6, [&](Index task) {
    counts[static_cast<std::size_t>(task)] = run_counts(pool, 5);
    const auto own = std::this_thread::get_id();
    pool.run(5, [&](Index) { other_threads += std::this_thread::get_id() != own; });
  });
  CHECK(counts == std::vector<std::vector<int>>(6, ones(5)));
  CHECK(other_threads == 0);
}

TEST_CASE("several threads can use one pool at once, and all their tasks run", "[thread_pool]") {
  ThreadPool pool(3);
  std::vector<int> right(4, 0);
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < right.size(); ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < 200; ++round) right[caller] += run_counts(pool, 7) == ones(7);
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(right == std::vector<int>(4, 200));
}

TEST_CASE("a second caller does not wait for the region of the first", "[thread_pool]") {
  ThreadPool pool(2);
  std::atomic<bool> begun{false}, release{false};
  std::thread first([&] {
    pool.run(2, [&](Index) {
      begun = true;
      wait_until(release);
    });
  });
  wait_until(begun);
  CHECK(run_counts(pool, 5) == ones(5));
  release = true;
  first.join();
}

TEST_CASE("a background call runs beside regions, which do not wait for it", "[thread_pool]") {
  ThreadPool pool(2);
  std::atomic<bool> begun{false}, release{false};
  int calls = 0;
  ThreadPool::Background background(pool, [&] {
    begun = true;
    wait_until(release);
    ++calls;
  });
  background.start();
  wait_until(begun);  // by the worker, because no thread waits for the call
  for (int round = 0; round < 10; ++round) CHECK(run_counts(pool, 5) == ones(5));
  release = true;
  background.wait();
  CHECK(calls == 1);
}

TEST_CASE("a pool of one thread makes a background call in wait", "[thread_pool]") {
  ThreadPool pool(1);
  std::thread::id thread;
  ThreadPool::Background background(pool, [&] { thread = std::this_thread::get_id(); });
  background.start();
  CHECK(run_counts(pool, 5) == ones(5));
  CHECK(thread == std::thread::id());
  background.wait();
  CHECK(thread == std::this_thread::get_id());
}

TEST_CASE("a background call may be started again after each wait", "[thread_pool]") {
  ThreadPool pool(GENERATE(1, 2, 4));
  int current = 0, next = 0;
  Index sum = 0;
  ThreadPool::Background background(pool, [&] {
    ++next;
    pool.run(3, [](Index) {});  // a region inside the call
  });
  background.start();
  for (int round = 0; round < 200; ++round) {
    background.wait();
    current = next;
    background.start();
    CHECK(run_counts(pool, round % 5) == ones(round % 5));
    sum += current;
  }
  background.wait();
  CHECK(sum == 200 * 201 / 2);
}

TEST_CASE("two background calls of one pool both run", "[thread_pool]") {
  ThreadPool pool(GENERATE(1, 2, 3));
  int first = 0, second = 0;
  ThreadPool::Background one(pool, [&] { ++first; }), other(pool, [&] { ++second; });
  for (int round = 0; round < 100; ++round) {
    one.start();
    other.start();
    other.wait();
    one.wait();
  }
  CHECK(first == 100);
  CHECK(second == 100);
}

TEST_CASE("an exception of a background call is thrown once, by wait", "[thread_pool]") {
  ThreadPool pool(GENERATE(1, 2));
  bool fails = true;
  ThreadPool::Background background(pool, [&] {
    if (fails) throw std::runtime_error("background");
  });
  background.start();
  CHECK_THROWS_WITH(background.wait(), "background");
  CHECK_NOTHROW(background.wait());  // no call was started
  fails = false;
  background.start();
  CHECK_NOTHROW(background.wait());
}

TEST_CASE("a second start of a background call without a wait is rejected", "[thread_pool]") {
  const std::string message =
      "backquery::ThreadPool::Background::start: the last call was not waited for; call wait() first";
  ThreadPool pool(GENERATE(1, 2));
  std::atomic<bool> begun{false}, release{false};
  std::atomic<int> calls{0};
  ThreadPool::Background background(pool, [&] {
    begun = true;
    wait_until(release);
    ++calls;
  });
  background.start();
  if (pool.threads() > 1) wait_until(begun);  // the call is running; a pool of one thread keeps it queued
  CHECK_THROWS_WITH(background.start(), message);
  release = true;
  while (pool.threads() > 1 && calls == 0) std::this_thread::yield();
  CHECK_THROWS_WITH(background.start(), message);  // the call may have ended
  background.wait();
  CHECK(calls == 1);
  background.start();
  background.wait();
  CHECK(calls == 2);
}

TEST_CASE("two threads may wait for the same background call", "[thread_pool]") {
  ThreadPool pool(GENERATE(1, 2));
  std::atomic<bool> begun{false}, release{false};
  std::atomic<int> calls{0};
  ThreadPool::Background background(pool, [&] {
    begun = true;
    wait_until(release);
    ++calls;
  });
  background.start();
  if (pool.threads() > 1) wait_until(begun);
  std::thread first([&] { background.wait(); });  // makes the call if the pool has no worker
  wait_until(begun);
  std::thread second([&] { background.wait(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // until the threads sleep
  release = true;
  first.join();
  second.join();
  CHECK(calls == 1);
}

TEST_CASE("destroying a Background drops a call that has not begun, and waits for one that has",
          "[thread_pool]") {
  ThreadPool pool(2);  // its destructor would wait too
  std::atomic<bool> begun{false}, release{false};
  std::atomic<int> calls{0}, dropped_calls{0};
  const auto occupy_worker = [&] {
    begun = true;
    wait_until(release);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++calls;
  };
  {
    ThreadPool::Background running(pool, occupy_worker);
    running.start();
    wait_until(begun);
    {
      ThreadPool::Background queued(pool, [&] { ++dropped_calls; });
      queued.start();
    }
    release = true;
  }
  CHECK(calls == 1);
  ThreadPool::Background next(pool, [&] { ++calls; });
  next.start();
  while (calls == 1) std::this_thread::yield();  // the worker takes calls in their order
  CHECK(dropped_calls == 0);
}
