/// @file
/// Matrices in the memory layout of the library.
#pragma once

#include <backquery/detail/storage.hpp>

#include "matrices.hpp"

#include <cstddef>

/// A matrix whose columns are padded with zeros to whole cache lines.
template <typename Scalar>
class Padded {
 public:
  using ColumnsMap = backquery::detail::ColumnsMap<Scalar>;
  using ConstColumnsMap = backquery::detail::ConstColumnsMap<Scalar>;

  explicit Padded(const Matrix<Scalar>& m)
      : rows_(m.rows()),
        cols_(m.cols()),
        stride_(backquery::detail::padded<Scalar>(rows_)),
        memory_(static_cast<std::size_t>(stride_ * cols_)) {
    map() = m;
  }

  /// The matrix without the padding.
  ColumnsMap map() { return {memory_.data(), rows_, cols_, Eigen::OuterStride<>(stride_)}; }
  [[nodiscard]] ConstColumnsMap map() const {
    return {memory_.data(), rows_, cols_, Eigen::OuterStride<>(stride_)};
  }

  [[nodiscard]] bool padding_is_zero() const {
    return Eigen::Map<const Matrix<Scalar>>(memory_.data(), stride_, cols_)
        .bottomRows(stride_ - rows_)
        .isZero(0);
  }

 private:
  Eigen::Index rows_, cols_, stride_;
  backquery::detail::LineVector<Scalar> memory_;
};
