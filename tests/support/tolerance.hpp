/// @file
/// How far a computed value may lie from the truth.
#pragma once

/// Largest absolute difference allowed from a value known from outside the library: golden numbers made in
/// double by numpy, hand arithmetic, or the reference network of the tests.
template <typename Scalar>
struct Tolerance;
template <>
struct Tolerance<float> {
  static constexpr double value = 1e-5;
};
template <>
struct Tolerance<double> {
  static constexpr double value = 1e-12;
};
template <>
struct Tolerance<long double> {
  static constexpr double value = 1e-15;
};

/// What a shorter way through a layer may differ by from the plain one, relative to the size of the result.
template <typename Scalar>
constexpr double short_way_bound = sizeof(Scalar) == sizeof(float) ? 1e-4 : 1e-10;
