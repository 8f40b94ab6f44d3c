/// @file
/// What an answer looks like as an input.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "golden_network.hpp"
#include "tolerance.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

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

/// Each column moved and stretched to low .. high.
template <typename Scalar>
Vector<Scalar> rescaled(const Vector<Scalar>& v, double low, double high) {
  const Scalar from = v.minCoeff(), width = v.maxCoeff() - from;
  return v.unaryExpr([=](Scalar value) { return Scalar(low) + (value - from) / width * Scalar(high - low); });
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

TEMPLATE_TEST_CASE("A column of equal values becomes the middle", "[backquery]", EVERY_SCALAR) {
  SECTION("one input") {
    const Golden golden("network/book_1-4-1");
    const auto net = golden_network<TestType>(golden);
    const Matrix<TestType> targets = golden("targets").cast<TestType>();
    const Matrix<TestType> portraits = net.backquery(targets);
    CHECK(portraits == Matrix<TestType>::Constant(1, targets.cols(), TestType(0.5)));
  }
  SECTION("a hidden layer of one node, whose middle 0.5 is the sum 0") {
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
    const Matrix<TestType> portraits = net.backquery(targets);
    CHECK(portraits.col(0) == Vector<TestType>::Constant(3, TestType(0.5)));
    CHECK(max_difference(portraits.col(1), Eigen::Vector3d(0.01, 0.5, 0.99)) <= 1e-6);
  }
}

TEMPLATE_TEST_CASE("backquery undoes each output activation by its own inverse", "[backquery]",
                   EVERY_SCALAR) {
  const auto [output, inverse] = GENERATE(table<Activation, double (*)(double)>({
      {Activation::identity, [](double t) { return t; }},
      {Activation::sigmoid, [](double t) { return std::log(t / (1 - t)); }},
      {Activation::tanh, [](double t) { return std::atanh(t); }},
      {Activation::scaled_tanh, [](double t) { return 1.5 * std::atanh(t / 1.7159); }},
      {Activation::leaky_relu, [](double t) { return t > 0 ? t : t / 0.01; }},
      {Activation::softmax, [](double t) { return std::log(t); }},
  }));
  CAPTURE(backquery::name(output));
  const Matrix<TestType> weights = random_matrix<TestType>(3, 6, -1, 1, 8);
  Vector<TestType> target{{TestType(0.2), TestType(0.7), TestType(0.1)}};
  if (output != Activation::sigmoid && output != Activation::softmax) target(1) = TestType(-0.3);
  const Vector<TestType> sums = target.template cast<double>().unaryExpr(inverse).template cast<TestType>();
  const Vector<TestType> expected = rescaled<TestType>(weights.transpose() * sums, 0.01, 0.99);
  const double bound = tolerance<TestType>(80, 1e-14);  // the inverses above are doubles
  CHECK(max_difference(one_layer<TestType>(weights, output).backquery(target), expected) <= bound);
}

TEMPLATE_TEST_CASE("backquery rescales a hidden layer to the range of its activation", "[backquery]", float,
                   double) {
  const auto [hidden, through] = GENERATE(table<Activation, Vector<double> (*)(const Vector<double>&)>({
      {Activation::identity, [](const Vector<double>& v) { return v; }},
      {Activation::leaky_relu,
       [](const Vector<double>& v) {
         return Vector<double>(v.unaryExpr([](double h) { return h > 0 ? h : h / 0.01; }));
       }},
      {Activation::sigmoid,
       [](const Vector<double>& v) {
         return Vector<double>(rescaled(v, 0.01, 0.99).unaryExpr([](double h) { return std::log(h / (1 - h)); }));
       }},
      {Activation::tanh,
       [](const Vector<double>& v) {
         return Vector<double>(rescaled(v, -0.98, 0.98).unaryExpr([](double h) { return std::atanh(h); }));
       }},
      {Activation::scaled_tanh,
       [](const Vector<double>& v) {
         return Vector<double>(rescaled(v, -0.98, 0.98).unaryExpr([](double h) { return 1.5 * std::atanh(h); }));
       }},
  }));
  CAPTURE(backquery::name(hidden));
  NetworkOptions options;
  options.hidden_activation = hidden;
  options.biases = true;
  const Matrix<double> first = random_matrix<double>(4, 6, -1, 1, 8),
                       second = random_matrix<double>(5, 4, -1, 1, 9),
                       third = random_matrix<double>(2, 5, -1, 1, 10);
  const Vector<double> b1 = random_matrix<double>(4, 1, -1, 1, 11),
                       b2 = random_matrix<double>(5, 1, -1, 1, 12),
                       b3 = random_matrix<double>(2, 1, -1, 1, 13);
  NeuralNetwork<TestType> net({first.cast<TestType>(), second.cast<TestType>(), third.cast<TestType>()},
                              TestType(0.1), options);
  net.set_biases(0, b1.cast<TestType>());
  net.set_biases(1, b2.cast<TestType>());
  net.set_biases(2, b3.cast<TestType>());

  Matrix<double> targets(2, 2), expected(6, 2);
  targets << 0.2, 0.9, 0.7, 0.4;
  for (Index sample = 0; sample < 2; ++sample) {
    const Vector<double> sums = targets.col(sample).unaryExpr([](double t) { return std::log(t / (1 - t)); });
    const Vector<double> z2 = through(third.transpose() * (sums - b3));
    const Vector<double> z1 = through(second.transpose() * (z2 - b2));
    expected.col(sample) = rescaled<double>(first.transpose() * (z1 - b1), 0.01, 0.99);
  }
  CHECK(max_difference(net.backquery(targets.cast<TestType>()), expected) <= tolerance<TestType>(800));
  CHECK(max_difference(net.backquery(targets.col(1).cast<TestType>()), expected.col(1)) <=
        tolerance<TestType>(800));
}

TEMPLATE_TEST_CASE("A portrait reaches from 0.01 to 0.99, and no columns give none", "[backquery]", float,
                   double) {
  const NeuralNetwork<TestType> net({20, 8, 6, 4}, TestType(0.1));
  const Matrix<TestType> portraits = net.backquery(random_matrix<TestType>(4, 5, 0.01, 0.99, 3));
  const double rounding = tolerance<TestType>(4);
  for (Index sample = 0; sample < 5; ++sample) {
    CHECK_THAT(static_cast<double>(portraits.col(sample).minCoeff()), WithinAbs(0.01, rounding));
    CHECK_THAT(static_cast<double>(portraits.col(sample).maxCoeff()), WithinAbs(0.99, rounding));
  }
  const Matrix<TestType> none = net.backquery(Matrix<TestType>(4, 0));
  CHECK(none.rows() == 20);
  CHECK(none.cols() == 0);
}

TEMPLATE_TEST_CASE("backquery answers alike whatever holds the targets", "[backquery]", float, double) {
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

TEMPLATE_TEST_CASE("backquery refuses targets outside the open range of the output", "[backquery]", float,
                   double) {
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

TEST_CASE("backquery refuses NaN and infinity where any number is an output", "[backquery]") {
  const Activation output = GENERATE(Activation::identity, Activation::leaky_relu);
  const auto net = one_layer<double>(random_matrix<double>(3, 6, -1, 1, 8), output);
  CHECK_NOTHROW(net.backquery(Eigen::Vector3d(-1e9, 5, 1e9)));
  CHECK_THROWS_AS(net.backquery(Eigen::Vector3d(0, std::nan(""), 1)), std::invalid_argument);
  CHECK_THROWS_AS(net.backquery(Eigen::Vector3d(0, std::numeric_limits<double>::infinity(), 1)),
                  std::invalid_argument);
}

TEST_CASE("backquery refuses relu, which has no inverse, and targets of the wrong size", "[backquery]") {
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
