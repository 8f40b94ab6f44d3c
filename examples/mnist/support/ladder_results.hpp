/// @file
/// Results of the ladder: a CSV file with a line for each network, and the table in Markdown.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "ladder.hpp"

namespace mnist {

struct Result {
  std::size_t rung = 0;
  std::uint64_t seed = 0;
  double error = 0;    ///< in percent
  double seconds = 0;  ///< of the training
  int threads = 0;
  std::string recipe;  ///< fingerprint of the recipe
};

inline const std::string result_header = "rung,seed,error,seconds,threads,recipe";

inline std::vector<Result> read_results(const std::string& path) {
  std::ifstream csv(path);
  if (!csv)
    throw std::runtime_error(path + ": cannot be opened; mnist_ladder writes it when it trains a rung");
  std::string line;
  if (!std::getline(csv, line) || line != result_header) {
    throw std::runtime_error(path + ": line 1: expected " + result_header);
  }
  std::vector<Result> results;
  while (std::getline(csv, line)) {
    std::istringstream fields(line);
    Result result;
    char comma = 0;
    fields >> result.rung >> comma >> result.seed >> comma >> result.error >> comma >> result.seconds >>
        comma >> result.threads >> comma >> result.recipe;
    if (csv.eof() || !fields || fields.get() != EOF || result.recipe.size() != 8 || result.rung < 1 ||
        result.rung > ladder().size()) {
      throw std::runtime_error(path + ": line " + std::to_string(results.size() + 2) + ": expected " +
                               result_header);
    }
    results.push_back(result);
  }
  return results;
}

/// Creates the file with its header, if it does not exist.
/// @throws std::runtime_error if it cannot be written, or has other contents
inline void create_results(const std::string& path) {
  std::ofstream csv(path, std::ios::app | std::ios::ate);
  if (csv.tellp() == 0) csv << result_header << '\n';
  if (!csv.flush()) throw std::runtime_error(path + ": cannot be written");
  read_results(path);
}

inline void append(const std::string& path, const Result& result) {
  create_results(path);
  std::ofstream csv(path, std::ios::app);
  char line[100];
  std::snprintf(line, sizeof line, "%zu,%llu,%.2f,%.1f,%d,%s\n", result.rung,
                static_cast<unsigned long long>(result.seed), result.error, result.seconds, result.threads,
                result.recipe.c_str());
  csv << line;
  if (!csv.flush()) throw std::runtime_error(path + ": cannot be written");
}

/// Whether the file has this result, with any number of seconds.
inline bool has(const std::string& path, const Result& result) {
  const std::vector<Result> results = read_results(path);
  return std::any_of(results.begin(), results.end(), [&](const Result& other) {
    return other.rung == result.rung && other.seed == result.seed && other.recipe == result.recipe &&
           std::abs(other.error - result.error) < 0.005;
  });
}

/// "1.23 +- 0.05": mean and, of several, standard deviation in percent.
inline std::string mean_and_spread(const std::vector<double>& errors) {
  const auto count = static_cast<double>(errors.size());
  const double mean = std::accumulate(errors.begin(), errors.end(), 0.0) / count;
  double squares = 0;
  for (const double error : errors) squares += (error - mean) * (error - mean);
  char text[50];
  if (errors.size() > 1) {
    std::snprintf(text, sizeof text, "%.2f +- %.2f", mean, std::sqrt(squares / (count - 1)));
  } else {
    std::snprintf(text, sizeof text, "%.2f", mean);
  }
  return text;
}

inline std::string seeds(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " seed" : " seeds");
}

/// The results in Markdown: a row for each rung that has results of its present recipe. Of several results of
/// one seed, the last counts.
inline std::string table(const std::vector<Result>& results) {
  std::ostringstream text;
  text << "| rung | network and recipe | published, % | here, % | one network takes "
          "|\n|---|---|---|---|---|\n";
  const auto rungs = ladder();
  for (std::size_t rung = 1; rung <= rungs.size(); ++rung) {
    const std::string recipe = fingerprint(rungs[rung - 1]);
    std::map<std::uint64_t, Result> of_seed;
    for (const Result& result : results) {
      if (result.rung == rung && result.recipe == recipe) of_seed[result.seed] = result;
    }
    if (of_seed.empty()) continue;
    std::vector<double> errors;
    double seconds = 0;
    for (const auto& [seed, result] : of_seed) {
      errors.push_back(result.error);
      seconds += result.seconds / static_cast<double>(of_seed.size());
    }
    char time[50] = "";  // empty for a committee, because its members have rows of their own
    if (rungs[rung - 1].committee.empty()) {
      std::snprintf(time, sizeof time, seconds < 99.5 ? "%.0f s" : "%.0f min",
                    seconds < 99.5 ? seconds : seconds / 60);
    }
    text << "| " << rung << " | " << description(rungs[rung - 1]) << " | " << rungs[rung - 1].published
         << " (" << rungs[rung - 1].source << ") | **" << mean_and_spread(errors) << "** ("
         << seeds(errors.size()) << ") | " << time << " |\n";
  }
  return text.str();
}

}  // namespace mnist
