/// @file
/// The time of a step for networks of growing size: a table, and a plot with a line for times proportional to
/// the work.
#pragma once

#include "contest.hpp"
#include "rivals.hpp"

#include <lessons/support/svg.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace bench {

struct Cost {
  double size;                  ///< hidden nodes, or hidden layers
  double weights;               ///< of all layers
  double work;                  ///< multiply-adds per step
  double dense, digits, plain;  ///< microseconds per step
};

/// Multiply-adds per step: three for each weight (forward pass, backward pass, update), two in the first
/// layer, which has no backward pass.
inline double multiply_adds(const std::vector<Index>& sizes) {
  Index sum = 0;
  for (std::size_t layer = 1; layer < sizes.size(); ++layer) {
    sum += (layer == 1 ? 2 : 3) * sizes[layer - 1] * sizes[layer];
  }
  return static_cast<double>(sum);
}

/// Times backquery and the plain port on dense inputs, and backquery on MNIST.
inline Cost cost_of(const std::vector<Index>& sizes, double size, const Samples<float>& dense,
                    const Samples<float>& mnist, int repetitions) {
  const auto rivals = std::make_shared<Rivals<float>>(sizes);
  const auto reset = [=] { rivals->reset_network(); };
  const Contest contest{"",
                        "steps",
                        static_cast<double>(dense.x.cols()),
                        {{"dense", [&] { rivals->network.train(dense.x, dense.t); }, reset},
                         {"MNIST", [&] { rivals->network.train(mnist.x, mnist.t); }, reset},
                         {"plain", [&] { rivals->train_plain(dense); }, [=] { rivals->reset_plain(); }}}};
  const auto seconds = measure(contest, repetitions);
  double weights = 0;
  for (const auto& matrix : rivals->start) weights += static_cast<double>(matrix.size());
  const double unit = 1e6 / contest.amount;
  return {size,
          weights,
          multiply_adds(sizes),
          unit * median(seconds[0]),
          1e6 / static_cast<double>(mnist.x.cols()) * median(seconds[1]),
          unit * median(seconds[2])};
}

inline void print_costs(const std::string& what, const std::vector<Cost>& costs) {
  std::printf(
      "microseconds per step\n%14s %10s %14s %8s %8s %8s   dense: ns/1000 multiply-adds   GB/s of weights\n",
      what.c_str(), "weights", "multiply-adds", "dense", "MNIST", "plain");
  for (const Cost& cost : costs) {
    const double bytes = 2 * sizeof(float) * cost.weights;  // each weight is read and written at least once
    std::printf("%14.0f %10.0f %14.0f %8.2f %8.2f %8.2f %30.1f %17.1f\n", cost.size, cost.weights, cost.work,
                cost.dense, cost.digits, cost.plain, 1e6 * cost.dense / cost.work, bytes / cost.dense / 1e3);
  }
}

/// @param reference  a cost on the line of proportional growth
inline void plot_costs(const std::string& path, const std::string& title, const lesson::Axis& sizes,
                       const std::vector<Cost>& costs, const Cost& reference, bool logarithmic) {
  std::vector<double> size, dense, digits, plain, proportional;
  for (const Cost& cost : costs) {
    size.push_back(cost.size);
    dense.push_back(cost.dense);
    digits.push_back(cost.digits);
    plain.push_back(cost.plain);
    proportional.push_back(reference.dense * cost.work / reference.work);
  }
  const auto all = {dense, digits, plain, proportional};
  double low = dense[0], high = 0;
  for (const auto& line : all) {
    low = std::min(low, *std::min_element(line.begin(), line.end()));
    high = std::max(high, *std::max_element(line.begin(), line.end()));
  }
  lesson::Plot plot(title, sizes,
                    {"microseconds per step", logarithmic ? low / 1.2 : 0, 1.2 * high, logarithmic});
  plot.points("dense", size, dense, std::vector<double>(size.size(), 0));
  plot.points("plain port, dense", size, plain, std::vector<double>(size.size(), 0));
  plot.points("MNIST", size, digits, std::vector<double>(size.size(), 0));
  plot.line("proportional to the work", size, proportional);
  plot.write(path);
}

/// @param steps  for the network of 200 hidden nodes; larger networks take fewer
inline void show_growth(const Digits& digits, const std::string& folder, int repetitions, Index steps) {
  const auto costs_of = [&](const std::vector<Index>& sizes, double size, Index hidden) {
    const Index count = std::clamp<Index>(steps * 200 / hidden, steps / 8, steps);
    return cost_of(sizes, size, dense_samples<float>(784, 10, count),
                   digit_samples<float>(digits.training, 0, count), repetitions);
  };
  std::vector<Cost> by_width, by_depth;
  for (const Index hidden : {50, 100, 200, 400, 800, 1600, 3200}) {
    by_width.push_back(costs_of({784, hidden, 10}, static_cast<double>(hidden), hidden));
  }
  print_costs("hidden nodes", by_width);
  std::printf("3200 hidden nodes take %.1f times as long as 200 (dense); 16.0 times the weights\n",
              by_width.back().dense / by_width[2].dense);
  plot_costs(folder + "/growth_hidden.svg", "A step of 784-n-10, float", {"hidden nodes", 45, 3600, true},
             by_width, by_width[2], true);

  std::vector<Index> sizes{784};
  for (Index layers = 1; layers <= 6; ++layers) {
    sizes.push_back(200);
    std::vector<Index> network = sizes;
    network.push_back(10);
    by_depth.push_back(costs_of(network, static_cast<double>(layers), 200));
  }
  print_costs("hidden layers", by_depth);
  plot_costs(folder + "/growth_layers.svg", "A step of 784-200-...-200-10, float",
             {"hidden layers of 200", 0.5, 6.5}, by_depth, by_depth[0], false);
}

}  // namespace bench
