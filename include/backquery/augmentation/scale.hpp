/// @file
/// Enlarging and shrinking of one image.
#pragma once

#include <algorithm>
#include <limits>

#include <backquery/augmentation/detail/resampler.hpp>
#include <backquery/detail/background_level.hpp>

namespace backquery {

/// The image, enlarged or shrunk about its center by bilinear interpolation. The result has the same size.
///
/// @param image       rows x cols, at most 2147483647 pixels; a floating-point type in any storage order; may
///                    be empty
/// @param factor      finite and > 0. Above 1 enlarges and drops pixels outside the frame. Below 1 shrinks
///                    without smoothing and fills the frame with background.
/// @param background  value of source points outside the image, without blending across the edge; finite.
///                    Background in the image stays background, bit for bit.
/// @return            rows x cols. A NaN pixel spreads to the results of which it is a neighbor.
/// @throws std::invalid_argument if factor is not finite or not > 0, or background is NaN or infinite
///
/// ```cpp
/// const Eigen::MatrixXf larger = backquery::scale(X, 1.15);
/// ```
///
/// Equal to scipy.ndimage.affine_transform(image, numpy.eye(2) / factor, c - c / factor, order=1,
/// cval=background) with c = (numpy.array(image.shape) - 1) / 2, except for source points on the edge. Here
/// they are inside; in scipy rounding decides.
template <typename Image>
detail::MatrixX<typename Image::Scalar> scale(
    const Eigen::MatrixBase<Image>& image, double factor,
    typename Image::Scalar background = background_level<typename Image::Scalar>) {
  detail::check_rate("scale", "factor", factor);
  // The reciprocal of a denormal factor is infinite, and infinity times the 0 of the center would be NaN.
  const double step = (std::min)(1 / factor, (std::numeric_limits<double>::max)());
  return detail::resampled("scale", image, {step, 0, 0, step}, background);
}

}  // namespace backquery
