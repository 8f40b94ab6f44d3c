/// @file
/// A scaling of the inputs or outputs becomes part of the first or last layer.
#include "catch.hpp"

#include <backquery/network/fold.hpp>
#include <backquery/tables/standardizer.hpp>

#include "matrices.hpp"
#include "message_of.hpp"
#include "tolerance.hpp"

#include <cmath>
#include <limits>
#include <string>

using backquery::Activation;
using backquery::fold_inputs;
using backquery::fold_outputs;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;

namespace {

/// A network of 5 inputs and 3 outputs with random weights, and with random biases if there are biases.
template <typename Scalar>
NeuralNetwork<Scalar> network_to_fold(bool biases, Activation output = Activation::identity) {
  NetworkOptions options;
  options.hidden_activation = Activation::tanh;
  options.output_activation = output;
  options.biases = biases;
  NeuralNetwork<Scalar> net({5, 4, 3}, options);
  if (biases) {
    net.set_biases(0, random_matrix<Scalar>(4, 1, -1, 1, 1));
    net.set_biases(1, random_matrix<Scalar>(3, 1, -1, 1, 2));
  }
  return net;
}

}  // namespace

TEMPLATE_TEST_CASE("a folded network scales its inputs and outputs itself", "[fold]", EVERY_SCALAR) {
  using Scalar = TestType;
  const bool biases = GENERATE(true, false);
  const auto net = network_to_fold<Scalar>(biases);
  const Scalar any = biases ? Scalar(1) : Scalar(0);
  const Matrix<Scalar> x = random_matrix<Scalar>(5, 7, -1, 1, 3);
  const Vector<Scalar> scale = random_matrix<Scalar>(5, 1, -2, 2, 4);
  const Vector<Scalar> offset = any * random_matrix<Scalar>(5, 1, -2, 2, 5);
  const Vector<Scalar> out_scale = random_matrix<Scalar>(3, 1, -2, 2, 6);
  const Vector<Scalar> out_offset = any * random_matrix<Scalar>(3, 1, -2, 2, 7);

  const Matrix<Scalar> scaled = (scale.asDiagonal() * x).colwise() + offset;
  const Matrix<Scalar> inner = net.query(scaled);
  const Matrix<Scalar> expected = (out_scale.asDiagonal() * inner).colwise() + out_offset;
  CHECK(max_difference(fold_inputs(net, scale, offset).query(x), inner) <= tolerance<Scalar>());
  CHECK(max_difference(fold_outputs(net, out_scale, out_offset).query(scaled), expected) <=
        tolerance<Scalar>());
  const auto both = fold_outputs(fold_inputs(net, scale, offset), out_scale, out_offset);
  CHECK(max_difference(both.query(x), expected) <= tolerance<Scalar>());
  CHECK(both.options().hidden_activation == Activation::tanh);
  CHECK(both.options().biases == biases);
  CHECK(both.learning_rate() == net.learning_rate());
}

TEST_CASE("a network with folded standardizers takes raw inputs and gives raw outputs", "[fold]") {
  const bool to_range = GENERATE(false, true);
  const auto net = network_to_fold<double>(true);
  Matrix<double> x = random_matrix<double>(5, 40, -1, 1, 8);
  for (Eigen::Index input = 0; input < 5; ++input) {
    // means of 0, 25, 50, 75 and 100 deviations, deviations of 0.01 to 100
    x.row(input).array() += 25 * static_cast<double>(input) * std::sqrt(x.row(input).squaredNorm() / 40);
    x.row(input) *= std::pow(10.0, static_cast<double>(input) - 2);
  }
  const Matrix<double> t = 1e6 * random_matrix<double>(3, 40, 1, 2, 9);
  using backquery::Standardizer;
  const auto of_x = to_range ? Standardizer<double>::to_range(x, -1, 1) : Standardizer<double>(x);
  const auto of_t = to_range ? Standardizer<double>::to_range(t) : Standardizer<double>(t);
  const auto raw =
      fold_outputs(fold_inputs(net, of_x.scale(), of_x.offset()), of_t.undo_scale(), of_t.undo_offset());
  const Matrix<double> expected = of_t.undo(net.query(of_x.apply(x)));
  CHECK(max_difference(raw.query(x), expected) <= 1e-12 * expected.cwiseAbs().minCoeff());
}

TEST_CASE("a scaling folds into the layer as by hand", "[fold]") {
  NetworkOptions options;
  options.output_activation = Activation::identity;
  options.biases = true;
  NeuralNetwork<double> net({2, 2}, options);
  net.set_weights(0, (Matrix<double>(2, 2) << 1, 2, 3, 4).finished());
  net.set_biases(0, Eigen::Vector2d(5, 6));

  const auto in = fold_inputs(net, Eigen::Vector2d(10, 100), Eigen::Vector2d(-1, 2));
  CHECK(in.weights(0) == (Matrix<double>(2, 2) << 10, 200, 30, 400).finished());
  CHECK(in.biases(0) == Eigen::Vector2d(8, 11));
  const auto out = fold_outputs(net, Eigen::Vector2d(10, 100), Eigen::Vector2d(-1, 2));
  CHECK(out.weights(0) == (Matrix<double>(2, 2) << 10, 20, 300, 400).finished());
  CHECK(out.biases(0) == Eigen::Vector2d(49, 602));
}

TEST_CASE("the bias of a folded layer is rounded once in float", "[fold]") {
  auto net = network_to_fold<float>(true);
  net.set_weights(0, Matrix<float>::Constant(4, 5, 1.0f));
  net.set_biases(0, Vector<float>::Constant(4, 0.25f));
  Vector<float> offset(5);
  offset << 1e8f, 1, 1, 1, -1e8f;  // a sum in float loses each 1
  CHECK(fold_inputs(net, Vector<float>::Ones(5), offset).biases(0) == Vector<float>::Constant(4, 3.25f));
}

TEST_CASE("vectors of a scaling may be expressions, columns of row-major matrices and of the network",
          "[fold]") {
  const auto net = network_to_fold<double>(true);
  const RowMajorMatrix<double> m = random_matrix<double>(5, 2, -1, 1, 1);
  const Vector<double> scale = m.col(0), offset = m.col(1);
  const auto expected = fold_inputs(net, scale, offset);
  CHECK(fold_inputs(net, m.col(0), m.col(1)).parameters() == expected.parameters());
  CHECK(fold_inputs(net, 1 * scale, 0 * scale + offset).parameters() == expected.parameters());

  const Vector<double> outputs = net.biases(1);
  const auto by_own = fold_outputs(net, net.biases(1), net.biases(1));
  CHECK(by_own.parameters() == fold_outputs(net, outputs, outputs).parameters());
}

TEST_CASE("wrong scalings of a network are rejected", "[fold]") {
  const auto net = network_to_fold<double>(true), bare = network_to_fold<double>(false);
  const Vector<double> one = Vector<double>::Ones(5), three = Vector<double>::Ones(3);
  const auto text = [&](const auto& scale, const auto& offset) {
    return message_of(net, [&] { (void)fold_inputs(net, scale, offset); });
  };
  CHECK(text(three, one) == "backquery::fold_inputs: scale has 3 rows, expected 5");
  CHECK(text(one, three) == "backquery::fold_inputs: offset has 3 rows, expected 5");
  CHECK(text(Matrix<double>(one.transpose()), one) ==
        "backquery::fold_inputs: scale has 1 rows, expected 5; pass a column: .transpose()");
  CHECK(text(Matrix<double>::Ones(5, 2), one) == "backquery::fold_inputs: scale has 2 columns, expected 1");
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(text(infinity * one, one) == "backquery::fold_inputs: scale(0, 0) is inf, expected a finite number");
  CHECK(text(one, -infinity * one) ==
        "backquery::fold_inputs: offset(0, 0) is -inf, expected a finite number");
  CHECK(text(1e308 * one, one) == "nothing was thrown");
  const std::string too_large =
      "backquery::fold_inputs: a weight or bias would become infinite, expected a smaller scale or offset";
  auto large = net;
  large.set_weights(0, 100 * Matrix<double>::Ones(4, 5));
  CHECK(message_of([&] { (void)fold_inputs(large, 1e308 * one, one); }) == too_large);
  CHECK(message_of([&] { (void)fold_inputs(large, one, 1e307 * one); }) == too_large);
  large.set_weights(0, infinity * Matrix<double>::Ones(4, 5));
  CHECK_THAT(message_of([&] { (void)fold_inputs(large, one, one); }),
             Catch::Matchers::StartsWith("backquery::fold_inputs: the network has a weight or bias"));

  CHECK(message_of([&] { (void)fold_inputs(bare, one, one); }) ==
        "backquery::fold_inputs: offset is not 0, which needs biases; construct the network with "
        "options.biases = true, or pass an offset of 0");
  CHECK(message_of([&] { (void)fold_outputs(bare, three, three); }) ==
        "backquery::fold_outputs: offset is not 0, which needs biases; construct the network with "
        "options.biases = true, or pass an offset of 0");
  CHECK(message_of([&] { (void)fold_outputs(net, one, three); }) ==
        "backquery::fold_outputs: scale has 5 rows, expected 3");
  const auto sigmoid = network_to_fold<double>(true, Activation::sigmoid);
  CHECK(message_of([&] { (void)fold_outputs(sigmoid, three, three); }) ==
        "backquery::fold_outputs: the output activation is sigmoid, expected identity, because only its "
        "outputs scale with the weights");
}
