/// @file
/// How the first weights are drawn.
#pragma once

#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/storage.hpp>

#include <cmath>

namespace backquery {

/// The distribution of the first weights of a layer with `inputs` inputs and `nodes` nodes. Biases start at
/// 0.
///
/// | name           | distribution                               | source                                |
/// |----------------|--------------------------------------------|---------------------------------------|
/// | uniform        | U(-0.5, 0.5)                               | the notes, first version              |
/// | uniform_fan_in | U(-r, r), r = 1 / sqrt(inputs)             | the range that the notes' text advises |
/// | normal_fan_in  | N(0, s^2), s = 1 / sqrt(inputs)            | LeCun et al., 1998                    |
/// | normal_fan_out | N(0, s^2), s = 1 / sqrt(nodes)             | what the notes' program draws         |
/// | glorot         | N(0, s^2), s = sqrt(2 / (inputs + nodes))  | Glorot and Bengio, 2010               |
/// | he             | N(0, s^2), s = sqrt(2 / inputs)            | He et al., 2015                       |
enum class Initializer { uniform, uniform_fan_in, normal_fan_in, normal_fan_out, glorot, he };

template <>
struct detail::EnumNames<Initializer> {
  static constexpr const char* kind = "initializer";
  static constexpr std::string_view values[] = {"uniform",        "uniform_fan_in", "normal_fan_in",
                                                "normal_fan_out", "glorot",         "he"};
};

namespace detail {

/// Half the width of the uniform distributions, the standard deviation of the normal ones.
inline double initial_spread(Initializer initializer, Index inputs, Index nodes) {
  const auto fan_in = static_cast<double>(inputs), fan_out = static_cast<double>(nodes);
  switch (initializer) {
    case Initializer::uniform:
      return 0.5;
    case Initializer::normal_fan_out:
      return std::sqrt(1 / fan_out);
    case Initializer::glorot:
      return std::sqrt(2 / (fan_in + fan_out));
    case Initializer::he:
      return std::sqrt(2 / fan_in);
    default:  // uniform_fan_in, normal_fan_in
      return std::sqrt(1 / fan_in);
  }
}

/// Draws a layer's weights W (nodes x inputs) column by column, in double, rounded once to Scalar: a float
/// network has the rounded weights of the double network of the same seed.
template <typename Scalar>
void initialize(Initializer initializer, RandomEngine& engine, ColumnsMap<Scalar> w) {
  const double spread = initial_spread(initializer, w.cols(), w.rows());
  const bool uniform = initializer == Initializer::uniform || initializer == Initializer::uniform_fan_in;
  const NormalSampler normal;
  for (Index column = 0; column < w.cols(); ++column) {
    for (Index row = 0; row < w.rows(); ++row) {
      const double draw = uniform ? uniform_symmetric(engine) : normal(engine);
      w(row, column) = static_cast<Scalar>(draw * spread);
    }
  }
}

}  // namespace detail

}  // namespace backquery
