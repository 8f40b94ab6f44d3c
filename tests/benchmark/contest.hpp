/// @file
/// The same work done by several contestants in turn, timed, and what is said about it.
///
/// A shared or a warm machine slows everyone alike, so the figure that counts is the ratio of two times taken
/// right after one another in one process; of the repetitions it is the median, with the least and the
/// greatest beside it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace bench {

struct Contestant {
  std::string name;
  std::function<void()> work;
  std::function<void()> prepare = [] {};  ///< before each repetition, not timed
};

struct Contest {
  std::string name;                     ///< as "train(X, T), MNIST"
  std::string unit;                     ///< what is counted: "steps"
  double amount = 0;                    ///< how many of them `work` does
  std::vector<Contestant> contestants;  ///< the first is the one that the others are compared with
};

/// Lets no compiler drop the computation of what nobody reads.
inline void keep(double value) {
  [[maybe_unused]] static volatile double last;
  last = value;
}

inline double seconds_of(const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  const std::size_t middle = values.size() / 2;
  std::sort(values.begin(), values.end());
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Seconds of each contestant in each repetition, after one that does not count. Each repetition starts with
/// another contestant, since the first finds the others' data in the caches.
inline std::vector<std::vector<double>> measure(const Contest& contest, int repetitions) {
  const std::size_t count = contest.contestants.size();
  std::vector<std::vector<double>> seconds(count);
  for (int repetition = -1; repetition < repetitions; ++repetition) {
    for (std::size_t turn = 0; turn < count; ++turn) {
      const std::size_t i = (turn + static_cast<std::size_t>(repetition + 1)) % count;
      contest.contestants[i].prepare();
      const double time = seconds_of(contest.contestants[i].work);
      if (repetition >= 0) seconds[i].push_back(time);
    }
  }
  return seconds;
}

/// Runs contests and prints each as soon as it is over.
class Session {
 public:
  /// @param only         run contests whose names contain this
  /// @param for_program  print lines of contest, contestant, unit and rate a second, with tabs between
  Session(int repetitions, std::string only, bool for_program)
      : repetitions_(repetitions), only_(std::move(only)), for_program_(for_program) {}

  bool wants(const std::string& name) const { return name.find(only_) != std::string::npos; }

  void run(const Contest& contest) const {
    if (!wants(contest.name)) return;
    const auto seconds = measure(contest, repetitions_);
    if (!for_program_) std::printf("%s\n", contest.name.c_str());
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      const double rate = contest.amount / median(seconds[i]);
      const std::string& name = contest.contestants[i].name;
      if (for_program_) {
        std::printf("%s\t%s\t%s\t%.6g\n", contest.name.c_str(), name.c_str(), contest.unit.c_str(), rate);
      } else {
        std::printf("    %-26s %12.0f %s/s", name.c_str(), rate, contest.unit.c_str());
        if (i > 0) print_ratio(seconds[0], seconds[i]);
        std::printf("\n");
      }
    }
    std::fflush(stdout);
  }

 private:
  /// How many times as long as the first another one took.
  static void print_ratio(const std::vector<double>& first, const std::vector<double>& other) {
    std::vector<double> ratios;
    std::transform(other.begin(), other.end(), first.begin(), std::back_inserter(ratios), std::divides<>());
    const auto [least, greatest] = std::minmax_element(ratios.begin(), ratios.end());
    std::printf("%8.2f x  (%.2f to %.2f)", median(ratios), *least, *greatest);
  }

  int repetitions_;
  std::string only_;
  bool for_program_;
};

}  // namespace bench
