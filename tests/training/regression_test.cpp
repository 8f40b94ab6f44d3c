/// @file
/// Regressions of two usual test problems against scikit-learn.
#include "catch.hpp"

#include <backquery/metrics.hpp>
#include <backquery/training/trainer.hpp>

#include <cmath>
#include <cstdint>

#include "matrices.hpp"
#include "training_problem.hpp"

namespace {

using namespace training_problem;

constexpr double pi = 3.14159265358979323846;
constexpr Index training_samples = 800, test_samples = 400;

/// S. Vigna, splitmix64.
class SplitMix {
 public:
  double uniform() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  double noise() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_ = 0;
};

struct RegressionProblem {
  Matrix<double> x, t;
};

/// J. Friedman, "Multivariate adaptive regression splines" (1991), scaled to a deviation of about 1.
RegressionProblem friedman() {
  SplitMix random;
  constexpr Index samples = training_samples + test_samples;
  RegressionProblem problem{Matrix<double>(10, samples), Matrix<double>(1, samples)};
  for (Index i = 0; i < samples; ++i) {
    auto x = problem.x.col(i);
    for (double& value : x) value = random.uniform();
    const double y = 10 * std::sin(pi * x(0) * x(1)) + 20 * (x(2) - 0.5) * (x(2) - 0.5) + 10 * x(3) +
                     5 * x(4) + random.noise();
    problem.t(0, i) = (y - 14.4) / 5;
  }
  return problem;
}

/// The hand of an arm of two joints, for angles from -pi / 2 to pi / 2.
RegressionProblem arm() {
  SplitMix random;
  constexpr Index samples = training_samples + test_samples;
  RegressionProblem problem{Matrix<double>(2, samples), Matrix<double>(2, samples)};
  for (Index i = 0; i < samples; ++i) {
    auto x = problem.x.col(i);
    for (double& value : x) value = 2 * random.uniform() - 1;
    const double first = pi / 2 * x(0), second = first + pi / 2 * x(1);
    problem.t(0, i) = std::cos(first) + 0.7 * std::cos(second) + 0.05 * random.noise();
    problem.t(1, i) = std::sin(first) + 0.7 * std::sin(second) + 0.05 * random.noise();
  }
  return problem;
}

/// Initial biases as in scikit-learn, where they have the distribution of the weights.
void randomize_biases(NeuralNetwork<double>& network, std::uint64_t seed) {
  for (Index layer = 0; layer < network.layers(); ++layer) {
    const Index nodes = network.biases(layer).size();
    const double bound = std::sqrt(6.0 / static_cast<double>(nodes + network.weights(layer).cols()));
    network.set_biases(layer, random_matrix<double>(nodes, 1, -bound, bound, seed));
  }
}

/// The root mean squared error of the test samples, mean of the networks of 5 seeds.
double mean_error(const RegressionProblem& problem, Activation hidden) {
  const auto source =
      matrix_source<double>(problem.x.leftCols(training_samples), problem.t.leftCols(training_samples));
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    NetworkOptions options;
    options.hidden_activation = hidden;
    options.output_activation = Activation::identity;
    options.error_propagation = backquery::ErrorPropagation::gradient;
    options.biases = true;
    options.initializer = backquery::Initializer::glorot;
    options.seed = seed;
    NeuralNetwork<double> network({problem.x.rows(), 50, problem.t.rows()}, options);
    randomize_biases(network, seed);
    TrainerOptions training = adam(200, 0.001);
    training.seed = seed;
    backquery::Trainer<double>(training).fit(network, source);
    sum += backquery::root_mean_squared_error(network.query(problem.x.rightCols(test_samples)),
                                              problem.t.rightCols(test_samples));
  }
  return sum / 5;
}

}  // namespace

TEST_CASE("regressions have the errors of scikit-learn's MLPRegressor, to 5 percent", "[trainer]") {
  // tests/data/regression.py prints the means of scikit-learn.
  CHECK(mean_error(friedman(), Activation::relu) == Approx(0.2845).epsilon(0.05));
  CHECK(mean_error(arm(), Activation::tanh) == Approx(0.0634).epsilon(0.05));
}
