/// @file
/// Targets that the loss or the output activation does not allow, and a softmax of one output, are rejected.
#include "catch.hpp"

#include "matrices.hpp"
#include "message_of.hpp"
#include "network_arguments.hpp"

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

using backquery::Activation;
using backquery::Loss;
using backquery::NetworkOptions;
using Eigen::Index;
using network_arguments::classifier_with;
using network_arguments::infinity;
using network_arguments::matrix;
using network_arguments::Network;

TEST_CASE("targets outside the range of the loss are rejected", "[arguments]") {
  Network binary({4, 3}, 0.1, classifier_with(Loss::binary_cross_entropy, Activation::sigmoid));
  Network classes({4, 3}, 0.1, NetworkOptions::classifier());
  Matrix<double> t = matrix(3, 2);
  t(1, 1) = -0.25;
  CHECK(message_of(binary, [&] { binary.train(matrix(4, 2), t); }) ==
        "backquery::NeuralNetwork::train: t(1, 1) is -0.25, expected 0 to 1 for binary_cross_entropy");
  CHECK(message_of(classes, [&] { classes.train(matrix(4, 2), t); }) ==
        "backquery::NeuralNetwork::train: t(1, 1) is -0.25, expected at least 0 for cross_entropy");
  t(1, 1) = 1.25;
  CHECK_THROWS_AS(binary.loss(matrix(4, 2), t), std::invalid_argument);
  CHECK_NOTHROW(classes.loss(matrix(4, 2), t));
  t(1, 1) = 1;
  t(0, 0) = 0;
  CHECK_NOTHROW(binary.train(matrix(4, 2), t));
}

TEST_CASE("targets that the output activation cannot reach are rejected, its ends are allowed",
          "[arguments]") {
  struct Case {
    Activation output;
    double low, high;
    std::string range;
  };
  const Loss loss = GENERATE(Loss::squared_error, Loss::huber);
  for (const auto& [output, low, high, range] :
       {Case{Activation::sigmoid, 0, 1, "0 to 1"}, Case{Activation::tanh, -1, 1, "-1 to 1"},
        Case{Activation::scaled_tanh, -1.7159, 1.7159, "-1.7159 to 1.7159"},
        Case{Activation::relu, 0, infinity, "at least 0"},
        Case{Activation::softplus, 0, infinity, "at least 0"},
        Case{Activation::elu, -1, infinity, "at least -1"}}) {
    CAPTURE(loss, output);
    Network net({4, 3}, 0.1, classifier_with(loss, output));
    Network::Gradients gradients;
    Network::Workspace workspace;
    const Matrix<double> x = matrix(4, 70);
    Matrix<double> t = Matrix<double>::Constant(3, 70, low);
    if (high < infinity) t.row(1).setConstant(high);
    CHECK_NOTHROW(net.train(x, t));
    std::vector<double> outside{std::nextafter(low, -2.0), low - 80};
    if (high < infinity) outside.insert(outside.end(), {std::nextafter(high, 2.0), high + 80});
    for (const double wrong : outside) {
      t(2, 65) = wrong;
      const std::string expected = ", the range of output_activation " + std::string(name(output)) +
                                   "; scale the targets, or use output_activation identity";
      const std::string found = message_of(net, [&] { net.train(x, t); });
      CHECK_THAT(found, Catch::Matchers::StartsWith("backquery::NeuralNetwork::train: t(2, 65) is ") &&
                            Catch::Matchers::EndsWith(", expected " + range + expected));
      const double printed = std::strtod(found.c_str() + found.find(" is ") + 4, nullptr);
      CHECK((printed < low || printed > high));
      CHECK_THAT(message_of(net, [&] { net.train(x.col(65), t.col(65)); }),
                 Catch::Matchers::StartsWith("backquery::NeuralNetwork::train: t(2, 0) is "));
      CHECK_THAT(message_of(net, [&] { (void)net.loss(x, t); }), Catch::Matchers::EndsWith(expected));
      CHECK_THAT(message_of(net, [&] { net.gradients(x, t, gradients, workspace); }),
                 Catch::Matchers::EndsWith(expected));
    }
  }
}

TEST_CASE("identity and leaky_relu outputs allow every finite target", "[arguments]") {
  const Activation output = GENERATE(Activation::identity, Activation::leaky_relu);
  Network net({4, 3}, 1e-9, classifier_with(Loss::squared_error, output));
  CHECK_NOTHROW(net.train(matrix(4, 2), -81 * matrix(3, 2)));
  CHECK_NOTHROW(net.train(matrix(4, 2), 1e9 * matrix(3, 2)));
}

TEST_CASE("a softmax of one output is rejected", "[arguments]") {
  const std::string message =
      "backquery::NeuralNetwork: options.output_activation is softmax with 1 output, which is always 1; use "
      "sigmoid with binary_cross_entropy, or 2 outputs";
  const auto options = NetworkOptions::classifier();
  CHECK_THROWS_WITH(Network({2, 8, 1}, 0.1, options), message);
  CHECK_THROWS_WITH(Network(2, 8, 1, 0.1, options), message);
  CHECK_THROWS_WITH(Network({2, 1}, options), message);
  CHECK_THROWS_WITH(Network({matrix(1, 2)}, 0.1, options), message);
  CHECK_NOTHROW(Network({2, 1}, 0.1, classifier_with(Loss::binary_cross_entropy, Activation::sigmoid)));
  CHECK_NOTHROW(Network({2, 8, 2}, options));
}
