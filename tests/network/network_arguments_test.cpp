/// @file
/// Misuse throws with a message that names the argument, and leaves the network unchanged.
#include "catch.hpp"

#include "enumerators.hpp"
#include "matrices.hpp"
#include "message_of.hpp"
#include "network_arguments.hpp"

#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

using backquery::Activation;
using backquery::ErrorPropagation;
using backquery::Initializer;
using backquery::Loss;
using backquery::NetworkOptions;
using Eigen::Index;
using network_arguments::classifier_with;
using network_arguments::infinity;
using network_arguments::matrix;
using network_arguments::Network;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("layer sizes that are too few or too small are rejected", "[arguments]") {
  CHECK_THROWS_WITH(Network({784, 0, 10}, 0.1),
                    "backquery::NeuralNetwork: layer_sizes[1] is 0, expected at least 1");
  CHECK_THROWS_WITH(Network(784, 200, -1, 0.1),
                    "backquery::NeuralNetwork: layer_sizes[2] is -1, expected at least 1");
  CHECK_THROWS_WITH(
      Network(std::vector<Index>{784}, 0.1),
      "backquery::NeuralNetwork: layer_sizes has 1 layers, expected at least inputs and outputs");
  CHECK_THROWS_AS(Network(std::vector<Index>{}, 0.1), std::invalid_argument);
  CHECK_THROWS_AS(Network(0, 200, 10, 0.1), std::invalid_argument);
  CHECK_THROWS_AS(Network({10, std::numeric_limits<Index>::min()}, 0.1), std::invalid_argument);
}

TEST_CASE("more weights than memory can address are rejected, without overflow", "[arguments]") {
  constexpr Index most = std::numeric_limits<Index>::max();
  constexpr Index root = Index(1) << (sizeof(Index) * 4);  // root * root does not fit into Index
  for (const auto& sizes :
       {std::vector<Index>{most, 1}, std::vector<Index>{1, most}, std::vector<Index>{most, most},
        std::vector<Index>{root, root}, std::vector<Index>{root / 4, root / 8, root / 4, root / 8}}) {
    CAPTURE(sizes);
    CHECK_THROWS_AS(Network(sizes, 0.1), std::invalid_argument);
  }
}

TEST_CASE("the learning rate is 0.1 by default", "[arguments]") {
  const auto options = NetworkOptions::classifier();
  const std::vector<Index> sizes{784, 80, 10};
  CHECK(Network(sizes).learning_rate() == 0.1);
  CHECK(Network(sizes, options).learning_rate() == 0.1);
  CHECK(Network({784, 80, 10}, options).learning_rate() == 0.1);
  CHECK(Network({784, 80, 10}, options).options().loss == Loss::cross_entropy);
  CHECK(Network({784, 80, 10}).layer_sizes() == sizes);
  CHECK(Network({784, 80, 20, 10}).layer_sizes() == std::vector<Index>{784, 80, 20, 10});
  CHECK(backquery::NeuralNetwork<float>({4, 2}).learning_rate() == 0.1f);
  CHECK(Network({784, 80, 20, 1}, {}).layers() == 3);
  CHECK(Network({784, 10}, {}).learning_rate() == 0.1);  // not 0
  CHECK_THROWS_AS(Network({784}), std::invalid_argument);
  CHECK_THROWS_AS(Network({784, 0}, {}), std::invalid_argument);
}

TEST_CASE("learning rates that are not finite and positive are rejected", "[arguments]") {
  Network net(3, 4, 2, 0.1);
  for (const double wrong : {0.0, -0.0, -0.1, not_a_number, infinity, -infinity}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(Network(3, 4, 2, wrong), std::invalid_argument);
    CHECK_THROWS_AS(Network({3, 4, 4, 2}, wrong), std::invalid_argument);
    CHECK_THROWS_AS(Network({matrix(4, 3), matrix(2, 4)}, wrong), std::invalid_argument);
    CHECK_THAT(message_of(net, [&] { net.set_learning_rate(wrong); }),
               Catch::Matchers::StartsWith("backquery::NeuralNetwork::set_learning_rate: value is "));
    CHECK_THROWS_AS(net.step(Network::Gradients({3, 4, 2}, false), wrong), std::invalid_argument);
  }
  CHECK(message_of(net, [&] { net.set_learning_rate(-0.5); }) ==
        "backquery::NeuralNetwork::set_learning_rate: value is -0.5, expected a finite number > 0");
  CHECK_THROWS_WITH(Network(3, 4, 2, not_a_number),
                    "backquery::NeuralNetwork: learning_rate is nan, expected a finite number > 0");
}

TEST_CASE("weights that do not form a chain of layers are rejected", "[arguments]") {
  CHECK_THROWS_WITH(
      Network({matrix(5, 7), matrix(2, 4)}, 0.1),
      "backquery::NeuralNetwork: weights[1] has 4 columns, expected 5, the rows of the matrix before");
  CHECK_THROWS_AS(Network(std::vector<Matrix<double>>{}, 0.1), std::invalid_argument);
  CHECK_THROWS_AS(Network({matrix(0, 7), matrix(2, 0)}, 0.1), std::invalid_argument);
  CHECK_THROWS_AS(Network({matrix(5, 0)}, 0.1), std::invalid_argument);
}

TEST_CASE("queries and samples of the wrong size are rejected", "[arguments]") {
  Network net(784, 6, 3, 0.1);
  Matrix<double> y(3, 2);
  CHECK(message_of(net, [&] { (void)net.query(matrix(5, 1)); }) ==
        "backquery::NeuralNetwork::query: x has 5 rows, expected 784");
  CHECK(message_of(net, [&] { net.query(matrix(5, 2), y); }) ==
        "backquery::NeuralNetwork::query: x has 5 rows, expected 784");
  CHECK(message_of(net, [&] { net.query(matrix(784, 3), y); }) ==
        "backquery::NeuralNetwork::query: y has 2 columns, expected 3");
  Vector<double> short_output(2);
  CHECK(message_of(net, [&] { net.query(matrix(784, 1), short_output); }) ==
        "backquery::NeuralNetwork::query: y has 2 rows, expected 3");
  CHECK(message_of(net, [&] { net.train(matrix(783, 2), matrix(3, 2)); }) ==
        "backquery::NeuralNetwork::train: x has 783 rows, expected 784");
  CHECK(message_of(net, [&] { net.train(matrix(784, 2), matrix(4, 2)); }) ==
        "backquery::NeuralNetwork::train: t has 4 rows, expected 3");
  CHECK(message_of(net, [&] { net.train(matrix(784, 2), matrix(3, 1)); }) ==
        "backquery::NeuralNetwork::train: t has 1 columns, expected 2");
  CHECK(message_of(net, [&] { net.train(2 * Vector<double>(matrix(783, 1)), matrix(3, 1)); }) ==
        "backquery::NeuralNetwork::train: x has 783 rows, expected 784");
  CHECK(message_of(net, [&] { net.train(matrix(3, 2), matrix(784, 2)); }) ==
        "backquery::NeuralNetwork::train: x has 3 rows, expected 784");  // the order of the book's program
  CHECK(message_of(net, [&] { (void)net.loss(matrix(784, 2), matrix(3, 3)); }) ==
        "backquery::NeuralNetwork::loss: t has 3 columns, expected 2");
}

TEST_CASE("gradients rejects empty batches, and step rejects foreign layouts", "[arguments]") {
  Network net(4, 6, 3, 0.1);
  Network::Gradients gradients;
  Network::Workspace workspace;
  CHECK_THROWS_AS(net.loss(matrix(4, 0), matrix(3, 0)), std::invalid_argument);
  CHECK_THROWS_AS(net.gradients(matrix(4, 0), matrix(3, 0), gradients, workspace), std::invalid_argument);
  CHECK_THROWS_AS(net.gradients(matrix(4, 2), matrix(2, 2), gradients, workspace), std::invalid_argument);
  for (const auto& other : {Network::Gradients(), Network::Gradients({4, 6, 3}, true),
                            Network::Gradients({4, 3, 6}, false), Network::Gradients({4, 6, 3, 3}, false)}) {
    CHECK(message_of(net, [&] { net.step(other, 0.1); }) ==
          "backquery::NeuralNetwork::step: the gradients are of a network with other layers or biases");
  }
}

TEST_CASE("a NaN or infinite input or target is rejected before any step", "[arguments]") {
  Network net(4, 6, 3, 0.1);
  const Matrix<double> good_x = random_matrix<double>(4, 5, 0.01, 1, 1),
                       good_t = random_matrix<double>(3, 5, 0.01, 1, 2);
  for (const double wrong : {not_a_number, infinity, -infinity}) {
    for (Index row = 0; row < 4; ++row) {
      for (Index col = 0; col < 5; ++col) {
        auto x = good_x;
        x(row, col) = wrong;
        const std::string where = "backquery::NeuralNetwork::train: x(" + std::to_string(row) + ", " +
                                  std::to_string(col) + ") is ";
        CHECK_THAT(message_of(net, [&] { net.train(x, good_t); }), Catch::Matchers::StartsWith(where));
        CHECK_THAT(message_of(net, [&] { net.train(RowMajorMatrix<double>(x), good_t); }),
                   Catch::Matchers::StartsWith(where));
        if (row == 3) continue;
        auto t = good_t;
        t(row, col) = wrong;
        CHECK_THAT(message_of(net, [&] { net.train(good_x, 1 * t); }),
                   Catch::Matchers::StartsWith("backquery::NeuralNetwork::train: t(" + std::to_string(row) +
                                               ", " + std::to_string(col) + ") is "));
      }
    }
  }
  Vector<double> x = good_x.col(0);
  x(2) = infinity;
  CHECK(message_of(net, [&] { net.train(x, good_t.col(0)); }) ==
        "backquery::NeuralNetwork::train: x(2, 0) is inf, expected a finite number");
}

TEST_CASE("layers that do not exist and parameters of another shape are rejected", "[arguments]") {
  auto options = NetworkOptions();
  options.biases = true;
  Network net({4, 6, 3}, 0.1, options);
  for (const Index layer : {Index(-1), Index(2), std::numeric_limits<Index>::max()}) {
    CAPTURE(layer);
    CHECK_THROWS_AS(net.weights(layer), std::invalid_argument);
    CHECK_THROWS_AS(net.biases(layer), std::invalid_argument);
    CHECK_THROWS_AS(net.activation(layer), std::invalid_argument);
    CHECK_THROWS_AS(net.set_weights(layer, matrix(6, 4)), std::invalid_argument);
    CHECK_THROWS_AS(net.set_biases(layer, Vector<double>(matrix(6, 1))), std::invalid_argument);
  }
  CHECK_THROWS_WITH(net.weights(2), "backquery::NeuralNetwork: layer is 2, expected 0 to 1");
  CHECK(message_of(net, [&] { net.set_weights(0, matrix(4, 6)); }) ==
        "backquery::NeuralNetwork::set_weights: W has 4 rows, expected 6");
  CHECK(message_of(net, [&] { net.set_weights(1, matrix(3, 4)); }) ==
        "backquery::NeuralNetwork::set_weights: W has 4 columns, expected 6");
  CHECK(message_of(net, [&] { net.set_biases(0, Vector<double>(matrix(3, 1))); }) ==
        "backquery::NeuralNetwork::set_biases: b has 3 rows, expected 6");
  Network without(4, 6, 3, 0.1);
  CHECK_THAT(message_of(without, [&] { without.set_biases(0, Vector<double>(matrix(6, 1))); }),
             Catch::Matchers::StartsWith("backquery::NeuralNetwork::set_biases: the network has no biases"));
}

TEST_CASE("combinations of options that make no sense are rejected with a reason", "[arguments]") {
  const auto check_rejected = [](const NetworkOptions& options, const std::string& reason) {
    CHECK_THROWS_WITH(Network(3, 4, 2, 0.1, options), "backquery::NeuralNetwork: " + reason);
    CHECK_THROWS_AS(Network({3, 4, 4, 2}, 0.1, options), std::invalid_argument);
    CHECK_THROWS_AS(Network({matrix(4, 3), matrix(2, 4)}, 0.1, options), std::invalid_argument);
  };
  auto options = NetworkOptions::classifier();
  options.hidden_activation = Activation::softmax;
  check_rejected(options, "options.hidden_activation is softmax, which belongs in the output layer only");
  check_rejected(classifier_with(Loss::squared_error, Activation::softmax),
                 "options.loss is squared_error with a softmax output; softmax goes with cross_entropy");
  check_rejected(classifier_with(Loss::huber, Activation::softmax),
                 "options.loss is huber with a softmax output; softmax goes with cross_entropy");
  for (const auto output : hidden_activations()) {
    const std::string instead = ", not " + std::string(backquery::name(output));
    check_rejected(
        classifier_with(Loss::cross_entropy, output),
        "options.loss is cross_entropy, which needs softmax as options.output_activation" + instead);
    if (output == Activation::sigmoid) continue;
    check_rejected(
        classifier_with(Loss::binary_cross_entropy, output),
        "options.loss is binary_cross_entropy, which needs sigmoid as options.output_activation" + instead);
  }
  check_rejected(
      classifier_with(Loss::binary_cross_entropy, Activation::softmax),
      "options.loss is binary_cross_entropy, which needs sigmoid as options.output_activation, not softmax");
  for (const auto& [loss, output] :
       {std::pair{Loss::binary_cross_entropy, Activation::sigmoid},
        std::pair{Loss::huber, Activation::identity}, std::pair{Loss::cross_entropy, Activation::softmax}}) {
    auto split = classifier_with(loss, output);
    split.error_propagation = ErrorPropagation::split_by_weights;
    check_rejected(split,
                   "options.error_propagation is split_by_weights, which goes with squared_error, not " +
                       std::string(backquery::name(loss)) + "; use ErrorPropagation::gradient");
  }
}

TEST_CASE("activations of layers are rejected unless each layer has one, and softmax is the last",
          "[arguments]") {
  const auto check_rejected = [](std::vector<Activation> activations, const std::string& reason) {
    NetworkOptions options = NetworkOptions::classifier();
    options.activations = std::move(activations);
    CHECK_THROWS_WITH(Network({3, 4, 4, 2}, 0.1, options), "backquery::NeuralNetwork: " + reason);
  };
  constexpr auto relu = Activation::relu, softmax = Activation::softmax;
  check_rejected({relu, softmax}, "options.activations has 2 entries, expected 3, one for each layer");
  check_rejected({relu, relu, relu, softmax},
                 "options.activations has 4 entries, expected 3, one for each layer");
  check_rejected({relu, softmax, softmax},
                 "options.activations[1] is softmax, which belongs in the output layer only");
  check_rejected({static_cast<Activation>(99), relu, softmax}, "options.activations[0] has no value 99");
  check_rejected({relu, relu, static_cast<Activation>(99)},
                 "the last of options.activations has no value 99");
  check_rejected(
      {relu, relu, relu},
      "options.loss is cross_entropy, which needs softmax as the last of options.activations, not relu");
  NetworkOptions options;
  options.activations = {Activation::tanh, Activation::identity};
  CHECK(Network(3, 4, 2, 0.1, options).options().output_activation == Activation::identity);
  CHECK(Network(3, 4, 2, 0.1, options).options().activations == options.activations);
  options.hidden_activation = static_cast<Activation>(99);  // not used, but a part of model files
  CHECK_THROWS_WITH(Network(3, 4, 2, 0.1, options),
                    "backquery::NeuralNetwork: options.hidden_activation has no value 99");
}

TEST_CASE("parameters that do not suit the options are rejected", "[arguments]") {
  using backquery::Parameters;
  NetworkOptions biases;
  biases.biases = true;
  CHECK_THROWS_WITH(Network(Parameters<double>({2, 1}, false), 0.1, biases),
                    "backquery::NeuralNetwork: parameters has no biases, but options.biases is true");
  CHECK_THROWS_WITH(Network(Parameters<double>({2, 1}, true), 0.1),
                    "backquery::NeuralNetwork: parameters has biases, but options.biases is false");
  CHECK_THROWS_WITH(Network(Parameters<double>(), 0.1),
                    "backquery::NeuralNetwork: parameters has 0 layers, expected at least 1");
}

TEST_CASE("options that are no enumerators are rejected", "[arguments]") {
  const int wrong = GENERATE(-1, 99);
  NetworkOptions hidden, output, loss, initializer, propagation;
  hidden.hidden_activation = output.output_activation = static_cast<Activation>(wrong);
  loss.loss = static_cast<Loss>(wrong);
  initializer.initializer = static_cast<Initializer>(wrong);
  propagation.error_propagation = static_cast<ErrorPropagation>(wrong);
  for (const auto& options : {hidden, output, loss, initializer, propagation}) {
    CHECK_THROWS_AS(Network(3, 4, 2, 0.1, options), std::invalid_argument);
  }
}

TEST_CASE("layer sizes are a list of Index, and a vector of another type does not compile", "[arguments]") {
  CHECK(Network({784, 200, 10}, 0.1).layer_sizes() == std::vector<Index>{784, 200, 10});
  STATIC_REQUIRE(std::is_constructible_v<Network, std::vector<Index>, double>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Network, std::vector<short>, double>);
  STATIC_REQUIRE_FALSE(std::is_constructible_v<Network, std::vector<Matrix<float>>, double>);
}

TEST_CASE("a network too wide for the stack needs a workspace", "[arguments]") {
  Network net(3, 100000, 2, 0.1);
  const Vector<double> x = matrix(3, 1);
  Vector<double> y(2);
  CHECK_THAT(message_of(net, [&] { net.query(x, y); }),
             Catch::Matchers::StartsWith("backquery::NeuralNetwork::query: a layer has 100000 nodes"));
  Network::Workspace workspace;
  net.query(x, y, workspace);
  CHECK(max_difference(y, net.query(x)) <= 1e-15);
}
