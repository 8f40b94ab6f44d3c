/// @file
/// Smoothing by a Gaussian.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <backquery/augmentation/detail/field.hpp>
#include <backquery/detail/products.hpp>

namespace backquery::detail {

/// Smooths fields by a Gaussian of width sigma in both directions, as if zeros surrounded the field:
///     w(d) = exp(-d^2 / (2 sigma^2)) / sum over e of exp(-e^2 / (2 sigma^2)),   |d|, |e| <= radius
///     radius = floor(4 sigma + 1/2)
/// Equal to scipy.ndimage.gaussian_filter(field, sigma, mode='constant', truncate=4).
template <typename Scalar>
class GaussianFilter {
 public:
  static constexpr double truncate = 4;  // in sigmas

  /// @param sigma  0 to some thousands; below 1/8 a field does not change
  explicit GaussianFilter(double sigma)
      : radius_(static_cast<Eigen::Index>(std::round(truncate * sigma))),
        weights_(static_cast<std::size_t>(2 * (radius_ + margin) + 1), Scalar(0)) {
    const auto weight = [sigma](Eigen::Index d) {
      const double sigmas = d == 0 ? 0 : static_cast<double>(d) / sigma;
      return std::exp(-0.5 * sigmas * sigmas);
    };
    double sum = weight(0);
    for (Eigen::Index d = 1; d <= radius_; ++d) {
      sum += 2 * weight(d);
    }
    for (Eigen::Index d = -radius_; d <= radius_; ++d) {
      weights_[static_cast<std::size_t>(radius_ + margin + d)] = static_cast<Scalar>(weight(d) / sum);
    }
  }

  /// @param field   smoothed in place
  /// @param buffer  memory for a second field; both are aligned for packets
  void operator()(const FieldShape& shape, Scalar* field, Scalar* buffer) const {
    const Eigen::Index stride = shape.stride();
    const Scalar* w = weights_.data() + radius_ + margin;
    for (Eigen::Index row = 0; row < shape.rows; row += tile_rows) {
      // buffer(r, c) = sum over k of w(k - r) field(k, c)
      const Band band = reached(row, tile_rows, shape.rows);
      for (Eigen::Index col = 0; col < shape.cols; col += tile_cols) {
        multiply(band.size, {w + band.first - row, 1, -1}, field + band.first * stride + col, stride,
                 buffer + row * stride + col, stride);
      }
    }
    for (Eigen::Index col = 0; col < shape.cols; col += tile_cols) {
      // field(r, c) = sum over k of buffer(r, k) w(c - k)
      const Band band = reached(col, tile_cols, shape.cols);
      for (Eigen::Index row = 0; row < shape.rows; row += tile_rows) {
        multiply(band.size, {buffer + row * stride + band.first, 1, stride}, w + col - band.first, -1,
                 field + row * stride + col, stride);
      }
    }
  }

 private:
  static constexpr Eigen::Index tile_rows = FieldShape::tile_rows;
  static constexpr int tile_packets = 2;
  static constexpr Eigen::Index tile_cols = tile_packets * Packet<Scalar>::size;
  static constexpr Eigen::Index margin = FieldShape::line;  // zero weights, for tiles beyond the radius
  static_assert(FieldShape::line % tile_cols == 0 && tile_rows <= margin);

  struct Band {
    Eigen::Index first, size;
  };

  /// The range of rows (or columns) that contribute to the `count` rows (or columns) from `first` on.
  [[nodiscard]] Band reached(Eigen::Index first, Eigen::Index count, Eigen::Index all) const {
    const Eigen::Index from = std::max<Eigen::Index>(0, first - radius_);
    return {from, (std::min)(all, first + count + radius_) - from};
  }

  /// A tile of the result, result(r, c) = sum over k of a(k, r) b(k, c). Each row of the matrix of weights is
  /// the row before, shifted by one: its step is -1.
  EIGEN_ALWAYS_INLINE static void multiply(Eigen::Index depth, const ScalarGrid<Scalar>& a, const Scalar* b,
                                           Eigen::Index b_step, Scalar* result, Eigen::Index result_step) {
    tile_product<tile_packets, static_cast<int>(tile_rows)>(b, b_step, a, depth)
        .template write<&Packets<Scalar, tile_packets>::store>(result, result_step);
  }

  Eigen::Index radius_;
  std::vector<Scalar> weights_;  // the weight of distance d has index radius_ + margin + d
};

}  // namespace backquery::detail
