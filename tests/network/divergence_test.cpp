/// @file
/// Training that diverges is an exception, not a network of NaN.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"

#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using backquery::Activation;
using backquery::ErrorPropagation;
using backquery::NetworkOptions;
using backquery::TrainingFailed;
using Catch::Matchers::StartsWith;
using Eigen::Index;
using Network = backquery::NeuralNetwork<double>;

constexpr const char* not_finite =
    "backquery::NeuralNetwork::train: the network has a weight or bias that is NaN";

NetworkOptions linear() {
  NetworkOptions options;
  options.hidden_activation = options.output_activation = Activation::identity;
  options.error_propagation = ErrorPropagation::gradient;
  options.biases = true;
  return options;
}

bool same_bits(const Network& a, const Network& b) {
  const auto bytes = static_cast<std::size_t>(a.parameters().size()) * sizeof(double);
  return std::memcmp(a.parameters().data(), b.parameters().data(), bytes) == 0;
}

/// Networks for the ways to update the first layer: one by one; delayed, without and with a background.
std::vector<Index> layers_of_case(int number) {
  return number == 0 ? std::vector<Index>{5, 4, 2} : std::vector<Index>{100, 60, 2};
}
Matrix<double> inputs_of_case(int number, Index columns) {
  return number == 2 ? random_images<double>(100, columns, 0.01, 1)
                     : random_matrix<double>(layers_of_case(number).front(), columns, 0.01, 1, 1);
}

}  // namespace

TEST_CASE("train stops before a sample whose step is not finite", "[divergence]") {
  const int number = GENERATE(0, 1, 2);
  const Index columns = GENERATE(1, 5, 20, 31);
  CAPTURE(number, columns);
  Matrix<double> x = inputs_of_case(number, columns);
  const Matrix<double> t = random_matrix<double>(2, columns, 0.1, 0.9, 2);
  const Index bad = columns * 3 / 4;
  x.col(bad).setConstant(1e308);  // the outputs become infinite
  Network net(layers_of_case(number), 0.001, linear());
  Network expected = net;
  CHECK_THROWS_WITH(
      net.train(x, t),
      "backquery::NeuralNetwork::train: a weight would become NaN, infinite or beyond the range "
      "of float: is the learning rate, 0.001, too large? Are the inputs scaled, to 0.01 .. 1 for pixels?");
  if (columns == 1) {
    CHECK(same_bits(net, expected));
  } else {
    expected.train(x.leftCols(bad), t.leftCols(bad));
    CHECK(max_difference(net.parameters(), expected.parameters()) <= 1e-13);
  }
  net.train(inputs_of_case(number, 9), t.col(0).replicate(1, 9));  // the network is still of use
  const Matrix<double> y = net.query(inputs_of_case(number, 9));
  CHECK(y.allFinite());
}

TEST_CASE("train throws after many samples if a step was not finite", "[divergence]") {
  const int number = GENERATE(0, 1, 2);
  const Index columns = GENERATE(32, 300);
  CAPTURE(number, columns);
  Matrix<double> x = inputs_of_case(number, columns);
  x.col(columns / 3).setConstant(1e308);
  Network net(layers_of_case(number), 0.001, linear());
  CHECK_THROWS_AS(net.train(x, Matrix<double>::Constant(2, columns, 0.5)), TrainingFailed);
  CHECK_THROWS_WITH(net.train(inputs_of_case(number, 3), Matrix<double>::Constant(2, 3, 0.5)),
                    StartsWith(not_finite));
}

TEST_CASE("after new weights are set, a network that diverged trains as a new network does", "[divergence]") {
  const int number = GENERATE(0, 1, 2);
  const Index columns = GENERATE(31, 32);
  const bool at_once = GENERATE(false, true);
  CAPTURE(number, columns, at_once);
  Matrix<double> x = inputs_of_case(number, columns);
  const Matrix<double> t = random_matrix<double>(2, columns, 0.1, 0.9, 2);
  x.col(columns / 3).setConstant(1e308);
  Network net(layers_of_case(number), 0.001, linear()), expected = net;
  CHECK_THROWS_AS(net.train(x, t), TrainingFailed);
  if (at_once) {
    net.update_parameters([&](auto values) { values = expected.parameters(); });
  } else {
    for (Index layer = 0; layer < 2; ++layer) {
      net.set_weights(layer, expected.weights(layer));
      net.set_biases(layer, expected.biases(layer));
    }
  }
  x = inputs_of_case(number, columns);
  net.train(x, t);
  expected.train(x, t);
  CHECK(same_bits(net, expected));
}

TEST_CASE("gradients of a network that diverged do not change the next gradients", "[divergence]") {
  const Matrix<double> x = inputs_of_case(1, 20), t = random_matrix<double>(2, 20, 0.1, 0.9, 2);
  Network net({100, 61, 2}, 0.001, linear()), diverged = net;  // 61 nodes do not fill packets
  diverged.update_parameters([](auto values) { values *= 1e200; });
  backquery::Parameters<double> gradients;
  backquery::Workspace<double> workspace;
  CHECK(!(diverged.gradients(x, t, gradients, workspace) < 1e300));
  CHECK(net.gradients(x, t, gradients, workspace) == net.loss(x, t));
  CHECK(gradients.values().allFinite());
}

TEST_CASE("train throws after many samples if a weight is finite but beyond the range of float",
          "[divergence]") {
  const int number = GENERATE(0, 1, 2);
  const Index columns = GENERATE(31, 32, 300);
  CAPTURE(number, columns);
  Matrix<double> x = inputs_of_case(number, columns);
  const Matrix<double> t = random_matrix<double>(2, columns, 0.1, 0.9, 2);
  x(1, columns - 1) = 1e60;  // the deltas are about 1e60, their products with the inputs 1e120
  Network net(layers_of_case(number), 0.001, linear());
  if (columns >= 32) {
    CHECK_THROWS_AS(net.train(x, t), TrainingFailed);
  } else {
    net.train(x, t);
  }
  CHECK(net.parameters().allFinite());
}

TEST_CASE("a weight of the first layer beyond the range of float is found after any number of steps",
          "[divergence]") {
  const Index columns = GENERATE(32, 256, 300);  // after 256 steps, finite sums prove finite weights
  CAPTURE(columns);
  Network net(layers_of_case(2), 1e-90, linear());
  Matrix<double> weights = net.weights(0);
  weights(0, 0) = 1e39;
  net.set_weights(0, weights);
  CHECK_THROWS_WITH(
      net.train(inputs_of_case(2, columns), Matrix<double>::Constant(2, columns, 0.5)),
      StartsWith("backquery::NeuralNetwork::train: a weight would become NaN, infinite or beyond "
                 "the range of float: "));
}

TEST_CASE("unscaled features with a large learning rate are reported for relu, too", "[divergence]") {
  NetworkOptions options = linear();
  options.hidden_activation = Activation::relu;
  options.initializer = backquery::Initializer::he;
  const double rate = GENERATE(0.1, 0.01, 0.001);
  Matrix<double> x = random_matrix<double>(13, 506, 0.5, 1.5, 1);
  x.row(9) *= 400;
  x.row(11) *= 350;
  const Matrix<double> t = random_matrix<double>(1, 506, 5, 50, 2);
  Network net({13, 100, 1}, rate, options);
  CHECK_THROWS_AS(net.train(x, t), TrainingFailed);
}

TEST_CASE("weights that overflow in the last step are found by a scan, or by the next call", "[divergence]") {
  const int number = GENERATE(0, 1, 2);
  const Index columns = GENERATE(1, 9, 31, 32, 300);
  CAPTURE(number, columns);
  Matrix<double> x = inputs_of_case(number, columns);
  const Matrix<double> t = random_matrix<double>(2, columns, 0.1, 0.9, 2);
  x(1, columns - 1) = 1e200;  // the deltas are about 1e200, their products with the inputs are infinite
  Network net(layers_of_case(number), 0.001, linear());
  if (columns >= 32) {
    CHECK_THROWS_AS(net.train(x, t), TrainingFailed);
  } else {
    net.train(x, t);
  }
  CHECK_FALSE(net.parameters().allFinite());
  const Network diverged = net;
  const Matrix<double> next = inputs_of_case(number, 3);
  if (columns >= 32) {
    CHECK_THROWS_WITH(net.train(next, t.leftCols(3)), StartsWith(not_finite));
    CHECK_THROWS_WITH(net.train(next.col(0), t.col(0)), StartsWith(not_finite));
  } else {
    CHECK_THROWS_AS(net.train(next, t.col(0).replicate(1, 3)), TrainingFailed);
  }
  CHECK(same_bits(net, diverged));
}

TEST_CASE("train rejects weights that are not finite, wherever they come from", "[divergence]") {
  const double wrong =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
  const std::vector<Index> sizes = GENERATE(std::vector<Index>{3, 4, 2}, std::vector<Index>{100, 2});
  const Network good(sizes, 0.1, linear());
  const Matrix<double> x = random_matrix<double>(sizes.front(), 3, 0.01, 1, 1),
                       t = random_matrix<double>(2, 3, 0.1, 0.9, 2);
  Matrix<double> weights = good.weights(0);
  weights(1, 2) = wrong;
  const auto check = [&](Network net) {
    const Network before = net;
    CHECK_THROWS_WITH(net.train(x, t), StartsWith(not_finite));
    CHECK_THROWS_AS(net.train(x.col(0), t.col(0)), std::invalid_argument);
    CHECK_THROWS_AS(net.train(x.leftCols(0), t.leftCols(0)), std::invalid_argument);
    CHECK(same_bits(net, before));
    net.update_parameters([&](auto values) { values = good.parameters(); });
    CHECK_NOTHROW(net.train(x, t));
  };
  Network by_weights = good, by_biases = good, by_parameters = good;
  by_weights.train(x, t);
  by_weights.set_weights(0, weights);
  check(by_weights);
  by_biases.set_biases(good.layers() - 1, Eigen::VectorXd{{0, -wrong}});
  check(by_biases);
  by_parameters.update_parameters([&](auto values) { values(0) = wrong; });
  check(by_parameters);
  if (good.layers() == 1) check(Network(std::vector<Matrix<double>>{weights}, 0.1, linear()));
}

TEST_CASE("train throws for features that are not scaled, instead of returning with weights of NaN",
          "[divergence]") {
  const auto hidden = GENERATE(Activation::sigmoid, Activation::relu, Activation::tanh);
  CAPTURE(hidden);
  Vector<double> size(13);
  size << 9, 12, 11, 0.3, 0.55, 6.3, 70, 3.8, 9, 400, 18, 350, 12;
  const Matrix<double> x = size.asDiagonal() * random_matrix<double>(13, 506, 0.5, 1.5, 1);
  const Matrix<double> t = ((x.row(5).array() - 6.3) * 6 - (x.row(12).array() - 12) * 0.7 + 22).matrix();
  auto options = linear();
  options.hidden_activation = hidden;
  options.initializer = backquery::Initializer::he;
  Network net({13, 100, 1}, 0.1, options);
  CHECK_THROWS_AS(net.train(x, t), TrainingFailed);
  Network one_by_one({13, 100, 1}, 0.1, options);
  const auto train = [&] {
    for (Index i = 0; i < 506; ++i) one_by_one.train(x.col(i), t.col(i));
  };
  CHECK_THROWS_AS(train(), TrainingFailed);
}
