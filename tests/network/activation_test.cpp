/// @file
/// Activation functions, tested by networks of one layer whose pre-activations are the inputs.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "enumerators.hpp"
#include "matrices.hpp"
#include "reference_network.hpp"
#include "tolerance.hpp"

#include <cmath>
#include <limits>
#include <utility>

using backquery::Activation;
using backquery::NetworkOptions;
using Catch::Matchers::WithinRel;
using Eigen::Index;

namespace {

/// f of each column of z.
template <typename Scalar>
Matrix<Scalar> outputs(Activation f, const Matrix<Scalar>& z) {
  NetworkOptions options;
  options.output_activation = f;
  if (f == Activation::softmax) {
    options.loss = backquery::Loss::cross_entropy;
    options.error_propagation = backquery::ErrorPropagation::gradient;
  }
  const backquery::NeuralNetwork<Scalar> net({Matrix<Scalar>::Identity(z.rows(), z.rows())}, Scalar(0.1),
                                             options);
  return net.query(z);
}

}  // namespace

TEMPLATE_TEST_CASE("activations have the values of their formulas", "[activation]", EVERY_SCALAR,
                   long double) {
  const Activation f = GENERATE(from_range(hidden_activations()));
  CAPTURE(backquery::name(f));
  const double rounding = tolerance<TestType>(8);
  for (const double z : {-30.0, -8.0, -1.0, -0.3, -1e-3, 0.0, 1e-3, 0.3, 1.0, 8.0, 30.0}) {
    CAPTURE(z);
    const Vector<long double> exact =
        reference::activate<long double>(f, Vector<long double>::Constant(1, z));
    // The absolute error is compared, because the relative error of small values of Eigen's float sigmoid is
    // larger.
    const double scale = 1 + static_cast<double>(std::abs(exact(0)));
    const Matrix<TestType> actual = outputs<TestType>(f, Matrix<TestType>::Constant(1, 1, TestType(z)));
    CHECK_THAT(static_cast<double>(actual(0)),
               Catch::Matchers::WithinAbs(static_cast<double>(exact(0)), rounding * scale));
  }
}

TEMPLATE_TEST_CASE("activations of huge pre-activations are their limits", "[activation]", EVERY_SCALAR,
                   long double) {
  const Matrix<TestType> z = Vector<TestType>{{TestType(1e4), TestType(-1e4)}};
  CHECK(max_difference(outputs(Activation::sigmoid, z), Eigen::Vector2d(1, 0)) <= 1e-30);
  // Eigen computes tanh in float by a quotient of polynomials, which is 1 to a few roundings.
  const double rounding = tolerance<TestType>(4);
  CHECK(max_difference(outputs(Activation::tanh, z), Vector<TestType>{{1, -1}}) <= rounding);
  CHECK(max_difference(outputs(Activation::scaled_tanh, z),
                       Vector<TestType>{{TestType(1.7159L), TestType(-1.7159L)}}) <= rounding);
  CHECK(outputs(Activation::elu, z) == Vector<TestType>{{z(0), TestType(-1)}});
  CHECK(max_difference(outputs(Activation::softplus, z), Eigen::Vector2d(1e4, 0)) <= 1e-30);
  CHECK(max_difference(outputs(Activation::softmax, z), Eigen::Vector2d(1, 0)) <= 1e-30);
  CHECK(max_difference(outputs(Activation::softmax, Matrix<TestType>(-z)), Eigen::Vector2d(0, 1)) <= 1e-30);
}

TEMPLATE_TEST_CASE("a pre-activation of NaN gives NaN", "[activation]", EVERY_SCALAR, long double) {
  const Activation f = GENERATE(from_range(enumerators<Activation>()));
  CAPTURE(backquery::name(f));
  const Matrix<TestType> z = Matrix<TestType>::Constant(9, 1, std::numeric_limits<TestType>::quiet_NaN());
  CHECK(outputs(f, z).array().isNaN().all());
}

TEMPLATE_TEST_CASE("softmax outputs are proportional to exp z and sum to 1 in each column", "[activation]",
                   EVERY_SCALAR, long double) {
  const Matrix<TestType> z = random_matrix<TestType>(7, 5, -4, 4, 1);
  const Matrix<TestType> y = outputs(Activation::softmax, z);
  for (Index sample = 0; sample < 5; ++sample) {
    CHECK_THAT(static_cast<double>(y.col(sample).sum()), WithinRel(1.0, 1e-6));
    CHECK_THAT(static_cast<double>(y(3, sample) / y(0, sample)),
               WithinRel(std::exp(static_cast<double>(z(3, sample) - z(0, sample))), 1e-5));
  }
  const Matrix<TestType> moved = outputs(Activation::softmax, Matrix<TestType>(z.array() + TestType(1024)));
  CHECK(max_difference(y, moved) <= tolerance<TestType>(1e4));
}

TEST_CASE("from_name returns the value of a name and throws for other texts", "[activation][names]") {
  using namespace backquery;
  for (const auto f : enumerators<Activation>()) {
    CHECK(from_name<Activation>(name(f)) == f);
  }
  for (const auto loss : enumerators<Loss>()) {
    CHECK(from_name<Loss>(name(loss)) == loss);
  }
  for (const auto initializer : enumerators<Initializer>()) {
    CHECK(from_name<Initializer>(name(initializer)) == initializer);
  }
  CHECK(name(Activation::scaled_tanh) == "scaled_tanh");
  CHECK(name(Loss::binary_cross_entropy) == "binary_cross_entropy");
  CHECK(name(Initializer::normal_fan_out) == "normal_fan_out");
  CHECK(name(ErrorPropagation::split_by_weights) == "split_by_weights");
  CHECK(from_name<ErrorPropagation>("gradient") == ErrorPropagation::gradient);
  CHECK_THROWS_WITH(
      from_name<ErrorPropagation>("backprop"),
      "backquery::from_name: error_propagation is 'backprop', expected one of split_by_weights, gradient");
  CHECK_THROWS_AS(from_name<Activation>(""), std::invalid_argument);
  CHECK_THROWS_AS(from_name<Activation>("Relu"), std::invalid_argument);
  CHECK_THROWS_AS(name(static_cast<Activation>(99)), std::invalid_argument);
  CHECK_THROWS_AS(name(static_cast<Activation>(-1)), std::invalid_argument);
}

TEST_CASE("targets of a classifier lie within the range of its output activation", "[activation]") {
  const auto levels = [](Activation output) {
    const auto [off, on] = backquery::detail::target_levels(output);
    return std::pair{static_cast<double>(off), static_cast<double>(on)};
  };
  CHECK(levels(Activation::softmax) == std::pair{0.0, 1.0});
  CHECK(levels(Activation::sigmoid) == std::pair{0.01, 0.99});
  CHECK(levels(Activation::tanh) == std::pair{-0.98, 0.98});
  CHECK_THAT(levels(Activation::scaled_tanh).first, WithinRel(-1.7159 * 0.98, 1e-15));
  CHECK_THAT(levels(Activation::scaled_tanh).second, WithinRel(1.7159 * 0.98, 1e-15));
  for (const auto output : {Activation::identity, Activation::relu, Activation::leaky_relu, Activation::elu,
                            Activation::softplus}) {
    CHECK(levels(output) == std::pair{0.0, 1.0});
  }
}
