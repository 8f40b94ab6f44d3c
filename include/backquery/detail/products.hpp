/// @file
/// Matrix products of padded columns, tile by tile in the registers. Weights, values and errors are stored in
/// a way that a product can read as they lie, so nothing is copied beforehand, as a general product must.
#pragma once

#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

#include <type_traits>

namespace backquery::detail {

/// A tile of R packets by C columns: the sums that stay in registers while a product goes down its depth.
template <typename Scalar, int R, int C>
struct Tile {
  using P = Packet<Scalar>;
  Packets<Scalar, R> column;
  Tile<Scalar, R, C - 1> rest;

  EIGEN_ALWAYS_INLINE static Tile zero() {
    return {Packets<Scalar, R>::zero(), Tile<Scalar, R, C - 1>::zero()};
  }
  /// column c += a b_c for scalars b_c, `step` apart
  EIGEN_ALWAYS_INLINE void add_scaled(const Packets<Scalar, R>& a, const Scalar* b, Index step) {
    column.add(a, P::broadcast(*b));
    rest.add_scaled(a, b + step, step);
  }
  /// column c += a . b_c for packets b_c, `step` apart
  EIGEN_ALWAYS_INLINE void add_products(const Packets<Scalar, R>& a, const Scalar* b, Index step) {
    column.add(a, P::load(b));
    rest.add_products(a, b + step, step);
  }
  EIGEN_ALWAYS_INLINE void add_to(Scalar* p, Index step) const {
    column.add_to(p);
    rest.add_to(p + step, step);
  }
  EIGEN_ALWAYS_INLINE void store_sums(Scalar* p, Index step) const {
    column.store_sums(p);
    rest.store_sums(p + step, step);
  }
};

template <typename Scalar, int R>
struct Tile<Scalar, R, 0> {
  EIGEN_ALWAYS_INLINE static Tile zero() { return {}; }
  EIGEN_ALWAYS_INLINE void add_scaled(const Packets<Scalar, R>&, const Scalar*, Index) {}
  EIGEN_ALWAYS_INLINE void add_products(const Packets<Scalar, R>&, const Scalar*, Index) {}
  EIGEN_ALWAYS_INLINE void add_to(Scalar*, Index) const {}
  EIGEN_ALWAYS_INLINE void store_sums(Scalar*, Index) const {}
};

/// Four columns of tile_rows packets, the packets that they are multiplied by, and a factor fill the
/// registers.
constexpr int tile_rows = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 6 : 3;
constexpr int tile_columns = 4;

/// A matrix of scalars anywhere: element (k, c) is first[k * row_step + c * column_step].
template <typename Scalar>
struct ScalarGrid {
  const Scalar* first;
  Index row_step, column_step;
};

/// The rows of some packets and C columns of Z += A B, down the whole depth.
template <int R, int C, typename Scalar>
void add_tile(ConstColumnsMap<Scalar> a, const ScalarGrid<Scalar>& b, ColumnsMap<Scalar> z, Index row,
              Index column) {
  using P = Packet<Scalar>;
  auto tile = Tile<Scalar, R, C>::zero();
  const Scalar* left = a.data() + row;
  const Scalar* right = b.first + column * b.column_step;
  const Index left_step = a.outerStride(), right_step = b.row_step, right_columns = b.column_step;
  for (Index k = a.cols(); k > 0; --k, left += left_step, right += right_step) {
    tile.add_scaled(Packets<Scalar, R>::load(left, P::size), right, right_columns);
  }
  tile.add_to(z.data() + row + column * z.outerStride(), z.outerStride());
}

/// The rows of R packets and all columns of Z += A B.
template <int R, typename Scalar>
void add_band(ConstColumnsMap<Scalar> a, const ScalarGrid<Scalar>& b, ColumnsMap<Scalar> z, Index row) {
  Index column = 0;
  for (; column + tile_columns <= z.cols(); column += tile_columns) {
    add_tile<R, tile_columns, Scalar>(a, b, z, row, column);
  }
  for (; column < z.cols(); ++column) {
    add_tile<R, 1, Scalar>(a, b, z, row, column);
  }
}

/// Calls add_band for a number of packets that is known at run time only.
template <int R, typename Scalar>
void add_band_of(Index packets, ConstColumnsMap<Scalar> a, const ScalarGrid<Scalar>& b, ColumnsMap<Scalar> z,
                 Index row) {
  if constexpr (R > 0) {
    if (packets == R) {
      add_band<R, Scalar>(a, b, z, row);
    } else {
      add_band_of<R - 1, Scalar>(packets, a, b, z, row);
    }
  }
}

/// Z += A B, padding included, for A and Z of padded columns and B anywhere.
template <typename Scalar>
void add_product(ConstColumnsMap<Scalar> a, const ScalarGrid<Scalar>& b, ColumnsMap<Scalar> z) {
  const Index packets = a.outerStride() / Packet<Scalar>::size;
  const Index bands = (packets + tile_rows - 1) / tile_rows;
  for (Index band = 0, packet = 0; band < bands; ++band) {
    const Index rows = (packets - packet) / (bands - band);  // even bands: a narrow last one would be slow
    add_band_of<tile_rows, Scalar>(rows, a, b, z, packet * Packet<Scalar>::size);
    packet += rows;
  }
}

/// A few rows and columns of Z = A' B: R columns of A, C of B.
template <int R, int C, typename Scalar>
void dot_tile(ConstColumnsMap<Scalar> a, ConstColumnsMap<Scalar> b, ColumnsMap<Scalar> z, Index row,
              Index column) {
  using P = Packet<Scalar>;
  auto tile = Tile<Scalar, R, C>::zero();
  const Scalar* left = a.data() + row * a.outerStride();
  const Scalar* right = b.data() + column * b.outerStride();
  for (Index i = 0; i < a.outerStride(); i += P::size) {
    tile.add_products(Packets<Scalar, R>::load(left + i, a.outerStride()), right + i, b.outerStride());
  }
  tile.store_sums(z.data() + row + column * z.outerStride(), z.outerStride());
}

/// Z = A' B for A and B of padded columns, the padding 0.
template <typename Scalar>
void dot_product(ConstColumnsMap<Scalar> a, ConstColumnsMap<Scalar> b, ColumnsMap<Scalar> z) {
  constexpr int rows = 3;
  Index row = 0;
  const auto band = [&](auto size) {
    Index column = 0;
    for (; column + tile_columns <= z.cols(); column += tile_columns) {
      dot_tile<decltype(size)::value, tile_columns, Scalar>(a, b, z, row, column);
    }
    for (; column < z.cols(); ++column) {
      dot_tile<decltype(size)::value, 1, Scalar>(a, b, z, row, column);
    }
    row += size;
  };
  while (row + rows <= z.rows()) {
    band(std::integral_constant<int, rows>{});
  }
  while (row < z.rows()) {
    band(std::integral_constant<int, 1>{});
  }
}

}  // namespace backquery::detail
