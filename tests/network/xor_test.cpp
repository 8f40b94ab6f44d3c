/// @file
/// Exclusive or: what one layer cannot learn and two can.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"

using Eigen::Index;

TEST_CASE("A 2-4-1 network learns exclusive or from each of twenty seeds", "[xor]") {
  Matrix<double> x(2, 4), t(1, 4);
  x << 0, 0, 1, 1,  //
      0, 1, 0, 1;
  t << 0.01, 0.99, 0.99, 0.01;
  backquery::NetworkOptions options;
  options.biases = true;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  for (options.seed = 1; options.seed <= 20; ++options.seed) {
    CAPTURE(options.seed);
    backquery::NeuralNetwork<double> net(2, 4, 1, 0.5, options);
    for (int pass = 0; pass < 5000; ++pass) net.train(x, t);
    CHECK(max_difference(net.query(x), t) <= 0.3);
  }
}
