/// @file
/// State of an optimizer between steps, and independence of its bits from threads and memory.
#include "catch.hpp"

#include <backquery/training/optimizer.hpp>

#include "matrices.hpp"
#include "optimizer_steps.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using backquery::OptimizationMethod;
using backquery::Optimizer;
using backquery::OptimizerOptions;
using backquery::Parameters;
using Eigen::Index;

namespace {

/// The methods, with momentum where they have it.
std::vector<OptimizerOptions> each_method() {
  std::vector<OptimizerOptions> all;
  for (const auto& entry : backquery::detail::EnumTable<OptimizationMethod>::entries) {
    const bool momentum = backquery::detail::visit(entry.value, [](auto m) { return m.allows_momentum; });
    all.push_back(options_of(entry.value, momentum ? 0.9 : 0));
  }
  return all;
}

/// Each method, and each option of a method at least once.
std::vector<OptimizerOptions> all_kinds() {
  std::vector<OptimizerOptions> kinds = {options_of(OptimizationMethod::sgd),
                                         options_of(OptimizationMethod::sgd, 0.9, 0.1, 1),
                                         options_of(OptimizationMethod::rmsprop, 0, 0.1),
                                         options_of(OptimizationMethod::rmsprop, 0.9, 0, 1),
                                         options_of(OptimizationMethod::adam, 0, 0.1),
                                         options_of(OptimizationMethod::adamw, 0, 0.1, 1)};
  kinds.push_back(kinds[1]);
  kinds.back().nesterov = true;
  for (const OptimizerOptions& options : each_method()) kinds.push_back(options);
  return kinds;
}

template <typename Scalar>
bool same_bits(const Parameters<Scalar>& a, const Parameters<Scalar>& b) {
  return a.same_layout(b) && std::memcmp(a.values().data(), b.values().data(),
                                         static_cast<std::size_t>(a.values().size()) * sizeof(Scalar)) == 0;
}

}  // namespace

TEMPLATE_TEST_CASE("a step keeps the padding at 0", "[optimizer]", EVERY_SCALAR) {
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

TEMPLATE_TEST_CASE("the bits of a step depend neither on threads nor on the alignment of the parameters",
                   "[optimizer][threads]", float, double) {
  const std::vector<Index> layers = {200, 170, 60, 7};  // several chunks, also incomplete ones
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

TEMPLATE_TEST_CASE("a fused step equals the step bit for bit, with and without clipping", "[optimizer]",
                   float, double) {
  const std::vector<Index> layers = {200, 170, 60, 7};
  const bool biases = GENERATE(true, false);
  for (const OptimizerOptions& options : all_kinds()) {
    CAPTURE(backquery::name(options.method), options.momentum, options.nesterov, biases);
    Optimizer<TestType> whole(options), by_tiles(options);
    Parameters<TestType> w = random_parameters<TestType>(layers, biases, 1), fused_w = w;
    backquery::ThreadPool pool;
    for (std::uint64_t seed = 2; seed < 6; ++seed) {
      const Parameters<TestType> g = random_parameters<TestType>(layers, biases, seed);
      step(whole, w, g, 0.1);
      by_tiles.fused_step(fused_w.values(), g, TestType(0.1), pool, [&](const auto& on_weights) {
        for (Index layer = g.layers() - 1; layer >= 0; --layer) {  // any order will do
          const auto weights = g.weights(layer);
          const Index column = weights.outerStride(), start = weights.data() - g.values().data();
          for (Index i = weights.cols() - 1; i >= 0; --i) on_weights(start + i * column, column);
        }
      });
    }
    CHECK(same_bits(fused_w, w));
    CHECK(by_tiles.steps() == 4);
  }
}

TEMPLATE_TEST_CASE("moments of a dead unit fade and never become denormal", "[optimizer]", float, double) {
  for (OptimizerOptions options : each_method()) {
    CAPTURE(backquery::name(options.method));
    options.beta1 = options.beta2 = options.decay = 0.5;
    Vector<TestType> m = Vector<TestType>::Zero(1), s = m;
    const auto step = [&](TestType gradient) {
      backquery::detail::OptimizerBlock<TestType> direction(1);
      direction = gradient;
      backquery::detail::visit(options.method, [&](auto method) {
        using View = backquery::detail::ParameterView<TestType>;
        method.direction(options, backquery::detail::StepConstants<double>(), direction, View(m.data(), 1),
                         View(s.data(), 1));
      });
      for (const TestType value : {m(0), s(0), direction(0)}) {
        if (std::fpclassify(value) == FP_SUBNORMAL) FAIL("denormal");
      }
    };
    step(1);
    CHECK((m(0) != 0 || s(0) != 0));
    for (int i = 0; i < 8000; ++i) step(0);
    CHECK(std::abs(m(0)) < TestType(1e-20));
    CHECK(s(0) == 0);
  }
}

TEMPLATE_TEST_CASE("steps of a dead unit never become denormal", "[optimizer]", float, double) {
  for (const OptimizerOptions& options : each_method()) {
    CAPTURE(backquery::name(options.method));
    Optimizer<TestType> optimizer(options);
    Parameters<TestType> w({1, 1}, false), gradients({1, 1}, false);
    gradients.values()(0) = 1;
    step(optimizer, w, gradients, 0.1);
    gradients.values()(0) = 0;
    for (int i = 0; i < 10000; ++i) {
      w.values()(0) = 0;
      step(optimizer, w, gradients, 1e-3);  // w becomes the step
      if (std::fpclassify(w.values()(0)) == FP_SUBNORMAL) FAIL("denormal after " << i << " steps");
    }
    CHECK(std::abs(w.values()(0)) < TestType(1e-20));
  }
}

TEMPLATE_TEST_CASE("a step of a network equals the step of its parameters", "[optimizer]", float, double) {
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

TEST_CASE("after reset an optimizer takes a first step again, for any network", "[optimizer]") {
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

TEST_CASE("a copy of an optimizer has the same moments", "[optimizer]") {
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

TEST_CASE("the learning rate defaults to the usual rate of the method, times 1 - momentum", "[optimizer]") {
  const auto rate_of = [](OptimizationMethod method, double momentum) {
    return Optimizer<double>(options_of(method, momentum)).learning_rate();
  };
  CHECK(rate_of(OptimizationMethod::sgd, 0) == 0.1);
  CHECK(rate_of(OptimizationMethod::sgd, 0.9) == Approx(0.01));
  CHECK(rate_of(OptimizationMethod::rmsprop, 0) == 0.001);
  CHECK(rate_of(OptimizationMethod::rmsprop, 0.9) == Approx(0.0001));
  CHECK(rate_of(OptimizationMethod::adam, 0) == 0.001);
  CHECK(rate_of(OptimizationMethod::adamw, 0) == 0.001);
  OptimizerOptions options = options_of(OptimizationMethod::sgd, 0.9);
  options.learning_rate = 0.25;
  CHECK(Optimizer<double>(options).learning_rate() == 0.25);
}

TEST_CASE("a step without a rate takes the learning rate of the optimizer", "[optimizer]") {
  NeuralNetwork<double> net({3, 2}, 0.1), other = net;
  const Parameters<double> gradients = random_parameters<double>({3, 2}, false, 1);
  OptimizerOptions options;
  options.learning_rate = 0.25;
  Optimizer<double>(options).step(net, gradients);
  Optimizer<double>(options).step(other, gradients, 0.25);
  CHECK(net.parameters() == other.parameters());
}
