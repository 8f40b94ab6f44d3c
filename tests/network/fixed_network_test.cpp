#include <backquery/network/make_fixed_network.hpp>

#include "catch.hpp"
#include "matrices.hpp"
#include "option_combinations.hpp"
#include "tolerance.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace {

using backquery::Activation;
using backquery::FixedNetwork;
using backquery::make_fixed_network;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Eigen::Index;

template <typename Scalar>
NeuralNetwork<Scalar> network_with_biases(std::vector<Index> sizes, NetworkOptions options) {
  NeuralNetwork<Scalar> net(std::move(sizes), Scalar(0.1), options);
  for (Index layer = 0; options.biases && layer < net.layers(); ++layer) {
    net.set_biases(layer, random_matrix<Scalar>(net.biases(layer).size(), 1, -1, 1, 7).col(0));
  }
  return net;
}

template <typename Fixed>
auto outputs_of(const Fixed& fixed, const Vector<typename Fixed::Scalar>& x) {
  using Scalar = typename Fixed::Scalar;
  typename Fixed::Input input;
  std::copy_n(x.data(), Fixed::inputs, input.data());
  const auto output = fixed.query(input);
  Vector<Scalar> y(Fixed::outputs);  // no Map of the array: GCC 12 would warn of a packet beyond its bounds
  std::copy_n(output.data(), Fixed::outputs, y.data());
  return y;
}

/// x with the background in all places except every `step`-th place.
template <typename Scalar>
Vector<Scalar> mostly(Scalar background, Vector<Scalar> x, Index step) {
  for (Index k = 0; k < x.size(); ++k) {
    if (step == 0 || k % step != 0) x[k] = background;
  }
  return x;
}

/// Largest difference from the NeuralNetwork, over samples with and without a background.
template <typename Scalar, Index Inputs, Index Hidden, Index Outputs>
double difference_at() {
  NetworkOptions options;
  options.biases = true;
  const auto net = network_with_biases<Scalar>({Inputs, Hidden, Outputs}, options);
  static const auto fixed = make_fixed_network<Inputs, Hidden, Outputs>(net);
  double largest = 0;
  const Vector<Scalar> x = random_matrix<Scalar>(Inputs, 1, 0.01, 1, 3);
  for (const Vector<Scalar>& sample :
       {x, mostly<Scalar>(Scalar(0.01), x, 4), mostly<Scalar>(Scalar(0.01), x, 0),
        mostly<Scalar>(Scalar(0), x, 17)}) {
    largest = std::max(largest, max_difference(outputs_of(fixed, sample), net.query(sample)));
  }
  return largest;
}

template <typename Scalar, Index Inputs, Index Hidden, Index Outputs>
void check_difference() {
  CAPTURE(Inputs, Hidden, Outputs);
  CHECK(difference_at<Scalar, Inputs, Hidden, Outputs>() <= tolerance<Scalar>());
}
template <typename Scalar, Index... Nodes>
void check_hidden_nodes() {
  (check_difference<Scalar, 5, Nodes, 3>(), ...);
}
template <typename Scalar, Index... Inputs>
void check_inputs() {
  (check_difference<Scalar, Inputs, 20, 2>(), ...);
}
template <typename Scalar, Index... Outputs>
void check_outputs() {
  (check_difference<Scalar, 3, 9, Outputs>(), ...);
}

}  // namespace

TEMPLATE_TEST_CASE("a FixedNetwork has the outputs of the network that it was made from", "[fixed]",
                   EVERY_SCALAR) {
  auto combinations = all_combinations();
  for (const NetworkOptions& options : layer_combinations(3)) combinations.push_back(options);
  for (const NetworkOptions& options : combinations) {
    CAPTURE(description(options));
    const auto net = network_with_biases<TestType>({21, 17, 9, 4}, options);
    const auto fixed = make_fixed_network<21, 17, 9, 4>(net);
    const Vector<TestType> x = random_matrix<TestType>(21, 1, -1, 1, 1);
    CHECK(max_difference(outputs_of(fixed, x), net.query(x)) <= tolerance<TestType>());
  }
}

TEMPLATE_TEST_CASE("a FixedNetwork has the same outputs for layers of any width", "[fixed]", float, double) {
  check_hidden_nodes<TestType, 1, 3, 8, 17, 33, 65, 129, 200>();
  check_inputs<TestType, 1, 2, 7, 63, 64, 257, 300>();
  check_outputs<TestType, 1, 10, 64>();
}

TEMPLATE_TEST_CASE("a FixedNetwork may have no hidden layer, or many", "[fixed]", float, double) {
  const Vector<TestType> x = random_matrix<TestType>(6, 1, -1, 1, 1);
  const NeuralNetwork<TestType> flat({6, 2}, TestType(0.1)), deep({6, 5, 4, 3, 4, 5, 2}, TestType(0.1));
  CHECK(max_difference(outputs_of(make_fixed_network<6, 2>(flat), x), flat.query(x)) <=
        tolerance<TestType>());
  CHECK(max_difference(outputs_of(make_fixed_network<6, 5, 4, 3, 4, 5, 2>(deep), x), deep.query(x)) <=
        tolerance<TestType>());
}

TEST_CASE("a constexpr table of weights and biases gives the network of the book's worked example",
          "[fixed]") {
  static constexpr FixedNetwork<double, 3, 3, 3> net(
      {0.9, 0.2, 0.1, 0.3, 0.8, 0.5, 0.4, 0.2, 0.6, 0, 0, 0,  //
       0.3, 0.6, 0.8, 0.7, 0.5, 0.1, 0.5, 0.2, 0.9, 0, 0, 0},
      Activation::sigmoid, Activation::sigmoid);
  const auto y = net.query({0.9, 0.1, 0.8});
  CHECK_THAT(y[0], Catch::Matchers::WithinAbs(0.726, 1e-3));
  CHECK_THAT(y[1], Catch::Matchers::WithinAbs(0.708, 1e-3));
  CHECK_THAT(y[2], Catch::Matchers::WithinAbs(0.778, 1e-3));
}

TEMPLATE_TEST_CASE("the table is each layer's weights column by column, then its biases", "[fixed]", float,
                   double) {
  NetworkOptions options = NetworkOptions::classifier();
  const auto net = network_with_biases<TestType>({70, 5, 2}, options);
  typename FixedNetwork<TestType, 70, 5, 2>::Table table;
  std::size_t next = 0;
  for (Index layer = 0; layer < net.layers(); ++layer) {
    const Matrix<TestType> weights = net.weights(layer);
    for (const TestType weight : weights.reshaped()) table[next++] = weight;
    for (const TestType bias : net.biases(layer)) table[next++] = bias;
  }
  CHECK(next == table.size());
  const FixedNetwork<TestType, 70, 5, 2> fixed(table, options.hidden_activation, options.output_activation);
  const Vector<TestType> x = random_matrix<TestType>(70, 1, -1, 1, 1);
  CHECK(max_difference(outputs_of(fixed, x), net.query(x)) <= tolerance<TestType>());
  const Vector<TestType> with_background = mostly<TestType>(TestType(0.5), x, 9);
  CHECK(max_difference(outputs_of(fixed, with_background), net.query(with_background)) <=
        tolerance<TestType>());
}

TEMPLATE_TEST_CASE("a FixedNetwork accepts Eigen's vectors, Maps, rows and expressions", "[fixed]", float,
                   double) {
  using Input = Eigen::Matrix<TestType, 6, 1>;
  const NeuralNetwork<TestType> net({6, 5, 6}, TestType(0.1));
  const auto fixed = make_fixed_network<6, 5, 6>(net);
  const Vector<TestType> dynamic = random_matrix<TestType>(6, 1, -1, 1, 1);
  const Vector<TestType> expected = net.query(dynamic);
  const Input x = dynamic;
  Input y;
  const auto check = [&](const auto& argument) {
    y.setConstant(-9);
    fixed.query(argument, y);
    CHECK(max_difference(y, expected) <= tolerance<TestType>());
  };
  check(x);
  check(dynamic.template head<6>());
  check(Eigen::Map<const Input>(dynamic.data()));
  check(TestType(2) * x - x);
  const RowMajorMatrix<TestType> row_major = x * Eigen::Matrix<TestType, 1, 3>(3, 1, 2);
  check(row_major.col(1).template head<6>());

  Vector<TestType> longer = Vector<TestType>::Constant(8, TestType(5));
  fixed.query(x, longer.template segment<6>(1));
  CHECK(max_difference(longer.segment(1, 6), expected) <= tolerance<TestType>());
  CHECK(longer[0] == TestType(5));
  CHECK(longer[7] == TestType(5));
  Input same = x;
  fixed.query(same, same);
  CHECK(max_difference(same, expected) <= tolerance<TestType>());
}

TEMPLATE_TEST_CASE("weights and biases can be set later, also for inputs with a background", "[fixed]", float,
                   double) {
  NetworkOptions options;
  options.biases = true;
  const auto net = network_with_biases<TestType>({100, 5, 2}, options);
  auto fixed = make_fixed_network<100, 5, 2>(NeuralNetwork<TestType>({100, 5, 2}, TestType(0.1), options));
  CHECK(fixed.outputs == 2);
  const Matrix<TestType> w0 = net.weights(0), w1 = net.weights(1);
  const Vector<TestType> b0 = net.biases(0), b1 = net.biases(1);
  fixed.template set_weights<0>(w0.template topLeftCorner<5, 100>());
  fixed.template set_weights<1>(w1.template topLeftCorner<2, 5>());
  fixed.template set_biases<0>(b0.template head<5>());
  fixed.template set_biases<1>(b1.template head<2>());
  const Vector<TestType> x = random_matrix<TestType>(100, 1, -1, 1, 1);
  const Vector<TestType> with_background = mostly<TestType>(TestType(0.5), x, 9);
  CHECK(max_difference(outputs_of(fixed, x), net.query(x)) <= tolerance<TestType>());
  CHECK(max_difference(outputs_of(fixed, with_background), net.query(with_background)) <=
        tolerance<TestType>());
}

TEST_CASE("a network with other layers is rejected", "[fixed]") {
  const NeuralNetwork<float> net(784, 100, 10, 0.1f);
  CHECK_THROWS_WITH((make_fixed_network<784, 200, 10>(net)),
                    "backquery::make_fixed_network: net has layers 784-100-10, expected 784-200-10");
  CHECK_THROWS_AS((make_fixed_network<784, 10>(net)), std::invalid_argument);
  CHECK_THROWS_AS((make_fixed_network<784, 100, 10, 10>(net)), std::invalid_argument);
}

TEST_CASE("make_fixed_network rejects a network with a NaN weight", "[fixed]") {
  NeuralNetwork<float> net(2, 2, 1, 0.1f);
  net.set_weights(1, Eigen::RowVector2f(0, std::numeric_limits<float>::quiet_NaN()));
  CHECK_THROWS_WITH((make_fixed_network<2, 2, 1>(net)),
                    Catch::Matchers::ContainsSubstring(
                        "backquery::make_fixed_network: the network has a weight or bias that is NaN"));
}

TEST_CASE("a FixedNetwork is trivially copyable and does not throw", "[fixed]") {
  using Fixed = FixedNetwork<float, 3, 2>;
  STATIC_REQUIRE(std::is_trivially_copyable_v<Fixed>);
  STATIC_REQUIRE(noexcept(std::declval<const Fixed&>().query(std::declval<Fixed::Input>())));
  STATIC_REQUIRE(Fixed::layers == 1);
  STATIC_REQUIRE(FixedNetwork<float, 3, 4, 2>::layer_sizes[1] == 4);
}
