/// @file
/// The weights and biases after one step or several.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "golden_network.hpp"
#include "option_combinations.hpp"
#include "reference_network.hpp"
#include "tolerance.hpp"

using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Eigen::Index;

namespace {

template <typename Scalar>
void check_parameters(const NeuralNetwork<Scalar>& net, const reference::Network<Scalar>& plain) {
  const reference::Distance<Scalar> distance(net, plain);
  CHECK(distance.weights <= tolerance<Scalar>());
  CHECK(distance.biases <= tolerance<Scalar>());
}

/// Targets that every output activation and loss accepts: between 0.1 and 0.9.
template <typename Scalar>
Matrix<Scalar> targets(Index rows, Index cols) {
  return random_matrix<Scalar>(rows, cols, 0.1, 0.9, 11);
}

}  // namespace

TEMPLATE_TEST_CASE("train gives the weights of numpy, for one sample per call and for all at once",
                   "[train][golden]", float, double) {
  const bool at_once = GENERATE(false, true);
  for (const Golden& golden : golden_cases("network", "book_")) {
    CAPTURE(golden.path(), at_once);
    auto net = golden_network<TestType>(golden);
    const Matrix<TestType> x = golden("inputs").cast<TestType>(), t = golden("targets").cast<TestType>();
    if (at_once) {
      net.train(x, t);
    } else {
      for (Index sample = 0; sample < x.cols(); ++sample) net.train(x.col(sample), t.col(sample));
    }
    CHECK(max_difference(net.weights(0), golden("wih_trained")) <= tolerance<TestType>());
    CHECK(max_difference(net.weights(1), golden("who_trained")) <= tolerance<TestType>());
  }
}

TEMPLATE_TEST_CASE("train follows the equations for every combination of options", "[train]", EVERY_SCALAR) {
  for (const NetworkOptions& options : all_combinations()) {
    CAPTURE(description(options));
    NeuralNetwork<TestType> net({5, 4, 6, 3}, TestType(0.1), options);
    reference::Network<TestType> plain(net);
    const Matrix<TestType> x = random_matrix<TestType>(5, 7, 0.01, 1, 3), t = targets<TestType>(3, 7);
    net.train(x, t);
    reference::train(plain, x, t, TestType(0.1));
    check_parameters(net, plain);
  }
}

TEMPLATE_TEST_CASE("train follows the equations if each layer has an activation of its own", "[train]",
                   EVERY_SCALAR) {
  const Matrix<TestType> x = random_matrix<TestType>(5, 40, 0.01, 1, 3), t = targets<TestType>(3, 40);
  for (const NetworkOptions& options : layer_combinations(4)) {
    CAPTURE(description(options));
    NeuralNetwork<TestType> net({5, 4, 6, 5, 3}, TestType(0.05), options);
    reference::Network<TestType> plain(net);
    net.train(x, t);
    reference::train(plain, x, t, TestType(0.05));
    check_parameters(net, plain);
    CHECK(max_difference(net.query(x.col(0)), reference::forward<TestType>(plain, x.col(0)).a.back()) <=
          tolerance<TestType>());
  }
}

TEMPLATE_TEST_CASE("train follows the equations for widths that fill no SIMD register", "[train]",
                   EVERY_SCALAR) {
  for (Index width = 1; width <= 33; ++width) {
    CAPTURE(width);
    NeuralNetwork<TestType> net({width, 34 - width, width}, TestType(0.2));
    reference::Network<TestType> plain(net);
    const Matrix<TestType> x = random_matrix<TestType>(width, 3, 0.01, 1, 3), t = targets<TestType>(width, 3);
    net.train(x, t);
    reference::train(plain, x, t, TestType(0.2));
    check_parameters(net, plain);
  }
}

TEMPLATE_TEST_CASE("train gives the same weights for samples in any kind of matrix", "[train]", float,
                   double) {
  const NeuralNetwork<TestType> untrained(7, 5, 3, TestType(0.3));
  const Matrix<TestType> x = random_matrix<TestType>(7, 9, 0.01, 1, 2), t = targets<TestType>(3, 9);
  reference::Network<TestType> plain(untrained);
  reference::train(plain, x, t, TestType(0.3));
  const RowMajorMatrix<TestType> row_major_x = x, row_major_t = t;
  Matrix<TestType> surrounded = Matrix<TestType>::Constant(11, 12, TestType(7));
  surrounded.block(2, 1, 7, 9) = x;

  auto net = untrained;
  SECTION("row-major matrices") {
    net.train(row_major_x, row_major_t);
  }
  SECTION("a block and a Map") {
    net.train(surrounded.block(2, 1, 7, 9), Eigen::Map<const Matrix<TestType>>(t.data(), 3, 9));
  }
  SECTION("expressions") {
    net.train(TestType(2) * x - x, TestType(2) * t - t);
  }
  SECTION("references") {
    net.train(Eigen::Ref<const Matrix<TestType>>(x), Eigen::Ref<const Matrix<TestType>>(t));
  }
  SECTION("strided columns") {
    for (Index sample = 0; sample < 9; ++sample) net.train(row_major_x.col(sample), row_major_t.col(sample));
  }
  SECTION("vectors of fixed size") {
    for (Index sample = 0; sample < 9; ++sample) {
      const Eigen::Matrix<TestType, 7, 1> fixed_x = x.col(sample);
      const Eigen::Matrix<TestType, 3, 1> fixed_t = t.col(sample);
      net.train(fixed_x, fixed_t);
    }
  }
  check_parameters(net, plain);
}

TEMPLATE_TEST_CASE("train on no columns changes nothing", "[train]", float, double) {
  NeuralNetwork<TestType> net(7, 5, 3, TestType(0.3));
  const Vector<TestType> before = net.parameters();
  net.train(Matrix<TestType>(7, 0), Matrix<TestType>(3, 0));
  CHECK(net.parameters() == before);
}

TEMPLATE_TEST_CASE("train uses the learning rate that was set last", "[train]", float, double) {
  NeuralNetwork<TestType> net(7, 5, 3, TestType(0.3));
  reference::Network<TestType> plain(net);
  const Matrix<TestType> x = random_matrix<TestType>(7, 2, 0.01, 1, 2), t = targets<TestType>(3, 2);
  net.set_learning_rate(TestType(0.7));
  CHECK(net.learning_rate() == TestType(0.7));
  net.train(x, t);
  reference::train(plain, x, t, TestType(0.7));
  check_parameters(net, plain);
}

TEMPLATE_TEST_CASE("train on one sample is a step along its gradient", "[train][gradients]", EVERY_SCALAR) {
  using TestedNetwork = NeuralNetwork<TestType>;
  for (const NetworkOptions& options : all_combinations()) {
    CAPTURE(description(options));
    TestedNetwork trained({5, 4, 6, 3}, TestType(0.1), options), stepped = trained;
    const Matrix<TestType> x = random_matrix<TestType>(5, 1, 0.01, 1, 3), t = targets<TestType>(3, 1);
    typename TestedNetwork::Gradients gradients;
    typename TestedNetwork::Workspace workspace;
    stepped.gradients(x, t, gradients, workspace);
    stepped.step(gradients, TestType(0.1));
    trained.train(x, t);
    CHECK(max_difference(trained.parameters(), stepped.parameters()) <= tolerance<TestType>(20));
    CHECK(max_difference(trained.parameters(),
                         TestedNetwork({5, 4, 6, 3}, TestType(0.1), options).parameters()) > 1e-4);
  }
}
