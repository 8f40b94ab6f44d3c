/// @file
/// Distributions of the initial weights, one struct for each.
#pragma once

#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/storage.hpp>

#include <cmath>
#include <utility>

namespace backquery {

/// The distribution of the initial weights of a layer with `inputs` inputs and `nodes` nodes. Biases are
/// initially 0.
///
/// | name           | distribution                              | source                        |
/// |----------------|-------------------------------------------|-------------------------------|
/// | uniform        | U(-0.5, 0.5)                              | the book, first version       |
/// | uniform_fan_in | U(-r, r), r = 1 / sqrt(inputs)            | the range advised in the book |
/// | normal_fan_in  | N(0, s^2), s = 1 / sqrt(inputs)           | LeCun et al., 1998            |
/// | normal_fan_out | N(0, s^2), s = 1 / sqrt(nodes)            | the program of the book       |
/// | glorot         | N(0, s^2), s = sqrt(2 / (inputs + nodes)) | Glorot and Bengio, 2010       |
/// | he             | N(0, s^2), s = sqrt(2 / inputs)           | He et al., 2015               |
enum class Initializer { uniform, uniform_fan_in, normal_fan_in, normal_fan_out, glorot, he };

namespace detail {

namespace initializers {

/// U(-spread, spread)
struct UniformDistribution {
  static double sample(RandomEngine& engine) { return uniform_symmetric(engine()); }
};
/// N(0, spread^2)
struct NormalDistribution {
  static double sample(RandomEngine& engine) { return NormalSampler()(engine); }
};

struct Uniform : UniformDistribution {
  static constexpr EnumEntry<Initializer> entry{Initializer::uniform, "uniform", 0};
  static double spread(double, double) { return 0.5; }
};
struct UniformFanIn : UniformDistribution {
  static constexpr EnumEntry<Initializer> entry{Initializer::uniform_fan_in, "uniform_fan_in", 1};
  static double spread(double inputs, double) { return std::sqrt(1 / inputs); }
};
struct NormalFanIn : NormalDistribution {
  static constexpr EnumEntry<Initializer> entry{Initializer::normal_fan_in, "normal_fan_in", 2};
  static double spread(double inputs, double) { return std::sqrt(1 / inputs); }
};
struct NormalFanOut : NormalDistribution {
  static constexpr EnumEntry<Initializer> entry{Initializer::normal_fan_out, "normal_fan_out", 3};
  static double spread(double, double nodes) { return std::sqrt(1 / nodes); }
};
struct Glorot : NormalDistribution {
  static constexpr EnumEntry<Initializer> entry{Initializer::glorot, "glorot", 4};
  static double spread(double inputs, double nodes) { return std::sqrt(2 / (inputs + nodes)); }
};
struct He : NormalDistribution {
  static constexpr EnumEntry<Initializer> entry{Initializer::he, "he", 5};
  static double spread(double inputs, double) { return std::sqrt(2 / inputs); }
};

}  // namespace initializers

template <>
struct EnumTable<Initializer>
    : StructTable<initializers::Uniform, initializers::UniformFanIn, initializers::NormalFanIn,
                  initializers::NormalFanOut, initializers::Glorot, initializers::He> {
  static constexpr const char* kind = "initializer";
};

/// Samples the weights W (nodes x inputs) of a layer column by column, in double, and rounds once to Scalar.
/// So a float network has the rounded weights of a double network with the same seed.
template <typename Scalar>
void initialize(Initializer initializer, RandomEngine& engine, ColumnsMap<Scalar> w) {
  const auto inputs = static_cast<double>(w.cols()), nodes = static_cast<double>(w.rows());
  const auto [sample, spread] = visit(initializer, [inputs, nodes](auto described) {
    return std::pair(&decltype(described)::sample, described.spread(inputs, nodes));
  });
  for (Index column = 0; column < w.cols(); ++column) {
    for (Index row = 0; row < w.rows(); ++row) {
      w(row, column) = static_cast<Scalar>(sample(engine) * spread);
    }
  }
}

}  // namespace detail

}  // namespace backquery
