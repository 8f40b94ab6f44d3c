/// @file
/// What an optimizer keeps from step to step, and what its bits do not depend on.
#include "catch.hpp"

#include <backquery/training/optimizer.hpp>

#include "matrices.hpp"
#include "optimizer_steps.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using backquery::OptimizationMethod;
using backquery::Optimizer;
using backquery::OptimizerOptions;
using backquery::Parameters;
using Eigen::Index;

namespace {

/// Everything that the methods can do, each at least once.
std::vector<OptimizerOptions> all_kinds() {
  std::vector<OptimizerOptions> kinds = {options_of(OptimizationMethod::sgd),
                                         options_of(OptimizationMethod::sgd, 0.9, 0.1, 1),
                                         options_of(OptimizationMethod::rmsprop, 0, 0.1),
                                         options_of(OptimizationMethod::rmsprop, 0.9, 0, 1),
                                         options_of(OptimizationMethod::adam, 0, 0.1),
                                         options_of(OptimizationMethod::adamw, 0, 0.1, 1)};
  kinds.push_back(kinds[1]);
  kinds.back().nesterov = true;
  return kinds;
}

template <typename Scalar>
bool same_bits(const Parameters<Scalar>& a, const Parameters<Scalar>& b) {
  return a.same_layout(b) && std::memcmp(a.values().data(), b.values().data(),
                                         static_cast<std::size_t>(a.values().size()) * sizeof(Scalar)) == 0;
}

}  // namespace

TEMPLATE_TEST_CASE("The padding stays 0", "[optimizer]", EVERY_SCALAR) {
  for (const OptimizerOptions& options : all_kinds()) {
    CAPTURE(backquery::name(options.method), options.momentum, options.nesterov);
    Optimizer<TestType> optimizer(options);
    Parameters<TestType> w = random_parameters<TestType>({5, 3, 2}, true, 1);
    for (std::uint64_t seed = 2; seed < 5; ++seed) {
      step(optimizer, w, random_parameters<TestType>({5, 3, 2}, true, seed), 0.1);
    }
    CHECK(w.values().allFinite());
    CHECK((w.weights(0).array() != TestType(0)).all());
    for_each_parameter(w, [](TestType& value) { value = 0; });
    CHECK((w.values().array() == TestType(0)).all());
  }
}

TEMPLATE_TEST_CASE("The bits depend neither on threads nor on where the parameters lie",
                   "[optimizer][threads]", float, double) {
  const std::vector<Index> layers = {200, 170, 60,
                                     7};  // several pieces, and pieces that are none of the full size
  const bool biases = GENERATE(true, false);
  const Parameters<TestType> start = random_parameters<TestType>(layers, biases, 1);
  for (const OptimizerOptions& options : all_kinds()) {
    CAPTURE(backquery::name(options.method), options.momentum, options.nesterov, biases);
    const auto trajectory = [&](int threads) {
      Optimizer<TestType> optimizer(options);
      Parameters<TestType> w = start;
      for (std::uint64_t seed = 2; seed < 6; ++seed) {
        step(optimizer, w, random_parameters<TestType>(layers, biases, seed), 0.1, threads);
      }
      return w;
    };
    const Parameters<TestType> alone = trajectory(1);
    CHECK(same_bits(trajectory(2), alone));
    CHECK(same_bits(trajectory(3), alone));

    Vector<TestType> memory(start.values().size() + 1);
    Eigen::Map<Vector<TestType>> shifted(memory.data() + 1, start.values().size());
    shifted = start.values();
    Optimizer<TestType> optimizer(options);
    backquery::ThreadPool pool;
    for (std::uint64_t seed = 2; seed < 6; ++seed) {
      optimizer.step(shifted, random_parameters<TestType>(layers, biases, seed), TestType(0.1), pool);
    }
    CHECK(shifted == alone.values());
  }
}

TEMPLATE_TEST_CASE("A step in parts is the step", "[optimizer]", float, double) {
  const std::vector<Index> layers = {200, 170, 60, 7};
  const bool biases = GENERATE(true, false);
  for (OptimizerOptions options : all_kinds()) {
    options.clip_norm = 0;
    CAPTURE(backquery::name(options.method), options.momentum, options.nesterov, biases);
    Optimizer<TestType> whole(options), apart(options);
    Parameters<TestType> w = random_parameters<TestType>(layers, biases, 1), in_parts = w;
    for (std::uint64_t seed = 2; seed < 6; ++seed) {
      const Parameters<TestType> g = random_parameters<TestType>(layers, biases, seed);
      step(whole, w, g, 0.1);
      const auto parts = apart.start_step(in_parts.values(), g, TestType(0.1));
      for (Index layer = g.layers() - 1; layer >= 0;
           --layer) {  // the biases first, and then the weights from behind
        const auto weights = g.weights(layer);
        const Index column = weights.outerStride(), start = weights.data() - g.values().data();
        if (biases) parts.take(start + column * weights.cols(), column, false);
        for (Index i = weights.cols() - 1; i >= 0; --i) parts.take(start + i * column, column, true);
      }
    }
    CHECK(same_bits(in_parts, w));
    CHECK(apart.steps() == 4);
  }
}

TEMPLATE_TEST_CASE("The means of what has no gradient any more never become denormal numbers", "[optimizer]",
                   float, double) {
  for (const OptimizerOptions& options :
       {options_of(OptimizationMethod::sgd, 0.9), options_of(OptimizationMethod::adam)}) {
    CAPTURE(backquery::name(options.method));
    Optimizer<TestType> optimizer(options);
    Parameters<TestType> w({1, 1}, false), gradients({1, 1}, false);
    gradients.values()(0) = 1;
    step(optimizer, w, gradients, 0.1);
    gradients.values()(0) = 0;
    for (int i = 0; i < 10000; ++i) {
      w.values()(0) = 0;
      step(optimizer, w, gradients, 1e-3);  // all of w now is what the mean left of itself
      if (std::fpclassify(w.values()(0)) == FP_SUBNORMAL) FAIL("denormal after " << i << " steps");
    }
    CHECK(std::abs(w.values()(0)) < TestType(1e-20));
  }
}

TEMPLATE_TEST_CASE("The means of squares are 0 before they become denormal", "[optimizer]", float, double) {
  using Limits = std::numeric_limits<TestType>;
  OptimizerOptions options = options_of(OptimizationMethod::rmsprop);
  options.decay = 0.5;
  options.epsilon = 0.01 * std::sqrt(static_cast<double>(Limits::min()));
  Optimizer<TestType> optimizer(options);
  Parameters<TestType> w({1, 1}, false), gradients({1, 1}, false);
  gradients.values()(0) = 1;
  step(optimizer, w, gradients, 1);
  gradients.values()(0) = 0;
  for (int i = 0; i < 3 - Limits::min_exponent; ++i) {  // from 1/2 to an eighth of the smallest normal number
    step(optimizer, w, gradients, 1);
  }
  w.values()(0) = 0;
  gradients.values()(0) = static_cast<TestType>(options.epsilon) / 1024;  // whose square is 0
  step(optimizer, w, gradients, 1);
  CHECK(w.values()(0) == Approx(-1. / 1024));  // nothing but epsilon is left to divide by
}

TEMPLATE_TEST_CASE("A network steps as its parameters do", "[optimizer]", float, double) {
  NeuralNetwork<TestType> net({9, 6, 4}, TestType(0.1), NetworkOptions::classifier());
  Parameters<TestType> w(net.layer_sizes(), true);
  w.values() = net.parameters();
  Optimizer<TestType> of_network(options_of(OptimizationMethod::adamw, 0, 0.1)), of_parameters = of_network;
  backquery::ThreadPool pool(2);
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    const auto gradients = random_parameters<TestType>(net.layer_sizes(), true, seed);
    of_network.step(net, gradients, TestType(0.1), pool);
    step(of_parameters, w, gradients, 0.1);
    CHECK(net.parameters() == w.values());
  }
}

TEST_CASE("After reset, an optimizer starts anew, with any network", "[optimizer]") {
  for (const OptimizerOptions& options : all_kinds()) {
    CAPTURE(backquery::name(options.method), options.momentum, options.nesterov);
    Optimizer<double> used(options), fresh(options);
    CHECK(used.steps() == 0);
    Parameters<double> large = random_parameters<double>({9, 8, 7}, true, 1);
    for (int i = 0; i < 3; ++i) step(used, large, random_parameters<double>({9, 8, 7}, true, 2), 0.1);
    CHECK(used.steps() == 3);
    used.reset();
    CHECK(used.steps() == 0);
    Parameters<double> a = random_parameters<double>({5, 3}, false, 3), b = a;
    for (int i = 0; i < 2; ++i) {
      step(used, a, random_parameters<double>({5, 3}, false, 4), 0.1);
      step(fresh, b, random_parameters<double>({5, 3}, false, 4), 0.1);
    }
    CHECK(same_bits(a, b));
    CHECK(used.steps() == 2);

    used.reset();  // and with one of the same layout
    fresh.reset();
    Parameters<double> c = random_parameters<double>({5, 3}, false, 5), d = c;
    Optimizer<double> third(options);
    step(used, c, random_parameters<double>({5, 3}, false, 6), 0.1);
    step(third, d, random_parameters<double>({5, 3}, false, 6), 0.1);
    CHECK(same_bits(c, d));
  }
}

TEST_CASE("A copy of an optimizer has its memory", "[optimizer]") {
  Optimizer<double> optimizer(options_of(OptimizationMethod::adam));
  Parameters<double> a = random_parameters<double>({5, 3}, true, 1);
  const Parameters<double> gradients = random_parameters<double>({5, 3}, true, 2);
  step(optimizer, a, gradients, 0.1);
  Optimizer<double> copy = optimizer;
  Parameters<double> b = a;
  step(optimizer, a, random_parameters<double>({5, 3}, true, 3), 0.1);
  step(copy, b, random_parameters<double>({5, 3}, true, 3), 0.1);
  CHECK(same_bits(a, b));
  CHECK(copy.steps() == 2);
}
