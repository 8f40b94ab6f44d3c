/// @file
/// Comparison of transformed images with the results of scipy.
#pragma once

#include "catch.hpp"
#include "golden.hpp"
#include "matrices.hpp"
#include "tolerance.hpp"

#include <Eigen/Core>
#include <string>

/// Compares alter(image, amount, background) with the result of scipy, for all cases of
/// tests/data/augmentation whose name begins with `kind`.
template <typename Scalar, typename Alter>
void check_against_scipy(const std::string& kind, const Alter& alter) {
  for (const Golden& golden : golden_cases("augmentation", kind)) {
    CAPTURE(golden.path());
    const auto result = alter(golden("image").cast<Scalar>(), golden.number("amount"),
                              static_cast<Scalar>(golden.number("background")));
    CHECK(max_difference(result, golden("result")) <= tolerance<Scalar>(8, 1e-12));
  }
}
