/// @file
/// For inputs with a background, the first layer uses a shortcut. The results must equal the full product,
/// after any change of the weights.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"
#include "option_combinations.hpp"
#include "reference_network.hpp"
#include "tolerance.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Eigen::Index;

namespace {

/// Samples and targets in (0.1, 0.9), which every loss allows.
template <typename Scalar>
struct Samples {
  Matrix<Scalar> x, t;
  Samples(Index inputs, Index outputs, Index count, double background = 0.01, std::uint64_t seed = 1)
      : x(random_images<Scalar>(inputs, count, background, seed)),
        t(random_matrix<Scalar>(outputs, count, 0.1, 0.9, seed + 1)) {}
};

template <typename Scalar>
void check_close_parameters(const NeuralNetwork<Scalar>& net, const reference::Network<Scalar>& plain) {
  const reference::Distance<Scalar> distance(net, plain);
  // A step of identity layers on inputs of -1 amplifies the errors of earlier steps, here to 700 roundings.
  CHECK(distance.relative_weights <= tolerance<Scalar>(800, 1e-12));
  CHECK(distance.biases <= tolerance<Scalar>(800));
}

/// Difference of the outputs, for all columns and for one, from the outputs of the reference, relative to
/// their size.
template <typename Scalar>
double query_difference(const NeuralNetwork<Scalar>& net, const Matrix<Scalar>& x) {
  const Matrix<Scalar> expected = reference::query(reference::Network<Scalar>(net), x);
  const double all = max_difference(net.query(x), expected);
  const double single = max_difference(net.query(x.col(0)), expected.col(0));
  const auto size = 1 + static_cast<double>(expected.cwiseAbs().maxCoeff());
  return (all + single) / size;  // NaN if either is
}

}  // namespace

TEMPLATE_TEST_CASE("train on images follows the equations for any number of samples", "[background]",
                   EVERY_SCALAR) {
  for (const Index inputs : {63, 64, 65, 300}) {
    for (const Index count : {1, 7, 8, 9, 31, 32, 33, 64, 255, 600, 1025}) {
      CAPTURE(inputs, count);
      const Samples<TestType> samples(inputs, 3, count);
      NeuralNetwork<TestType> net({inputs, 20, 3}, TestType(0.1));
      reference::Network<TestType> plain(net);
      net.train(samples.x, samples.t);
      reference::train(plain, samples.x, samples.t, TestType(0.1));
      check_close_parameters(net, plain);
      CHECK(query_difference(net, samples.x) <=
            tolerance<TestType>(800));  // by the row sums that train updated
    }
  }
}

TEMPLATE_TEST_CASE("train on images follows the equations for every combination of options", "[background]",
                   float, double) {
  const double background = GENERATE(0.0, 0.01, -1.0);
  const Index count = GENERATE(20, 40);  // with a check of each step, and without
  const Samples<TestType> samples(100, 3, count, background);
  for (const NetworkOptions& options : all_combinations()) {
    CAPTURE(background, count, description(options));
    NeuralNetwork<TestType> net({100, 20, 4, 3}, TestType(0.001), options);
    reference::Network<TestType> plain(net);
    net.train(samples.x, samples.t);
    reference::train(plain, samples.x, samples.t, TestType(0.001));
    check_close_parameters(net, plain);
    CHECK(query_difference(net, samples.x) <= tolerance<TestType>(800));
  }
}

TEMPLATE_TEST_CASE("train on images gives the same weights for rows, for a block, and between other samples",
                   "[background]", float, double) {
  const Samples<TestType> images(100, 3, 300);
  Matrix<TestType> x = images.x;
  x.middleCols(256, 20) = random_matrix<TestType>(100, 20, 0, 1, 7);  // no background
  x.middleCols(100, 9).setConstant(TestType(0.01));                   // nothing but background
  const RowMajorMatrix<TestType> row_major_x = x, row_major_t = images.t;
  Matrix<TestType> surrounded = Matrix<TestType>::Constant(104, 302, TestType(7));
  surrounded.block(3, 1, 100, 300) = x;
  auto net = NeuralNetwork<TestType>({100, 20, 3}, TestType(0.1));
  reference::Network<TestType> plain(net);
  reference::train(plain, x, images.t, TestType(0.1));
  SECTION("columns") {
    net.train(x, images.t);
  }
  SECTION("rows") {
    net.train(row_major_x, row_major_t);
  }
  SECTION("a block") {
    net.train(surrounded.block(3, 1, 100, 300), images.t);
  }
  SECTION("one by one") {
    for (Index sample = 0; sample < 300; ++sample) net.train(x.col(sample), images.t.col(sample));
  }
  check_close_parameters(net, plain);
  CHECK(query_difference(net, x) <= tolerance<TestType>(800));
  CHECK(query_difference<TestType>(net, x.middleCols(100, 9)) <= tolerance<TestType>(800));
}

TEMPLATE_TEST_CASE("train on images follows the equations for wide layers, and for groups of 64 inputs",
                   "[background]", EVERY_SCALAR, long double) {
  for (const Index inputs : {64, 127, 128, 129, 200}) {
    CAPTURE(inputs);
    const Samples<TestType> samples(inputs, 3, 45);
    NeuralNetwork<TestType> net({inputs, 230, 3}, TestType(0.1));
    reference::Network<TestType> plain(net);
    net.train(samples.x, samples.t);
    reference::train(plain, samples.x, samples.t, TestType(0.1));
    check_close_parameters(net, plain);
  }
}

TEMPLATE_TEST_CASE("train on blank images follows the equations", "[background]", float, double) {
  const Matrix<TestType> x = Matrix<TestType>::Constant(100, 40, TestType(0.01)),
                         t = random_matrix<TestType>(3, 40, 0.1, 0.9, 2);
  NeuralNetwork<TestType> net({100, 20, 3}, TestType(0.1));
  reference::Network<TestType> plain(net);
  net.train(x, t);
  reference::train(plain, x, t, TestType(0.1));
  check_close_parameters(net, plain);
}

TEMPLATE_TEST_CASE("query of images uses the shortcut, also after the parameters were read", "[background]",
                   EVERY_SCALAR) {
  // All inputs except one are the background 1. The remaining input is 0 and has a huge weight, so that
  // rounding loses all other weights in the row sum. So the shortcut gives 0, whereas the sum of all products
  // is 99.
  Matrix<TestType> weights = Matrix<TestType>::Ones(1, 100);
  weights(0, 40) = TestType(1e30L);
  Vector<TestType> x = Vector<TestType>::Ones(100);
  x(40) = 0;
  NetworkOptions options;
  options.output_activation = backquery::Activation::identity;
  NeuralNetwork<TestType> net({weights}, 1, options);
  REQUIRE(net.query(x)(0) == 0);
  CHECK(net.parameters().maxCoeff() == TestType(1e30L));
  CHECK(net.query(x)(0) == 0);
  net.update_parameters([](auto) {});
  CHECK(net.query(x)(0) == 0);
}

TEMPLATE_TEST_CASE("query of images follows every change of the weights", "[background]", EVERY_SCALAR) {
  using TestedNetwork = NeuralNetwork<TestType>;
  const Samples<TestType> samples(100, 3, 70);
  NetworkOptions options;
  options.biases = true;
  TestedNetwork net({100, 6, 3}, TestType(0.5), options);
  const auto difference = [&](const TestedNetwork& changed) { return query_difference(changed, samples.x); };
  CHECK(difference(net) <= tolerance<TestType>(800));

  SECTION("by set_weights and set_biases") {
    net.set_weights(0, random_matrix<TestType>(6, 100, -1, 1, 3));
    net.set_biases(0, random_matrix<TestType>(6, 1, -1, 1, 4));
    CHECK(difference(net) <= tolerance<TestType>(800));
  }
  SECTION("by the constructor from weights") {
    CHECK(difference(TestedNetwork({random_matrix<TestType>(6, 100, -1, 1, 3)}, TestType(0.1))) <=
          tolerance<TestType>(800));
  }
  SECTION("by a step") {
    typename TestedNetwork::Gradients gradients;
    typename TestedNetwork::Workspace workspace;
    net.gradients(samples.x, samples.t, gradients, workspace);
    net.step(gradients, TestType(10));
    CHECK(difference(net) <= tolerance<TestType>(800));
  }
  SECTION("by an update of the parameters, also one that ends early") {
    net.update_parameters([](auto values) { values *= TestType(-2); });
    CHECK(difference(net) <= tolerance<TestType>(800));
    const auto half = [](auto values) {
      values.head(values.size() / 2) *= TestType(-2);
      throw std::runtime_error("half way");
    };
    CHECK_THROWS_WITH(net.update_parameters(half), "half way");
    CHECK(difference(net) <= tolerance<TestType>(800));
  }
  SECTION("by training, copying, assigning and moving") {
    net.train(samples.x.col(0), samples.t.col(0));
    CHECK(difference(net) <= tolerance<TestType>(800));
    net.train(samples.x, samples.t);
    const TestedNetwork copy = net;
    TestedNetwork assigned({2, 2}, TestType(0.1));
    assigned = net;
    CHECK(difference(copy) <= tolerance<TestType>(800));
    CHECK(difference(assigned) <= tolerance<TestType>(800));
    net.train(random_matrix<TestType>(100, 20, 0, 1, 7), samples.t.leftCols(20));
    CHECK(difference(net) <= tolerance<TestType>(800));
    const TestedNetwork moved = std::move(net);
    CHECK(difference(moved) <= tolerance<TestType>(800));
    net = copy;
    CHECK(difference(net) <= tolerance<TestType>(800));
  }
}

TEMPLATE_TEST_CASE(
    "gradients of images are means over the columns, with the same bits on any number of threads",
    "[background]", float, double) {
  using TestedNetwork = NeuralNetwork<TestType>;
  const bool row_major = GENERATE(false, true);
  const Index count = GENERATE(1, 63, 200, 600);
  CAPTURE(row_major, count);
  const Samples<TestType> samples(150, 3, count);
  const RowMajorMatrix<TestType> rows = samples.x;
  const TestedNetwork net({150, 6, 3}, TestType(0.1), NetworkOptions::classifier());
  const reference::Network<TestType> plain(net);
  typename TestedNetwork::Gradients expected(net.layer_sizes(), true), actual, again;
  for (Index sample = 0; sample < count; ++sample) {
    const auto pass = reference::forward<TestType>(plain, samples.x.col(sample));
    const auto d = reference::deltas<TestType>(plain, pass, samples.t.col(sample));
    for (std::size_t l = 0; l < d.size(); ++l) {
      expected.weights(static_cast<Index>(l)) += d[l] * pass.a[l].transpose() / static_cast<TestType>(count);
      expected.biases(static_cast<Index>(l)) += d[l] / static_cast<TestType>(count);
    }
  }
  typename TestedNetwork::Workspace workspace;
  const auto gradients = [&](typename TestedNetwork::Gradients& result, int threads) {
    backquery::ThreadPool pool(threads);
    return row_major ? net.gradients(rows, samples.t, result, workspace, pool)
                     : net.gradients(samples.x, samples.t, result, workspace, pool);
  };
  const auto loss = gradients(actual, 1);
  CHECK(relative_difference(actual.values(), expected.values()) <= tolerance<TestType>(800));
  for (const int threads : {2, 3, 7}) {
    CHECK(gradients(again, threads) == loss);
    CHECK(again.values() == actual.values());
  }
}
