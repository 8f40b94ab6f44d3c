/// @file
/// The largest difference that tests allow between a computed value and its expected value.
#pragma once

#include <algorithm>
#include <limits>

/// The error of `roundings` roundings to Scalar of values near 1: `roundings` times the machine epsilon. The
/// default is for a pass through a network. Long sums and many steps need more. The result is at least
/// `least`, the error of an expected value in double, or of a problem that amplifies errors.
template <typename Scalar>
constexpr double tolerance(double roundings = 80, double least = 0) {
  return std::max(roundings * static_cast<double>(std::numeric_limits<Scalar>::epsilon()), least);
}
