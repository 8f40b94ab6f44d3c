/// @file
/// Initial weights have the same bits on every platform, and the documented distributions.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "enumerators.hpp"
#include "golden.hpp"
#include "matrices.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using backquery::Initializer;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Eigen::Index;

namespace {

NetworkOptions options_of(Initializer initializer, std::uint64_t seed = 1) {
  NetworkOptions options;
  options.initializer = initializer;
  options.seed = seed;
  return options;
}

/// All weights in the order in which they are sampled: layer by layer, column by column.
template <typename Scalar>
std::vector<Scalar> weights_of(const NeuralNetwork<Scalar>& net) {
  std::vector<Scalar> weights;
  for (Index layer = 0; layer < net.layers(); ++layer) {
    const Matrix<Scalar> matrix = net.weights(layer);
    weights.insert(weights.end(), matrix.data(), matrix.data() + matrix.size());
  }
  return weights;
}

/// The 200,000 weights of a layer with 400 inputs and 500 nodes.
constexpr Index many_inputs = 400, many_nodes = 500;
std::vector<double> many(Initializer initializer) {
  const NeuralNetwork<double> net(many_inputs, many_nodes, 1, 0.1, options_of(initializer));
  const Matrix<double> weights = net.weights(0);
  return {weights.data(), weights.data() + weights.size()};
}

/// The largest distance between the empirical distribution of n values and F, times sqrt(n). It exceeds 1.95
/// in one of a thousand experiments with values from F (Kolmogorov and Smirnov).
template <typename Distribution>
double kolmogorov_smirnov(std::vector<double> values, const Distribution& F) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = F(values[i]);
    distance = std::max({distance, std::abs(expected - static_cast<double>(i) / n),
                         std::abs(expected - static_cast<double>(i + 1) / n)});
  }
  return distance * std::sqrt(n);
}

double mean_of_products(const std::vector<double>& values, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = lag; i < values.size(); ++i) sum += values[i] * values[i - lag];
  return sum / static_cast<double>(values.size() - lag);
}

}  // namespace

TEST_CASE("the initial weights have the bits of an independent implementation", "[initializer]") {
  const std::uint64_t seed = GENERATE(std::uint64_t(1), std::numeric_limits<std::uint64_t>::max());
  const Golden golden("network/initial_weights");
  REQUIRE(golden.size() == 2 * enumerators<Initializer>().size());
  for (const auto initializer : enumerators<Initializer>()) {
    CAPTURE(backquery::name(initializer));
    const Eigen::MatrixXd& weights =
        golden("seed_" + std::to_string(seed) + "/" + std::string(backquery::name(initializer)));
    const std::vector<double> values(weights.data(), weights.data() + weights.size());
    CHECK(weights_of(NeuralNetwork<double>(3, 4, 2, 0.1, options_of(initializer, seed))) == values);
  }
}

TEST_CASE("initial weights of other scalar types are the weights of double, rounded once", "[initializer]") {
  for (const auto initializer : enumerators<Initializer>()) {
    const auto options = options_of(initializer, 5);
    const auto in_double = weights_of(NeuralNetwork<double>(30, 20, 10, 0.1, options));
    CHECK(weights_of(NeuralNetwork<float>(30, 20, 10, 0.1f, options)) ==
          std::vector<float>(in_double.begin(), in_double.end()));
    CHECK(weights_of(NeuralNetwork<long double>(30, 20, 10, 0.1l, options)) ==
          std::vector<long double>(in_double.begin(), in_double.end()));
  }
}

TEST_CASE("equal seeds give equal weights, different seeds different weights", "[initializer]") {
  const auto weights = [](std::uint64_t seed) {
    return weights_of(NeuralNetwork<double>(30, 20, 10, 0.1, options_of(Initializer::he, seed)));
  };
  CHECK(weights(1) == weights(1));
  CHECK(weights(1) != weights(2));
  CHECK(weights(0) != weights(std::uint64_t(1) << 32));
  auto sorted = weights(1);
  std::sort(sorted.begin(), sorted.end());
  CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
}

TEST_CASE("uniform initializers sample from the uniform distribution of their range", "[initializer]") {
  const auto [initializer, range] = GENERATE(table<Initializer, double>({
      {Initializer::uniform, 0.5},
      {Initializer::uniform_fan_in, 1 / std::sqrt(many_inputs)},
  }));
  CAPTURE(backquery::name(initializer));
  const auto values = many(initializer);
  const double r = range;
  CHECK(*std::min_element(values.begin(), values.end()) > -r);
  CHECK(*std::max_element(values.begin(), values.end()) < r);
  CHECK(kolmogorov_smirnov(values, [r](double v) { return (v / r + 1) / 2; }) < 1.95);
}

TEST_CASE("normal initializers sample from the normal distribution of their standard deviation",
          "[initializer]") {
  const auto [initializer, spread] = GENERATE(table<Initializer, double>({
      {Initializer::normal_fan_in, 1 / std::sqrt(many_inputs)},
      {Initializer::normal_fan_out, 1 / std::sqrt(many_nodes)},
      {Initializer::glorot, std::sqrt(2.0 / (many_inputs + many_nodes))},
      {Initializer::he, std::sqrt(2.0 / many_inputs)},
  }));
  CAPTURE(backquery::name(initializer));
  auto values = many(initializer);
  for (double& value : values) value /= spread;
  CHECK(kolmogorov_smirnov(values, [](double v) { return std::erfc(-v / std::sqrt(2.0)) / 2; }) < 1.95);

  // Each estimate lies within four of its standard deviations.
  const auto n = static_cast<double>(values.size());
  double moments[5] = {};
  for (const double value : values) {
    for (int power = 1; power <= 4; ++power) moments[power] += std::pow(value, power) / n;
  }
  CHECK(std::abs(moments[1]) < 4 * std::sqrt(1 / n));
  CHECK(std::abs(moments[2] - 1) < 4 * std::sqrt(2 / n));
  CHECK(std::abs(moments[3]) < 4 * std::sqrt(15 / n));
  CHECK(std::abs(moments[4] - 3) < 4 * std::sqrt(96 / n));
  const double beyond_three = 0.0026997960632601866 * n;
  const auto far = std::count_if(values.begin(), values.end(), [](double v) { return std::abs(v) > 3; });
  CHECK(std::abs(static_cast<double>(far) - beyond_three) < 4 * std::sqrt(beyond_three));
  for (const std::size_t lag : {std::size_t(1), std::size_t(2), std::size_t(many_nodes)}) {
    CHECK(std::abs(mean_of_products(values, lag)) < 4 / std::sqrt(n));
  }
}
