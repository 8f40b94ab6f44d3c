/// @file
/// The loops in which training one sample and asking for one spend their time. All work on padded columns: n
/// is a whole number of 64-byte lines, and columns and vectors start on one.
#pragma once

#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

namespace backquery::detail {

/// The columns of a matrix one after the other.
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

/// A factor for each column, or with step 0 the same one for all.
template <typename Scalar>
struct Factors {
  const Scalar* values;
  Index step = 1;
  Scalar operator[](Index k) const { return values[k * step]; }
};

/// z += sum_k x_k column_k for columns of a single line: z stays in registers, four times, since one sum
/// would wait for itself.
template <typename Scalar, typename Columns>
void add_narrow_columns(const Columns& column, Index count, const Scalar* x, Scalar* z) {
  constexpr int packets = static_cast<int>(line_bytes / sizeof(Scalar) / Packet<Scalar>::size);
  using Line = Packets<Scalar, packets>;
  const auto add = [&](Line& sum, Index k) {
    sum.add(Line::load(column(k), Packet<Scalar>::size), Packet<Scalar>::broadcast(x[k]));
  };
  Line a = Line::zero(), b = Line::zero(), c = Line::zero(), d = Line::zero();
  Index k = 0;
  for (; k + 4 <= count; k += 4) {
    add(a, k);
    add(b, k + 1);
    add(c, k + 2);
    add(d, k + 3);
  }
  for (; k < count; ++k) {
    add(a, k);
  }
  a.add_to(z);
  b.add_to(z);
  c.add_to(z);
  d.add_to(z);
}

/// z += sum_k x_k column_k. Four columns share one trip of z through the registers.
template <typename Scalar, typename Columns>
void add_columns(const Columns& column, Index count, const Scalar* x, Scalar* z, Index n) {
  using P = Packet<Scalar>;
  if (n == padded<Scalar>(1)) {
    add_narrow_columns<Scalar>(column, count, x, z);
    return;
  }
  Index k = 0;
  for (; k + 4 <= count; k += 4) {
    const Scalar *a = column(k), *b = column(k + 1), *c = column(k + 2), *d = column(k + 3);
    const P xa = P::broadcast(x[k]), xb = P::broadcast(x[k + 1]), xc = P::broadcast(x[k + 2]),
            xd = P::broadcast(x[k + 3]);
    for (Index i = 0; i < n; i += P::size) {
      P::load(z + i)
          .plus(P::load(a + i), xa)
          .plus(P::load(b + i), xb)
          .plus(P::load(c + i), xc)
          .plus(P::load(d + i), xd)
          .store(z + i);
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

/// column_k += x_k d.
template <typename Scalar, typename Columns>
void update_columns(const Columns& column, Index count, Factors<Scalar> x, const Scalar* d, Index n) {
  using P = Packet<Scalar>;
  for (Index k = 0; k < count; ++k) {
    const P xk = P::broadcast(x[k]);
    Scalar* a = column(k);
    for (Index i = 0; i < n; i += P::size) {
      P::load(a + i).plus(P::load(d + i), xk).store(a + i);
    }
  }
}

/// y_k = column_k' e.
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
