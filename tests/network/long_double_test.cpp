/// @file
/// Networks of long double, which use no packets. All their tests are in this file, because each further
/// Scalar in a typed test takes half a minute to compile.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"
#include "option_combinations.hpp"
#include "reference_network.hpp"
#include "tolerance.hpp"

#include <cmath>
#include <vector>

using backquery::NeuralNetwork;

namespace {

using Real = long double;

Matrix<Real> target_columns(Eigen::Index outputs, Eigen::Index samples) {
  return random_matrix<Real>(outputs, samples, 0.1, 0.9, 4);
}

NeuralNetwork<double> in_double(const NeuralNetwork<Real>& net) {
  std::vector<Matrix<double>> weights;
  for (Eigen::Index layer = 0; layer < net.layers(); ++layer) {
    weights.push_back(net.weights(layer).cast<double>());
  }
  return {weights, 0.1, net.options()};
}

}  // namespace

TEST_CASE("query and train in long double follow the equations for every combination of options",
          "[long double]") {
  for (const backquery::NetworkOptions& options : all_combinations()) {
    CAPTURE(description(options));
    const auto x = random_images<Real>(9, 6, 0.01, 3);
    const auto t = target_columns(3, 6);
    NeuralNetwork<Real> net({9, 7, 5, 3}, 0.1, options);
    reference::Network<Real> plain(net);
    CHECK(max_difference(net.query(x), reference::query<Real>(plain, x)) <= tolerance<Real>());
    net.train(x, t);
    reference::train<Real>(plain, x, t, Real(0.1));
    const reference::Distance<Real> distance(net, plain);
    CHECK(distance.weights <= tolerance<Real>());
    CHECK(distance.biases <= tolerance<Real>());
  }
}

TEST_CASE("a step along the gradients of one sample in long double is a training step", "[long double]") {
  for (const backquery::NetworkOptions& options : gradient_combinations()) {
    CAPTURE(description(options));
    const auto x = random_matrix<Real>(9, 1, 0, 1, 3);
    const auto t = target_columns(3, 1);
    NeuralNetwork<Real> net({9, 5, 3}, 0.1, options);
    reference::Network<Real> plain(net);
    NeuralNetwork<Real>::Gradients gradients;
    NeuralNetwork<Real>::Workspace workspace;
    net.gradients(x, t, gradients, workspace);
    net.step(gradients, Real(0.1));
    reference::train<Real>(plain, x, t, Real(0.1));
    CHECK(reference::Distance<Real>(net, plain).weights <= tolerance<Real>());
  }
}

TEST_CASE("loss and backquery in long double are those in double, up to rounding", "[long double]") {
  const NeuralNetwork<Real> net({9, 7, 5, 3}, 0.1, {});
  const NeuralNetwork<double> twin = in_double(net);
  const auto x = random_matrix<Real>(9, 6, 0, 1, 3);
  const auto t = target_columns(3, 6);
  const double loss = twin.loss(x.cast<double>(), t.cast<double>());
  CHECK(std::abs(static_cast<double>(net.loss(x, t)) - loss) <= tolerance<double>());
  CHECK(max_difference(net.backquery(t), twin.backquery(t.cast<double>())) <= 1e-10);
}
