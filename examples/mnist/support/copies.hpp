/// @file
/// Training samples with altered copies: each image as it is, followed by its copies, all with the image's
/// target.
#pragma once

#include <Eigen/Core>
#include <backquery/augmentation/rotation.hpp>
#include <cstddef>
#include <vector>

namespace mnist {

/// Training samples, one in each column.
struct Samples {
  Eigen::MatrixXf x, t;
};

/// A view of columns of a matrix at equal distances.
using Columns = Eigen::Map<Eigen::MatrixXf, 0, Eigen::OuterStride<>>;

/// The columns first, first + step, first + 2 step ...
inline Columns every(Eigen::Index step, Eigen::Index first, Eigen::MatrixXf& matrix) {
  const Eigen::Index rows = matrix.rows();
  return {matrix.data() + first * rows, rows, matrix.cols() / step, Eigen::OuterStride<>(step * rows)};
}

/// Fills `samples` from images x with targets t. The memory of `samples` is reused.
/// @param alter  alter(copy, columns) writes copy number 0 ... copies - 1 of every image into the columns
template <typename Alter>
void make_samples(const Eigen::MatrixXf& x, const Eigen::MatrixXf& t, Eigen::Index copies, Alter alter,
                  Samples& samples) {
  const Eigen::Index step = 1 + copies;
  samples.x.resize(x.rows(), step * x.cols());
  samples.t.resize(t.rows(), step * t.cols());
  every(step, 0, samples.x) = x;
  every(step, 0, samples.t) = t;
  for (Eigen::Index copy = 0; copy < copies; ++copy) {
    alter(copy, every(step, 1 + copy, samples.x));
    every(step, 1 + copy, samples.t) = t;
  }
}

/// Copies rotated by +degrees and by -degrees; no copies for an angle of 0.
class RotatedCopies {
 public:
  RotatedCopies(Eigen::Index rows, Eigen::Index cols, double degrees) {
    if (degrees != 0) {
      rotations_.emplace_back(rows, cols, degrees);
      rotations_.emplace_back(rows, cols, -degrees);
    }
  }

  void make(const Eigen::MatrixXf& x, const Eigen::MatrixXf& t, Samples& samples) const {
    const auto rotate = [&](Eigen::Index copy, Columns columns) {
      rotations_[static_cast<std::size_t>(copy)].apply(x, columns);
    };
    make_samples(x, t, static_cast<Eigen::Index>(rotations_.size()), rotate, samples);
  }

 private:
  std::vector<backquery::Rotation<float>> rotations_;
};

}  // namespace mnist
