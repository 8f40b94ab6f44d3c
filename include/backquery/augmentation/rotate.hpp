/// @file
/// Rotation of an image about its center.
#pragma once

#include <Eigen/Core>

#include <backquery/augmentation/detail/affine_map.hpp>

namespace backquery {

/// The image turned about its center, in its own size, by bilinear interpolation.
///
/// @param image       rows x cols, row 0 on top; a floating-point type in any storage order; may be empty.
/// @param degrees     anticlockwise as displayed; any finite angle. Quarter turns of a square are exact.
/// @param background  what comes from outside the image; finite. A source point outside takes it whole, with
///                    no blending across the edge. Where the image is background, it stays so bit for bit.
/// @return            rows x cols. A NaN pixel spreads to the results that have it as a neighbor.
/// @throws std::invalid_argument if degrees or background is NaN or infinite.
///
/// Equal to scipy.ndimage.rotate(image, degrees, order=1, reshape=False, cval=background).
///
/// The columns of backquery::inputs hold an image row by row; a Map shows such a column x as an image:
///
///     using Image = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
///     Eigen::Map<Image>(turned.data(), 28, 28) =
///         backquery::rotate(Eigen::Map<const Image>(x.data(), 28, 28), 10, 0.01f);
///
/// Rotation does the same for many images, some eight times faster.
template <typename Image>
Eigen::Matrix<typename Image::Scalar, Eigen::Dynamic, Eigen::Dynamic> rotate(
    const Eigen::MatrixBase<Image>& image, double degrees, typename Image::Scalar background) {
  using Scalar = typename Image::Scalar;
  detail::require_floating_point_image<Scalar>();
  detail::require_finite("rotate", "degrees", degrees);
  detail::require_finite("rotate", "background", background);
  return detail::resample<Image>(image, detail::rotation(degrees), background);
}

}  // namespace backquery
