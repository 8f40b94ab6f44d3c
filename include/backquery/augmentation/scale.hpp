/// @file
/// Enlarging and shrinking of what an image shows, about its center.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <limits>

#include <backquery/augmentation/detail/affine_map.hpp>
#include <backquery/detail/check.hpp>

namespace backquery {

/// The image enlarged or shrunk about its center, in its own size, by bilinear interpolation.
///
/// @param image       rows x cols; a floating-point type in any storage order; may be empty.
/// @param factor      finite and > 0. Above 1 enlarges, and what leaves the frame is lost; below 1 shrinks,
///                    sampling without smoothing, and background fills the frame.
/// @param background  what comes from outside the image; finite. A source point outside takes it whole, with
///                    no blending across the edge. Where the image is background, it stays so bit for bit.
/// @return            rows x cols. A NaN pixel spreads to the results that have it as a neighbor.
/// @throws std::invalid_argument if factor is not finite or not > 0, or background is NaN or infinite.
///
/// With c = (numpy.array(image.shape) - 1) / 2 equal to scipy.ndimage.affine_transform(image,
/// numpy.eye(2) / factor, c - c / factor, order=1, cval=background), but for source points that lie on the
/// edge: these are inside here, and where the rounding leaves them in scipy.
template <typename Image>
Eigen::Matrix<typename Image::Scalar, Eigen::Dynamic, Eigen::Dynamic> scale(
    const Eigen::MatrixBase<Image>& image, double factor, typename Image::Scalar background) {
  using Scalar = typename Image::Scalar;
  detail::require_floating_point_image<Scalar>();
  if (!detail::is_finite(factor) || !(factor > 0)) {
    detail::throw_invalid_argument("scale: factor is ", factor, ", expected a finite number > 0");
  }
  detail::require_finite("scale", "background", background);

  // The reciprocal of a denormal factor is infinite, and infinity times the 0 of the center would be NaN.
  const double step = std::min(1 / factor, std::numeric_limits<double>::max());
  return detail::resample<Image>(image, {step, 0, 0, step}, background);
}

}  // namespace backquery
