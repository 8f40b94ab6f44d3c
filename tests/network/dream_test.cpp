/// @file
/// Dreams, examples/mnist/support/dream.hpp: images that gradient steps change. "[.mnist]" measures dreams of
/// networks that are trained on all of MNIST, in build/mnist of the current folder.
#include "catch.hpp"

#include <backquery/images/read_csv.hpp>
#include <backquery/images/read_idx.hpp>
#include <backquery/images/scaling.hpp>

#include "../../examples/mnist/support/dream.hpp"
#include "matrices.hpp"
#include "message_of.hpp"

#include <cstdio>
#include <string>

namespace dream_test {

using backquery::Activation;
using backquery::LabeledImages;
using backquery::NetworkOptions;
using Eigen::Index;
using mnist::DreamOptions;
using Floats = Eigen::VectorXf;
using Doubles = Eigen::VectorXd;
using FloatNetwork = backquery::NeuralNetwork<float>;

/// The kinds of networks: the book's, the book's with tanh in the hidden layer, and relu with softmax.
const NetworkOptions kinds[] = {{},
                                [] {
                                  NetworkOptions options;
                                  options.hidden_activation = Activation::tanh;
                                  return options;
                                }(),
                                NetworkOptions::classifier()};
constexpr const char* names[] = {"sigmoid", "tanh", "relu and softmax"};

Floats target_of(const FloatNetwork& net, Index digit) {
  const bool softmax = net.activation(net.layers() - 1) == Activation::softmax;
  Floats target = Floats::Constant(net.outputs(), softmax ? 0.0f : 0.01f);
  target(digit) = softmax ? 1.0f : 0.99f;
  return target;
}

FloatNetwork trained(const LabeledImages& digits, Index hidden, int kind, int epochs) {
  const float rates[] = {0.1f, 0.03f, 0.02f};
  FloatNetwork net({digits.pixels.rows(), hidden, 10}, rates[kind], kinds[kind]);
  const bool softmax = net.options().output_activation == Activation::softmax;
  const Eigen::MatrixXf x = backquery::inputs<float>(digits);
  const Eigen::MatrixXf t =
      softmax ? backquery::targets<float>(digits, 0.0f, 1.0f) : backquery::targets<float>(digits);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    net.train(x, t);
  }
  return net;
}

const LabeledImages& sample() {
  static const auto digits =
      backquery::read_csv(std::string(BACKQUERY_TEST_DATA) + "/../../examples/data/mnist_train_1000.csv");
  return digits;
}

/// The smallest output of a target, over the ten targets and these starts: gray, the mean image, and `others`
/// images of other digits for each target.
float weakest_output(const FloatNetwork& net, const LabeledImages& digits, Index others) {
  const Eigen::MatrixXf x = backquery::inputs<float>(digits.block(0, 1000));
  float weakest = 1;
  for (Index digit = 0; digit < 10; ++digit) {
    std::vector<Floats> starts = {Floats::Constant(x.rows(), 0.5f), x.rowwise().mean()};
    for (Index i = 37 * digit; static_cast<Index>(starts.size()) < 2 + others; ++i) {
      if (digits.labels(i) != digit) {
        starts.emplace_back(x.col(i));
      }
    }
    for (const Floats& start : starts) {
      weakest = std::min(weakest, net.query(mnist::dream(net, start, target_of(net, digit)))(digit));
    }
  }
  return weakest;
}

/// A network of images of 5 x 7 pixels.
template <typename Scalar>
backquery::NeuralNetwork<Scalar> small_network(const NetworkOptions& options) {
  backquery::NeuralNetwork<Scalar> net({35, 8, 3}, options);
  net.update_parameters([](auto values) { values *= Scalar(3); });
  return net;
}

DreamOptions small_options() {
  DreamOptions options;
  options.rows = 5;
  options.cols = 7;
  return options;
}

double roughness(const Doubles& image, Index rows, Index cols) {
  double sum = 0;
  for (Index i = 0; i < rows * cols; ++i) {
    sum += i % cols + 1 < cols ? std::pow(image(i + 1) - image(i), 2) : 0;
    sum += i / cols + 1 < rows ? std::pow(image(i + cols) - image(i), 2) : 0;
  }
  return sum;
}

TEST_CASE("the gradient of what a dream minimizes agrees with finite differences") {
  NetworkOptions huber = kinds[1];
  huber.loss = backquery::Loss::huber;
  huber.output_activation = Activation::identity;
  huber.biases = true;
  huber.error_propagation = backquery::ErrorPropagation::gradient;
  const Doubles x = random_matrix<double>(35, 1, 0.02, 0.99, 3).col(0);
  for (const NetworkOptions& kind : {kinds[0], kinds[1], kinds[2], huber}) {
    for (const auto& [shift, smoothness] : {std::pair(0, 2.0), {1, 2.0}, {3, 500.0}}) {
      DreamOptions options = small_options();
      options.shift = shift;
      options.smoothness = smoothness;
      const mnist::DreamObjective<double> objective(small_network<double>(kind), Doubles{{0.1, 0.8, 0.1}},
                                                    options);
      Doubles gradient, numeric(35);
      CHECK(objective.value(x, gradient) == Approx(objective.value(x)).epsilon(1e-13));
      for (Index i = 0; i < 35; ++i) {
        constexpr double step = 0x1p-17;
        Doubles above = x, below = x;
        above(i) += step;
        below(i) -= step;
        numeric(i) = (objective.value(above) - objective.value(below)) / (2 * step);
      }
      CHECK((gradient - numeric).norm() <= 1e-7 * numeric.norm());
    }
  }
}

TEST_CASE("without a network's loss, a dream minimizes the formula of its other terms") {
  // A network without weights has the same loss for every image.
  backquery::NeuralNetwork<double> net({35, 8, 3});
  net.update_parameters([](auto values) { values.setZero(); });
  const Doubles x = random_matrix<double>(35, 1, 0.01, 1, 4).col(0), y = (x.array() - 0.01) / 0.99;
  DreamOptions options = small_options(), none = options;
  options.smoothness = 3;
  options.contrast = 0.7;
  options.ink = 0.2;
  none.smoothness = none.contrast = 0;
  none.ink = 0.2;
  const Doubles target = Doubles::Constant(3, 0.5);
  const double expected = 3 * roughness(x, 5, 7) / 35 + 0.7 * (y.array() * (1 - y.array())).mean();
  CHECK(mnist::DreamObjective<double>(net, target, options).value(x) -
            mnist::DreamObjective<double>(net, target, none).value(x) ==
        Approx(expected).epsilon(1e-12));
  const Doubles image = mnist::dream(net, x, target, options);
  CHECK(roughness(image, 5, 7) < 0.01 * roughness(x, 5, 7));
  CHECK(image.mean() == Approx(0.01 + 0.99 * 0.2).margin(0.01));
}

TEST_CASE("each step of a dream decreases its objective, and pixels stay within 0.01 and 1") {
  for (int kind = 0; kind < 3; ++kind) {
    INFO(names[kind]);
    const auto net = trained(sample(), 30, kind, 6);
    const Floats start = backquery::inputs<float>(sample().block(0, 1)).col(0), target = target_of(net, 7);
    mnist::Dream<float> dream(net, start, target);
    CHECK(dream.image() == start);
    const float before = net.query(start)(7);
    bool decreases = true, within = true;
    int steps = 0;
    for (double last = dream.value(); steps < 100 && dream.step(); ++steps) {
      decreases = decreases && dream.value() < last;
      last = dream.value();
      within = within && dream.image().minCoeff() >= 0.01f && dream.image().maxCoeff() <= 1.0f;
    }
    CHECK(decreases);
    CHECK(within);
    CHECK(net.query(dream.image())(7) > std::max(before, 0.9f));
    CHECK(mnist::dream(net, start, target) == dream.image());  // the same steps, bit for bit
    CHECK(mnist::DreamObjective<float>(net, target, {}).value(dream.image()) == dream.value());
  }
}

TEST_CASE("a dream leaves an output that is saturated at the wrong end") {
  NetworkOptions options;
  options.biases = true;
  FloatNetwork net({35, 1}, options);
  net.set_weights(0, Eigen::RowVectorXf::NullaryExpr(35, [](Index i) { return i % 2 == 0 ? 4.0f : -4.0f; }));
  net.set_biases(0, Floats::Constant(1, -40));
  DreamOptions loss_only = small_options();
  loss_only.smoothness = loss_only.contrast = 0;
  loss_only.shift = 0;
  loss_only.ink = 0.5;
  const Floats start = Floats::Constant(35, 0.5f), target = Floats::Constant(1, 0.99f);
  CHECK(net.query(start)(0) < 1e-15f);  // the gradient of the squared error is a rounding error
  CHECK(net.query(mnist::dream(net, start, target, loss_only))(0) > 0.9f);
}

TEST_CASE("a dream is smoother with a larger weight of smoothness, and no step exceeds the rate") {
  const auto net = small_network<double>({});
  const Doubles start = random_matrix<double>(35, 1, 0.01, 1, 5).col(0), target{{0.1, 0.8, 0.1}};
  DreamOptions options = small_options();
  options.smoothness = 0.1;
  const double rough = roughness(mnist::dream(net, start, target, options), 5, 7);
  options.smoothness = 100;
  CHECK(roughness(mnist::dream(net, start, target, options), 5, 7) < 0.1 * rough);
  options.rate = 0.03;
  mnist::Dream<double> dream(net, start, target, options);
  for (int step = 0; step < 5; ++step) {
    const Doubles before = dream.image();
    CHECK(dream.step());
    CHECK((dream.image() - before).cwiseAbs().maxCoeff() <= 0.03 * (1 + 1e-12));
  }
}

TEST_CASE("a dream of no steps is its start within the range") {
  DreamOptions options = small_options();
  options.steps = 0;
  Floats start = Floats::Constant(35, 0.4f);
  start(3) = -2;
  start(4) = 1e30f;
  const Floats image = mnist::dream(small_network<float>({}), start, Floats::Constant(3, 0.5f), options);
  CHECK(image(0) == 0.4f);
  CHECK(image(3) == 0.01f);
  CHECK(image(4) == 1.0f);
}

TEST_CASE("dreams of any size: a row, a column and a pixel") {
  for (const auto& [rows, cols] : {std::pair(1, 35), {35, 1}, {1, 1}}) {
    const backquery::NeuralNetwork<float> net({Index{rows} * cols, 8, 3});
    DreamOptions options;
    options.rows = rows;
    options.cols = cols;
    options.shift = 0;
    const Floats start = Floats::Constant(Index{rows} * cols, 0.5f), target{{0.9f, 0.1f, 0.1f}};
    const Floats image = mnist::dream(net, start, target, options);
    CHECK(mnist::DreamObjective<float>(net, target, options).value(image) <
          mnist::DreamObjective<float>(net, target, options).value(start));
  }
}

TEST_CASE("arguments of dreams are checked") {
  const auto net = small_network<float>({});
  const Floats start = Floats::Constant(35, 0.5f), target{{0.9f, 0.1f, 0.1f}};
  const auto message_with = [&](const auto& change) {
    DreamOptions options = small_options();
    change(options);
    return message_of([&] { mnist::dream(net, start, target, options); });
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = HUGE_VAL;
  CHECK(message_with([](auto& o) { o.steps = -1; }) == "dream: options.steps is -1, expected at least 0");
  for (const double rate : {0.0, 1.5, nan}) {
    CHECK_THAT(message_with([rate](auto& o) { o.rate = rate; }),
               Catch::Matchers::ContainsSubstring("options.rate is") &&
                   Catch::Matchers::ContainsSubstring("expected above 0 and at most 1"));
  }
  for (const double weight : {-1.0, nan, 1e300, infinity}) {
    CHECK_THAT(message_with([weight](auto& o) { o.smoothness = weight; }),
               Catch::Matchers::ContainsSubstring("options.smoothness is"));
    CHECK_THAT(message_with([weight](auto& o) { o.contrast = weight; }),
               Catch::Matchers::Matches("dream: options.contrast is .*, expected 0 to 3.4e38"));
  }
  CHECK(message_with([](auto& o) { o.ink = 1.5; }) == "dream: options.ink is 1.500000, expected 0 to 1");
  CHECK(message_with([](auto& o) { o.shift = 5; }) ==
        "dream: options.shift is 5, expected 0 to 4, less than the sides of the image");
  CHECK_THAT(message_with([](auto& o) { o.rows = 0; }),
             Catch::Matchers::ContainsSubstring("the image has 0 rows and 7 columns"));
  CHECK(
      message_with([](auto& o) { o.rows = o.cols = 0; }) ==
      "dream: the image has 6 rows and 6 columns (options.rows, options.cols), expected a product of 35, the "
      "inputs of the network");

  const auto message_for = [&](const auto& x, const auto& t) {
    return message_of([&] { mnist::dream(net, x, t, small_options()); });
  };
  CHECK(message_for(Floats::Zero(5), target) == "dream: start has 5 rows, expected 35");
  CHECK(message_for(start, Floats::Zero(5)) == "dream: target has 5 rows, expected 3");
  CHECK(message_for(Eigen::MatrixXf::Zero(35, 2), target) ==
        "dream: start and target have 2 and 1 columns, expected 1");
  Floats infinite = start;
  infinite(7) = std::numeric_limits<float>::infinity();
  CHECK(message_for(infinite, target) == "dream: start has a value that is NaN or infinite");
  CHECK_THAT(message_for(start, 2 * Floats::Ones(3)), Catch::Matchers::ContainsSubstring("expected 0 to 1"));
}

TEST_CASE("dreams of small networks reach an output of 0.9 for every target, from gray, mean and digits") {
  for (int kind = 0; kind < 3; ++kind) {
    INFO(names[kind]);
    CHECK(weakest_output(trained(sample(), 50, kind, 8), sample(), 1) >= 0.9f);
  }
}

TEST_CASE("dreams of networks trained on MNIST reach an output of 0.9 for every target", "[.mnist]") {
  const std::string set = "build/mnist/train-";
  const auto digits = backquery::read_idx(set + "images-idx3-ubyte", set + "labels-idx1-ubyte");
  for (int kind = 0; kind < 3; ++kind) {
    const float on_sample = weakest_output(trained(sample(), 200, kind, 12), sample(), 10);
    const float on_all = weakest_output(trained(digits, 200, kind, 4), digits, 10);
    std::printf("%-16s the smallest output of 120 dreams: bundled sample %.3f, MNIST %.3f\n", names[kind],
                static_cast<double>(on_sample), static_cast<double>(on_all));
    CHECK(std::min(on_sample, on_all) >= 0.9f);
  }
}

}  // namespace dream_test
