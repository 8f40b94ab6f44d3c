/// @file
/// Arguments that an Optimizer rejects, and its messages.
#include "catch.hpp"

#include <backquery/training/optimizer.hpp>

#include "matrices.hpp"
#include "message_of.hpp"

#include <limits>
#include <string>

using backquery::NeuralNetwork;
using backquery::OptimizationMethod;
using backquery::Optimizer;
using backquery::OptimizerOptions;
using backquery::Parameters;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// The message of the constructor for the changed default options.
template <typename Scalar, typename Change>
std::string message_for(const Change& change) {
  OptimizerOptions options;
  change(options);
  return message_of([&] { Optimizer<Scalar> optimizer(options); });
}

}  // namespace

TEST_CASE("an optimizer rejects numbers out of range and names them", "[optimizer]") {
  CHECK(message_for<double>([](auto&) {}) == "nothing was thrown");
  CHECK(message_for<double>([](auto& o) { o.method = static_cast<OptimizationMethod>(99); }) ==
        "backquery::Optimizer: options.method has no value 99");
  CHECK(message_for<double>([](auto& o) { o.momentum = 1; }) ==
        "backquery::Optimizer: options.momentum is 1, expected 0 to below 1");
  for (const double wrong : {-0.1, 1.0, 1.5, not_a_number, infinity}) {
    CHECK_THAT(message_for<double>([=](auto& o) { o.momentum = wrong; }),
               ContainsSubstring("options.momentum is "));
    CHECK_THAT(message_for<double>([=](auto& o) { o.decay = wrong; }),
               ContainsSubstring("options.decay is "));
    CHECK_THAT(message_for<double>([=](auto& o) { o.beta1 = wrong; }),
               ContainsSubstring("options.beta1 is "));
    CHECK_THAT(message_for<double>([=](auto& o) { o.beta2 = wrong; }),
               ContainsSubstring("options.beta2 is "));
  }
  for (const double wrong : {-1.0, not_a_number, infinity}) {
    CHECK_THAT(message_for<double>([=](auto& o) { o.epsilon = wrong; }),
               ContainsSubstring("options.epsilon is "));
    CHECK_THAT(message_for<double>([=](auto& o) { o.weight_decay = wrong; }),
               ContainsSubstring("options.weight_decay is "));
    CHECK_THAT(message_for<double>([=](auto& o) { o.clip_norm = wrong; }),
               ContainsSubstring("options.clip_norm is "));
  }
  for (const double wrong : {-1.0, 0.0, not_a_number, infinity}) {
    CHECK_THAT(message_for<double>([=](auto& o) { o.learning_rate = wrong; }),
               ContainsSubstring("backquery::Optimizer: options.learning_rate is ") &&
                   ContainsSubstring(", expected a finite number > 0 that the network's Scalar can hold"));
  }
  CHECK(message_for<double>([](auto& o) { o.epsilon = 0; }) ==
        "backquery::Optimizer: options.epsilon is 0, expected a normal number > 0, without which a "
        "gradient of 0 would give 0 / 0");
  CHECK(message_for<double>([](auto& o) { o.weight_decay = -1; }) ==
        "backquery::Optimizer: options.weight_decay is -1, expected a finite number >= 0");
  CHECK(message_for<double>([](auto& o) { o.clip_norm = -1; }) ==
        "backquery::Optimizer: options.clip_norm is -1, expected a finite number >= 0, where 0 stands for no "
        "clipping");
}

TEST_CASE("options must be in the range of the network's scalar type", "[optimizer]") {
  for (const double rate : {1e-60, 1e60}) {
    CHECK(message_for<double>([=](auto& o) { o.learning_rate = rate; }) == "nothing was thrown");
    CHECK_THAT(message_for<float>([=](auto& o) { o.learning_rate = rate; }),
               ContainsSubstring("options.learning_rate is 1e"));
  }
  CHECK(message_for<double>([](auto& o) { o.epsilon = 1e-50; }) == "nothing was thrown");
  CHECK_THAT(message_for<float>([](auto& o) { o.epsilon = 1e-50; }),
             ContainsSubstring("options.epsilon is 1e-50"));
  CHECK_THAT(message_for<float>([](auto& o) { o.epsilon = 1e50; }),
             ContainsSubstring("options.epsilon is 1e+50"));
  CHECK(message_for<double>([](auto& o) { o.weight_decay = 1e50; }) == "nothing was thrown");
  CHECK_THAT(message_for<float>([](auto& o) { o.weight_decay = 1e50; }),
             ContainsSubstring("options.weight_decay is 1e+50"));
}

TEST_CASE("an optimizer rejects options that its method does not have", "[optimizer]") {
  for (const auto method : {OptimizationMethod::adam, OptimizationMethod::adamw, OptimizationMethod::nadam}) {
    CHECK(message_for<double>([=](auto& o) {
            o.method = method;
            o.momentum = 0.9;
          }) == "backquery::Optimizer: options.momentum is 0.9, which needs method sgd or rmsprop");
  }
  const std::string nesterov =
      "backquery::Optimizer: options.nesterov is true, which needs method sgd and momentum > 0";
  CHECK(message_for<double>([](auto& o) { o.nesterov = true; }) == nesterov);
  CHECK(message_for<double>([](auto& o) {
          o.nesterov = true;
          o.momentum = 0.9;
          o.method = OptimizationMethod::rmsprop;
        }) == nesterov);
}

TEST_CASE("a step rejects rates and layouts that do not fit, and changes nothing", "[optimizer]") {
  NeuralNetwork<double> net({3, 4, 2}, 0.1);
  const Vector<double> before = net.parameters();
  Parameters<double> parameters(net.layer_sizes(), false);
  const Parameters<double> gradients({3, 4, 2}, false), with_biases({3, 4, 2}, true), other({4, 4, 2}, false);
  Optimizer<double> optimizer;
  backquery::ThreadPool pool;
  for (const double wrong : {0.0, -0.1, not_a_number, infinity}) {
    CHECK_THAT(message_of([&] { optimizer.step(net, gradients, wrong); }),
               ContainsSubstring("backquery::Optimizer::step: rate is ") &&
                   ContainsSubstring(", expected a finite number > 0"));
    CHECK_THROWS_AS(optimizer.step(parameters.values(), gradients, wrong, pool), std::invalid_argument);
  }
  const std::string of_other_layers =
      "backquery::Optimizer::step: the gradients are of a network with other layers or biases";
  CHECK_THROWS_WITH(optimizer.step(net, other, 0.1), of_other_layers);
  CHECK_THROWS_WITH(optimizer.step(net, with_biases, 0.1), of_other_layers);
  CHECK_THROWS_WITH(optimizer.step(net, Parameters<double>(), 0.1), of_other_layers);
  CHECK_THROWS_WITH(
      optimizer.step(parameters.values(), with_biases, 0.1, pool),
      "backquery::Optimizer::step: parameters has 56 values, expected 72 as the gradients have");
  CHECK(optimizer.steps() == 0);

  optimizer.step(net, gradients, 0.1);
  NeuralNetwork<double> larger({4, 4, 2}, 0.1);
  NeuralNetwork<double> biased({3, 4, 2}, 0.1, backquery::NetworkOptions::classifier());
  const std::string unlike_before =
      "backquery::Optimizer::step: the gradients have other layers or biases than those of the steps before; "
      "call reset() first";
  CHECK_THROWS_WITH(optimizer.step(larger, other, 0.1), unlike_before);
  CHECK_THROWS_WITH(optimizer.step(biased, with_biases, 0.1), unlike_before);
  CHECK(optimizer.steps() == 1);
  CHECK(net.parameters() == before);
  optimizer.reset();
  CHECK_NOTHROW(optimizer.step(larger, other, 0.1));
}
