/// @file
/// The loops in which training one sample and asking for one spend their time. All work on padded columns: n
/// is a whole number of 64-byte lines, and columns and vectors start on one.
#pragma once

#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

#include <type_traits>

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

/// z += sum_k x_k column_k. Four columns share one trip of z through the registers.
template <typename Scalar, typename Columns>
void add_columns(const Columns& column, Index count, const Scalar* x, Scalar* z, Index n) {
  using P = Packet<std::remove_const_t<Scalar>>;
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

/// column_k += x_k d, then z += next_k column_k: the update for one sample and the weighted sums for the next
/// in one trip of the weights through the processor.
template <typename Scalar>
void update_and_add_columns(EveryColumn<Scalar> column, Index count, Factors<Scalar> x, const Scalar* d,
                            Factors<Scalar> next, Scalar* z, Index n) {
  using P = Packet<Scalar>;
  Index k = 0;
  for (; k + 4 <= count; k += 4) {
    Scalar *a = column(k), *b = column(k + 1), *c = column(k + 2), *e = column(k + 3);
    const P xa = P::broadcast(x[k]), xb = P::broadcast(x[k + 1]), xc = P::broadcast(x[k + 2]),
            xe = P::broadcast(x[k + 3]);
    const P na = P::broadcast(next[k]), nb = P::broadcast(next[k + 1]), nc = P::broadcast(next[k + 2]),
            ne = P::broadcast(next[k + 3]);
    for (Index i = 0; i < n; i += P::size) {
      const P di = P::load(d + i);
      const P wa = P::load(a + i).plus(di, xa), wb = P::load(b + i).plus(di, xb),
              wc = P::load(c + i).plus(di, xc), we = P::load(e + i).plus(di, xe);
      wa.store(a + i);
      wb.store(b + i);
      wc.store(c + i);
      we.store(e + i);
      P::load(z + i).plus(wa, na).plus(wb, nb).plus(wc, nc).plus(we, ne).store(z + i);
    }
  }
  for (; k < count; ++k) {
    const P xk = P::broadcast(x[k]), nk = P::broadcast(next[k]);
    Scalar* a = column(k);
    for (Index i = 0; i < n; i += P::size) {
      const P w = P::load(a + i).plus(P::load(d + i), xk);
      w.store(a + i);
      P::load(z + i).plus(w, nk).store(z + i);
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
