/// @file
/// Mirror images.
#pragma once

#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

namespace backquery {

/// The image with left and right exchanged: pixel (row, col) comes from (row, cols - 1 - col). Exact, for any
/// scalar type and size. Use it only if a mirror image has the same class; for most digits it does not.
template <typename Image>
detail::MatrixX<typename Image::Scalar> flip_horizontal(const Eigen::MatrixBase<Image>& image) {
  return image.rowwise().reverse();
}

/// The image with top and bottom exchanged: pixel (row, col) comes from (rows - 1 - row, col). Exact, for any
/// scalar type and size.
template <typename Image>
detail::MatrixX<typename Image::Scalar> flip_vertical(const Eigen::MatrixBase<Image>& image) {
  return image.colwise().reverse();
}

}  // namespace backquery
