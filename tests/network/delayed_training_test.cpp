/// @file
/// Training on many samples delays the steps of the first layer, if it is large, and updates the other layers
/// by rows. The results must equal single steps.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"
#include "option_combinations.hpp"
#include "reference_network.hpp"
#include "tolerance.hpp"

#include <vector>

using backquery::NeuralNetwork;
using Eigen::Index;

namespace {

template <typename Scalar>
void check_training(const std::vector<Index>& sizes, Index count, const backquery::NetworkOptions& options) {
  CAPTURE(sizes, count, description(options));
  const auto x = random_matrix<Scalar>(sizes.front(), count, -0.5, 1, 3);
  const auto t = random_matrix<Scalar>(sizes.back(), count, 0.1, 0.9, 4);
  // A rate at which linear networks of 600 inputs do not diverge.
  NeuralNetwork<Scalar> net(sizes, Scalar(0.001), options);
  reference::Network<Scalar> plain(net);
  net.train(x, t);
  reference::train(plain, x, t, Scalar(0.001));
  const reference::Distance<Scalar> distance(net, plain);
  CHECK(distance.relative_weights <= tolerance<Scalar>(800));
  CHECK(distance.biases <= tolerance<Scalar>(800));
  CHECK(max_difference(net.query(x.col(0)), reference::query(plain, x).col(0)) <= tolerance<Scalar>(800));
}

}  // namespace

// Steps are delayed if the weights of the first layer take 32 KiB or more, as here for each Scalar.

TEMPLATE_TEST_CASE("delayed steps follow the equations for any number of samples", "[train]", float, double) {
  for (const Index count : {7, 8, 31, 32, 33, 100, 255, 256, 257, 300}) {
    check_training<TestType>({600, 20, 3}, count, {});
  }
}

TEMPLATE_TEST_CASE("delayed steps follow the equations for every combination of options", "[train]", float,
                   double) {
  for (const backquery::NetworkOptions& options : all_combinations()) {
    check_training<TestType>({300, 37, 4, 3}, 40, options);
  }
}

TEMPLATE_TEST_CASE("layers above the first follow the equations, by rows and by columns", "[train]", float,
                   double) {
  for (const auto& options : {backquery::NetworkOptions(), backquery::NetworkOptions::classifier()}) {
    for (const Index count : {31, 32, 33}) {
      check_training<TestType>({5, 40, 30, 60, 40, 2}, count, options);
    }
  }
}

TEST_CASE("delayed steps follow the equations in long double", "[train]") {
  check_training<long double>({300, 33, 2}, 40, {});
}
