/// @file
/// Bilinear resampling of an image through an affine map and displacement fields.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <backquery/augmentation/detail/gaussian.hpp>
#include <backquery/augmentation/detail/affine_map.hpp>

namespace backquery::detail {

/// A linear map and a shift: where a pixel of the result comes from, as in LinearMap, and then so many rows
/// and columns further.
struct AffineMap {
  LinearMap linear;
  double row, col;
};

/// How far each pixel's source point is moved beyond what an affine map says, in pixels: down along the rows,
/// right along the columns. Of FieldShape; a stride of 0 has one row serve all.
template <typename Scalar>
struct DisplacementFields {
  const Scalar* down;
  const Scalar* right;
  Eigen::Index stride;
};

/// Resamples images of one size. The source point of pixel (row, col) of the result is, from the center of
/// the image,
///     map.linear (row, col) + (map.row, map.col) + (down(row, col), right(row, col))
/// and as in rotate, a point outside the image, whose edge is inside, gives the background, with no blending
/// across the edge. It is worked out in double: of the same displacements every type agrees on which points
/// lie outside.
template <typename Scalar>
class Warp {
 public:
  Warp(Eigen::Index rows, Eigen::Index cols, Scalar background)
      : shape_{rows, cols},
        background_(background),
        cols_from_center_(static_cast<std::size_t>(shape_.stride())) {
    for (std::size_t col = 0; col < cols_from_center_.size(); ++col) {
      cols_from_center_[col] = static_cast<double>(col) - static_cast<double>(cols - 1) / 2;
    }
  }

  [[nodiscard]] const FieldShape& shape() const { return shape_; }

  /// The scalars that apply needs for its framed copy of the image.
  [[nodiscard]] Eigen::Index framed_size() const { return (shape_.rows + 2) * framed_cols(); }

  /// Image and result lie row by row without gaps.
  void apply(const Scalar* image, const AffineMap& map, const DisplacementFields<Scalar>& fields,
             Scalar* framed, Scalar* result) const {
    frame(image, framed);
    const double middle = static_cast<double>(shape_.rows - 1) / 2;
    for (Eigen::Index row = 0; row < shape_.rows; ++row) {
      const double from_row = static_cast<double>(row) - middle;
      const RowMap along{map.linear.row_by_row * from_row + map.row, map.linear.row_by_col,
                         map.linear.col_by_row * from_row + map.col, map.linear.col_by_col};
      for (Eigen::Index col = 0; col < shape_.cols; col += piece) {
        Points points;
        locate(along, col, fields.down + row * fields.stride + col, fields.right + row * fields.stride + col,
               points);
        Scalar blended[piece];
        blend_points(framed, points, blended);
        std::copy_n(blended, std::min(piece, shape_.cols - col), result + row * shape_.cols + col);
      }
    }
  }

 private:
  // Of a row. Loops of fixed length become vector instructions; GCC unrolls those up to 16 first, and does
  // worse.
  static constexpr Eigen::Index piece = FieldShape::line;

  /// The affine map along one row of the result.
  struct RowMap {
    double row, row_by_col;
    double col, col_by_col;
  };

  struct Points {
    std::int32_t upper_left[piece];  // in the framed image
    Scalar down[piece], right[piece];
  };

  [[nodiscard]] Eigen::Index framed_cols() const { return shape_.cols + 1; }

  /// The image with a column of background on its right and two rows below: a point on the edge has four
  /// neighbors as all others have, and a point outside is one among the last two rows.
  void frame(const Scalar* image, Scalar* framed) const {
    for (Eigen::Index row = 0; row < shape_.rows; ++row, image += shape_.cols, framed += framed_cols()) {
      std::copy_n(image, shape_.cols, framed);
      framed[shape_.cols] = background_;
    }
    std::fill_n(framed, 2 * framed_cols(), background_);
  }

  void locate(const RowMap& map, Eigen::Index first_col, const Scalar* down, const Scalar* right,
              Points& points) const {
    const double last_row = static_cast<double>(shape_.rows - 1),
                 last_col = static_cast<double>(shape_.cols - 1);
    const double width = static_cast<double>(framed_cols()),
                 outside = width * static_cast<double>(shape_.rows);
    const double* from_col = cols_from_center_.data() + first_col;
    for (Eigen::Index i = 0; i < piece; ++i) {
      const double y = last_row / 2 + (map.row + map.row_by_col * from_col[i] + static_cast<double>(down[i]));
      const double x =
          last_col / 2 + (map.col + map.col_by_col * from_col[i] + static_cast<double>(right[i]));
      // The nearest point inside; NaN, which is not what it is compared with either, becomes 0.
      const double inside_y = std::min(std::max(0., y), last_row),
                   inside_x = std::min(std::max(0., x), last_col);
      const auto top = static_cast<double>(static_cast<std::int32_t>(inside_y));
      const auto left = static_cast<double>(static_cast<std::int32_t>(inside_x));
      const double inside = ((inside_y == y) & (inside_x == x)) ? 1. : 0.;
      points.upper_left[i] = static_cast<std::int32_t>(outside + inside * (top * width + left - outside));
      points.down[i] = static_cast<Scalar>(inside_y - top);
      points.right[i] = static_cast<Scalar>(inside_x - left);
    }
  }

  /// p + right (q - p) between neighbors: where both are background, or right is 0, this is p to the last
  /// bit.
  void blend_points(const Scalar* framed, const Points& points, Scalar* blended) const {
    Scalar upper[2 * piece], lower[2 * piece];
    const Scalar* next = framed + framed_cols();
    for (Eigen::Index i = 0; i < piece; ++i) {
      std::memcpy(upper + 2 * i, framed + points.upper_left[i], 2 * sizeof(Scalar));
      std::memcpy(lower + 2 * i, next + points.upper_left[i], 2 * sizeof(Scalar));
    }
    for (Eigen::Index i = 0; i < piece; ++i) {
      const Scalar above = upper[2 * i] + points.right[i] * (upper[2 * i + 1] - upper[2 * i]);
      const Scalar below = lower[2 * i] + points.right[i] * (lower[2 * i + 1] - lower[2 * i]);
      blended[i] = above + points.down[i] * (below - above);
    }
  }

  FieldShape shape_;
  Scalar background_;
  std::vector<double> cols_from_center_;
};

}  // namespace backquery::detail
