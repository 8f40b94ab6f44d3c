/// @file
/// The outputs of query.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "golden_network.hpp"
#include "option_combinations.hpp"
#include "reference_network.hpp"
#include "tolerance.hpp"

#include <limits>

using backquery::Activation;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Eigen::Index;

TEMPLATE_TEST_CASE("query gives the outputs of numpy for the network of the book", "[query][golden]", float,
                   double) {
  for (const Golden& golden : golden_cases("network", "book_")) {
    CAPTURE(golden.path());
    const auto net = golden_network<TestType>(golden);
    const Matrix<TestType> inputs = golden("inputs").cast<TestType>();
    const Eigen::MatrixXd& expected = golden("query");
    CHECK(max_difference(net.query(inputs), expected) <= tolerance<TestType>());
    for (Index sample = 0; sample < inputs.cols(); ++sample) {
      CAPTURE(sample);
      CHECK(max_difference(net.query(inputs.col(sample)), expected.col(sample)) <= tolerance<TestType>());
    }
  }
}

TEMPLATE_TEST_CASE("query gives the outputs of the book's 3x3x3 example", "[query]", EVERY_SCALAR) {
  Matrix<TestType> input_hidden(3, 3), hidden_output(3, 3);
  input_hidden << TestType(0.9), TestType(0.3), TestType(0.4),  //
      TestType(0.2), TestType(0.8), TestType(0.2),              //
      TestType(0.1), TestType(0.5), TestType(0.6);
  hidden_output << TestType(0.3), TestType(0.7), TestType(0.5),  //
      TestType(0.6), TestType(0.5), TestType(0.2),               //
      TestType(0.8), TestType(0.1), TestType(0.9);
  const Vector<TestType> input{{TestType(0.9), TestType(0.1), TestType(0.8)}};
  const Eigen::Vector3d hidden_sum{1.16, 0.42, 0.62}, hidden{0.761, 0.603, 0.650};
  const Eigen::Vector3d output_sum{0.975, 0.888, 1.254}, output{0.726, 0.708, 0.778};
  const double printed = 0.5e-3 + 1e-6;  // the book prints three digits and continues with these

  // A network without hidden layers gives the outputs of a single layer, or with the identity its
  // pre-activations.
  const auto layer = [](const Matrix<TestType>& weights, Activation f, const Eigen::Vector3d& below) {
    NetworkOptions options;
    options.output_activation = f;
    return NeuralNetwork<TestType>({weights}, 1, options).query(below.cast<TestType>());
  };
  const Eigen::Vector3d in = input.template cast<double>();
  CHECK(max_difference(layer(input_hidden, Activation::identity, in), hidden_sum) <= 1e-6);
  CHECK(max_difference(layer(input_hidden, Activation::sigmoid, in), hidden) <= printed);
  CHECK(max_difference(layer(hidden_output, Activation::identity, hidden), output_sum) <= printed);
  CHECK(max_difference(layer(hidden_output, Activation::sigmoid, hidden), output) <= printed);
  // Without intermediate rounding the last digit may differ.
  CHECK(max_difference(NeuralNetwork<TestType>({input_hidden, hidden_output}, 1).query(input), output) <=
        1e-3);
}

TEMPLATE_TEST_CASE("query gives the same outputs for inputs in any kind of matrix", "[query]", EVERY_SCALAR) {
  const double rounding = tolerance<TestType>(20);
  const NeuralNetwork<TestType> net(7, 5, 3, TestType(0.1));
  const Matrix<TestType> x = random_matrix<TestType>(7, 9, 0.01, 1, 2);
  const reference::Network<TestType> plain(net);
  const Matrix<TestType> expected = reference::query(plain, x);

  const RowMajorMatrix<TestType> row_major = x;
  Matrix<TestType> surrounded = Matrix<TestType>::Constant(11, 12, TestType(7));
  surrounded.block(2, 1, 7, 9) = x;
  const Eigen::Map<const Matrix<TestType>> map(x.data(), 7, 9);
  const Eigen::Ref<const Matrix<TestType>> ref(x);
  const Matrix<TestType> mirrored = x.rowwise().reverse();

  CHECK(max_difference(net.query(x), expected) <= rounding);
  CHECK(max_difference(net.query(row_major), expected) <= rounding);
  CHECK(max_difference(net.query(surrounded.block(2, 1, 7, 9)), expected) <= rounding);
  CHECK(max_difference(net.query(map), expected) <= rounding);
  CHECK(max_difference(net.query(ref), expected) <= rounding);
  CHECK(max_difference(net.query(TestType(2) * x - x), expected) <= rounding);
  CHECK(max_difference(net.query(mirrored.rowwise().reverse()), expected) <= rounding);
  CHECK(max_difference(net.query(x.template leftCols<4>()), expected.template leftCols<4>()) <= rounding);

  const Eigen::Matrix<TestType, 7, 1> fixed = x.col(3);
  const Vector<TestType> vector = x.col(3);
  const Eigen::Ref<const Vector<TestType>> vector_ref(vector);
  CHECK(max_difference(net.query(fixed), expected.col(3)) <= rounding);
  CHECK(max_difference(net.query(vector_ref), expected.col(3)) <= rounding);
  CHECK(max_difference(net.query(row_major.col(3)), expected.col(3)) <= rounding);  // a stride of 9
  CHECK(max_difference(net.query(x.transpose().row(3).transpose()), expected.col(3)) <= rounding);
  CHECK(max_difference(net.query(vector * TestType(1)), expected.col(3)) <= rounding);
}

TEMPLATE_TEST_CASE("query writes to any kind of matrix", "[query]", float, double) {
  const NeuralNetwork<TestType> net(7, 5, 3, TestType(0.1));
  const Matrix<TestType> x = random_matrix<TestType>(7, 9, 0.01, 1, 2);
  const Matrix<TestType> expected = net.query(x);
  const double rounding = tolerance<TestType>(20);

  Matrix<TestType> y(3, 9);
  net.query(x, y);
  CHECK(max_difference(y, expected) <= rounding);

  RowMajorMatrix<TestType> row_major(3, 9);
  net.query(x, row_major);
  CHECK(max_difference(row_major, expected) <= rounding);

  Matrix<TestType> surrounded = Matrix<TestType>::Constant(6, 12, TestType(7));
  auto block = surrounded.block(2, 1, 3, 9);
  net.query(x, block);
  CHECK(max_difference(block, expected) <= rounding);
  CHECK((surrounded.array() == TestType(7)).count() == 6 * 12 - 3 * 9);

  Eigen::Matrix<TestType, 3, 1> fixed;
  net.query(x.col(4), fixed);
  CHECK(max_difference(fixed, expected.col(4)) <= rounding);

  auto strided = row_major.col(4);
  strided.setZero();
  net.query(x.col(4), strided);
  CHECK(max_difference(strided, expected.col(4)) <= rounding);

  typename NeuralNetwork<TestType>::Workspace workspace;
  Vector<TestType> vector(3);
  net.query(x.col(4), vector, workspace);
  CHECK(max_difference(vector, expected.col(4)) <= rounding);
  y.setZero();
  net.query(x, y, workspace);
  CHECK(max_difference(y, expected) <= rounding);
}

TEMPLATE_TEST_CASE("query may write its outputs over its inputs", "[query]", float, double) {
  const NeuralNetwork<TestType> net({5, 7, 5}, TestType(0.1));
  const Matrix<TestType> x = random_matrix<TestType>(5, 1000, 0.01, 1, 2), expected = net.query(x);
  const double rounding = tolerance<TestType>(20);
  Matrix<TestType> columns = x;
  net.query(columns, columns);
  CHECK(max_difference(columns, expected) <= rounding);
  RowMajorMatrix<TestType> rows = x;
  net.query(rows, rows);
  CHECK(max_difference(rows, expected) <= rounding);
  Vector<TestType> vector = x.col(3);
  net.query(vector, vector);
  CHECK(max_difference(vector, expected.col(3)) <= rounding);
}

TEMPLATE_TEST_CASE("query of no columns gives no columns", "[query]", float, double) {
  const NeuralNetwork<TestType> net({7, 4, 4, 3}, TestType(0.1));
  const Matrix<TestType> y = net.query(Matrix<TestType>(7, 0));
  CHECK(y.rows() == 3);
  CHECK(y.cols() == 0);
}

TEST_CASE("a row vector has samples of one input, and is rejected for a network with more inputs",
          "[query]") {
  const Eigen::RowVectorXd row = Eigen::RowVectorXd::LinSpaced(7, 0.1, 0.9);
  const NeuralNetwork<double> one(1, 4, 2, 0.1);
  CHECK(one.query(row).cols() == 7);
  CHECK(max_difference(one.query(row).col(6), one.query(row.rightCols(1))) <= 1e-15);
  const NeuralNetwork<double> seven(7, 4, 2, 0.1);
  CHECK_THROWS_WITH(seven.query(row),
                    "backquery::NeuralNetwork::query: x has 1 rows, expected 7; pass a column: .transpose()");
  CHECK_NOTHROW(seven.query(row.transpose()));
}

TEMPLATE_TEST_CASE("query follows the equations for every activation, width and depth", "[query]",
                   EVERY_SCALAR) {
  SECTION("every combination of options") {
    for (const NetworkOptions& options : all_combinations()) {
      CAPTURE(description(options));
      NeuralNetwork<TestType> net({5, 4, 6, 3}, TestType(0.1), options);
      if (options.biases) {
        for (Index l = 0; l < net.layers(); ++l) {
          net.set_biases(
              l, random_matrix<TestType>(net.layer_sizes()[static_cast<std::size_t>(l) + 1], 1, -1, 1, 5));
        }
      }
      const Matrix<TestType> x = random_matrix<TestType>(5, 4, -1, 1, 3);
      const Matrix<TestType> expected = reference::query(reference::Network<TestType>(net), x);
      CHECK(max_difference(net.query(x), expected) <= tolerance<TestType>());
      CHECK(max_difference(net.query(x.col(2)), expected.col(2)) <= tolerance<TestType>());
    }
  }
  SECTION("widths that fill no SIMD register") {
    for (Index width = 1; width <= 33; ++width) {
      CAPTURE(width);
      const NeuralNetwork<TestType> net({width, 34 - width, width}, TestType(0.1));
      const Matrix<TestType> x = random_matrix<TestType>(width, 1 + width % 5, 0.01, 1, 4);
      const Matrix<TestType> expected = reference::query(reference::Network<TestType>(net), x);
      CHECK(max_difference(net.query(x), expected) <= tolerance<TestType>());
      CHECK(max_difference(net.query(x.col(0)), expected.col(0)) <= tolerance<TestType>());
    }
  }
}

TEMPLATE_TEST_CASE("a NaN among the weights appears in the outputs, and nothing is thrown", "[query]", float,
                   double) {
  NeuralNetwork<TestType> net({3, 4, 2}, TestType(0.1));
  Matrix<TestType> weights = net.weights(1);
  weights(1, 2) = std::numeric_limits<TestType>::quiet_NaN();
  net.set_weights(1, weights);
  const Vector<TestType> y = net.query(Vector<TestType>::Constant(3, TestType(0.5)));
  CHECK_FALSE(std::isnan(y(0)));
  CHECK(std::isnan(y(1)));
}
