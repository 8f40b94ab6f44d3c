/// @file
/// Matrix products of padded columns: add_product, add_product_transposed and dot_product. Unlike Eigen's
/// products, they
///
/// - allocate nothing, so that a query or a step needs no heap and works in real time;
/// - sum in an order that depends only on the sizes, so that results have the same bits on any number of
///   threads;
/// - are faster in builds with -march=native and wide registers, and as fast as OpenBLAS.
///
/// `cmake --workflow --preset benchmark` shows the speed beside plain Eigen, and tests/benchmark/compare.py
/// beside other libraries.
///
/// Tiles of the result stay in registers while their sums are computed: Goto and van de Geijn, "Anatomy of
/// high-performance matrix multiplication" (2008).
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <type_traits>

namespace backquery::detail {

/// A tile of R packets by C columns. Its sums stay in registers for the whole depth of a product.
template <typename Scalar, int R, int C>
struct Tile {
  Packets<Scalar, R> column;
  Tile<Scalar, R, C - 1> rest;

  EIGEN_ALWAYS_INLINE static Tile zero() {
    return {Packets<Scalar, R>::zero(), Tile<Scalar, R, C - 1>::zero()};
  }
  /// column c += a . b_c. Load makes a packet from the values at b, b + step, ...
  template <auto Load>
  EIGEN_ALWAYS_INLINE void add(const Packets<Scalar, R>& a, const Scalar* b, Index step) {
    column.add(a, Load(b));
    rest.template add<Load>(a, b + step, step);
  }
  /// Calls a member function of Packets, which writes a column, for the columns at p, p + step, ...
  template <auto Write>
  EIGEN_ALWAYS_INLINE void write(Scalar* p, Index step) const {
    (column.*Write)(p);
    rest.template write<Write>(p + step, step);
  }
};

template <typename Scalar, int R>
struct Tile<Scalar, R, 0> {
  EIGEN_ALWAYS_INLINE static Tile zero() { return {}; }
  template <auto>
  EIGEN_ALWAYS_INLINE void add(const Packets<Scalar, R>&, const Scalar*, Index) {}
  template <auto>
  EIGEN_ALWAYS_INLINE void write(Scalar*, Index) const {}
};

/// The registers hold four columns of tile_rows packets, tile_rows packets of the left factor, and one packet
/// of the right factor.
constexpr int tile_rows = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 6 : 3;
constexpr int tile_columns = 4;

/// The number of columns of A in one band. The band stays in the first-level cache until it is multiplied by
/// all columns of B.
template <typename Scalar>
constexpr Index product_depth = std::min<Index>(256, Index{24} * 1024 / static_cast<Index>(sizeof(Scalar)) /
                                                         (Index{tile_rows} * Packet<Scalar>::size));

/// The right factor of a tile: element (k, c) is first[k * row_step + c * column_step].
template <typename Scalar>
struct ScalarGrid {
  const Scalar* first;
  Index row_step, column_step;
};

/// A copy of a band (the rows of some packets of A) with adjacent columns.
template <typename Scalar>
struct PackedBand {
  alignas(line_bytes) Scalar values[product_depth<Scalar> * tile_rows * Packet<Scalar>::size];

  template <int R>
  ConstColumnsMap<Scalar> of(const ConstColumnsMap<Scalar>& a) {
    constexpr Index rows = R * Packet<Scalar>::size;
    for (Index k = 0; k < a.cols(); ++k) {
      Packets<Scalar, R>::load(a.data() + k * a.outerStride(), Packet<Scalar>::size).store(values + k * rows);
    }
    return {values, rows, a.cols(), Eigen::OuterStride<>(rows)};
  }
};

/// A copy of some rows of some columns of B, for products with the transpose of B. A tile reads along a row
/// of B, and in B each value of a row is on another page of memory. In the copy the distance is an odd number
/// of lines, because lines at a distance of a power of two evict each other from the cache.
template <typename Scalar>
struct PackedRows {
  static constexpr Index depth = std::min<Index>(128, product_depth<Scalar>);
  static constexpr Index width = 4 * padded<Scalar>(1), step = 5 * padded<Scalar>(1);
  alignas(line_bytes) Scalar values[static_cast<std::size_t>(depth * step)];

  ScalarGrid<Scalar> of(const ConstColumnsMap<Scalar>& b, Index first, Index rows) {
    for (Index k = 0; k < b.cols(); ++k) {
      std::copy_n(b.data() + k * b.outerStride() + first, rows, values + k * step);
    }
    return {values, step, 1};
  }
};

/// Z += A B for the rows of R packets and C columns.
template <int R, int C, typename Scalar>
void add_tile(const ConstColumnsMap<Scalar>& a, const ScalarGrid<Scalar>& b, Scalar* z, Index z_step) {
  auto tile = Tile<Scalar, R, C>::zero();
  const Scalar* left = a.data();
  const Scalar* right = b.first;
  const Index left_step = a.outerStride(), right_step = b.row_step, right_columns = b.column_step;
  for (Index k = a.cols(); k > 0; --k, left += left_step, right += right_step) {
    const auto rows =
        Packets<Scalar, R>::template load<&Packet<Scalar>::load_in_register>(left, Packet<Scalar>::size);
    tile.template add<&Packet<Scalar>::broadcast_from>(rows, right, right_columns);
  }
  tile.template write<&Packets<Scalar, R>::add_to>(z, z_step);
}

/// Z += A B for the rows of R packets and all columns.
template <int R, typename Scalar>
void add_band(const ConstColumnsMap<Scalar>& a, const ScalarGrid<Scalar>& b, ColumnsMap<Scalar> z) {
  constexpr Index columns_worth_a_copy = Index{4} * tile_columns;
  PackedBand<Scalar> packed;
  const auto band = z.cols() >= columns_worth_a_copy ? packed.template of<R>(a) : a;
  for_each_group<tile_columns>(z.cols(), [&](auto width, Index column) {
    add_tile<R, width, Scalar>(band, {b.first + column * b.column_step, b.row_step, b.column_step},
                               z.data() + column * z.outerStride(), z.outerStride());
  });
}

/// Z += A B for at most product_depth columns of A.
template <typename Scalar>
void add_shallow_product(const ConstColumnsMap<Scalar>& a, const ScalarGrid<Scalar>& b,
                         ColumnsMap<Scalar> z) {
  for_each_band<tile_rows>(ceil_div(a.rows(), Packet<Scalar>::size), [&](auto packets, Index packet) {
    const Index first = packet * Packet<Scalar>::size, rows = packets.value * Packet<Scalar>::size;
    add_band<packets.value, Scalar>(
        {a.data() + first, rows, a.cols(), Eigen::OuterStride<>(a.outerStride())}, b,
        {z.data() + first, rows, z.cols(), Eigen::OuterStride<>(z.outerStride())});
  });
}

/// Z += A B. Columns of A and Z are padded with zeros, which stay zeros; each column of B is contiguous.
template <typename Scalar>
void add_product(const ConstColumnsMap<Scalar>& a, const ConstColumnsMap<Scalar>& b, ColumnsMap<Scalar> z) {
  for (Index k = 0; k < a.cols(); k += product_depth<Scalar>) {
    add_shallow_product<Scalar>(columns_of(a, k, (std::min)(product_depth<Scalar>, a.cols() - k)),
                                {b.data() + k, 1, b.outerStride()}, z);
  }
}

/// Z += A B', with the layouts of add_product.
template <typename Scalar>
void add_product_transposed(const ConstColumnsMap<Scalar>& a, const ConstColumnsMap<Scalar>& b,
                            ColumnsMap<Scalar> z) {
  using Packed = PackedRows<Scalar>;
  Packed packed;
  for (Index k = 0; k < a.cols(); k += Packed::depth) {
    const Index depth = (std::min)(Packed::depth, a.cols() - k);
    for (Index c = 0; c < z.cols(); c += Packed::width) {
      const Index width = (std::min)(Packed::width, z.cols() - c);
      add_shallow_product<Scalar>(
          columns_of(a, k, depth), packed.of(columns_of(b, k, depth), c, width),
          {z.data() + c * z.outerStride(), z.rows(), width, Eigen::OuterStride<>(z.outerStride())});
    }
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
    const auto rows = Packets<Scalar, R>::template load<&P::load_in_register>(left + i, a.outerStride());
    tile.template add<&P::load_in_register>(rows, right + i, b.outerStride());
  }
  tile.template write<&Packets<Scalar, R>::store_sums>(z.data() + row + column * z.outerStride(),
                                                       z.outerStride());
}

/// Z = A' B if each column of A is a single line, as in an output layer. The sum over the lanes of a register
/// at the end of each dot product would take longer than the products. So blocks of A are transposed and
/// multiplied by add_product.
template <typename Scalar>
void short_dot_product(const ConstColumnsMap<Scalar>& a, const ConstColumnsMap<Scalar>& b,
                       ColumnsMap<Scalar> z) {
  constexpr Index most = 4 * padded<Scalar>(1);
  alignas(line_bytes) Scalar transposed[most * padded<Scalar>(1)];
  for (Index first = 0; first < z.rows(); first += most) {
    const Index count = (std::min)(most, z.rows() - first), rows = padded<Scalar>(count);
    for (Index i = 0; i < a.rows(); ++i) {
      Scalar* row = transposed + i * rows;
      for (Index k = 0; k < count; ++k) {
        row[k] = a.data()[(first + k) * a.outerStride() + i];
      }
      std::fill(row + count, row + rows, Scalar(0));
    }
    const ColumnsMap<Scalar> block(z.data() + first, rows, z.cols(), Eigen::OuterStride<>(z.outerStride()));
    for (Index column = 0; column < z.cols(); ++column) {
      std::fill_n(z.data() + first + column * z.outerStride(), rows, Scalar(0));
    }
    add_product<Scalar>({transposed, rows, a.rows(), Eigen::OuterStride<>(rows)}, b, block);
  }
}

/// Z = A' B. Columns of A and B are padded with zeros.
template <typename Scalar>
void dot_product(ConstColumnsMap<Scalar> a, ConstColumnsMap<Scalar> b, ColumnsMap<Scalar> z) {
  constexpr Index columns_worth_a_copy = Index{2} * tile_columns;
  if (a.outerStride() == padded<Scalar>(1) && z.cols() >= columns_worth_a_copy) {
    short_dot_product<Scalar>(a, b, z);
    return;
  }
  for_each_group<3>(z.rows(), [&](auto rows, Index row) {
    for_each_group<tile_columns>(z.cols(), [&](auto columns, Index column) {
      dot_tile<decltype(rows)::value, columns, Scalar>(a, b, z, row, column);
    });
  });
}

}  // namespace backquery::detail
