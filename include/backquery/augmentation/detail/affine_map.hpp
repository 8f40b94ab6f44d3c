/// @file
/// Affine maps from the pixels of a result to points of an image.
#pragma once

#include <backquery/detail/check.hpp>

#include <cmath>
#include <utility>

namespace backquery::detail {

/// The source point of a pixel, where both are measured from the center of the image:
///     source row = row_by_row * row + row_by_col * col
///     source col = col_by_row * row + col_by_col * col
/// Measured from the center, a quarter turn and points on the edge stay exact, with or without fused
/// multiply-adds. The numbers are double for every type of image, so that all types agree on which points lie
/// outside.
struct LinearMap {
  double row_by_row, row_by_col;
  double col_by_row, col_by_col;
};

/// A linear map, followed by a shift of the source point by `row` rows and `col` columns.
struct AffineMap {
  LinearMap linear;
  double row = 0, col = 0;
};

/// The map of a rotation; the source of a pixel lies clockwise of it:
///     (row, col) <- (c row + s col, -s row + c col)     c, s cosine and sine
inline LinearMap rotation(double degrees) {
  // Rounding affects only the rest, within 45 degrees: a quarter turn exchanges sine and cosine.
  int quadrants = 0;
  const double rest = std::remquo(degrees, 90.0, &quadrants);
  const double radians = rest * (3.141592653589793 / 180);
  // At 30 degrees, points can lie on the edge. They stay inside, since the sine does not round above 1/2.
  double sine = std::sin(radians);
  double cosine = std::cos(radians);
  for (int turns = quadrants & 3; turns > 0; --turns) {
    sine = std::exchange(cosine, -sine);
  }
  return {cosine, sine, -sine, cosine};
}

/// @throws std::invalid_argument if degrees is NaN or infinite
inline AffineMap checked_rotation(const char* function, double degrees) {
  check_finite(function, "degrees", degrees);
  return {rotation(degrees)};
}

}  // namespace backquery::detail
