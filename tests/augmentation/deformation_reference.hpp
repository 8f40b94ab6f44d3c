/// @file
/// The parts of a Deformation with matrices as arguments, and their composition.
#pragma once

#include <backquery/augmentation/detail/deformation_draw.hpp>
#include <backquery/augmentation/detail/gaussian.hpp>
#include <backquery/augmentation/detail/resampler.hpp>

#include <Eigen/Core>
#include <cstdint>
#include <utility>

#include "matrices.hpp"

namespace reference {

using backquery::detail::FieldShape;
using Eigen::Index;

/// All kinds of deformation at once.
inline backquery::DeformationRanges every_deformation() {
  backquery::DeformationRanges ranges;
  ranges.degrees = 15, ranges.scale = 0.15, ranges.shear = 0.1, ranges.shift = 1;
  ranges.flip_horizontal = ranges.flip_vertical = true;
  ranges.elastic_sigma = 5, ranges.elastic_alpha = 36;
  return ranges;
}

/// A field in the memory layout of the library. The padding contains values that must have no effect.
template <typename Scalar>
class Field {
 public:
  explicit Field(const Matrix<Scalar>& values)
      : shape_{values.rows(), values.cols()}, memory_(Vector<Scalar>::Constant(shape_.size(), Scalar(99))) {
    map() = values;
  }
  Scalar* data() { return memory_.data(); }
  const FieldShape& shape() const { return shape_; }
  auto map() {
    return Eigen::Map<RowMajorMatrix<Scalar>, 0, Eigen::OuterStride<>>(
        memory_.data(), shape_.rows, shape_.cols, Eigen::OuterStride<>(shape_.stride()));
  }

 private:
  FieldShape shape_;
  Vector<Scalar> memory_;
};

template <typename Scalar>
Matrix<Scalar> smoothed(const Matrix<Scalar>& values, double sigma) {
  Field<Scalar> field(values), between(values);
  backquery::detail::GaussianFilter<Scalar>{sigma}(field.shape(), field.data(), between.data());
  return field.map();
}

template <typename Scalar>
Matrix<Scalar> warped(const Matrix<Scalar>& image, const backquery::detail::AffineMap& map,
                      const Matrix<Scalar>& down, const Matrix<Scalar>& right, Scalar background) {
  const backquery::detail::Resampler<Scalar> resampler("Deformation", image.rows(), image.cols(), background);
  const RowMajorMatrix<Scalar> source = image;
  RowMajorMatrix<Scalar> result(image.rows(), image.cols());
  Field<Scalar> down_field(down), right_field(right);
  resampler(source.data(), map, {down_field.data(), right_field.data(), down_field.shape().stride()},
            result.data());
  return result;
}

/// The displacements down and right.
template <typename Scalar>
std::pair<Matrix<Scalar>, Matrix<Scalar>> drawn_fields(const backquery::detail::CounterRng& random,
                                                       Index rows, Index cols, double alpha) {
  Field<Scalar> down(Matrix<Scalar>::Zero(rows, cols)), right(Matrix<Scalar>::Zero(rows, cols));
  backquery::detail::draw_fields(random, down.shape(), alpha, down.data(), right.data());
  return {down.map(), right.map()};
}

/// The image, deformed as a Deformation must deform the image with this index.
template <typename Scalar>
Matrix<Scalar> deformed(const Matrix<Scalar>& image, const backquery::DeformationRanges& ranges,
                        Scalar background, std::uint64_t seed, std::uint64_t index) {
  const backquery::detail::CounterRng random(seed, index);
  auto [down, right] = drawn_fields<Scalar>(random, image.rows(), image.cols(), ranges.elastic_alpha);
  if (ranges.elastic_alpha > 0) {
    down = smoothed<Scalar>(down, ranges.elastic_sigma);
    right = smoothed<Scalar>(right, ranges.elastic_sigma);
  }
  return warped<Scalar>(image, backquery::detail::source_map(backquery::detail::draw_affine(ranges, random)),
                        down, right, background);
}

}  // namespace reference
