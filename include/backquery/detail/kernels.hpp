/// @file
/// Products of a matrix and one vector. These loops take most of the time of a step or a query of one sample.
/// Columns and vectors start on a 64-byte line and are padded: n scalars are a whole number of lines.
#pragma once

#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
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

/// The packets of a 64-byte line.
template <typename Scalar>
constexpr int packets_of_line = static_cast<int>(line_bytes / sizeof(Scalar) / Packet<Scalar>::size);
template <typename Scalar>
using LinePackets = Packets<Scalar, packets_of_line<Scalar>>;

template <typename Scalar>
LinePackets<Scalar> load_line(const Scalar* p) {
  return LinePackets<Scalar>::load(p, Packet<Scalar>::size);
}

/// z += sum_k x_k column_k for columns of PacketCount packets. Several sums, one for each Way, stay in
/// registers, because each addition to a single sum depends on the one before it.
template <int PacketCount, typename Scalar, typename Columns, Index... Way>
void add_narrow_columns(const Columns& column, Index count, const Scalar* x, Scalar* z,
                        std::integer_sequence<Index, Way...>) {
  using Sums = Packets<Scalar, PacketCount>;
  constexpr Index ways = sizeof...(Way);
  Sums sums[sizeof...(Way)] = {(static_cast<void>(Way), Sums::zero())...};
  const auto add = [&](Sums& sum, Index k) {
    sum.add(Sums::load(column(k), Packet<Scalar>::size), Packet<Scalar>::broadcast(x[k]));
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

/// z += sum_k x_k column_k. Each value of z is loaded and stored once for four columns, while the next four
/// columns are prefetched.
template <typename Scalar, typename Columns>
void add_columns(const Columns& column, Index count, const Scalar* x, Scalar* z, Index n) {
  using P = Packet<Scalar>;
  constexpr Index line = padded<Scalar>(1);
  if (n == line) {
    add_narrow_columns<packets_of_line<Scalar>>(column, count, x, z, std::make_integer_sequence<Index, 4>());
    return;
  }
  Index k = 0;
  for (; k + 4 <= count; k += 4) {
    const Index next = (std::min)(k + 4, count - 4);
    const Scalar *a = column(k), *b = column(k + 1), *c = column(k + 2), *d = column(k + 3);
    const Scalar *next_a = column(next), *next_b = column(next + 1), *next_c = column(next + 2),
                 *next_d = column(next + 3);
    const P xa = P::broadcast(x[k]), xb = P::broadcast(x[k + 1]), xc = P::broadcast(x[k + 2]),
            xd = P::broadcast(x[k + 3]);
    for (Index i = 0; i < n; i += line) {
      P::prefetch(next_a + i);
      P::prefetch(next_b + i);
      P::prefetch(next_c + i);
      P::prefetch(next_d + i);
      auto sum = load_line<Scalar>(z + i);
      sum.add(load_line<Scalar>(a + i), xa);
      sum.add(load_line<Scalar>(b + i), xb);
      sum.add(load_line<Scalar>(c + i), xc);
      sum.add(load_line<Scalar>(d + i), xd);
      sum.store(z + i);
    }
  }
  for (; k < count; ++k) {
    const P xk = P::broadcast(x[k]);
    const Scalar* a = column(k);
    for (Index i = 0; i < n; i += P::size) {
      P::load(z + i).plus(P::load(a + i), xk).store(z + i);
    }
  }
}

/// z += x a
template <typename Scalar>
void add_column(const Scalar* a, Scalar x, Scalar* z, Index n) {
  add_columns<Scalar>(EveryColumn<const Scalar>{a, n}, 1, &x, z, n);
}

/// column_k += x_k d
template <typename Scalar, typename Columns>
void update_columns(const Columns& column, Index count, const Scalar* x, const Scalar* d, Index n) {
  for (Index k = 0; k < count; ++k) {
    const auto xk = Packet<Scalar>::broadcast(x[k]);
    Scalar* a = column(k);
    for (Index i = 0; i < n; i += padded<Scalar>(1)) {
      auto sum = load_line<Scalar>(a + i);
      sum.add(load_line<Scalar>(d + i), xk);
      sum.store(a + i);
    }
  }
}

/// y_k = column_k' e
template <typename Scalar>
void dot_columns(EveryColumn<const Scalar> column, Index count, const Scalar* e, Scalar* y, Index n) {
  using P = Packet<Scalar>;
  for (Index k = 0; k < count; ++k) {
    P product = P::broadcast(Scalar(0));
    const Scalar* a = column(k);
    for (Index i = 0; i < n; i += P::size) {
      product = product.plus(P::load(a + i), P::load(e + i));
    }
    y[k] = product.sum();
  }
}

}  // namespace backquery::detail
