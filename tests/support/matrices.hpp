/// @file
/// Matrices with reproducible values, and the difference of two matrices.
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

template <typename Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <typename Scalar>
using RowMajorMatrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

/// Uniform values in (low, high). A seed gives the same values on every platform, rounded to Scalar.
template <typename Scalar>
Matrix<Scalar> random_matrix(Eigen::Index rows, Eigen::Index cols, double low, double high,
                             std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  Matrix<Scalar> matrix(rows, cols);
  for (Eigen::Index j = 0; j < cols; ++j) {
    for (Eigen::Index i = 0; i < rows; ++i) {
      const double unit = (static_cast<double>(generator() >> 12) + 0.5) * 0x1p-52;
      matrix(i, j) = static_cast<Scalar>(low + unit * (high - low));
    }
  }
  return matrix;
}

/// Values as in images: three of four values are the background; the others are uniform in (0, 1).
template <typename Scalar>
Matrix<Scalar> random_images(Eigen::Index rows, Eigen::Index cols, double background, std::uint64_t seed) {
  const Matrix<Scalar> values = random_matrix<Scalar>(rows, cols, 0, 4, seed);
  return values.unaryExpr([=](Scalar v) { return v < Scalar(1) ? v : static_cast<Scalar>(background); });
}

/// The largest absolute difference of two coefficients. Infinite if the shapes differ and NaN if a difference
/// is NaN, so that `difference <= tolerance` is false in both cases.
template <typename A, typename B>
double max_difference(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (Eigen::Index j = 0; j < a.cols(); ++j) {
    for (Eigen::Index i = 0; i < a.rows(); ++i) {
      const auto difference = static_cast<long double>(a(i, j)) - static_cast<long double>(b(i, j));
      if (!(std::abs(difference) <= largest)) largest = static_cast<double>(std::abs(difference));
      if (std::isnan(largest)) return largest;
    }
  }
  return largest;
}

/// |actual - expected| / |expected| in the Frobenius norm.
template <typename A, typename B>
double relative_difference(const Eigen::MatrixBase<A>& actual, const Eigen::MatrixBase<B>& expected) {
  if (actual.rows() != expected.rows() || actual.cols() != expected.cols()) {
    return std::numeric_limits<double>::infinity();
  }
  return static_cast<double>((actual - expected).norm() / expected.norm());
}
