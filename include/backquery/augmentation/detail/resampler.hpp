/// @file
/// Bilinear resampling, for rotate, scale, Rotation and Deformation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <backquery/augmentation/detail/affine_map.hpp>
#include <backquery/augmentation/detail/image_arguments.hpp>

namespace backquery::detail {

/// Displacements of the source points, in pixels: `down` and `right`. Each has the layout of FieldShape. With
/// a stride of 0, all rows use the same displacements.
template <typename Scalar>
struct DisplacementFields {
  const Scalar* down;
  const Scalar* right;
  Eigen::Index stride;
};

/// Resamples images of one size, stored row by row without gaps. Measured from the center of the image, the
/// source point of pixel (row, col) of the result is
///     map(row, col) + (down(row, col), right(row, col))
/// A point outside the image gives the background b, without blending across the edge; points on the edge are
/// inside. Other points blend their four neighbors p. d and r are the distances down and right from the upper
/// left neighbor:
///     b + (1-d)((1-r) (p00 - b) + r (p01 - b)) + d ((1-r) (p10 - b) + r (p11 - b))
/// This formula interpolates the deviation from b, so that background remains bit-equal to b.
template <typename Scalar>
class Resampler {
 public:
  // The compiler vectorizes loops of a fixed length. GCC first unrolls lengths up to 16, which is slower.
  static constexpr Eigen::Index chunk = FieldShape::line;

  /// The source points of consecutive pixels of a row of the result.
  struct Points {
    std::int32_t upper_left[chunk];  ///< index of the upper left neighbor
    Scalar down[chunk];              ///< distance from this neighbor, 0 to 1; negative for a point outside
    Scalar right[chunk];             ///< distance from this neighbor, 0 to 1
  };

  /// @param function  the subject of messages about wrong arguments
  Resampler(const char* function, Eigen::Index rows, Eigen::Index cols, Scalar background)
      : shape_(checked_shape(function, rows, cols, background)),
        background_(background),
        cols_from_center_(static_cast<std::size_t>(shape_.stride())),
        zeros_(static_cast<std::size_t>(shape_.stride()), Scalar(0)) {
    for (std::size_t col = 0; col < cols_from_center_.size(); ++col) {
      cols_from_center_[col] = static_cast<double>(col) - static_cast<double>(cols - 1) / 2;
    }
  }

  [[nodiscard]] const FieldShape& shape() const { return shape_; }
  [[nodiscard]] DisplacementFields<Scalar> no_displacements() const {
    return {zeros_.data(), zeros_.data(), 0};
  }

  void operator()(const Scalar* image, const AffineMap& map, const DisplacementFields<Scalar>& fields,
                  Scalar* result) const {
    for_each_chunk(map, fields, [&](Eigen::Index first, Eigen::Index count, const Points& points) {
      Scalar values[chunk];
      const bool is_any_on_line =
          !is_blendable() || blend(image, points.upper_left, points.down, points.right, values);
      for (Eigen::Index i = 0; is_any_on_line && i < count; ++i) {
        values[i] = value_at(image, points.upper_left[i], points.down[i], points.right[i]);
      }
      std::copy_n(values, count, result + first);
    });
  }

  /// Calls use(first pixel, number of pixels, source points) for each chunk of the result.
  template <typename Use>
  void for_each_chunk(const AffineMap& map, const DisplacementFields<Scalar>& fields, const Use& use) const {
    const double middle = static_cast<double>(shape_.rows - 1) / 2;
    for (Eigen::Index row = 0; row < shape_.rows; ++row) {
      const double from_row = static_cast<double>(row) - middle;
      const RowMap along{map.row_by_row * from_row + map.shift_row, map.row_by_col,
                         map.col_by_row * from_row + map.shift_col, map.col_by_col};
      for (Eigen::Index col = 0; col < shape_.cols; col += chunk) {
        const Eigen::Index at = row * fields.stride + col;
        const Points points = locate(along, col, fields.down + at, fields.right + at);
        use(row * shape_.cols + col, (std::min)(chunk, shape_.cols - col), points);
      }
    }
  }

  /// Whether an image has at least two rows and columns. In thinner images every point lies on a line.
  [[nodiscard]] bool is_blendable() const { return shape_.rows > 1 && shape_.cols > 1; }

  /// Whether the point lies on a line through the centers of pixels, so that some neighbors have weight 0.
  static bool is_on_line(Scalar down, Scalar right) {
    return (down * (1 - down)) * (right * (1 - right)) == 0;
  }

  /// Computes the values of `size` points, except for points on a line. Requires is_blendable().
  /// @return whether any point lies on a line
  template <std::size_t size>
  bool blend(const Scalar* image, const std::int32_t* upper_left, const Scalar* down, const Scalar* right,
             Scalar (&values)[size]) const {
    // Neighbors in a row are copied in pairs, so that the arithmetic is a loop over consecutive scalars.
    Scalar upper[2 * size], lower[2 * size];
    const Scalar* next = image + shape_.cols;
    for (std::size_t i = 0; i < size; ++i) {
      std::memcpy(upper + 2 * i, image + upper_left[i], 2 * sizeof(Scalar));
      std::memcpy(lower + 2 * i, next + upper_left[i], 2 * sizeof(Scalar));
    }
    int on_line = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const Scalar value =
          blended(upper[2 * i], upper[2 * i + 1], lower[2 * i], lower[2 * i + 1], down[i], right[i]);
      values[i] = down[i] < 0 ? background_ : value;
      on_line |= is_on_line(down[i], right[i]) ? 1 : 0;
    }
    return on_line != 0;
  }

  /// The value of any point. Neighbors of weight 0 are not read, because they may not exist or may be NaN. A
  /// point at the center of a pixel gives exactly the value of the pixel.
  [[nodiscard]] Scalar value_at(const Scalar* image, std::int32_t upper_left, Scalar down,
                                Scalar right) const {
    if (down < 0) return background_;
    const Scalar* upper = image + upper_left + (down == 1 ? shape_.cols : 0);
    const Scalar* lower = image + upper_left + (down > 0 ? shape_.cols : 0);
    const Eigen::Index first = right == 1 ? 1 : 0, second = right > 0 ? 1 : 0;
    if (upper == lower && first == second) return upper[first];
    return blended(upper[first], upper[second], lower[first], lower[second], down, right);
  }

 private:
  /// The affine map along one row of the result.
  struct RowMap {
    double row, row_by_col;
    double col, col_by_col;
  };

  // Not inlined, because in some callers GCC would turn the comparisons into branches, which it does not
  // vectorize.
  EIGEN_DONT_INLINE Points locate(const RowMap& map, Eigen::Index first_col, const Scalar* down,
                                  const Scalar* right) const {
    Points points;
    const double last_row = static_cast<double>(shape_.rows - 1),
                 last_col = static_cast<double>(shape_.cols - 1);
    const double last_top = (std::max)(0., last_row - 1), last_left = (std::max)(0., last_col - 1);
    const double width = static_cast<double>(shape_.cols);
    const double* from_col = cols_from_center_.data() + first_col;
    for (Eigen::Index i = 0; i < chunk; ++i) {
      const double y = last_row / 2 + (map.row + map.row_by_col * from_col[i] + static_cast<double>(down[i]));
      const double x =
          last_col / 2 + (map.col + map.col_by_col * from_col[i] + static_cast<double>(right[i]));
      // The nearest point inside the image. NaN becomes 0, so it differs and the point counts as outside.
      const double inside_y = (std::min)((std::max)(0., y), last_row),
                   inside_x = (std::min)((std::max)(0., x), last_col);
      const double outside = ((inside_y == y) & (inside_x == x)) ? 0. : -2.;
      const auto top = static_cast<double>(static_cast<std::int32_t>((std::min)(inside_y, last_top)));
      const auto left = static_cast<double>(static_cast<std::int32_t>((std::min)(inside_x, last_left)));
      points.upper_left[i] = static_cast<std::int32_t>(top * width + left);
      points.down[i] = static_cast<Scalar>(inside_y - top + outside);
      points.right[i] = static_cast<Scalar>(inside_x - left + outside);
    }
    return points;
  }

  [[nodiscard]] Scalar blended(Scalar p00, Scalar p01, Scalar p10, Scalar p11, Scalar down,
                               Scalar right) const {
    const Scalar upper = (1 - right) * (p00 - background_) + right * (p01 - background_);
    const Scalar lower = (1 - right) * (p10 - background_) + right * (p11 - background_);
    return background_ + ((1 - down) * upper + down * lower);
  }

  FieldShape shape_;
  Scalar background_;
  std::vector<double> cols_from_center_;
  std::vector<Scalar> zeros_;
};

/// The image, in any storage order, resampled by the map.
template <typename Image>
auto resampled(const char* function, const Eigen::MatrixBase<Image>& image, const AffineMap& map,
               typename Image::Scalar background) {
  const Resampler resampler(function, image.rows(), image.cols(), background);
  return resample_image(image, [&](const auto* pixels, auto* result) {
    resampler(pixels, map, resampler.no_displacements(), result);
  });
}

}  // namespace backquery::detail
