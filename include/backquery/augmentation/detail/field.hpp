/// @file
/// The memory layout of a field over the pixels of an image.
#pragma once

#include <backquery/detail/storage.hpp>

namespace backquery::detail {

/// A field has a number for each pixel, row by row, in a buffer that is padded to whole tiles. The padding
/// may contain any finite numbers.
struct FieldShape {
  Index rows, cols;

  static constexpr Index tile_rows = 4;
  /// In scalars; a multiple of the tile width of every loop over a field.
  static constexpr Index line = 32;

  [[nodiscard]] Index stride() const { return ceil_div(cols, line) * line; }
  [[nodiscard]] Index size() const { return ceil_div(rows, tile_rows) * tile_rows * stride(); }
};

}  // namespace backquery::detail
