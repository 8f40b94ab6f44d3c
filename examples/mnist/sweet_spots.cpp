// Sweeps over the learning rate, epochs, hidden nodes, and rotated, scaled and mirrored copies, each with
// several seeds. Prints a table for each sweep, and writes all trials to sweet_spots.csv and a curve for each
// sweep to sweet_spots_<name>.svg. `--quick` takes seconds on the bundled sample; without it MNIST is needed:
//
//     cmake -P cmake/fetch_mnist.cmake
//     cmake --build --preset mnist --target sweet_spots && build/mnist/examples/sweet_spots
#include <algorithm>
#include <backquery/detail/thread_pool.hpp>
#include <cmath>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../lessons/support/check.hpp"
#include "../lessons/support/guarded.hpp"
#include "../lessons/support/print.hpp"
#include "../lessons/support/svg.hpp"
#include "support/command_line.hpp"
#include "support/digits.hpp"
#include "support/sweep.hpp"
#include "support/terminal.hpp"
#include "support/trial.hpp"

namespace {

using lesson::column;
using lesson::say;
using lesson::text;
using mnist::Point;
using mnist::Settings;
using mnist::Sweep;

struct Options {
  bool quick = false;
  std::string mnist = "build/mnist";
  std::string output = ".";
  std::vector<std::string> only;
  int seeds = 3;
  long samples = 0;
  int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
};

// Runs a trial for each value and each seed. Each trial uses one thread, so the results do not depend on the
// number of threads.
std::vector<Point> run(const Sweep& sweep, const mnist::Digits& digits, const Options& options,
                       mnist::ProgressBar& bar) {
  const auto seeds = static_cast<std::size_t>(options.seeds);
  std::vector<Point> points;
  for (const double value : sweep.values) points.push_back({value, std::vector<double>(seeds)});

  std::mutex bar_mutex;
  const auto trial = [&](Eigen::Index number) {
    const auto i = static_cast<std::size_t>(number);
    Point& point = points[points.size() - 1 - i / seeds];  // the long trials first
    const Settings settings = settings_at(sweep, point.value);
    point.performances[i % seeds] = mnist::performance(digits, settings, i % seeds + 1);
    const std::lock_guard<std::mutex> lock(bar_mutex);
    bar.advance(mnist::steps(digits, settings), sweep.name);
  };
  backquery::ThreadPool(options.threads).run(static_cast<Eigen::Index>(points.size() * seeds), trial);
  return points;
}

void print(const Sweep& sweep, const std::vector<Point>& points) {
  lesson::title(sweep.title);
  say(column("  " + sweep.axis.label, 17), "   mean  spread   lowest  highest");
  for (const Point& point : points) {
    const auto [lowest, highest] = std::minmax_element(point.performances.begin(), point.performances.end());
    say("  ", column(label(sweep, point.value), 14), text(point.mean(), 4, 8), text(point.spread(), 4, 8),
        text(*lowest, 4, 9), text(*highest, 4, 9), &point == &best_of(points) ? "   <- best" : "");
  }
}

void draw(const Sweep& sweep, const std::vector<Point>& points, const std::string& path) {
  std::vector<double> means, spreads;
  double low = 1, high = 0;
  for (const Point& point : points) {
    means.push_back(point.mean());
    spreads.push_back(point.spread());
    low = std::min(low, means.back() - spreads.back());
    high = std::max(high, means.back() + spreads.back());
  }
  const double margin = 0.06 * (high - low) + 0.001;
  lesson::Plot plot(sweep.title, sweep.axis, {"performance", low - margin, high + margin});
  plot.points("mean, spread", sweep.values, means, spreads);
  plot.write(path);
}

// Prints the difference between two values of a sweep.
void compare(const std::vector<Point>& points, std::size_t changed, std::size_t plain,
             const std::string& what) {
  const double gain = points[changed].mean() - points[plain].mean();
  const double chance = std::hypot(points[changed].spread(), points[plain].spread());
  const std::string verdict = points[plain].performances.size() < 2 ? "one seed cannot show whether by chance"
                              : std::abs(gain) < chance             ? "no difference beyond chance"
                              : gain < 0                            ? "worse"
                                                                    : "better";
  say("  ", what, ": ", gain < 0 ? "-" : "+", text(std::abs(gain), 4), ", ", verdict);
}

void explain(const Sweep& sweep, const std::vector<Point>& points) {
  const auto best = static_cast<std::size_t>(&best_of(points) - points.data());
  if (sweep.name == "learning_rate") say("\n  Small rates need more epochs; large rates overshoot.");
  if (sweep.name == "epochs") say("\n  The first epochs have the largest effect.");
  if (sweep.name == "hidden_nodes")
    say("\n  Few nodes are not enough; many have a small effect and take longer.");
  if (sweep.name == "rotate" || sweep.name == "scale") {
    say("\n  Compared with unaltered copies (the same number of steps):");
    if (best == 0) say("  no altered copies are better.");
    if (best != 0)
      compare(points, best, 0, "best, " + label(sweep, points[best].value) + " " + sweep.axis.label);
    compare(points, points.size() - 1, 0,
            "largest, " + label(sweep, points.back().value) + " " + sweep.axis.label);
  }
  if (sweep.name == "flip") {
    say("\n  A mirrored 2 is not a 2. Compared with unaltered copies:");
    for (std::size_t i = 1; i < points.size(); ++i)
      compare(points, i, 0, "mirrored " + label(sweep, points[i].value));
  }
}

void write_csv(std::ostream& file, const Sweep& sweep, const std::vector<Point>& points) {
  for (const Point& point : points) {
    for (std::size_t seed = 0; seed < point.performances.size(); ++seed) {
      file << sweep.name << ',' << label(sweep, point.value) << ',' << seed + 1 << ','
           << point.performances[seed] << '\n';
    }
  }
}

// Repeats the first trial in this thread, and checks conditions that must hold for any digits.
void check_sweep(lesson::Check& check, const Sweep& sweep, const std::vector<Point>& points,
                 const mnist::Digits& digits) {
  const Point& first = points.front();
  check.near(sweep.name + ", first trial repeated",
             mnist::performance(digits, settings_at(sweep, first.value), 1), first.performances[0], 0);
  check.that(sweep.name + ": the best is far above guessing", best_of(points).mean() > 0.5);
  const auto worse = [&](std::size_t i) {
    return points[i].mean() < best_of(points).mean() - best_of(points).spread();
  };
  if (sweep.name == "learning_rate")
    check.that("the smallest and the largest rate are worse than the best",
               worse(0) && worse(points.size() - 1));
  if (sweep.name == "hidden_nodes") check.that("3 hidden nodes are too few", worse(0));
  if (sweep.name == "rotate") check.that("a rotation by 40 degrees is too large", worse(points.size() - 1));
  if (sweep.name == "flip") check.that("both flips together are worse", points[3].mean() < points[0].mean());
}

mnist::Digits load(const Options& options) {
  mnist::Digits digits{
      options.quick ? mnist::read_digits(mnist::training_sample) : mnist::read_mnist(options.mnist, "train"),
      options.quick ? mnist::read_digits(mnist::test_sample) : mnist::read_mnist(options.mnist, "t10k")};
  const Eigen::Index all = digits.training.labels.size();
  if (options.samples > 0 && options.samples < all)
    digits.training = digits.training.block(0, options.samples);
  return digits;
}

bool parse(Options& options, int argc, char** argv) {
  CLI::App app("Sweeps learning rate, epochs, hidden nodes, rotation, scale and flip on MNIST.",
               "sweet_spots");
  std::vector<std::string> names;
  for (const Sweep& sweep : mnist::sweeps(true)) names.push_back(sweep.name);
  app.add_flag("--quick", options.quick, "the bundled sample and 50 hidden nodes: takes seconds");
  mnist::add_mnist_folder(app, options.mnist);
  app.add_option("--samples", options.samples, "train on the first N digits only")
      ->type_name("N")
      ->check(mnist::whole_number(1, 100000000));
  app.add_option("--seeds", options.seeds, "trials of each point, seeds 1 to N")
      ->type_name("N")
      ->capture_default_str()
      ->check(mnist::whole_number(1, 1000));
  app.add_option("--threads", options.threads, "trials at once")
      ->type_name("N")
      ->capture_default_str()
      ->check(mnist::whole_number(1, 1024));
  app.add_option("--only", options.only, "these sweeps only, e.g. rotate,flip")
      ->type_name("NAMES")
      ->delimiter(',')
      ->check(CLI::IsMember(names));
  app.add_option("--output", options.output, "folder for the CSV and the SVGs")
      ->type_name("DIR")
      ->capture_default_str();
  if (!mnist::parse(app, argc, argv)) return false;
  return true;
}

int sweep_all(const Options& options) {
  const mnist::Digits digits = load(options);
  std::vector<Sweep> chosen = mnist::sweeps(options.quick);
  const auto skipped = [&](const Sweep& sweep) {
    return !options.only.empty() &&
           std::find(options.only.begin(), options.only.end(), sweep.name) == options.only.end();
  };
  chosen.erase(std::remove_if(chosen.begin(), chosen.end(), skipped), chosen.end());
  say(mnist::grouped(digits.training.labels.size()), " digits to train on, ",
      mnist::grouped(digits.test.labels.size()), " to test; seeds 1 to ", options.seeds,
      " for each point. performance = share of correct test digits.");

  long long all_steps = 0;
  for (const Sweep& sweep : chosen) {
    for (const double value : sweep.values)
      all_steps += options.seeds * mnist::steps(digits, settings_at(sweep, value));
  }
  mnist::ProgressBar bar(all_steps, mnist::is_terminal());
  lesson::Check check;
  const std::string csv_path = options.output + "/sweet_spots.csv";
  std::ofstream csv(csv_path);
  if (!(csv << "sweep,value,seed,performance\n" << std::flush))
    throw std::runtime_error(csv_path + ": cannot be written");
  for (const Sweep& sweep : chosen) {
    const std::vector<Point> points = run(sweep, digits, options, bar);
    bar.clear();
    print(sweep, points);
    explain(sweep, points);
    draw(sweep, points, options.output + "/sweet_spots_" + sweep.name + ".svg");
    write_csv(csv, sweep, points);
    csv.flush();  // a finished sweep is saved and shown while the next one runs
    std::cout.flush();
    check_sweep(check, sweep, points, digits);
  }
  if (!csv.flush()) throw std::runtime_error(csv_path + ": cannot be written");
  say("\nAll trials: ", csv_path, "; curves: sweet_spots_<name>.svg beside it.");
  return check.result();
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("sweet_spots", [&] {
    Options options;
    return parse(options, argc, argv) ? sweep_all(options) : 0;
  });
}
