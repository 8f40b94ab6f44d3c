/// @file
/// The memory layout of a field over the pixels of an image.
#pragma once

#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

namespace backquery::detail {

/// A field has a number for each pixel, row by row, in a buffer padded to whole tiles. The padding may hold
/// any finite numbers.
struct FieldShape {
  Eigen::Index rows, cols;

  static constexpr Eigen::Index tile_rows = 4;
  /// In scalars; a multiple of the tile width of every loop over a field.
  static constexpr Eigen::Index line = 32;

  [[nodiscard]] Eigen::Index stride() const { return ceil_div(cols, line) * line; }
  [[nodiscard]] Eigen::Index size() const { return ceil_div(rows, tile_rows) * tile_rows * stride(); }
};

}  // namespace backquery::detail
