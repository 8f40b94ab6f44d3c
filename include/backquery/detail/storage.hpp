/// @file
/// Buffers with columns that start on 64-byte lines, and views of matrices in memory.
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <new>
#include <type_traits>
#include <vector>

namespace backquery {

using Eigen::Index;

namespace detail {

/// The size of a cache line and of the widest vector register, in bytes. It is a constant, so that the layout
/// of the parameters does not depend on the instruction set.
constexpr std::size_t line_bytes = 64;

/// The number of blocks of `size` for n elements: n / size, rounded up.
constexpr Index ceil_div(Index n, Index size) {
  return (n + size - 1) / size;
}

/// The size in scalars of a column of n scalars, padded to whole lines.
template <typename Scalar>
constexpr Index padded(Index n) {
  constexpr auto line = static_cast<Index>(line_bytes / sizeof(Scalar));
  return ceil_div(n, line) * line;
}

template <typename T>
struct LineAllocator {
  using value_type = T;
  LineAllocator() = default;
  template <typename U>
  LineAllocator(const LineAllocator<U>&) noexcept {}

  /// std::vector makes sure that n sizeof(T) does not overflow.
  T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{line_bytes}));
  }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete (p, std::align_val_t{line_bytes}); }
  friend bool operator==(LineAllocator, LineAllocator) noexcept { return true; }
  friend bool operator!=(LineAllocator, LineAllocator) noexcept { return false; }
};

template <typename Scalar>
using LineVector = std::vector<Scalar, LineAllocator<Scalar>>;

/// A column-major matrix, also in a program with EIGEN_DEFAULT_TO_ROW_MAJOR. The storage order is part of the
/// layout of samples and weights, so the library has no matrix of Eigen's default order.
template <typename Scalar>
using MatrixX = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
template <typename Scalar>
using VectorX = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

/// Contiguous columns at a constant distance.
template <typename Scalar>
using ColumnsMap = Eigen::Map<MatrixX<Scalar>, 0, Eigen::OuterStride<>>;
template <typename Scalar>
using ConstColumnsMap = Eigen::Map<const MatrixX<Scalar>, 0, Eigen::OuterStride<>>;

/// A read-only view of `count` columns from column `first` on. Each column of m must be contiguous.
template <typename M>
ConstColumnsMap<typename M::Scalar> columns_of(const M& m, Index first, Index count) {
  return {m.data() + first * m.outerStride(), m.rows(), count, Eigen::OuterStride<>(m.outerStride())};
}
template <typename M>
ConstColumnsMap<typename M::Scalar> read_only(const M& m) {
  return columns_of(m, 0, m.cols());
}

/// One column as an array, for elementwise arithmetic. A loop over arrays compiles in half the time of an
/// expression over a whole ColumnsMap.
template <typename Scalar>
Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>> array_of(ColumnsMap<Scalar> m, Index column) {
  return {m.data() + column * m.outerStride(), m.rows()};
}
template <typename Scalar>
Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>> array_of(ConstColumnsMap<Scalar> m, Index column) {
  return {m.data() + column * m.outerStride(), m.rows()};
}

/// A view of any matrix in memory, also of a row-major matrix or a block. `Strided<const S>` is read-only.
template <typename Scalar>
using Strided = Eigen::Map<
    std::conditional_t<std::is_const_v<Scalar>, const MatrixX<std::remove_const_t<Scalar>>, MatrixX<Scalar>>,
    0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

template <typename X>
constexpr bool is_in_memory = (static_cast<unsigned>(X::Flags) &
                               static_cast<unsigned>(Eigen::DirectAccessBit)) != 0;

/// A strided view, so that the implementation is instantiated once per Scalar.
template <typename X>
Strided<const typename X::Scalar> strided(const Eigen::MatrixBase<X>& x) {
  static_assert(is_in_memory<X>);
  return {x.derived().data(), x.rows(), x.cols(), {x.colStride(), x.rowStride()}};
}

}  // namespace detail

}  // namespace backquery
