/// @file
/// Products of a matrix and one vector. These loops take most of the time of a step or a query of one sample.
/// Columns and vectors start on a 64-byte line and are padded: n scalars are a whole number of lines.
#pragma once

#include <backquery/detail/lowest_bit.hpp>
#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace backquery::detail {

/// The columns of a matrix, one after the other.
template <typename Scalar>
struct EveryColumn {
  Scalar* first;
  Index step;
  Scalar* operator()(Index k) const { return first + k * step; }
};

/// Some of the columns of a matrix.
template <typename Scalar>
struct ListedColumns {
  Scalar* first;
  Index step;
  const Index* index;
  Scalar* operator()(Index k) const { return first + index[k] * step; }
};

/// Calls use(std::integral_constant<int, value>()) for a value from 1 to Most, and nothing for another value.
template <int Most, typename Use>
void with_constant(Index value, const Use& use) {
  if constexpr (Most > 0) {
    if (value == Most) {
      use(std::integral_constant<int, Most>());
    } else {
      with_constant<Most - 1>(value, use);
    }
  }
}

/// Calls use(width, column) for groups of Width columns, then for groups of half this width, if it is at
/// least 4, and then for single columns.
template <int Width, typename Use>
void for_each_group(Index columns, const Use& use, Index column = 0) {
  for (; column + Width <= columns; column += Width) {
    use(std::integral_constant<int, Width>(), column);
  }
  if constexpr (Width > 1) {
    for_each_group<(Width >= 8 ? Width / 2 : 1)>(columns, use, column);
  }
}

/// The packets of a 64-byte line.
template <typename Scalar>
constexpr int packets_of_line = static_cast<int>(line_bytes / sizeof(Scalar) / Packet<Scalar>::size);
template <typename Scalar>
using LinePackets = Packets<Scalar, packets_of_line<Scalar>>;

/// z += sum_k x_k column_k for columns of PacketCount packets. Several sums, one for each Way, stay in
/// registers, because each addition to a single sum depends on the one before it.
template <int PacketCount, typename Scalar, typename Columns, Index... Way>
void add_narrow_columns(const Columns& column, Index count, const Scalar* x, Scalar* z,
                        std::integer_sequence<Index, Way...>) {
  using Sums = Packets<Scalar, PacketCount>;
  constexpr Index ways = sizeof...(Way);
  Sums sums[sizeof...(Way)] = {(static_cast<void>(Way), Sums::zero())...};
  const auto add = [&](Sums& sum, Index k) {
    sum.add(Sums::load(column(k)), Packet<Scalar>::broadcast(x[k]));
  };
  const Index whole = count - count % ways;
  for (Index k = 0; k < whole; k += ways) {
    (add(sums[Way], k + Way), ...);
  }
  for (Index k = whole; k < count; ++k) {
    add(sums[0], k);
  }
  (sums[Way].add_to(z), ...);
}

/// z += sum_k x_k column_k over the columns k = first + K. Each value of z is loaded and stored once.
template <typename Scalar, typename Columns, Index... K>
void add_group(const Columns& column, Index first, const Scalar* x, Scalar* z, Index n,
               std::integer_sequence<Index, K...>) {
  using P = Packet<Scalar>;
  const Scalar* const columns[] = {column(first + K)...};
  const P factors[] = {P::broadcast(x[first + K])...};
  for (Index i = 0; i < n; i += padded<Scalar>(1)) {
    auto sum = LinePackets<Scalar>::load(z + i);
    (sum.add(LinePackets<Scalar>::load(columns[K] + i), factors[K]), ...);
    sum.store(z + i);
  }
}

/// z += sum_k x_k column_k
template <typename Scalar, typename Columns>
void add_columns(const Columns& column, Index count, const Scalar* x, Scalar* z, Index n) {
  if (n == padded<Scalar>(1)) {
    add_narrow_columns<packets_of_line<Scalar>>(column, count, x, z, std::make_integer_sequence<Index, 4>());
    return;
  }
  Index k = 0;
  const auto add_groups = [&](auto size) {
    for (; k + size <= count; k += size) {
      add_group<Scalar>(column, k, x, z, n, std::make_integer_sequence<Index, size>());
    }
  };
  add_groups(std::integral_constant<Index, 8>());
  add_groups(std::integral_constant<Index, 4>());
  add_groups(std::integral_constant<Index, 1>());
}

/// z += x a
template <typename Scalar>
void add_column(const Scalar* a, Scalar x, Scalar* z, Index n) {
  add_columns<Scalar>(EveryColumn<const Scalar>{a, n}, 1, &x, z, n);
}

/// column_k += x_k d
template <typename Scalar>
void update_columns(EveryColumn<Scalar> column, Index count, const Scalar* x, const Scalar* d, Index n) {
  for (Index k = 0; k < count; ++k) {
    const auto xk = Packet<Scalar>::broadcast(x[k]);
    Scalar* a = column(k);
    for (Index i = 0; i < n; i += padded<Scalar>(1)) {
      auto sum = LinePackets<Scalar>::load(a + i);
      sum.add(LinePackets<Scalar>::load(d + i), xk);
      sum.store(a + i);
    }
  }
}

/// Divides `count` packets into bands, and calls use(size, first) for each band. The sizes are at most
/// `most`, and almost equal, because narrow bands are slow.
template <typename Use>
void for_each_band(Index count, Index most, const Use& use) {
  const Index bands = ceil_div(count, most);
  for (Index band = 0, first = 0; band < bands; ++band) {
    const Index size = (count - first) / (bands - band);
    use(size, first);
    first += size;
  }
}

/// The mask with bits 0 to count - 1; count is at most 63.
constexpr std::uint64_t first_bits(Index count) {
  return (std::uint64_t{1} << count) - 1;
}

/// The largest number of packets in a band. The sums of the band, a factor and a product fit into 16
/// registers. With 32 registers, larger bands are not faster, because the first-level cache must hold the
/// band of all columns of a mask.
constexpr int band_packets = 13;

/// z += sum_k x[k step] column_k over the set bits k of the mask, for R packets. The sums stay in registers.
template <int R, typename Scalar>
void add_masked_columns(EveryColumn<const Scalar> column, const Scalar* x, Index step, std::uint64_t mask,
                        Scalar* z) {
  if (mask == 0) {
    return;
  }
  auto sums = Packets<Scalar, R>::load(z);
  for (; mask != 0; mask &= mask - 1) {
    const Index k = lowest_bit(mask);
    sums.add_product(column(k), Packet<Scalar>::broadcast(x[k * step]));
  }
  sums.store(z);
}

/// Calls use(add, first) for each band of columns of n values. `add` points to add_masked_columns for the
/// number of packets in the band; `first` is the first row of the band.
template <typename Scalar, typename Use>
void for_each_masked_band(Index n, const Use& use) {
  for_each_band(n / Packet<Scalar>::size, band_packets, [&](Index packets, Index packet) {
    auto* add = &add_masked_columns<band_packets, Scalar>;
    with_constant<band_packets - 1>(packets, [&](auto r) { add = &add_masked_columns<r.value, Scalar>; });
    use(add, packet * Packet<Scalar>::size);
  });
}

/// z += sum_k x_k column_k for at most 63 columns. Faster than add_columns if the columns are in the
/// first-level cache.
template <typename Scalar>
void add_few_columns(EveryColumn<const Scalar> column, Index count, const Scalar* x, Scalar* z, Index n) {
  for_each_masked_band<Scalar>(n, [&](auto* add, Index first) {
    add({column.first + first, column.step}, x, 1, first_bits(count), z + first);
  });
}

/// y_k = column_k' e for R columns.
template <int R, typename Scalar>
void dot_some_columns(const Scalar* columns, Index step, const Scalar* e, Scalar* y) {
  auto sums = Packets<Scalar, R>::zero();
  for (Index i = 0; i < step; i += Packet<Scalar>::size) {
    sums.add(Packets<Scalar, R>::load(columns + i, step), Packet<Scalar>::load(e + i));
  }
  sums.store_sums(y);
}

/// y_k = column_k' e
template <typename Scalar>
void dot_columns(EveryColumn<const Scalar> column, Index count, const Scalar* e, Scalar* y) {
  for_each_group<10>(
      count, [&](auto r, Index k) { dot_some_columns<r.value, Scalar>(column(k), column.step, e, y + k); });
}

/// In one pass over R packets of the columns: y = sum_k e_k column_k, then column_k += d_k x.
template <int R, typename Scalar>
void add_and_update_band(EveryColumn<Scalar> column, Index count, const Scalar* e, const Scalar* d,
                         const Scalar* x, Scalar* y) {
  using P = Packet<Scalar>;
  auto sums = Packets<Scalar, R>::zero();
  const auto values = Packets<Scalar, R>::load(x, P::size);
  for (Index k = 0; k < count; ++k) {
    sums.add_and_update(column(k), P::broadcast(e[k]), P::broadcast(d[k]), values);
  }
  sums.store(y);
}

/// In one pass over the columns: y = sum_k e_k column_k, then column_k += d_k x.
template <typename Scalar>
void add_and_update_columns(EveryColumn<Scalar> column, Index count, const Scalar* e, const Scalar* d,
                            const Scalar* x, Scalar* y) {
  // Registers hold the packets of x and of y in a band, and three values of a column.
  constexpr int most = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 13 : 6;
  for_each_band(column.step / Packet<Scalar>::size, most, [&](Index packets, Index packet) {
    const Index first = packet * Packet<Scalar>::size;
    with_constant<most>(packets, [&](auto r) {
      add_and_update_band<r.value, Scalar>({column.first + first, column.step}, count, e, d, x + first,
                                           y + first);
    });
  });
}

}  // namespace backquery::detail
