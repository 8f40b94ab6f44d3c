/// @file
/// The source points of one affine map, computed once for many images.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <backquery/augmentation/detail/resampler.hpp>

namespace backquery::detail {

/// A Resampler that keeps the source points of one map.
template <typename Scalar>
class ResamplingTable {
 public:
  ResamplingTable(const char* function, Eigen::Index rows, Eigen::Index cols, const AffineMap& map,
                  Scalar background)
      : resampler_(function, rows, cols, background), size_(rows * cols) {
    const auto padded = static_cast<std::size_t>(ceil_div(size_, chunk) * chunk);
    upper_left_.resize(padded);
    down_.resize(padded);
    right_.resize(padded);
    const auto store = [this](Eigen::Index first, Eigen::Index count, const auto& points) {
      std::copy_n(points.upper_left, count, upper_left_.begin() + first);
      std::copy_n(points.down, count, down_.begin() + first);
      std::copy_n(points.right, count, right_.begin() + first);
    };
    resampler_.for_each_chunk(map, resampler_.no_displacements(), store);
    for (std::size_t i = 0; i < static_cast<std::size_t>(size_); ++i) {
      if (!resampler_.is_blendable() || resampler_.is_on_line(down_[i], right_[i])) {
        on_line_.push_back(i);
      }
    }
  }

  [[nodiscard]] const FieldShape& shape() const { return resampler_.shape(); }

  void operator()(const Scalar* image, Scalar* result) const {
    for (Eigen::Index first = 0; resampler_.is_blendable() && first < size_; first += chunk) {
      Scalar values[chunk];
      resampler_.blend(image, upper_left_.data() + first, down_.data() + first, right_.data() + first,
                       values);
      std::copy_n(values, (std::min)(chunk, size_ - first), result + first);
    }
    for (const std::size_t i : on_line_) {
      result[i] = resampler_.value_at(image, upper_left_[i], down_[i], right_[i]);
    }
  }

 private:
  static constexpr Eigen::Index chunk = 112;  // seven chunks are the 784 pixels of a digit

  Resampler<Scalar> resampler_;
  Eigen::Index size_;
  std::vector<std::int32_t> upper_left_;
  std::vector<Scalar> down_, right_;
  std::vector<std::size_t> on_line_;  // pixels whose source point lies on a line
};

}  // namespace backquery::detail
