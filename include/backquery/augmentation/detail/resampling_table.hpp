/// @file
/// Resampling through one map, prepared for many images of one size.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

#include <backquery/augmentation/detail/affine_map.hpp>

namespace backquery::detail {

/// What resample works out for each pixel of the result, worked out once. Most pixels are blended from four
/// of the image: one loop without branches does this for all, and what it leaves in the place of pixels that
/// read less or nothing is written over afterwards.
/// @tparam Order  Eigen::RowMajor or Eigen::ColMajor: how image and result lie in memory, without gaps
template <typename Scalar, int Order>
class ResamplingTable {
 public:
  ResamplingTable(const LinearMap& map, Eigen::Index rows, Eigen::Index cols, Scalar background)
      : rows_(rows), cols_(cols), background_(background) {
    const Eigen::Index pieces = (rows * cols + piece - 1) / piece;
    const auto padded = static_cast<std::size_t>(pieces * piece);
    upper_left_.resize(padded);
    down_.resize(padded);
    right_.resize(padded);
    bool any_blended = false;
    for (Eigen::Index pixel = 0; pixel < rows * cols; ++pixel) {
      const SourcePoint source = row_major ? source_point(map, rows, cols, pixel / cols, pixel % cols)
                                           : source_point(map, rows, cols, pixel % rows, pixel / rows);
      any_blended |= store(pixel, source);
    }
    if (!any_blended) upper_left_.clear();  // nor need the image have four pixels to be read
  }

  /// Neither may overlap the other.
  void apply(const Scalar* image, Scalar* result) const {
    const auto size = static_cast<Eigen::Index>(upper_left_.size());
    for (Eigen::Index first = 0; first < size; first += piece) {
      blend_piece(image, first, result);
    }
    for (const Eigen::Index pixel : outside_) {
      result[pixel] = background_;
    }
    const Eigen::Map<const Pixels> pixels(image, rows_, cols_);
    for (const OnLine& point : on_lines_) {
      result[point.pixel] = interpolate(pixels, point.source, background_);
    }
  }

 private:
  using Pixels = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Order>;
  static constexpr bool row_major = Order == Eigen::RowMajor;
  static constexpr Eigen::Index piece = 112;  // of the loop; 28 x 28 pixels are seven of them

  /// A point on a line through the centers of pixels, which has one or two neighbors instead of four.
  struct OnLine {
    Eigen::Index pixel;
    SourcePoint source;
  };

  /// Whether the pixel is blended.
  bool store(Eigen::Index pixel, const SourcePoint& source) {
    if (!source.inside) {
      outside_.push_back(pixel);
    } else if (source.down == 0 || source.right == 0) {
      on_lines_.push_back({pixel, source});
    } else {
      const auto at = static_cast<std::size_t>(pixel);
      upper_left_[at] = row_major ? source.row * cols_ + source.col : source.row + source.col * rows_;
      down_[at] = static_cast<Scalar>(source.down);
      right_[at] = static_cast<Scalar>(source.right);
      return true;
    }
    return false;
  }

  /// Neighbors lie side by side in memory: they are copied in pairs, and the arithmetic then runs over whole
  /// pieces of fixed length, for which every compiler has vector instructions.
  void blend_piece(const Scalar* image, Eigen::Index first, Scalar* result) const {
    Scalar near[2 * piece], far[2 * piece], blended[piece];  // rows of the image, or columns
    const Scalar* next = image + (row_major ? cols_ : rows_);
    const Eigen::Index* upper_left = upper_left_.data() + first;
    for (Eigen::Index i = 0; i < piece; ++i) {
      std::memcpy(near + 2 * i, image + upper_left[i], 2 * sizeof(Scalar));
      std::memcpy(far + 2 * i, next + upper_left[i], 2 * sizeof(Scalar));
    }
    const Scalar* down = down_.data() + first;
    const Scalar* right = right_.data() + first;
    for (Eigen::Index i = 0; i < piece; ++i) {
      const Scalar p01 = row_major ? near[2 * i + 1] : far[2 * i];
      const Scalar p10 = row_major ? far[2 * i] : near[2 * i + 1];
      blended[i] = blend(near[2 * i], p01, p10, far[2 * i + 1], down[i], right[i], background_);
    }
    std::copy_n(blended, std::min(piece, rows_ * cols_ - first), result + first);
  }

  Eigen::Index rows_, cols_;
  Scalar background_;
  std::vector<Eigen::Index> upper_left_;  // of the neighbors of each blended pixel; else 0
  std::vector<Scalar> down_, right_;      // and where the point lies among them
  std::vector<Eigen::Index> outside_;
  std::vector<OnLine> on_lines_;
};

}  // namespace backquery::detail
