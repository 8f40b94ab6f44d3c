// Fails if backquery has become slow compared with the plain Eigen port:
//
//     guard FLOORS
//
// Each line of FLOORS has a processor family, a contest and a ratio, separated by tabs. The program fails if
// a measured ratio is below 0.7 of the ratio in the file. For a family that is not in the file, the program
// only prints the ratios, as lines for the file. `cmake --workflow --preset guard` builds and runs it.
#include "contest.hpp"
#include "digits.hpp"
#include "network_contests.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr double least_share = 0.7;

/// Vendor, family and model of the processor: "GenuineIntel 6 167".
std::string processor_family() {
  std::string vendor = "unknown", family, model;
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line) && !line.empty();) {  // the first processor
    const auto colon = line.find(':');
    if (colon == std::string::npos || colon + 2 > line.size()) continue;
    const std::string name = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const std::string value = line.substr(colon + 2);
    if (name == "vendor_id") vendor = value;
    if (name == "cpu family") family = " " + value;
    if (name == "model") model = " " + value;
  }
  return vendor + family + model;
}

/// The stored ratio of each contest, for one processor family.
std::map<std::string, double> read_floors(const std::string& path, const std::string& family) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::map<std::string, double> floors;
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find('\t'), second = line.rfind('\t');
    if (line.empty() || line[0] == '#') continue;
    if (first == second) throw std::runtime_error(path + ": not a family, a contest and a ratio: " + line);
    if (line.substr(0, first) != family) continue;
    floors[line.substr(first + 1, second - first - 1)] = std::stod(line.substr(second + 1));
  }
  return floors;
}

/// The shortest processor time of the plain port, divided by the shortest of backquery. Other programs change
/// these times little.
double ratio_of(const bench::Contest& contest) {
  const auto seconds = bench::measure(contest, 20, bench::processor_seconds_of);
  const auto best = [](const std::vector<double>& times) {
    return *std::min_element(times.begin(), times.end());
  };
  return best(seconds[1]) / best(seconds[0]);
}

/// @return whether the ratio of the contest is at least 0.7 of the stored ratio, if there is one
bool passes(bench::Contest contest, const std::string& family, const std::map<std::string, double>& floors) {
  contest.contestants.resize(2);  // backquery and the plain port
  const auto floor = floors.find(contest.name);
  const double least = floor == floors.end() ? 0 : least_share * floor->second;
  double ratio = ratio_of(contest);
  for (int again = 0; again < 2 && ratio < least; ++again) {
    ratio = std::max(ratio, ratio_of(contest));
  }
  std::printf("%s\t%s\t%.2f", family.c_str(), contest.name.c_str(), ratio);
  if (least > 0) std::printf("\tat least %.2f%s", least, ratio < least ? "  TOO SLOW" : "");
  std::printf("\n");
  std::fflush(stdout);
  return ratio >= least;
}

bool run(const std::string& path) {
  const std::string family = processor_family();
  const auto floors = read_floors(path, family);
  if (floors.empty()) std::printf("no floors for %s; the ratios are only printed\n", family.c_str());
  const auto digits = bench::digit_samples<float>(bench::bundled_digits(BENCHMARK_DIGITS).training, 0, 1000);
  const auto dense = bench::dense_samples<float>(784, 10, 1000);
  bool passed = true;
  for (const auto* samples : {&digits, &dense}) {
    for (const auto& contest :
         {bench::training(*samples), bench::training_by_calls(*samples), bench::gradients(*samples),
          bench::queries_of_one(*samples), bench::queries_of_many(*samples)}) {
      passed &= passes(contest, family, floors);
    }
  }
  return passed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 2) throw std::invalid_argument("expected one argument, the file of floors");
    return run(argv[1]) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "guard: %s\n", error.what());
    return 2;
  }
}
