/// @file
/// Times the same work done by several contestants in turn, and prints the result.
///
/// Load and heat slow all contestants alike. Therefore the result is the ratio of two times, measured one
/// after the other in one process: the median over the repetitions, with the smallest and the largest.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
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
  std::string name;                     ///< for example "train(X, T), MNIST"
  std::string unit;                     ///< unit of the amount, for example "steps"
  double amount = 0;                    ///< number of units that `work` processes
  std::vector<Contestant> contestants;  ///< the others are compared with the first
};

/// Keeps the compiler from removing the computation of a value that is not used.
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

/// Processor time of work on one thread. Other programs change this time little.
inline double processor_seconds_of(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

inline double median(std::vector<double> values) {
  const std::size_t middle = values.size() / 2;
  std::sort(values.begin(), values.end());
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Seconds of each contestant in each repetition. Each repetition starts with a different contestant, because
/// the caches contain data of the previous contestant. One more repetition, which is not timed, comes first,
/// except before a single repetition, which is a test and not a measurement.
/// @param time  seconds_of or processor_seconds_of
inline std::vector<std::vector<double>> measure(const Contest& contest, int repetitions,
                                                double (*time)(const std::function<void()>&) = seconds_of) {
  const std::size_t count = contest.contestants.size();
  std::vector<std::vector<double>> seconds(count);
  for (int repetition = repetitions == 1 ? 0 : -1; repetition < repetitions; ++repetition) {
    for (std::size_t turn = 0; turn < count; ++turn) {
      const std::size_t i = (turn + static_cast<std::size_t>(repetition + 1)) % count;
      contest.contestants[i].prepare();
      const double spent = time(contest.contestants[i].work);
      if (repetition >= 0) seconds[i].push_back(spent);
    }
  }
  return seconds;
}

/// Runs contests and prints the result of each when it ends.
class Session {
 public:
  /// @param only         runs the contests whose names contain this text
  /// @param for_program  prints lines of contest, contestant, unit and amount per second, separated by tabs
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
  /// The time of a contestant divided by the time of the first.
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
