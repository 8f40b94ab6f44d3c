/// @file
/// Sweeps of sweet_spots, and their results: points with a performance for each seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "../../lessons/support/svg.hpp"
#include "trial.hpp"

namespace mnist {

/// A sweep of one setting along an axis. The other settings keep their base values.
struct Sweep {
  std::string name;
  std::string title;
  lesson::Axis axis;
  std::vector<double> values;
  std::function<void(Settings&, double)> set;
  Settings base;
};

/// Results of the trials at one value of a sweep.
struct Point {
  double value;
  std::vector<double> performances;  ///< one for each seed, 1, 2, 3, ...

  double mean() const {
    double sum = 0;
    for (const double p : performances) sum += p;
    return sum / static_cast<double>(performances.size());
  }
  /// Standard deviation over the seeds.
  double spread() const {
    double sum = 0;
    for (const double p : performances) sum += (p - mean()) * (p - mean());
    return performances.size() < 2 ? 0 : std::sqrt(sum / static_cast<double>(performances.size() - 1));
  }
};

/// The six sweeps. Quick sweeps are for 1,000 digits.
inline std::vector<Sweep> sweeps(bool quick) {
  Settings base;
  base.hidden = quick ? 50 : 200;
  Settings with_copies = base;  // three times as many steps
  with_copies.copies = true;
  with_copies.learning_rate = quick ? 0.05f : 0.02f;
  const std::vector<std::string> flips = {"none", "left-right", "top-bottom", "both"};
  return {
      {"learning_rate",
       "Learning rate",
       {"learning rate", 0.005, 1.2, true},
       {0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8},
       [](Settings& s, double v) { s.learning_rate = static_cast<float>(v); },
       base},
      {"epochs",
       "Epochs",
       {"epochs", 0, 16},
       {1, 2, 4, 7, 10, 15},
       [](Settings& s, double v) { s.epochs = static_cast<int>(v); },
       base},
      {"hidden_nodes",
       "Hidden nodes",
       {"hidden nodes", 2, 700, true},
       quick ? std::vector<double>{3, 10, 30, 100, 200} : std::vector<double>{3, 10, 30, 100, 200, 500},
       [](Settings& s, double v) { s.hidden = static_cast<Eigen::Index>(v); },
       base},
      {"rotate",
       "Copies rotated by + and - some degrees",
       {"degrees", -2, 42},
       {0, 5, 10, 20, 40},
       [](Settings& s, double v) { s.degrees = v; },
       with_copies},
      {"scale",
       "Copies enlarged and reduced by some percent",
       {"percent", -2, 42},
       {0, 5, 10, 20, 40},
       [](Settings& s, double v) { s.percent = v; },
       with_copies},
      {"flip",
       "Mirrored copies",
       {"mirrored", -0.5, 3.5, false, flips},
       {0, 1, 2, 3},
       [](Settings& s, double v) { s.flip = static_cast<Flip>(static_cast<int>(v)); },
       with_copies},
  };
}

/// Settings of a trial at this value of the sweep.
inline Settings settings_at(const Sweep& sweep, double value) {
  Settings settings = sweep.base;
  sweep.set(settings, value);
  return settings;
}

/// The point with the highest mean.
inline const Point& best_of(const std::vector<Point>& points) {
  return *std::max_element(points.begin(), points.end(),
                           [](const Point& a, const Point& b) { return a.mean() < b.mean(); });
}

/// The value as text, for the table and the CSV.
inline std::string label(const Sweep& sweep, double value) {
  if (!sweep.axis.names.empty()) return sweep.axis.names[static_cast<std::size_t>(value)];
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace mnist
