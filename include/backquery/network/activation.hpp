/// @file
/// Activation functions y = f(z), one struct for each.
#pragma once

#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/storage.hpp>

#include <cmath>
#include <limits>

namespace backquery {

/// The output y of a node as a function of its pre-activation z.
///
/// | name        | f(z)                 | range             | source                                 |
/// |-------------|----------------------|-------------------|----------------------------------------|
/// | identity    | z                    | all               |                                        |
/// | sigmoid     | 1 / (1 + exp(-z))    | (0, 1)            | the book                               |
/// | tanh        | tanh z               | (-1, 1)           |                                        |
/// | scaled_tanh | 1.7159 tanh(2 z / 3) | (-1.7159, 1.7159) | LeCun et al., Efficient BackProp, 1998 |
/// | relu        | max(0, z)            | [0, inf)          | Nair and Hinton, 2010                  |
/// | leaky_relu  | z > 0 ? z : 0.01 z   | all               | Maas, Hannun and Ng, 2013              |
/// | softmax     | exp z / sum(exp z)   | (0, 1)            | Bridle, 1990; output layer only        |
/// | elu         | z > 0 ? z : exp(z)-1 | (-1, inf)         | Clevert et al., 2016, with alpha = 1   |
/// | softplus    | log(1 + exp z)       | (0, inf)          | Dugas et al., 2001                     |
///
/// The range to which `backquery` rescales the outputs of a hidden layer, and the targets that `Trainer`
/// makes from labels:
///
/// | name        | rescaled in backquery                  | targets of the label's class, of other classes |
/// |-------------|----------------------------------------|------------------------------------------------|
/// | identity    | not rescaled                           | 1, 0                                           |
/// | sigmoid     | 0.01 .. 0.99                           | 0.99, 0.01                                     |
/// | tanh        | -0.98 .. 0.98                          | 0.98, -0.98                                    |
/// | scaled_tanh | 1.7159 times -0.98 .. 0.98             | 1.7159 times 0.98, -0.98                       |
/// | relu        | no inverse                             | 1, 0                                           |
/// | leaky_relu  | not rescaled                           | 1, 0                                           |
/// | softmax     | only in the output layer               | 1, 0                                           |
/// | elu         | -0.98 .. 0.98                          | 1, 0                                           |
/// | softplus    | 0.01 .. 0.99                           | 1, 0                                           |
enum class Activation { identity, sigmoid, tanh, scaled_tanh, relu, leaky_relu, softmax, elu, softplus };

namespace detail {

/// An interval of outputs or targets. A Scalar is compared with the bounds rounded to Scalar.
struct ActivationRange {
  long double low, high;

  template <typename Scalar>
  [[nodiscard]] constexpr bool contains(Scalar value) const {
    return value > Scalar(low) && value < Scalar(high);
  }
};

namespace activations {

/// Properties of an activation whose struct does not state them. A struct also has
///
///     apply(z)                        z <- f(z); an array holds the nodes of one sample
///     multiply_by_derivative(y, e)    e <- e f'(z), from y = f(z)
///     inverse(y)                      z of one y; missing if no_inverse is stated
struct Defaults {
  /// The interval of the outputs. backquery accepts targets inside the interval; training accepts its ends,
  /// too.
  static constexpr ActivationRange range{-std::numeric_limits<long double>::infinity(),
                                         std::numeric_limits<long double>::infinity()};
  /// The interval to which backquery rescales the outputs of a hidden layer; empty: it does not rescale.
  static constexpr ActivationRange rescaled{0, 0};
  /// The usual targets of a classifier with this output activation: `low` for the other classes, `high` for
  /// the class of the sample.
  static constexpr ActivationRange target_levels{0, 1};
  /// The reason why backquery is impossible; null if it is possible.
  static constexpr const char* no_inverse = nullptr;
  /// If false, the activation is for output layers only, with a loss whose gradient contains the Jacobian.
  static constexpr bool is_elementwise = true;
};

struct Identity : Defaults {
  static constexpr EnumEntry<Activation> entry{Activation::identity, "identity", 0};
  static constexpr auto apply = [](auto) {};
  static constexpr auto multiply_by_derivative = [](auto, auto) {};
  static constexpr auto inverse = [](auto y) { return y; };
};

struct Sigmoid : Defaults {
  static constexpr EnumEntry<Activation> entry{Activation::sigmoid, "sigmoid", 1};
  static constexpr ActivationRange range{0, 1}, rescaled{0.01L, 0.99L};
  static constexpr ActivationRange target_levels{0.01L, 0.99L};
  static constexpr auto apply = [](auto z) { z = z.logistic(); };
  static constexpr auto multiply_by_derivative = [](auto y, auto e) { e *= y * (1.0f - y); };
  static constexpr auto inverse = [](auto y) { return std::log(y / (1 - y)); };
};

struct Tanh : Defaults {
  static constexpr EnumEntry<Activation> entry{Activation::tanh, "tanh", 2};
  static constexpr ActivationRange range{-1, 1}, rescaled{-0.98L, 0.98L};
  static constexpr ActivationRange target_levels{-0.98L, 0.98L};
  static constexpr auto apply = [](auto z) { z = z.tanh(); };
  static constexpr auto multiply_by_derivative = [](auto y, auto e) { e *= 1.0f - y.square(); };
  static constexpr auto inverse = [](auto y) { return std::atanh(y); };
};

/// f(z) = a tanh(s z),  f'(z) = s (a - y^2 / a)
struct ScaledTanh : Defaults {
  template <typename Scalar>
  static constexpr Scalar a = Scalar(1.7159L);
  template <typename Scalar>
  static constexpr Scalar s = Scalar(2) / Scalar(3);

  static constexpr EnumEntry<Activation> entry{Activation::scaled_tanh, "scaled_tanh", 3};
  static constexpr ActivationRange range{-a<long double>, a<long double>},
      rescaled{0.98L * range.low, 0.98L * range.high};
  static constexpr ActivationRange target_levels = rescaled;
  static constexpr auto apply = [](auto z) {
    using Scalar = typename decltype(z)::Scalar;
    z = a<Scalar> * (s<Scalar> * z).tanh();
  };
  static constexpr auto multiply_by_derivative = [](auto y, auto e) {
    using Scalar = typename decltype(y)::Scalar;
    e *= s<Scalar> * (a<Scalar> - y.square() / a<Scalar>);
  };
  static constexpr auto inverse = [](auto y) { return std::atanh(y / a<decltype(y)>) / s<decltype(y)>; };
};

struct Relu : Defaults {
  static constexpr EnumEntry<Activation> entry{Activation::relu, "relu", 4};
  static constexpr ActivationRange range{0, Defaults::range.high};
  static constexpr const char* no_inverse = "since every z <= 0 gives 0; leaky_relu has one";
  static constexpr auto apply = [](auto z) { z = (z < 0).select(0, z); };  // NaN stays NaN
  static constexpr auto multiply_by_derivative = [](auto y, auto e) { e = (y > 0).select(e, 0); };
};

struct LeakyRelu : Defaults {
  template <typename Scalar>
  static constexpr Scalar leak = Scalar(0.01L);

  static constexpr EnumEntry<Activation> entry{Activation::leaky_relu, "leaky_relu", 5};
  static constexpr auto apply = [](auto z) { z = (z < 0).select(leak<typename decltype(z)::Scalar> * z, z); };
  static constexpr auto multiply_by_derivative = [](auto y, auto e) {
    e = (y > 0).select(e, leak<typename decltype(e)::Scalar> * e);
  };
  static constexpr auto inverse = [](auto y) { return y < 0 ? y / leak<decltype(y)> : y; };
};

struct Softmax : Defaults {
  static constexpr EnumEntry<Activation> entry{Activation::softmax, "softmax", 6};
  static constexpr ActivationRange range{0, 1};
  static constexpr bool is_elementwise = false;
  static constexpr auto apply = [](auto z) {
    z = (z - z.maxCoeff()).exp();  // the largest exponent is 0: no overflow, and the sum is at least 1
    z /= z.sum();
  };
  static constexpr auto multiply_by_derivative = [](auto, auto) {};
  static constexpr auto inverse = [](auto y) { return std::log(y); };  // up to a constant
};

/// f'(z) = 1 for y > 0, else exp(z) = y + 1
struct Elu : Defaults {
  static constexpr EnumEntry<Activation> entry{Activation::elu, "elu", 7};
  static constexpr ActivationRange range{-1, Defaults::range.high}, rescaled{-0.98L, 0.98L};
  static constexpr auto apply = [](auto z) { z = (z < 0).select(z.expm1(), z); };
  static constexpr auto multiply_by_derivative = [](auto y, auto e) {
    e = (y > 0).select(e, e * (y + 1.0f));
  };
  static constexpr auto inverse = [](auto y) { return y < 0 ? std::log1p(y) : y; };
};

/// f(z) = max(z, 0) + log(1 + exp(-|z|)), which does not overflow;  f'(z) = 1 - exp(-y)
struct Softplus : Defaults {
  static constexpr EnumEntry<Activation> entry{Activation::softplus, "softplus", 8};
  static constexpr ActivationRange range{0, Defaults::range.high}, rescaled{0.01L, 0.99L};
  static constexpr auto apply = [](auto z) { z = (z.max)(0) + (-z.abs()).exp().log1p(); };
  static constexpr auto multiply_by_derivative = [](auto y, auto e) { e *= -(-y).expm1(); };
  static constexpr auto inverse = [](auto y) { return y + std::log(-std::expm1(-y)); };
};

}  // namespace activations

template <>
struct EnumTable<Activation> : StructTable<activations::Identity, activations::Sigmoid, activations::Tanh,
                                           activations::ScaledTanh, activations::Relu, activations::LeakyRelu,
                                           activations::Softmax, activations::Elu, activations::Softplus> {
  static constexpr const char* kind = "activation";
};

/// y = f(z), in place.
template <typename Scalar>
void activate(Activation f, ColumnsMap<Scalar> z) {
  visit(f, [&z](auto described) {
    for (Index sample = 0; sample < z.cols(); ++sample) {
      described.apply(array_of(z, sample));
    }
  });
}

/// e .*= f'(z), where f'(z) is a function of f(z) = y_factor y. If the activation is not elementwise, e stays
/// unchanged.
template <typename Scalar>
void multiply_by_derivative(Activation f, ConstColumnsMap<Scalar> y, ColumnsMap<Scalar> e,
                            Scalar y_factor = Scalar(1)) {
  visit(f, [&](auto described) {
    for (Index sample = 0; sample < e.cols(); ++sample) {
      described.multiply_by_derivative(y_factor * array_of(y, sample), array_of(e, sample));
    }
  });
}

/// The interval of the outputs.
constexpr ActivationRange range_of(Activation f) {
  return visit(f, [](auto described) { return described.range; });
}

/// The usual targets of a classifier whose output layer has the activation.
constexpr ActivationRange target_levels(Activation output) {
  return visit(output, [](auto described) { return described.target_levels; });
}

/// Whether an output depends on its own pre-activation only.
constexpr bool is_elementwise(Activation f) {
  return visit(f, [](auto described) { return described.is_elementwise; });
}

}  // namespace detail

}  // namespace backquery
