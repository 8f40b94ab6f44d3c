/// @file
/// The state of a network: the layout of its parameters, and the effects of copies, moves and setters.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Eigen::Index;

namespace {

/// Scalars in a 64-byte line: columns are padded to whole lines.
template <typename Scalar>
constexpr Index line = static_cast<Index>(64 / sizeof(Scalar));

/// 19-17-3 with biases: every Scalar needs padding below each column.
template <typename Scalar>
NeuralNetwork<Scalar> some_network(std::uint64_t seed = 1) {
  auto options = NetworkOptions::classifier();
  options.seed = seed;
  return {19, 17, 3, Scalar(0.1), options};
}

/// Number of values in the padding that are not 0.
template <typename Scalar>
Index dirty_padding(const NeuralNetwork<Scalar>& net) {
  Vector<Scalar> values = net.parameters();
  for (Index layer = 0; layer < net.layers(); ++layer) {
    const auto weights = net.weights(layer);
    for (Index column = 0; column < weights.cols(); ++column) {
      values.segment(weights.col(column).data() - net.parameters().data(), weights.rows()).setZero();
    }
    const auto biases = net.biases(layer);
    if (biases.size() != 0) values.segment(biases.data() - net.parameters().data(), biases.size()).setZero();
  }
  return (values.array() != Scalar(0)).count();
}

template <typename Scalar>
void train_a_little(NeuralNetwork<Scalar>& net) {
  net.train(random_matrix<Scalar>(19, 4, 0.01, 1, 5), random_matrix<Scalar>(3, 4, 0.01, 0.99, 6));
}

}  // namespace

TEMPLATE_TEST_CASE("a network reports the arguments of its constructor", "[state]", EVERY_SCALAR) {
  auto options = NetworkOptions::classifier();
  options.seed = 42;
  const NeuralNetwork<TestType> net({784, 200, 80, 10}, TestType(0.25), options);
  CHECK(net.inputs() == 784);
  CHECK(net.outputs() == 10);
  CHECK(net.layers() == 3);
  CHECK(net.layer_sizes() == std::vector<Index>{784, 200, 80, 10});
  CHECK(net.learning_rate() == TestType(0.25));
  CHECK(net.options().loss == backquery::Loss::cross_entropy);
  CHECK(net.options().seed == 42);
  CHECK(net.activation(0) == backquery::Activation::relu);
  CHECK(net.activation(1) == backquery::Activation::relu);
  CHECK(net.activation(2) == backquery::Activation::softmax);
  CHECK(net.weights(0).rows() == 200);
  CHECK(net.weights(0).cols() == 784);
  CHECK(net.biases(1) == Vector<TestType>::Zero(80));
  CHECK(NeuralNetwork<TestType>(4, 3, 2, TestType(0.1)).layer_sizes() == std::vector<Index>{4, 3, 2});
  CHECK(NeuralNetwork<TestType>(4, 3, 2, TestType(0.1)).biases(0).size() == 0);
  CHECK(NeuralNetwork<TestType>({4, 2}, TestType(0.1)).layers() == 1);
}

TEMPLATE_TEST_CASE("a network is constructed from weights, with biases 0", "[state]", EVERY_SCALAR) {
  const Matrix<TestType> first = random_matrix<TestType>(5, 7, -1, 1, 1),
                         second = random_matrix<TestType>(2, 5, -1, 1, 2);
  NetworkOptions options;
  options.biases = true;
  const NeuralNetwork<TestType> net({first, second}, TestType(0.1), options);
  CHECK(net.layer_sizes() == std::vector<Index>{7, 5, 2});
  CHECK(net.weights(0) == first);
  CHECK(net.weights(1) == second);
  CHECK(net.biases(0) == Vector<TestType>::Zero(5));
  CHECK(net.biases(1) == Vector<TestType>::Zero(2));
}

TEST_CASE("a network is constructed from parameters, and ignores their padding", "[state]") {
  backquery::Parameters<double> parameters({70, 5, 2}, true);
  parameters.values().setConstant(0.5);
  NetworkOptions options;
  options.biases = true;
  const NeuralNetwork<double> net(std::move(parameters), 0.1, options);
  NeuralNetwork<double> expected({70, 5, 2}, 0.1, options);
  for (Index layer = 0; layer < 2; ++layer) {
    expected.set_weights(
        layer, Matrix<double>::Constant(expected.weights(layer).rows(), expected.weights(layer).cols(), 0.5));
    expected.set_biases(layer, Vector<double>::Constant(expected.biases(layer).size(), 0.5));
  }
  CHECK(net.parameters() == expected.parameters());
  const Vector<double> background = Vector<double>::Constant(70, 0.01);  // uses the sums of rows
  CHECK(net.query(background) == expected.query(background));
}

TEMPLATE_TEST_CASE("parameters are one buffer of columns padded with zeros to 64-byte lines", "[state]",
                   EVERY_SCALAR) {
  const bool biases = GENERATE(true, false);
  NetworkOptions options;
  options.biases = biases;
  NeuralNetwork<TestType> net({19, 17, 3}, TestType(0.1), options);
  const Index wide = backquery::detail::ceil_div(17, line<TestType>) * line<TestType>;
  const Index narrow = line<TestType>;  // 3 nodes fit into one line of every Scalar
  const auto* const begin = net.parameters().data();
  CHECK(reinterpret_cast<std::uintptr_t>(begin) % 64 == 0);
  CHECK(net.parameters().size() == (19 + biases) * wide + (17 + biases) * narrow);
  CHECK(net.weights(0).data() == begin);
  CHECK(net.weights(0).outerStride() == wide);
  CHECK(net.weights(1).data() == begin + (19 + biases) * wide);
  CHECK(net.weights(1).outerStride() == narrow);
  if (biases) {
    CHECK(net.biases(0).data() == begin + 19 * wide);
    CHECK(net.biases(1).data() == begin + 20 * wide + 17 * narrow);
  }
  CHECK(dirty_padding(net) == 0);
  train_a_little(net);
  CHECK(dirty_padding(net) == 0);

  typename NeuralNetwork<TestType>::Gradients gradients;
  typename NeuralNetwork<TestType>::Workspace workspace;
  net.gradients(random_matrix<TestType>(19, 70, 0.01, 1, 5), random_matrix<TestType>(3, 70, 0.01, 0.99, 6),
                gradients, workspace);
  CHECK(gradients.values().size() == net.parameters().size());
  CHECK(gradients.weights(1).data() - gradients.values().data() == net.weights(1).data() - begin);
  net.step(gradients, TestType(1));
  CHECK(dirty_padding(net) == 0);
}

TEMPLATE_TEST_CASE("weights, biases and parameters are views of what train changes", "[state]", float,
                   double) {
  auto net = some_network<TestType>();
  const auto weights = net.weights(0);
  const auto biases = net.biases(1);
  const Matrix<TestType> weights_before = weights;
  const Vector<TestType> biases_before = biases;
  train_a_little(net);
  CHECK(weights != weights_before);
  CHECK(biases != biases_before);
  net.update_parameters([](auto values) { values.setZero(); });
  CHECK(weights.isZero(0));
  CHECK(net.parameters().isZero(0));
}

TEMPLATE_TEST_CASE("set_weights and set_biases change one layer", "[state]", EVERY_SCALAR) {
  auto net = some_network<TestType>();
  const auto original = net;
  const Matrix<TestType> weights = random_matrix<TestType>(3, 17, -1, 1, 1);
  const Vector<TestType> biases = random_matrix<TestType>(17, 1, -1, 1, 2);
  net.set_weights(1, weights);
  net.set_biases(0, biases);
  CHECK(net.weights(1) == weights);
  CHECK(net.biases(0) == biases);
  CHECK(net.weights(0) == original.weights(0));
  CHECK(net.biases(1) == original.biases(1));
  CHECK(dirty_padding(net) == 0);
  net.set_weights(1, TestType(2) * RowMajorMatrix<TestType>(weights));
  net.set_biases(0, weights.row(0).transpose());
  CHECK(net.weights(1) == TestType(2) * weights);
  CHECK(net.biases(0) == weights.row(0).transpose());
  net.set_weights(1, net.weights(1).rowwise().reverse());  // an expression of these weights
  CHECK(net.weights(1) == TestType(2) * weights.rowwise().reverse());
}

TEMPLATE_TEST_CASE("a copy is equal and independent", "[state]", EVERY_SCALAR) {
  auto net = some_network<TestType>();
  train_a_little(net);
  auto copy = net;
  const Vector<TestType> values = net.parameters();
  CHECK(copy.parameters() == values);
  CHECK(copy.parameters().data() != net.parameters().data());
  train_a_little(copy);
  CHECK(copy.parameters() != values);
  CHECK(net.parameters() == values);
  train_a_little(net);
  CHECK(copy.parameters() == net.parameters());
}

TEMPLATE_TEST_CASE("assignment copies everything, from a network of other sizes and from itself", "[state]",
                   float, double) {
  const auto source = some_network<TestType>(7);
  NeuralNetwork<TestType> target(2, 3, 4, TestType(0.9));
  target = source;
  CHECK(target.layer_sizes() == source.layer_sizes());
  CHECK(target.learning_rate() == source.learning_rate());
  CHECK(target.options().seed == 7);
  CHECK(target.options().loss == backquery::Loss::cross_entropy);
  CHECK(target.parameters() == source.parameters());
  CHECK(reinterpret_cast<std::uintptr_t>(target.parameters().data()) % 64 == 0);

  auto& itself = target;
  target = itself;
  CHECK(target.parameters() == source.parameters());
  train_a_little(target);
  CHECK(target.parameters() != source.parameters());
}

TEMPLATE_TEST_CASE("a move keeps the parameters in place", "[state]", float, double) {
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<NeuralNetwork<TestType>>);
  STATIC_REQUIRE(std::is_nothrow_move_assignable_v<NeuralNetwork<TestType>>);
  auto net = some_network<TestType>();
  const auto expected = net;
  const auto* const memory = net.parameters().data();
  NeuralNetwork<TestType> constructed(std::move(net));
  CHECK(constructed.parameters().data() == memory);
  CHECK(constructed.parameters() == expected.parameters());
  NeuralNetwork<TestType> assigned(2, 3, 4, TestType(0.9));
  assigned = std::move(constructed);
  CHECK(assigned.parameters().data() == memory);
  CHECK(assigned.query(Vector<TestType>::Ones(19)) == expected.query(Vector<TestType>::Ones(19)));
  net = assigned;  // a moved-from network can be assigned to
  CHECK(net.parameters() == expected.parameters());
  train_a_little(net);
}
