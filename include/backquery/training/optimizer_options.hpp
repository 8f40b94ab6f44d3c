/// @file
/// Which rule turns gradients into steps, and with which constants.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/enum_names.hpp>

#include <limits>
#include <string>
#include <string_view>

namespace backquery {

/// The rule of a step for parameters w with gradients g at the rate r, element by element. v, m and s start
/// at 0; t is the number of the step, 1 for the first.
///
///     sgd       v = momentum v + g                                        w -= r v
///               nesterov                                                  w -= r (g + momentum v)
///     rmsprop   s = decay s + (1 - decay) g^2
///               v = momentum v + g / (sqrt(s) + epsilon)                  w -= r v
///     adam      m = beta1 m + (1 - beta1) g
///               s = beta2 s + (1 - beta2) g^2                             w -= r m' / (sqrt(s') + epsilon)
///               m' = m / (1 - beta1^t),  s' = s / (1 - beta2^t)
///     adamw     as adam                                                   and w -= r weight_decay w
///
/// Polyak, 1964, and Sutskever et al., 2013 (sgd); Tieleman and Hinton, 2012 (rmsprop); Kingma and Ba, 2015
/// (adam); Loshchilov and Hutter, 2019 (adamw). Where sources differ, the rule is PyTorch's, so that its
/// recipes carry over; but weight_decay spares the biases, which PyTorch does only where it is told to.
enum class OptimizationMethod { sgd, rmsprop, adam, adamw };

template <>
struct detail::EnumTable<OptimizationMethod> {
  static constexpr const char* kind = "method";
  static constexpr EnumEntry<OptimizationMethod> entries[] = {{OptimizationMethod::sgd, "sgd"},
                                                              {OptimizationMethod::rmsprop, "rmsprop"},
                                                              {OptimizationMethod::adam, "adam"},
                                                              {OptimizationMethod::adamw, "adamw"}};
};

/// Options of an Optimizer. The defaults are plain gradient descent, w -= r g, and the sources' advice for
/// the rest.
struct OptimizerOptions {
  OptimizationMethod method = OptimizationMethod::sgd;
  double momentum = 0;    ///< of sgd and rmsprop, 0 <= momentum < 1; 0.9 is usual, with a smaller rate
  bool nesterov = false;  ///< looks ahead by the momentum; sgd with momentum only
  double decay = 0.99;    ///< of rmsprop's mean of squares, 0 <= decay < 1
  double beta1 = 0.9;     ///< of adam's and adamw's mean of gradients, 0 <= beta1 < 1
  double beta2 = 0.999;   ///< of adam's and adamw's mean of squares, 0 <= beta2 < 1
  double epsilon = 1e-8;  ///< of rmsprop, adam and adamw; > 0 and not denormal in the network's Scalar

  /// At least 0. Acts on weights, never on biases: sgd, rmsprop and adam add weight_decay w to g, which is
  /// the gradient of weight_decay / 2 |w|^2; adamw takes it from w itself. 1e-4 is usual for sgd, 1e-2 for
  /// adamw.
  double weight_decay = 0;

  /// Gradients whose Euclidean norm, over all layers, is greater are scaled down to it, before weight_decay
  /// is added (Pascanu et al., 2013). 0: they are not.
  double clip_norm = 0;
};

namespace detail {

/// Refuses values that are none of their enumeration's or out of range, and combinations that make no sense.
template <typename Scalar>
void check_optimizer(const OptimizerOptions& o) {
  if (find_entry(o.method) == nullptr) {
    throw_invalid_argument("Optimizer: options.method has no value ", static_cast<int>(o.method));
  }
  const auto check = [](bool right, const char* field, double value, const char* expected) {
    if (!is_finite(value) || !right) {
      throw_invalid_argument("Optimizer: options.", field, " is ", value, ", expected ", expected);
    }
  };
  const auto check_share = [check](double value, const char* field) {
    check(value >= 0 && value < 1, field, value, "0 to below 1");
  };
  check_share(o.momentum, "momentum");
  check_share(o.decay, "decay");
  check_share(o.beta1, "beta1");
  check_share(o.beta2, "beta2");
  using Limits = std::numeric_limits<Scalar>;
  check(o.epsilon >= Limits::min() && o.epsilon <= Limits::max(), "epsilon", o.epsilon,
        "a normal number > 0: without it what never moved would be 0 / 0");
  check(o.weight_decay >= 0 && o.weight_decay <= Limits::max(), "weight_decay", o.weight_decay,
        "a finite number >= 0");
  check(o.clip_norm >= 0, "clip_norm", o.clip_norm, "a finite number >= 0, where 0 stands for no clipping");

  const bool is_sgd = o.method == OptimizationMethod::sgd;
  if (o.momentum > 0 && !is_sgd && o.method != OptimizationMethod::rmsprop) {
    throw_invalid_argument("Optimizer: options.momentum is ", o.momentum,
                           ", which goes with sgd and rmsprop; ", std::string(name(o.method)), " has beta1");
  }
  if (o.nesterov && !(is_sgd && o.momentum > 0)) {
    throw_invalid_argument("Optimizer: options.nesterov is true, which needs method sgd and momentum > 0");
  }
}

}  // namespace detail

}  // namespace backquery
