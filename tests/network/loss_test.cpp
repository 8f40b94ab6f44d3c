/// @file
/// Losses are compared with their formulas, also for values at which the formulas overflow.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"
#include "tolerance.hpp"

#include <cmath>
#include <limits>

using backquery::Activation;
using backquery::ErrorPropagation;
using backquery::Loss;
using backquery::NetworkOptions;
using Catch::Matchers::WithinRel;
using Eigen::Index;

namespace {

/// A network whose pre-activations are its three inputs.
template <typename Scalar>
backquery::NeuralNetwork<Scalar> network_of(Activation output, Loss loss) {
  NetworkOptions options;
  options.output_activation = output;
  options.loss = loss;
  options.error_propagation = ErrorPropagation::gradient;
  return {{Matrix<Scalar>::Identity(3, 3)}, Scalar(0.1), options};
}

template <typename Scalar>
Vector<Scalar> column(double a, double b, double c) {
  return Vector<Scalar>{{Scalar(a), Scalar(b), Scalar(c)}};
}

}  // namespace

TEMPLATE_TEST_CASE("squared_error is half the square of the distance", "[loss]", EVERY_SCALAR) {
  const auto net = network_of<TestType>(Activation::identity, Loss::squared_error);
  CHECK(net.loss(column<TestType>(1, 2, 3), column<TestType>(1, 4, -3)) == TestType(20));
  CHECK(net.loss(column<TestType>(1, 2, 3), column<TestType>(1, 2, 3)) == TestType(0));
  const auto sigmoid = network_of<TestType>(Activation::sigmoid, Loss::squared_error);
  CHECK(sigmoid.loss(column<TestType>(0, 0, 0), column<TestType>(1, 0.5, 0)) == TestType(0.25));
}

TEMPLATE_TEST_CASE("huber is half the square of small distances and grows linearly with large ones", "[loss]",
                   EVERY_SCALAR) {
  auto net = network_of<TestType>(Activation::identity, Loss::huber);
  CHECK(net.loss(column<TestType>(1, 2, 3), column<TestType>(1.5, 4, -3)) == TestType(0.125 + 1.5 + 5.5));
  CHECK(net.loss(column<TestType>(0, 0, 0), column<TestType>(1, -1, 0)) == TestType(1));

  typename decltype(net)::Gradients gradients;
  typename decltype(net)::Workspace workspace;
  const auto x = column<TestType>(3, -3, 2), t = column<TestType>(1, -1, 2.5);
  net.gradients(x, t, gradients, workspace);
  CHECK(gradients.weights(0) == column<TestType>(1, -1, -0.5) * x.transpose());
  net.set_weights(0, Matrix<TestType>::Constant(3, 3, std::numeric_limits<TestType>::quiet_NaN()));
  net.gradients(x, t, gradients, workspace);
  CHECK(gradients.weights(0).array().isNaN().all());
  CHECK(std::isnan(net.loss(x, t)));
}

TEMPLATE_TEST_CASE("binary_cross_entropy is -sum t log o + (1 - t) log(1 - o)", "[loss]", EVERY_SCALAR) {
  const auto net = network_of<TestType>(Activation::sigmoid, Loss::binary_cross_entropy);
  const double z[] = {-1.5, 0.25, 3}, t[] = {0.3, 1, 0};
  double expected = 0;
  for (int i = 0; i < 3; ++i) {
    const double o = 1 / (1 + std::exp(-z[i]));
    expected -= t[i] * std::log(o) + (1 - t[i]) * std::log(1 - o);
  }
  CHECK_THAT(static_cast<double>(net.loss(column<TestType>(-1.5, 0.25, 3), column<TestType>(0.3, 1, 0))),
             WithinRel(expected, tolerance<TestType>(80, 1e-14)));
}

TEMPLATE_TEST_CASE("cross_entropy is -sum t log o for any sum of the targets", "[loss]", EVERY_SCALAR) {
  const auto net = network_of<TestType>(Activation::softmax, Loss::cross_entropy);
  const double sum = std::exp(-1.5) + std::exp(0.25) + std::exp(3.0);
  const double a = std::exp(-1.5) / sum, b = std::exp(0.25) / sum, c = std::exp(3.0) / sum;
  const auto z = column<TestType>(-1.5, 0.25, 3);
  const double bound = tolerance<TestType>(80, 1e-14);
  CHECK_THAT(static_cast<double>(net.loss(z, column<TestType>(1, 0, 0))), WithinRel(-std::log(a), bound));
  CHECK_THAT(static_cast<double>(net.loss(z, column<TestType>(0.5, 0.25, 2))),
             WithinRel(-0.5 * std::log(a) - 0.25 * std::log(b) - 2 * std::log(c), bound));
  CHECK(net.loss(z, column<TestType>(0, 0, 0)) == TestType(0));
}

TEMPLATE_TEST_CASE("losses of outputs that are rounded to 0 or 1 are exact", "[loss]", EVERY_SCALAR) {
  const double huge = GENERATE(1e3, 1e4, 1e30);
  CAPTURE(huge);
  const auto x = column<TestType>(huge, -huge, 0);
  const auto size = static_cast<TestType>(huge);
  SECTION("binary cross-entropy") {
    const auto net = network_of<TestType>(Activation::sigmoid, Loss::binary_cross_entropy);
    const TestType log_2 = std::log(TestType(2));
    CHECK_THAT(static_cast<double>(net.loss(x, column<TestType>(1, 0, 1))), WithinRel(double(log_2), 1e-6));
    CHECK_THAT(static_cast<double>(net.loss(x, column<TestType>(0, 1, 1))),
               WithinRel(double(2 * size + log_2), 1e-6));
    CHECK_THAT(static_cast<double>(net.loss(x, column<TestType>(0.5, 0.5, 1))),
               WithinRel(double(size + log_2), 1e-6));
  }
  SECTION("cross-entropy") {
    const auto net = network_of<TestType>(Activation::softmax, Loss::cross_entropy);
    CHECK(net.loss(x, column<TestType>(1, 0, 0)) == TestType(0));
    CHECK_THAT(static_cast<double>(net.loss(x, column<TestType>(0, 1, 0))),
               WithinRel(double(2 * size), 1e-6));
    CHECK_THAT(static_cast<double>(net.loss(x, column<TestType>(0, 0, 2))),
               WithinRel(double(2 * size), 1e-6));
  }
}

TEMPLATE_TEST_CASE("gradients of outputs that are rounded to 0 or 1 are exact", "[loss][gradients]",
                   EVERY_SCALAR) {
  using Net = backquery::NeuralNetwork<TestType>;
  typename Net::Gradients gradients;
  typename Net::Workspace workspace;
  const auto x = column<TestType>(1e4, -1e4, 0), t = column<TestType>(0, 1, 0.5);
  SECTION("binary cross-entropy: o - t") {
    network_of<TestType>(Activation::sigmoid, Loss::binary_cross_entropy)
        .gradients(x, t, gradients, workspace);
    CHECK(gradients.weights(0) == column<TestType>(1, -1, 0) * x.transpose());
  }
  SECTION("cross-entropy: o sum(t) - t") {
    network_of<TestType>(Activation::softmax, Loss::cross_entropy).gradients(x, t, gradients, workspace);
    CHECK(gradients.weights(0) == column<TestType>(1.5, -1, -0.5) * x.transpose());
  }
}

TEMPLATE_TEST_CASE("the loss of several columns is the mean of their losses", "[loss]", EVERY_SCALAR) {
  const auto [output, loss] = GENERATE(table<Activation, Loss>({
      {Activation::tanh, Loss::squared_error},
      {Activation::tanh, Loss::huber},
      {Activation::sigmoid, Loss::binary_cross_entropy},
      {Activation::softmax, Loss::cross_entropy},
  }));
  const auto net = network_of<TestType>(output, loss);
  const Matrix<TestType> x = random_matrix<TestType>(3, 70, -3, 3, 1),
                         t = random_matrix<TestType>(3, 70, 0.1, 0.9, 2);
  double mean = 0;
  for (Index sample = 0; sample < 70; ++sample) {
    mean += static_cast<double>(net.loss(x.col(sample), t.col(sample))) / 70;
  }
  CHECK_THAT(static_cast<double>(net.loss(x, t)), WithinRel(mean, tolerance<TestType>(80, 1e-14)));
}
