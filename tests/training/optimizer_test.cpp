/// @file
/// The steps of each method against hand arithmetic and against trajectories of PyTorch.
#include "catch.hpp"

#include <backquery/training/optimizer.hpp>

#include "golden.hpp"
#include "matrices.hpp"
#include "optimizer_steps.hpp"
#include "tolerance.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using backquery::OptimizationMethod;
using backquery::Optimizer;
using backquery::OptimizerOptions;
using backquery::Parameters;
using Eigen::Index;

namespace {

/// The values of a weight, initially 1, and a bias, initially 2, after each gradient of the list. Both have
/// the same gradient.
std::vector<std::pair<double, double>> weight_and_bias(const OptimizerOptions& options, double rate,
                                                       const std::vector<double>& gradients) {
  Optimizer<double> optimizer(options);
  Parameters<double> parameters({1, 1}, true), g({1, 1}, true);
  parameters.weights(0)(0, 0) = 1;
  parameters.biases(0)(0) = 2;
  std::vector<std::pair<double, double>> steps;
  for (const double gradient : gradients) {
    g.weights(0)(0, 0) = g.biases(0)(0) = gradient;
    step(optimizer, parameters, g, rate);
    steps.emplace_back(parameters.weights(0)(0, 0), parameters.biases(0)(0));
  }
  return steps;
}

/// Checks that weight and bias moved by these amounts.
void check_moves(const std::vector<std::pair<double, double>>& steps, const std::vector<double>& moves) {
  REQUIRE(steps.size() == moves.size());
  double moved = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    moved += moves[i];
    CHECK_THAT(steps[i].first, Catch::Matchers::WithinAbs(1 + moved, 1e-14));
    CHECK_THAT(steps[i].second, Catch::Matchers::WithinAbs(2 + moved, 1e-14));
  }
}

/// The options of a matrix in training/optimizers.txt, and its learning rate before the first step.
struct Trajectory {
  std::string name;
  double rate = 0;
  OptimizerOptions options;
};

std::vector<Trajectory> pytorch_trajectories() {
  using Method = OptimizationMethod;
  const auto with = [](OptimizerOptions options, const auto& change) {
    change(options);
    return options;
  };
  return {
      {"sgd", 0.1, options_of(Method::sgd)},
      {"sgd_momentum", 0.1, options_of(Method::sgd, 0.9)},
      {"sgd_nesterov", 0.1, with(options_of(Method::sgd, 0.8, 0.1), [](auto& o) { o.nesterov = true; })},
      {"sgd_clipped", 0.1, options_of(Method::sgd, 0.9, 0.1, 1)},
      {"rmsprop", 0.05, options_of(Method::rmsprop)},
      {"rmsprop_clipped", 0.02,
       with(options_of(Method::rmsprop, 0.7, 0.1, 1.5), [](auto& o) { o.decay = 0.9, o.epsilon = 1e-3; })},
      {"adam", 0.2, options_of(Method::adam)},
      {"adam_decayed", 0.2,
       with(options_of(Method::adam, 0, 0.1),
            [](auto& o) { o.beta1 = 0.8, o.beta2 = 0.95, o.epsilon = 1e-3; })},
      {"adamw", 0.2, options_of(Method::adamw, 0, 0.1)},
      {"adamw_clipped", 0.2,
       with(options_of(Method::adamw, 0, 0.3, 0.5),
            [](auto& o) { o.beta1 = 0.95, o.beta2 = 0.9, o.epsilon = 1e-2; })},
      {"nadam", 0.2, options_of(Method::nadam)},
      {"nadam_clipped", 0.1, with(options_of(Method::nadam, 0, 0.1, 1), [](auto& o) {
         o.beta1 = 0.8, o.beta2 = 0.95, o.epsilon = 1e-2;
       })}};
}

}  // namespace

TEST_CASE("sgd steps as computed by hand", "[optimizer]") {
  OptimizerOptions options;
  check_moves(weight_and_bias(options, 0.5, {1, -2, 4}), {-0.5, 1, -2});
  options.momentum = 0.5;  // v = 1, -1.5, 3.25
  check_moves(weight_and_bias(options, 0.5, {1, -2, 4}), {-0.5, 0.75, -1.625});
  options.nesterov = true;  // g + v / 2 = 1.5, -2.75, 5.625
  check_moves(weight_and_bias(options, 0.5, {1, -2, 4}), {-0.75, 1.375, -2.8125});
}

TEST_CASE("rmsprop steps as computed by hand", "[optimizer]") {
  OptimizerOptions options = options_of(OptimizationMethod::rmsprop);
  options.decay = 0.75;
  options.epsilon = 0.5;
  // g = 2, 4, 0: s = 1, 4.75, 3.5625
  const double first = 2 / 1.5, second = 4 / (std::sqrt(4.75) + 0.5);
  check_moves(weight_and_bias(options, 0.1, {2, 4, 0}), {-0.1 * first, -0.1 * second, 0});
  options.momentum = 0.5;  // a step adds half of the step before
  check_moves(weight_and_bias(options, 0.1, {2, 4, 0}),
              {-0.1 * first, -0.1 * (first / 2 + second), -0.1 * (first / 4 + second / 2)});
}

TEST_CASE("adam steps as computed by hand", "[optimizer]") {
  OptimizerOptions options = options_of(OptimizationMethod::adam);
  options.beta1 = 0.5;
  options.beta2 = 0.75;
  options.epsilon = 0.5;
  // g = 2, -4: m = 1, -1.5, corrected 2, -2; s = 1, 4.75, corrected 4, 4.75 / 0.4375
  check_moves(weight_and_bias(options, 0.1, {2, -4}),
              {-0.1 * 2 / 2.5, 0.1 * 2 / (std::sqrt(4.75 / 0.4375) + 0.5)});
}

TEST_CASE("weight decay acts on weights and spares biases", "[optimizer]") {
  // With a gradient of 0 only the decay is left: g = 0.5 w.
  auto steps = weight_and_bias(options_of(OptimizationMethod::sgd, 0, 0.5), 0.5, {0, 0});
  CHECK(steps == std::vector<std::pair<double, double>>{{0.75, 2}, {0.5625, 2}});
  steps = weight_and_bias(options_of(OptimizationMethod::adamw, 0, 0.5), 0.5, {0, 0});
  CHECK(steps == std::vector<std::pair<double, double>>{{0.75, 2}, {0.5625, 2}});
  // adam and rmsprop divide the gradient by its size.
  steps = weight_and_bias(options_of(OptimizationMethod::adam, 0, 0.5), 0.25, {0});
  CHECK_THAT(steps[0].first, Catch::Matchers::WithinAbs(0.75, 1e-7));
  CHECK(steps[0].second == 2);
  steps = weight_and_bias(options_of(OptimizationMethod::rmsprop, 0, 0.5), 0.025, {0});
  CHECK_THAT(steps[0].first, Catch::Matchers::WithinAbs(0.75, 1e-7));
  CHECK(steps[0].second == 2);
}

TEMPLATE_TEST_CASE("each method follows the trajectory of PyTorch", "[optimizer]", EVERY_SCALAR,
                   long double) {
  const Golden golden("training/optimizers");
  const std::vector<Trajectory> trajectories = pytorch_trajectories();
  CHECK(golden.size() == trajectories.size() + 3);  // start, bottom and curvature
  const auto parameters_of = [](const Eigen::RowVectorXd& values) {
    Parameters<TestType> parameters({2, 2, 1}, true);
    Index i = 0;
    for_each_parameter(parameters, [&](TestType& value) { value = static_cast<TestType>(values(i++)); });
    return parameters;
  };
  const auto bottom = parameters_of(golden("bottom")), curvature = parameters_of(golden("curvature"));
  for (const auto& [name, rate, options] : trajectories) {
    const Eigen::MatrixXd& expected = golden(name);
    Optimizer<TestType> optimizer(options);
    Parameters<TestType> parameters = parameters_of(golden("start")), gradients = bottom;
    for (Index k = 0; k < expected.rows(); ++k) {
      CAPTURE(name, k);
      gradients.values() = curvature.values().cwiseProduct(parameters.values() - bottom.values());
      step(optimizer, parameters, gradients, rate * (1 - static_cast<double>(k) / 40));
      // The golden data is in double.
      CHECK(max_difference(parameters.values(), parameters_of(expected.row(k)).values()) <=
            tolerance<TestType>(80, 1e-14));
    }
  }
}

TEST_CASE("gradients above the clipping norm are scaled down to it, smaller gradients are not",
          "[optimizer]") {
  const std::vector<Index> layers = {130, 120, 3};
  Parameters<double> g = random_parameters<double>(layers, true, 3);
  Parameters<double> w(layers, true), other = w;
  const double norm = g.values().norm();
  Optimizer<double> clipped(options_of(OptimizationMethod::sgd, 0, 0, norm / 4));
  step(clipped, w, g, 0.5);
  CHECK(max_difference(w.values(), -0.125 * g.values()) <= 1e-15);
  Optimizer<double> untouched(options_of(OptimizationMethod::sgd, 0, 0, norm * 1.001));
  step(untouched, other, g, 0.5);
  CHECK(other.values() == -0.5 * g.values());
}

TEST_CASE("the norm of float gradients is summed in double", "[optimizer]") {
  Parameters<float> g({100, 30}, true), w({100, 30}, true);
  g.weights(0).setConstant(1e30f);  // the square is more than float holds
  Optimizer<float> optimizer(options_of(OptimizationMethod::sgd, 0, 0, 1));
  step(optimizer, w, g, 1);
  CHECK(max_difference(w.weights(0),
                       Matrix<float>::Constant(30, 100, static_cast<float>(-1 / std::sqrt(3000.0)))) <= 1e-8);
}

TEST_CASE("methods have names", "[optimizer]") {
  CHECK(backquery::name(OptimizationMethod::adamw) == "adamw");
  CHECK(backquery::from_name<OptimizationMethod>("rmsprop") == OptimizationMethod::rmsprop);
}
