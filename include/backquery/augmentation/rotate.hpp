/// @file
/// Rotation of one image.
#pragma once

#include <backquery/augmentation/detail/resampler.hpp>
#include <backquery/detail/background_level.hpp>

namespace backquery {

/// The image, rotated about its center by bilinear interpolation. The result has the same size.
///
/// @param image       rows x cols, row 0 on top, at most 2147483647 pixels; a floating-point type in any
///                    storage order; may be empty
/// @param degrees     anticlockwise as displayed; any finite angle. Quarter turns of a square are exact.
/// @param background  value of source points outside the image, without blending across the edge; finite.
///                    Background in the image stays background, bit for bit.
/// @return            rows x cols. A NaN pixel spreads to the results of which it is a neighbor.
/// @throws std::invalid_argument if degrees or background is NaN or infinite
///
/// Equal to scipy.ndimage.rotate(image, degrees, order=1, reshape=False, cval=background).
///
/// A column of backquery::inputs contains an image row by row. A Map turns the column x into an image:
///
/// ```cpp
/// using Image = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Eigen::VectorXf rotated(x.size());
/// Eigen::Map<Image>(rotated.data(), 28, 28) =
///     backquery::rotate(Eigen::Map<const Image>(x.data(), 28, 28), 10);
/// ```
///
/// For many images, Rotation is several times faster.
template <typename Image>
detail::MatrixX<typename Image::Scalar> rotate(
    const Eigen::MatrixBase<Image>& image, double degrees,
    typename Image::Scalar background = background_level<typename Image::Scalar>) {
  return detail::resampled("rotate", image, detail::checked_rotation("rotate", degrees), background);
}

}  // namespace backquery
