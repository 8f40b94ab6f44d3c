/// @file
/// Bilinear resampling of an image through a linear map about its center: what rotate, Rotation and scale
/// share.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <type_traits>

#include <backquery/detail/check.hpp>

namespace backquery::detail {

/// Where a pixel of the result comes from, both points measured from the center of the image:
///     source row = row_by_row * row + row_by_col * col
///     source col = col_by_row * row + col_by_col * col
/// Measured from the center, a quarter turn and points on the edge stay exact, with or without fused
/// multiply-adds. In double whatever the image holds, so that every type agrees on which points lie outside.
struct LinearMap {
  double row_by_row, row_by_col;
  double col_by_row, col_by_col;
};

/// The map that rotate uses: the source of a pixel lies clockwise of it,
///     (row, col) <- (c row + s col, -s row + c col)     c, s cosine and sine
inline LinearMap rotation(double degrees) {
  // Whole quadrants only exchange signs; the rest, within 45 degrees, meets the rounding of sine and cosine.
  int quadrants = 0;
  const double rest = std::remquo(degrees, 90.0, &quadrants);
  const double radians = rest * (3.141592653589793 / 180);
  // Points can lie on the edge at 30 degrees, and stay inside since the sine does not round above 1/2.
  const double sine = std::sin(radians);
  const double cosine = std::cos(radians);
  switch (quadrants & 3) {
    case 0:
      return {cosine, sine, -sine, cosine};
    case 1:
      return {-sine, cosine, -cosine, -sine};
    case 2:
      return {-cosine, -sine, sine, -cosine};
    default:
      return {sine, -cosine, cosine, sine};
  }
}

/// A point among four pixels: row and col are those of the upper left one; down and right, in [0, 1), say how
/// far the point lies from it.
struct SourcePoint {
  bool inside;
  Eigen::Index row, col;
  double down, right;
};

/// The source point of pixel (row, col) of the result, in an image of rows x cols pixels whose edge is
/// inside.
inline SourcePoint source_point(const LinearMap& map, Eigen::Index rows, Eigen::Index cols, Eigen::Index row,
                                Eigen::Index col) {
  const double last_row = static_cast<double>(rows - 1), last_col = static_cast<double>(cols - 1);
  const double from_row = static_cast<double>(row) - last_row / 2;
  const double from_col = static_cast<double>(col) - last_col / 2;
  const double y = last_row / 2 + (map.row_by_row * from_row + map.row_by_col * from_col);
  const double x = last_col / 2 + (map.col_by_row * from_row + map.col_by_col * from_col);
  if (!(y >= 0 && y <= last_row && x >= 0 && x <= last_col)) return {false, 0, 0, 0, 0};
  const double top = std::floor(y), left = std::floor(x);
  return {true, static_cast<Eigen::Index>(top), static_cast<Eigen::Index>(left), y - top, x - left};
}

/// A source point's neighbors blended, d down from the upper and r right from the left ones:
///     b + (1-d)((1-r) (p00 - b) + r (p01 - b)) + d ((1-r) (p10 - b) + r (p11 - b))
/// The deviation from the background b is interpolated, so that b among b's stays b to the last bit. One
/// expression for all who blend, so that they agree to the last bit.
template <typename Scalar>
Scalar blend(Scalar p00, Scalar p01, Scalar p10, Scalar p11, Scalar down, Scalar right, Scalar background) {
  const Scalar upper = (1 - right) * (p00 - background) + right * (p01 - background);
  const Scalar lower = (1 - right) * (p10 - background) + right * (p11 - background);
  return background + ((1 - down) * upper + down * lower);
}

/// The value of the image at a point inside it. A pixel of weight 0 is not read: it may lie outside, and no
/// NaN spreads from it.
template <typename Pixels>
typename Pixels::Scalar interpolate(const Pixels& pixels, const SourcePoint& at,
                                    typename Pixels::Scalar background) {
  using Scalar = typename Pixels::Scalar;
  if (at.down == 0 && at.right == 0) return pixels(at.row, at.col);
  const Eigen::Index below = at.row + (at.down > 0), beside = at.col + (at.right > 0);
  return blend<Scalar>(pixels(at.row, at.col), pixels(at.row, beside), pixels(below, at.col),
                       pixels(below, beside), static_cast<Scalar>(at.down), static_cast<Scalar>(at.right),
                       background);
}

/// The image seen through the map, in its own size; what comes from outside the image is background.
template <typename Image>
Eigen::Matrix<typename Image::Scalar, Eigen::Dynamic, Eigen::Dynamic> resample(
    const Eigen::MatrixBase<Image>& image, const LinearMap& map, typename Image::Scalar background) {
  using Scalar = typename Image::Scalar;
  using Pixels = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic,
                               Image::IsRowMajor ? Eigen::RowMajor : Eigen::ColMajor>;
  const Eigen::Ref<const Pixels, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>> pixels(image.derived());
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> result(pixels.rows(), pixels.cols());
  for (Eigen::Index col = 0; col < result.cols(); ++col) {
    for (Eigen::Index row = 0; row < result.rows(); ++row) {
      const auto point = source_point(map, result.rows(), result.cols(), row, col);
      result(row, col) = point.inside ? interpolate(pixels, point, background) : background;
    }
  }
  return result;
}

/// Refuses, at compile time, images that cannot be interpolated.
template <typename Scalar>
constexpr void require_floating_point_image() {
  static_assert(std::is_floating_point_v<Scalar>,
                "backquery: integers cannot be interpolated; write image.cast<float>() for the image");
}

/// Throws std::invalid_argument unless value is finite.
template <typename Number>
void require_finite(const char* function, const char* argument, Number value) {
  if (!is_finite(value))
    throw_invalid_argument(function, ": ", argument, " is ", value, ", expected a finite number");
}

}  // namespace backquery::detail
