#include "catch.hpp"

#include <backquery/detail/thread_pool.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using backquery::detail::parallel_for;
using backquery::detail::Team;
using Eigen::Index;

namespace {

/// How often each of the tasks was run.
std::vector<int> run_counts(Team& team, Index tasks, int threads) {
  std::vector<std::atomic<int>> counts(static_cast<std::size_t>(tasks));
  Team::Call(team, threads).run(tasks, [&](Index task) { ++counts[static_cast<std::size_t>(task)]; });
  return {counts.begin(), counts.end()};
}

}  // namespace

TEST_CASE("a team runs each task once, call after call, with more threads and fewer", "[parallel]") {
  Team team;
  for (int round = 0; round < 200; ++round) {
    const Index tasks = round % 9;
    CHECK(run_counts(team, tasks, round % 6) == std::vector<int>(static_cast<std::size_t>(tasks), 1));
  }
}

TEST_CASE("a team runs one job after the other in a call", "[parallel]") {
  Team team;
  for (int round = 0; round < 20; ++round) {
    Team::Call call(team, 2 + round % 3);
    std::vector<int> values(40, 0);
    for (int job = 0; job < 50; ++job) {
      const auto tasks = static_cast<Index>(values.size()) - job % 7;
      call.run(tasks, [&](Index task) { ++values[static_cast<std::size_t>(task)]; });
      for (Index task = tasks; task < static_cast<Index>(values.size()); ++task) {
        ++values[static_cast<std::size_t>(task)];
      }
    }
    CHECK(values == std::vector<int>(40, 50));
  }
}

#ifndef _WIN32  // whose clock() counts the time that passes, not that of processors
TEST_CASE("the threads of a team sleep, between calls and before long in one", "[parallel]") {
  Team team;
  const auto processor_seconds_of_a_pause = [] {
    const std::clock_t before = std::clock();  // of all threads
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  };
  CHECK(run_counts(team, 8, 4) == std::vector<int>(8, 1));
  CHECK(processor_seconds_of_a_pause() < 0.05);
  Team::Call call(team, 4);
  CHECK(processor_seconds_of_a_pause() < 0.05);
  std::atomic<int> done{0};
  call.run(8, [&](Index) { ++done; });  // those who sleep in a call wake up for the next job
  CHECK(done == 8);
  CHECK(processor_seconds_of_a_pause() < 0.05);
}
#endif

TEST_CASE("what a task throws reaches the caller, and the team goes on", "[parallel]") {
  Team team;
  for (Index bad = 0; bad < 20; ++bad) {
    CHECK_THROWS_WITH(Team::Call(team, 4).run(20,
                                              [bad](Index task) {
                                                if (task == bad) throw std::runtime_error("task");
                                              }),
                      "task");
  }
  CHECK(run_counts(team, 7, 3) == std::vector<int>(7, 1));
}

TEST_CASE("a team can be copied, assigned and moved", "[parallel]") {
  Team team;
  CHECK(run_counts(team, 5, 3) == std::vector<int>(5, 1));
  Team copy = team;
  CHECK(run_counts(copy, 5, 2) == std::vector<int>(5, 1));
  Team moved = std::move(team);
  CHECK(run_counts(moved, 5, 3) == std::vector<int>(5, 1));
  copy = moved;
  CHECK(run_counts(copy, 6, 2) == std::vector<int>(6, 1));
  moved = Team();
  CHECK(run_counts(moved, 4, 2) == std::vector<int>(4, 1));
}

TEST_CASE("two tasks on two threads can wait for each other", "[parallel]") {
  std::atomic<int> arrived{0};
  parallel_for(2, 2, [&](Index) {
    ++arrived;
    while (arrived != 2) {
    }
  });
  CHECK(arrived == 2);
}
