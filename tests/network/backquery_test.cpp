/// @file
/// backquery: the inputs that correspond to given outputs.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "golden_network.hpp"
#include "tolerance.hpp"

#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using backquery::Activation;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Catch::Matchers::WithinAbs;
using Eigen::Index;

namespace {

/// A network of one layer: its backquery is the inverse of the output activation, W', and a rescaling.
template <typename Scalar>
NeuralNetwork<Scalar> one_layer(const Matrix<Scalar>& weights, Activation output) {
  NetworkOptions options;
  options.output_activation = output;
  if (output == Activation::softmax) {
    options.loss = backquery::Loss::cross_entropy;
    options.error_propagation = backquery::ErrorPropagation::gradient;
  }
  return {{weights}, Scalar(0.1), options};
}

/// The vector, rescaled linearly to low .. high.
template <typename Scalar>
Vector<Scalar> rescaled(const Vector<Scalar>& v, double low, double high) {
  const Scalar from = v.minCoeff(), width = v.maxCoeff() - from;
  return v.unaryExpr([=](Scalar value) { return Scalar(low) + (value - from) / width * Scalar(high - low); });
}

struct Range {
  double low, high;
};

/// The activations with an inverse, the inverse, and the range to which backquery rescales a hidden layer.
/// Equal bounds mean no rescaling.
struct Inverse {
  Activation activation;
  double (*inverse)(double);
  Range range;
};
std::vector<Inverse> inverses() {
  return {
      {Activation::identity, [](double y) { return y; }, {0, 0}},
      {Activation::sigmoid, [](double y) { return std::log(y / (1 - y)); }, {0.01, 0.99}},
      {Activation::tanh, [](double y) { return std::atanh(y); }, {-0.98, 0.98}},
      {Activation::scaled_tanh,
       [](double y) { return 1.5 * std::atanh(y / 1.7159); },
       {-0.98 * 1.7159, 0.98 * 1.7159}},
      {Activation::leaky_relu, [](double y) { return y > 0 ? y : y / 0.01; }, {0, 0}},
      {Activation::softmax, [](double y) { return std::log(y); }, {0, 0}},
      {Activation::elu, [](double y) { return y > 0 ? y : std::log(1 + y); }, {-0.98, 0.98}},
      {Activation::softplus, [](double y) { return std::log(std::exp(y) - 1); }, {0.01, 0.99}},
  };
}

}  // namespace

TEMPLATE_TEST_CASE("backquery gives the inputs of numpy for the network of the book", "[backquery][golden]",
                   float, double) {
  for (const char* const layers : {"3-3-3", "7-5-2", "784-30-10"}) {
    CAPTURE(layers);
    const Golden golden(std::string("network/book_") + layers);
    const auto net = golden_network<TestType>(golden);
    const Matrix<TestType> targets = golden("targets").cast<TestType>();
    const Eigen::MatrixXd& expected = golden("backquery");
    CHECK(max_difference(net.backquery(targets), expected) <= tolerance<TestType>());
    for (Index sample = 0; sample < targets.cols(); ++sample) {
      CAPTURE(sample);
      CHECK(max_difference(net.backquery(targets.col(sample)), expected.col(sample)) <=
            tolerance<TestType>());
    }
  }
}

TEMPLATE_TEST_CASE("backquery gives the middle for a column of equal values", "[backquery]", EVERY_SCALAR) {
  SECTION("one input") {
    const Golden golden("network/book_1-4-1");
    const auto net = golden_network<TestType>(golden);
    const Matrix<TestType> targets = golden("targets").cast<TestType>();
    const Matrix<TestType> inputs = net.backquery(targets);
    CHECK(inputs == Matrix<TestType>::Constant(1, targets.cols(), TestType(0.5)));
  }
  SECTION("a hidden layer of one node, whose middle 0.5 has the pre-activation 0") {
    Matrix<TestType> input_hidden(1, 3), hidden_output(2, 1);
    input_hidden << 1, 2, 3;
    hidden_output << 1, 2;
    const NeuralNetwork<TestType> net({input_hidden, hidden_output}, TestType(0.1));
    const Vector<TestType> target{{TestType(0.2), TestType(0.9)}};
    CHECK(net.backquery(target) == Vector<TestType>::Constant(3, TestType(0.5)));
  }
  SECTION("only that column") {
    Matrix<TestType> weights(1, 3);
    weights << 1, 2, 3;
    const NeuralNetwork<TestType> net({weights}, TestType(0.1));
    Matrix<TestType> targets(1, 2);
    targets << TestType(0.5), TestType(0.9);  // logit 0.5 is 0
    const Matrix<TestType> inputs = net.backquery(targets);
    CHECK(inputs.col(0) == Vector<TestType>::Constant(3, TestType(0.5)));
    CHECK(max_difference(inputs.col(1), Eigen::Vector3d(0.01, 0.5, 0.99)) <= 1e-6);
  }
}

TEMPLATE_TEST_CASE("backquery applies the inverse of the output activation", "[backquery]", EVERY_SCALAR) {
  const auto [output, inverse, range] = GENERATE(from_range(inverses()));
  static_cast<void>(range);
  CAPTURE(backquery::name(output));
  const Matrix<TestType> weights = random_matrix<TestType>(3, 6, -1, 1, 8);
  Vector<TestType> target{{TestType(0.2), TestType(0.7), TestType(0.1)}};
  if (backquery::detail::range_of(output).contains(-0.3)) target(1) = TestType(-0.3);
  const Vector<TestType> z = target.template cast<double>().unaryExpr(inverse).template cast<TestType>();
  const Vector<TestType> expected = rescaled<TestType>(weights.transpose() * z, 0.01, 0.99);
  const double bound = tolerance<TestType>(80, 1e-14);  // `inverse` computes in double
  CHECK(max_difference(one_layer<TestType>(weights, output).backquery(target), expected) <= bound);
}

TEMPLATE_TEST_CASE("backquery rescales a hidden layer to the range of its activation", "[backquery]", float,
                   double) {
  const auto [hidden, inverse, range] = GENERATE(from_range(inverses()));
  if (hidden == Activation::softmax) return;
  CAPTURE(backquery::name(hidden));
  NetworkOptions options;
  options.biases = true;
  const bool alone = GENERATE(false, true);  // the other hidden layer may have another activation
  if (alone) {
    options.activations = {Activation::tanh, hidden, Activation::sigmoid};
  } else {
    options.hidden_activation = hidden;
  }
  const std::vector<Matrix<double>> weights = {random_matrix<double>(4, 6, -1, 1, 8),
                                               random_matrix<double>(5, 4, -1, 1, 9),
                                               random_matrix<double>(2, 5, -1, 1, 10)};
  std::vector<Vector<double>> biases;
  std::vector<Matrix<TestType>> own_weights;
  for (std::size_t l = 0; l < 3; ++l) {
    biases.emplace_back(random_matrix<double>(weights[l].rows(), 1, -1, 1, 11 + l));
    own_weights.push_back(weights[l].cast<TestType>());
  }
  NeuralNetwork<TestType> net(own_weights, TestType(0.1), options);
  for (std::size_t l = 0; l < 3; ++l) net.set_biases(Index(l), biases[l].cast<TestType>());

  Matrix<double> targets(2, 2), expected(6, 2);
  targets << 0.2, 0.9, 0.7, 0.4;
  for (Index sample = 0; sample < 2; ++sample) {
    Vector<double> z = targets.col(sample).unaryExpr([](double t) { return std::log(t / (1 - t)); });
    for (const std::size_t l : {2u, 1u}) {
      const Vector<double> below = weights[l].transpose() * (z - biases[l]);
      if (alone && l == 1) {
        z = rescaled<double>(below, -0.98, 0.98).unaryExpr([](double y) { return std::atanh(y); });
      } else {
        z = (range.low < range.high ? rescaled(below, range.low, range.high) : below).unaryExpr(inverse);
      }
    }
    expected.col(sample) = rescaled<double>(weights[0].transpose() * (z - biases[0]), 0.01, 0.99);
  }
  CHECK(max_difference(net.backquery(targets.cast<TestType>()), expected) <= tolerance<TestType>(800));
  CHECK(max_difference(net.backquery(targets.col(1).cast<TestType>()), expected.col(1)) <=
        tolerance<TestType>(800));
}

TEMPLATE_TEST_CASE("backquery gives inputs from 0.01 to 0.99, and no inputs for no targets", "[backquery]",
                   float, double) {
  const NeuralNetwork<TestType> net({20, 8, 6, 4}, TestType(0.1));
  const Matrix<TestType> inputs = net.backquery(random_matrix<TestType>(4, 5, 0.01, 0.99, 3));
  const double rounding = tolerance<TestType>(4);
  for (Index sample = 0; sample < 5; ++sample) {
    CHECK_THAT(static_cast<double>(inputs.col(sample).minCoeff()), WithinAbs(0.01, rounding));
    CHECK_THAT(static_cast<double>(inputs.col(sample).maxCoeff()), WithinAbs(0.99, rounding));
  }
  const Matrix<TestType> none = net.backquery(Matrix<TestType>(4, 0));
  CHECK(none.rows() == 20);
  CHECK(none.cols() == 0);
}

TEMPLATE_TEST_CASE("backquery gives the same inputs for every kind of Eigen argument", "[backquery]", float,
                   double) {
  const NeuralNetwork<TestType> net(7, 5, 3, TestType(0.1));
  const Matrix<TestType> t = random_matrix<TestType>(3, 9, 0.01, 0.99, 2);
  const Matrix<TestType> expected = net.backquery(t);
  const RowMajorMatrix<TestType> row_major = t;
  const Eigen::Matrix<TestType, 3, 1> fixed = t.col(4);
  CHECK(max_difference(net.backquery(row_major), expected) <= tolerance<TestType>());
  CHECK(max_difference(net.backquery(TestType(2) * t - t), expected) <= tolerance<TestType>());
  CHECK(max_difference(net.backquery(row_major.col(4)), expected.col(4)) <= tolerance<TestType>());
  CHECK(max_difference(net.backquery(fixed), expected.col(4)) <= tolerance<TestType>());
}

TEMPLATE_TEST_CASE("backquery throws for targets outside the open range of the output activation",
                   "[backquery]", float, double) {
  const auto [output, low, high] = GENERATE(table<Activation, double, double>({
      {Activation::sigmoid, 0, 1},
      {Activation::tanh, -1, 1},
      {Activation::scaled_tanh, -1.7159, 1.7159},
      {Activation::softmax, 0, 1},
  }));
  CAPTURE(backquery::name(output));
  const auto net = one_layer<TestType>(random_matrix<TestType>(3, 6, -1, 1, 8), output);
  Matrix<TestType> t = Matrix<TestType>::Constant(3, 2, TestType(low + 0.4 * (high - low)));
  CHECK_NOTHROW(net.backquery(t));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double wrong : {low, high, low - 1, high + 1, nan, infinity, -infinity}) {
    CAPTURE(wrong);
    t(2, 1) = TestType(wrong);
    CHECK_THROWS_AS(net.backquery(t), std::invalid_argument);
    CHECK_THROWS_AS(net.backquery(t.col(1)), std::invalid_argument);
  }
}

TEST_CASE("backquery throws for targets at the only bound of the output activation", "[backquery]") {
  const auto [output, low] =
      GENERATE(table<Activation, double>({{Activation::elu, -1}, {Activation::softplus, 0}}));
  CAPTURE(backquery::name(output));
  const auto net = one_layer<double>(random_matrix<double>(3, 6, -1, 1, 8), output);
  CHECK_NOTHROW(net.backquery(Eigen::Vector3d(low + 1e-9, 5, 1e9)));
  CHECK_THROWS_AS(net.backquery(Eigen::Vector3d(0.5, low - 1, 1)), std::invalid_argument);
  CHECK_THROWS_AS(net.backquery(Eigen::Vector3d(0.5, std::numeric_limits<double>::infinity(), 1)),
                  std::invalid_argument);
  std::ostringstream expected;
  expected << "backquery::NeuralNetwork::backquery: t(1, 0) is " << low << ", expected a value between "
           << low << " and inf, both excluded";
  CHECK_THROWS_WITH(net.backquery(Eigen::Vector3d(0.5, low, 1)), expected.str());
}

TEST_CASE("backquery throws for NaN and infinity if the outputs have an unlimited range", "[backquery]") {
  const Activation output = GENERATE(Activation::identity, Activation::leaky_relu);
  const auto net = one_layer<double>(random_matrix<double>(3, 6, -1, 1, 8), output);
  CHECK_NOTHROW(net.backquery(Eigen::Vector3d(-1e9, 5, 1e9)));
  CHECK_THROWS_AS(net.backquery(Eigen::Vector3d(0, std::nan(""), 1)), std::invalid_argument);
  CHECK_THROWS_AS(net.backquery(Eigen::Vector3d(0, std::numeric_limits<double>::infinity(), 1)),
                  std::invalid_argument);
}

TEST_CASE("backquery throws for relu, which has no inverse, and for targets of the wrong size",
          "[backquery]") {
  NetworkOptions options;
  options.hidden_activation = Activation::relu;
  CHECK_THROWS_WITH(NeuralNetwork<double>({6, 4, 3}, 0.1, options).backquery(Eigen::Vector3d(0.1, 0.5, 0.9)),
                    "backquery::NeuralNetwork::backquery: activation relu has no inverse, since every z <= 0 "
                    "gives 0; leaky_relu has one");
  CHECK_THROWS_AS(one_layer<double>(Eigen::MatrixXd::Ones(3, 6), Activation::relu)
                      .backquery(Eigen::Vector3d(0.1, 0.5, 0.9)),
                  std::invalid_argument);
  CHECK_THROWS_WITH(NeuralNetwork<double>(6, 4, 3, 0.1).backquery(Eigen::Vector2d(0.1, 0.5)),
                    "backquery::NeuralNetwork::backquery: t has 2 rows, expected 3");
}
