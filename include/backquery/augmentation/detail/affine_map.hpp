/// @file
/// Affine maps from the pixels of a result to points of an image.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>

#include <cmath>
#include <utility>

namespace backquery::detail {

/// The source point of a pixel, both measured from the center of the image:
///     source row = row_by_row * row + row_by_col * col + shift_row
///     source col = col_by_row * row + col_by_col * col + shift_col
/// Because the center is the origin, quarter turns and points on the edge are exact, with and without fused
/// multiply-add. The coefficients are double for images of every type, so that the same points lie outside
/// for all types.
struct AffineMap {
  double row_by_row, row_by_col;
  double col_by_row, col_by_col;
  double shift_row = 0, shift_col = 0;
};

/// The map of an anticlockwise rotation: the source point is the pixel rotated clockwise:
///     (row, col) <- (c row + s col, -s row + c col)     c, s cosine and sine
inline AffineMap rotation(double degrees) {
  // Quarter turns exchange sine and cosine. Rounding affects only the rest, at most 45 degrees.
  int quadrants = 0;
  const double rest = std::remquo(degrees, 90.0, &quadrants);
  const double radians = rest * (3.141592653589793 / 180);
  // At 30 degrees, points can lie on the edge. They stay inside, because the sine is not rounded above 1/2.
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
  return rotation(degrees);
}

}  // namespace backquery::detail
