/// @file
/// Activation functions: y = f(z), their derivative and their inverse.
#pragma once

#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

#include <cmath>

namespace backquery {

/// What a node makes of its weighted sum z.
///
/// | name        | f(z)                 | range             | source                                 |
/// |-------------|----------------------|-------------------|----------------------------------------|
/// | identity    | z                    | all               |                                        |
/// | sigmoid     | 1 / (1 + exp(-z))    | (0, 1)            | the notes                              |
/// | tanh        | tanh z               | (-1, 1)           |                                        |
/// | scaled_tanh | 1.7159 tanh(2 z / 3) | (-1.7159, 1.7159) | LeCun et al., Efficient BackProp, 1998 |
/// | relu        | max(0, z)            | [0, inf)          | Nair and Hinton, 2010                  |
/// | leaky_relu  | z > 0 ? z : 0.01 z   | all               | Maas, Hannun and Ng, 2013              |
/// | softmax     | exp z / sum(exp z)   | (0, 1)            | Bridle, 1990; output layer only        |
enum class Activation { identity, sigmoid, tanh, scaled_tanh, relu, leaky_relu, softmax };

template <>
struct detail::EnumNames<Activation> {
  static constexpr const char* kind = "activation";
  static constexpr std::string_view values[] = {"identity", "sigmoid",    "tanh",   "scaled_tanh",
                                                "relu",     "leaky_relu", "softmax"};
};

namespace detail {

/// The constants of the activation functions.
template <typename Scalar>
struct ActivationConstants {
  static constexpr Scalar tanh_amplitude = Scalar(1.7159L);  // scaled_tanh
  static constexpr Scalar tanh_stretch = Scalar(2) / Scalar(3);
  static constexpr Scalar leak = Scalar(0.01L);  // leaky_relu
};

/// y = f(z), in place; each column is a sample.
template <typename Scalar>
void activate(Activation f, ColumnsMap<Scalar> z) {
  using Constants = ActivationConstants<Scalar>;
  auto values = z.array();
  switch (f) {
    case Activation::identity:
      return;
    case Activation::sigmoid:
      values = values.logistic();
      return;
    case Activation::tanh:
      values = values.tanh();
      return;
    case Activation::scaled_tanh:
      values = Constants::tanh_amplitude * (Constants::tanh_stretch * values).tanh();
      return;
    case Activation::relu:
      values = (values < Scalar(0)).select(Scalar(0), values);  // NaN stays NaN
      return;
    case Activation::leaky_relu:
      values = (values < Scalar(0)).select(Constants::leak * values, values);
      return;
    case Activation::softmax:
      for (Index column = 0; column < z.cols(); ++column) {
        auto y = z.col(column).array();
        y = (y - y.maxCoeff()).exp();  // the largest exponent is 0: no overflow,
                                       // and the sum is at least 1
        y /= y.sum();
      }
      return;
  }
}

/// e .*= f'(z), where f'(z) is a function of y = f(z). Softmax leaves e as it is: the gradient of its loss
/// contains its Jacobian.
template <typename Scalar>
void multiply_by_derivative(Activation f, ConstColumnsMap<Scalar> y, ColumnsMap<Scalar> e) {
  using Constants = ActivationConstants<Scalar>;
  const auto outputs = y.array();
  auto errors = e.array();
  switch (f) {
    case Activation::identity:
    case Activation::softmax:
      return;
    case Activation::sigmoid:  // f' = f (1 - f)
      errors *= outputs * (Scalar(1) - outputs);
      return;
    case Activation::tanh:  // f' = 1 - f^2
      errors *= Scalar(1) - outputs.square();
      return;
    case Activation::scaled_tanh:  // f = a tanh(s z),  f' = s (a - f^2 / a)
      errors *= Constants::tanh_stretch *
                (Constants::tanh_amplitude - outputs.square() / Constants::tanh_amplitude);
      return;
    case Activation::relu:
      errors = (outputs > Scalar(0)).select(errors, Scalar(0));
      return;
    case Activation::leaky_relu:
      errors = (outputs > Scalar(0)).select(errors, Constants::leak * errors);
      return;
  }
}

/// The open interval of values that f can give, and whether backquery rescales a layer's values into it.
template <typename Scalar>
struct ActivationRange {
  bool bounded = false;
  Scalar low = 0, high = 0;
  bool rescaled = false;

  [[nodiscard]] bool contains(Scalar value) const { return !bounded || (value > low && value < high); }
};

template <typename Scalar>
ActivationRange<Scalar> range_of(Activation f) {
  constexpr Scalar amplitude = ActivationConstants<Scalar>::tanh_amplitude;
  switch (f) {
    case Activation::sigmoid:
      return {true, 0, 1, true};
    case Activation::softmax:
      return {true, 0, 1, false};
    case Activation::tanh:
      return {true, -1, 1, true};
    case Activation::scaled_tanh:
      return {true, -amplitude, amplitude, true};
    default:
      return {};
  }
}

/// z = f^-1(y) for one value inside range_of(f). Softmax is inverted up to a constant as log y; relu has no
/// inverse.
/// @throws std::invalid_argument for relu
template <typename Scalar>
Scalar inverse(Activation f, Scalar y) {
  using Constants = ActivationConstants<Scalar>;
  switch (f) {
    case Activation::sigmoid:  // logit
      return std::log(y / (Scalar(1) - y));
    case Activation::tanh:
      return std::atanh(y);
    case Activation::scaled_tanh:
      return std::atanh(y / Constants::tanh_amplitude) / Constants::tanh_stretch;
    case Activation::leaky_relu:
      return y < Scalar(0) ? y / Constants::leak : y;
    case Activation::softmax:
      return std::log(y);
    case Activation::relu:
      throw_invalid_argument("inverse: activation relu has no inverse, since every z <= 0 gives 0");
    default:
      return y;
  }
}

}  // namespace detail

}  // namespace backquery
