/// @file
/// What is swept in search of sweet spots, and what a sweep finds: points with a performance for each seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "../../lessons/support/svg.hpp"
#include "trial.hpp"

namespace lesson {

/// One setting moved along an axis, the others at their base.
struct Sweep {
  std::string name;
  std::string question;
  Axis axis;
  std::vector<double> values;
  std::function<void(Settings&, double)> set;
  Settings base;
};

/// What trials at one value of a sweep gave.
struct Point {
  double value;
  std::vector<double> performances;  ///< one for each seed, 1, 2, 3, ...

  double mean() const {
    double sum = 0;
    for (const double p : performances) sum += p;
    return sum / static_cast<double>(performances.size());
  }
  /// Standard deviation of one training, estimated from all of them.
  double spread() const {
    double sum = 0;
    for (const double p : performances) sum += (p - mean()) * (p - mean());
    return performances.size() < 2 ? 0 : std::sqrt(sum / static_cast<double>(performances.size() - 1));
  }
};

/// The six sweeps; quick ones are for some hundred digits.
inline std::vector<Sweep> sweeps(bool quick) {
  Settings base;
  base.hidden = quick ? 50 : 200;
  Settings altering = base;  // three times as many steps
  altering.copies = true;
  altering.learning_rate = quick ? 0.05f : 0.02f;
  const std::vector<std::string> flips = {"none", "left-right", "top-bottom", "both"};
  return {
      {"learning_rate",
       "How large a step?",
       {"learning rate", 0.005, 1.2, true},
       {0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8},
       [](Settings& s, double v) { s.learning_rate = static_cast<float>(v); },
       base},
      {"epochs",
       "How often through the training digits?",
       {"epochs", 0, 16},
       {1, 2, 4, 7, 10, 15},
       [](Settings& s, double v) { s.epochs = static_cast<int>(v); },
       base},
      {"hidden_nodes",
       "How many hidden nodes?",
       {"hidden nodes", 2, 700, true},
       quick ? std::vector<double>{3, 10, 30, 100, 200} : std::vector<double>{3, 10, 30, 100, 200, 500},
       [](Settings& s, double v) { s.hidden = static_cast<Eigen::Index>(v); },
       base},
      {"rotate",
       "Copies turned by +- so many degrees?",
       {"degrees", -2, 42},
       {0, 5, 10, 20, 40},
       [](Settings& s, double v) { s.degrees = v; },
       altering},
      {"scale",
       "Copies larger and smaller by so many percent?",
       {"percent", -2, 42},
       {0, 5, 10, 20, 40},
       [](Settings& s, double v) { s.percent = v; },
       altering},
      {"flip",
       "Copies mirrored?",
       {"mirrored", -0.5, 3.5, false, flips},
       {0, 1, 2, 3},
       [](Settings& s, double v) { s.flip = static_cast<Flip>(static_cast<int>(v)); },
       altering},
  };
}

/// What a trial at that value of the sweep is made with.
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

/// The value as the table and the CSV show it.
inline std::string label(const Sweep& sweep, double value) {
  if (!sweep.axis.names.empty()) return sweep.axis.names[static_cast<std::size_t>(value)];
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace lesson
