/// @file
/// Optimization methods, one struct for each. Only the options and this table name a method.
#pragma once

#include <backquery/detail/enum_names.hpp>

#include <cmath>
#include <limits>
#include <optional>

namespace backquery {

/// The step of parameters w with gradients g at the learning rate r, element by element. The moments v, m and
/// s start at 0; t is the number of the step, 1 for the first.
///
///     sgd       v = momentum v + g                                        w -= r v
///               nesterov                                                  w -= r (g + momentum v)
///     rmsprop   s = decay s + (1 - decay) g^2
///               v = momentum v + g / (sqrt(s) + epsilon)                  w -= r v
///     adam      m = beta1 m + (1 - beta1) g
///               s = beta2 s + (1 - beta2) g^2                             w -= r m' / (sqrt(s') + epsilon)
///               m' = m / (1 - beta1^t),  s' = s / (1 - beta2^t)
///     adamw     as adam                                                   and w -= r weight_decay w
///     nadam     m, s and s' as adam;  p = mu_1 mu_2 ... mu_t              w -= r m' / (sqrt(s') + epsilon)
///               m' = mu_(t+1) m / (1 - p mu_(t+1)) + (1 - mu_t) g / (1 - p)
///               mu_t = beta1 (1 - 0.96^(0.004 t) / 2)
///
/// Polyak, 1964, and Sutskever et al., 2013 (sgd); Tieleman and Hinton, 2012 (rmsprop); Kingma and Ba, 2015
/// (adam); Loshchilov and Hutter, 2019 (adamw); Dozat, 2016 (nadam). If sources differ, the rule follows
/// PyTorch, so that its recipes can be used. One difference remains: weight_decay never acts on biases.
enum class OptimizationMethod { sgd, rmsprop, adam, adamw, nadam };

/// Options of an Optimizer. The defaults are plain gradient descent and the advice of the sources.
struct OptimizerOptions {
  OptimizationMethod method = OptimizationMethod::sgd;  ///< see OptimizationMethod

  /// Finite and > 0. Advised: 0.01 to 0.1 for sgd, 0.001 to 0.003 for methods with beta1. Unset: the usual
  /// rate of the method, 0.1 for sgd and 0.001 for the others, times 1 - momentum.
  std::optional<double> learning_rate;

  double momentum = 0;    ///< of sgd and rmsprop, 0 <= momentum < 1; 0.9 is usual, with a smaller rate
  bool nesterov = false;  ///< Nesterov momentum; for sgd with momentum only
  double decay = 0.99;    ///< of rmsprop's mean of squares, 0 <= decay < 1
  double beta1 = 0.9;     ///< of the mean of gradients, for adam, adamw and nadam, 0 <= beta1 < 1
  double beta2 = 0.999;   ///< of the mean of squares, for adam, adamw and nadam, 0 <= beta2 < 1
  double epsilon = 1e-8;  ///< of all methods but sgd; > 0 and not denormal in the network's Scalar

  /// At least 0; 1e-4 is usual for sgd, 1e-2 for adamw. Acts on weights, never on biases: adds weight_decay w
  /// to g, the gradient of weight_decay / 2 |w|^2. adamw subtracts r weight_decay w from w instead.
  double weight_decay = 0;

  /// The largest Euclidean norm of the gradients of all layers. Larger gradients are scaled down to this norm
  /// before weight_decay is added (Pascanu et al., 2013). 0: no clipping.
  double clip_norm = 0;
};

namespace detail {

/// The number of consecutive parameters that go through all lines of a rule while they are in the first-level
/// cache.
constexpr Index optimizer_block = 512;
template <typename Scalar>
using OptimizerBlock = Eigen::Array<Scalar, Eigen::Dynamic, 1, 0, optimizer_block, 1>;
template <typename Scalar>
using ParameterView = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>;

/// Constants of step t that are the same for all parameters.
template <typename Wide>
struct StepConstants {
  Wide rate_divisor = 1;
  Wide root_factor = 1;       ///< factor of sqrt(s)
  Wide mean_factor = 1;       ///< factor of m, for nadam
  Wide gradient_factor = 0;   ///< factor of g, for nadam
  Wide momentum_product = 1;  ///< p of nadam
};

/// Rounds moments to multiples of a small number, 1e-32 in float, so that smaller moments become 0. Otherwise
/// the moments of a dead unit would become denormal numbers, which take more than twice the time. The small
/// number stays normal after multiplication by a rate, and its root, 1e-16, is much smaller than a sensible
/// epsilon.
template <typename Scalar>
void flush_denormals(ParameterView<Scalar> x) {
  using Limits = std::numeric_limits<Scalar>;
  constexpr Scalar large = (Limits::min)() / Limits::epsilon() * Scalar(0x1p20);
  x = (x + large) - large;
}

namespace optimization_methods {

/// Properties of a method whose struct does not state them.
struct Defaults {
  static constexpr double learning_rate = 0.001;
  static constexpr bool allows_momentum = false, allows_nesterov = false;
  static constexpr bool decouples_weight_decay = false;

  /// Whether the method has a moment of first order, m or v, and a moment of second order, s.
  static constexpr bool keeps_mean(const OptimizerOptions&) { return true; }
  static constexpr bool keeps_square = true;

  /// @param previous  of step t - 1; of step 0, as constructed
  template <typename Wide>
  static StepConstants<Wide> constants(const OptimizerOptions&, Wide /*t*/,
                                       const StepConstants<Wide>& previous) {
    return previous;
  }
};

/// v = momentum v + step; then step = v, or with nesterov step + momentum v.
template <typename Scalar>
void add_momentum(const OptimizerOptions& options, OptimizerBlock<Scalar>& step, ParameterView<Scalar> v) {
  if (options.momentum > 0) {
    const auto momentum = static_cast<Scalar>(options.momentum);
    v = momentum * v + step;
    flush_denormals(v);
    if (options.nesterov) {
      step += momentum * v;
    } else {
      step = v;
    }
  }
}

/// mean = beta mean + (1 - beta) values
template <typename Scalar, typename Values>
void update_mean(ParameterView<Scalar> mean, double beta, const Values& values) {
  mean += static_cast<Scalar>(1 - beta) * (values - mean);
  flush_denormals(mean);
}

// `direction` replaces the gradients in `step` by the step for a rate of 1.

struct Sgd : Defaults {
  static constexpr EnumEntry<OptimizationMethod> entry{OptimizationMethod::sgd, "sgd"};
  static constexpr double learning_rate = 0.1;
  static constexpr bool allows_momentum = true, allows_nesterov = true;
  static constexpr bool keeps_mean(const OptimizerOptions& options) { return options.momentum > 0; }
  static constexpr bool keeps_square = false;

  template <typename Scalar, typename Wide>
  static void direction(const OptimizerOptions& options, const StepConstants<Wide>&,
                        OptimizerBlock<Scalar>& step, ParameterView<Scalar> v, ParameterView<Scalar>) {
    add_momentum(options, step, v);
  }
};

struct Rmsprop : Defaults {
  static constexpr EnumEntry<OptimizationMethod> entry{OptimizationMethod::rmsprop, "rmsprop"};
  static constexpr bool allows_momentum = true;
  static constexpr bool keeps_mean(const OptimizerOptions& options) { return options.momentum > 0; }

  template <typename Scalar, typename Wide>
  static void direction(const OptimizerOptions& options, const StepConstants<Wide>&,
                        OptimizerBlock<Scalar>& step, ParameterView<Scalar> v, ParameterView<Scalar> s) {
    update_mean(s, options.decay, step.square());
    step /= s.sqrt() + static_cast<Scalar>(options.epsilon);
    add_momentum(options, step, v);
  }
};

struct Adam : Defaults {
  static constexpr EnumEntry<OptimizationMethod> entry{OptimizationMethod::adam, "adam"};

  template <typename Wide>
  static StepConstants<Wide> constants(const OptimizerOptions& options, Wide t, const StepConstants<Wide>&) {
    return {1 - std::pow(static_cast<Wide>(options.beta1), t),
            1 / std::sqrt(1 - std::pow(static_cast<Wide>(options.beta2), t))};
  }
  template <typename Scalar, typename Wide>
  static void direction(const OptimizerOptions& options, const StepConstants<Wide>& constants,
                        OptimizerBlock<Scalar>& step, ParameterView<Scalar> m, ParameterView<Scalar> s) {
    update_mean(m, options.beta1, step);
    update_mean(s, options.beta2, step.square());
    step = m / (static_cast<Scalar>(constants.root_factor) * s.sqrt() + static_cast<Scalar>(options.epsilon));
  }
};

struct Adamw : Adam {
  static constexpr EnumEntry<OptimizationMethod> entry{OptimizationMethod::adamw, "adamw"};
  static constexpr bool decouples_weight_decay = true;
};

struct Nadam : Defaults {
  static constexpr EnumEntry<OptimizationMethod> entry{OptimizationMethod::nadam, "nadam"};

  template <typename Wide>
  static StepConstants<Wide> constants(const OptimizerOptions& options, Wide t,
                                       const StepConstants<Wide>& previous) {
    const auto mu = [&options](Wide step) {
      return static_cast<Wide>(options.beta1) * (1 - std::pow(Wide(0.96), Wide(0.004) * step) / 2);
    };
    StepConstants<Wide> now = Adam::constants(options, t, previous);
    now.rate_divisor = 1;
    now.momentum_product = previous.momentum_product * mu(t);
    now.mean_factor = mu(t + 1) / (1 - now.momentum_product * mu(t + 1));
    now.gradient_factor = (1 - mu(t)) / (1 - now.momentum_product);
    return now;
  }
  template <typename Scalar, typename Wide>
  static void direction(const OptimizerOptions& options, const StepConstants<Wide>& constants,
                        OptimizerBlock<Scalar>& step, ParameterView<Scalar> m, ParameterView<Scalar> s) {
    update_mean(m, options.beta1, step);
    update_mean(s, options.beta2, step.square());
    step = (static_cast<Scalar>(constants.mean_factor) * m +
            static_cast<Scalar>(constants.gradient_factor) * step) /
           (static_cast<Scalar>(constants.root_factor) * s.sqrt() + static_cast<Scalar>(options.epsilon));
  }
};

}  // namespace optimization_methods

template <>
struct EnumTable<OptimizationMethod>
    : StructTable<optimization_methods::Sgd, optimization_methods::Rmsprop, optimization_methods::Adam,
                  optimization_methods::Adamw, optimization_methods::Nadam> {
  static constexpr const char* kind = "method";
};

}  // namespace detail

}  // namespace backquery
