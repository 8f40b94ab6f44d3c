/// @file
/// Matrix products of padded columns: add_product, add_product_transposed and dot_product. Unlike Eigen's
/// products, they
///
/// - allocate nothing, so that a query or a step needs no heap and works in real time;
/// - sum in an order that depends only on the sizes, so that results have the same bits on any number of
///   threads.
///
/// They are about as fast as Eigen and OpenBLAS. `cmake --workflow --preset benchmark` shows the speed
/// beside plain Eigen, and tests/benchmark/compare.py beside other libraries.
///
/// Tiles of the result stay in registers while their sums are computed: Goto and van de Geijn, "Anatomy of
/// high-performance matrix multiplication" (2008).
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
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
  /// column c += a b_c for the scalars at b, b + step, ...
  EIGEN_ALWAYS_INLINE void add(const Packets<Scalar, R>& a, const Scalar* b, Index step) {
    column.add(a, Packet<Scalar>::broadcast(*b));
    rest.add(a, b + step, step);
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
  EIGEN_ALWAYS_INLINE void add(const Packets<Scalar, R>&, const Scalar*, Index) {}
  template <auto>
  EIGEN_ALWAYS_INLINE void write(Scalar*, Index) const {}
};

/// The registers hold a tile, tile_rows packets of the left factor, and one packet of the right factor.
constexpr int tile_rows = 3;
constexpr int tile_columns = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 8 : 4;

/// The number of columns in one copied band. The copy stays in the first-level cache until it is multiplied
/// by all columns of the right factor.
template <typename Scalar>
constexpr Index product_depth = std::min<Index>(256, Index{24} * 1024 / static_cast<Index>(sizeof(Scalar)) /
                                                         (Index{tile_rows} * Packet<Scalar>::size));

/// The right factor of a tile: element (k, c) is first[k * row_step + c * column_step].
template <typename Scalar>
struct ScalarGrid {
  const Scalar* first;
  Index row_step, column_step;
};

/// The sum over k < depth of a_k b_k': a_k has R packets, from left + k * left_step on, b_k is row k of b.
template <int R, int C, typename Scalar>
EIGEN_ALWAYS_INLINE Tile<Scalar, R, C> tile_product(const Scalar* left, Index left_step, ScalarGrid<Scalar> b,
                                                    Index depth) {
  auto tile = Tile<Scalar, R, C>::zero();
  for (; depth > 0; --depth, left += left_step, b.first += b.row_step) {
    tile.add(Packets<Scalar, R>::load_in_registers(left), b.first, b.column_step);
  }
  return tile;
}

/// The left factor of a product, A or A'. Columns of A are padded with zeros.
template <typename Scalar>
struct LeftFactor {
  const Scalar* first;
  Index step, rows, depth;
  bool transposed;
};

/// The right factor of a product: the columns of B, or a copy by PackedRows.
template <typename Scalar>
struct RightFactor {
  const Scalar* first;
  Index step;
  bool packed;

  /// `width` columns, from row k on.
  [[nodiscard]] ScalarGrid<Scalar> group(Index k, Index column, Index width) const {
    const Scalar* const start = first + column * step;
    return packed ? ScalarGrid<Scalar>{start + k * width, width, 1} : ScalarGrid<Scalar>{start + k, 1, step};
  }
};

/// Copies the transpose of some columns. Eigen transposes a square of packets in registers.
/// @param rows  the size of a copied column, a whole number of packets; rows without a source column are 0
template <typename Scalar>
void copy_transposed(const Scalar* source, Index step, Index columns, Index depth, Scalar* copy, Index rows) {
  constexpr Index size = Packet<Scalar>::size;
  using Square = Eigen::Map<Eigen::Matrix<Scalar, size, size>, 0, Eigen::OuterStride<>>;
  for (Index first = 0; first < rows; first += size) {
    for (Index k = 0; k < depth; k += size) {
      Scalar* const square = copy + k * rows + first;
      for (Index i = 0; i < size; ++i) {
        const bool exists = first + i < columns;
        const Scalar* const column = source + (first + i) * step + k;
        (exists ? Packet<Scalar>::load(column) : Packet<Scalar>::broadcast(0)).store(square + i * rows);
      }
      Square(square, Eigen::OuterStride<>(rows)).transposeInPlace();
    }
  }
}

/// A copy of a band (the rows of R packets) of a left factor, with adjacent columns.
template <int R, typename Scalar>
struct PackedBand {
  static constexpr Index size = Packet<Scalar>::size, rows = R * size;
  alignas(line_bytes) Scalar values[static_cast<std::size_t>(product_depth<Scalar> * rows)];

  void copy(const LeftFactor<Scalar>& a, Index row, Index k, Index depth) {
    if (a.transposed) {
      copy_transposed<Scalar>(a.first + row * a.step + k, a.step, a.rows - row, depth, values, rows);
      return;
    }
    const Scalar* column = a.first + row + k * a.step;
    for (Index i = 0; i < depth; ++i, column += a.step) {
      Packets<Scalar, R>::load(column).store(values + i * rows);
    }
  }
};

/// A copy of some rows of some columns of B, for products with the transpose of B. A tile reads along a row
/// of B, and in B each value of a row is on another page of memory. In the copy, these values are adjacent.
template <typename Scalar>
struct PackedRows {
  static constexpr Index depth = std::min<Index>(128, product_depth<Scalar>), width = 64;
  alignas(line_bytes) Scalar values[static_cast<std::size_t>(depth * width)];

  RightFactor<Scalar> of(const ConstColumnsMap<Scalar>& b, Index first, Index rows) {
    for_each_group<tile_columns>(rows, [&](auto group, Index row) {
      constexpr Index size = group.value;
      const Scalar* source = b.data() + first + row;
      Scalar* copy = values + row * b.cols();
      const Index step = b.outerStride();
      for (const Scalar* const end = copy + size * b.cols(); copy != end; copy += size, source += step) {
        std::memcpy(copy, source, sizeof(Scalar) * size);  // std::copy_n is slow with GCC 12
      }
    });
    return {values, b.cols(), true};
  }
};

/// Z += A B, or Z = A B, for the rows of R packets and C columns.
template <int R, int C, typename Scalar>
void multiply_tile(const ConstColumnsMap<Scalar>& a, const ScalarGrid<Scalar>& b, Scalar* z, Index z_step,
                   bool add) {
  using P = Packet<Scalar>;
  for (Index c = 0; c < C; ++c) {
    for (Index r = 0; r < R; ++r) {
      P::prefetch(z + c * z_step + r * P::size);
    }
  }
  const auto tile = tile_product<R, C>(a.data(), a.outerStride(), b, a.cols());
  if (add) {
    tile.template write<&Packets<Scalar, R>::add_to>(z, z_step);
  } else {
    tile.template write<&Packets<Scalar, R>::store>(z, z_step);
  }
}

/// Z += A B, or Z = A B, band by band.
template <typename Scalar>
void multiply(const LeftFactor<Scalar>& a, const RightFactor<Scalar>& b, ColumnsMap<Scalar> z, bool add) {
  constexpr Index columns_worth_a_copy = 16;
  const bool copied = a.transposed || z.cols() >= columns_worth_a_copy;
  for_each_band(ceil_div(a.rows, Packet<Scalar>::size), tile_rows, [&](Index packets, Index packet) {
    with_constant<tile_rows>(packets, [&](auto constant) {
      constexpr int size = constant.value;
      const Index row = packet * Packet<Scalar>::size;
      PackedBand<size, Scalar> packed;
      for (Index k = 0; k < a.depth; k += product_depth<Scalar>) {
        const Index depth = (std::min)(product_depth<Scalar>, a.depth - k);
        if (copied) {
          packed.copy(a, row, k, depth);
        }
        const ConstColumnsMap<Scalar> band(copied ? packed.values : a.first + row + k * a.step, packed.rows,
                                           depth, Eigen::OuterStride<>(copied ? packed.rows : a.step));
        for_each_group<tile_columns>(z.cols(), [&](auto width, Index column) {
          multiply_tile<size, width.value, Scalar>(band, b.group(k, column, width.value),
                                                   z.data() + row + column * z.outerStride(), z.outerStride(),
                                                   add || k > 0);
        });
      }
    });
  });
}

/// Z += A B. Columns of A and Z are padded with zeros, which stay zeros; each column of B is contiguous.
template <typename Scalar>
void add_product(const ConstColumnsMap<Scalar>& a, const ConstColumnsMap<Scalar>& b, ColumnsMap<Scalar> z) {
  for (Index k = 0; k < a.cols(); k += product_depth<Scalar>) {
    const auto some = columns_of(a, k, (std::min)(product_depth<Scalar>, a.cols() - k));
    multiply<Scalar>({some.data(), a.outerStride(), a.rows(), some.cols(), false},
                     {b.data() + k, b.outerStride(), false}, z, true);
  }
}

/// Z += A B', with the layouts of add_product.
template <typename Scalar>
void add_product_transposed(const ConstColumnsMap<Scalar>& a, const ConstColumnsMap<Scalar>& b,
                            ColumnsMap<Scalar> z) {
  using Packed = PackedRows<Scalar>;
  Packed packed;
  for (Index k = 0; k < a.cols(); k += Packed::depth) {
    const auto some = columns_of(a, k, (std::min)(Packed::depth, a.cols() - k));
    for (Index c = 0; c < z.cols(); c += Packed::width) {
      const Index width = (std::min)(Packed::width, z.cols() - c);
      multiply<Scalar>(
          {some.data(), a.outerStride(), a.rows(), some.cols(), false},
          packed.of(columns_of(b, k, some.cols()), c, width),
          {z.data() + c * z.outerStride(), z.rows(), width, Eigen::OuterStride<>(z.outerStride())}, true);
    }
  }
}

/// Z = A' B. Columns of A and B are padded with zeros. The rows after the last row of Z, up to a whole
/// packet, become 0.
template <typename Scalar>
void dot_product(const ConstColumnsMap<Scalar>& a, const ConstColumnsMap<Scalar>& b, ColumnsMap<Scalar> z) {
  multiply<Scalar>({a.data(), a.outerStride(), a.cols(), a.rows(), true}, {b.data(), b.outerStride(), false},
                   z, false);
}

}  // namespace backquery::detail
