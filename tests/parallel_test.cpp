#include "catch.hpp"

#include <backquery/detail/parallel.hpp>

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

using backquery::detail::parallel_for;
using backquery::detail::Team;
using Eigen::Index;

namespace {

/// How often each of the tasks was run.
std::vector<int> run_counts(Team& team, Index tasks, int threads) {
  std::vector<std::atomic<int>> counts(static_cast<std::size_t>(tasks));
  team.run(tasks, threads, [&](Index task) { ++counts[static_cast<std::size_t>(task)]; });
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

TEST_CASE("what a task throws reaches the caller, and the team goes on", "[parallel]") {
  Team team;
  for (Index bad = 0; bad < 20; ++bad) {
    CHECK_THROWS_WITH(team.run(20, 4,
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
