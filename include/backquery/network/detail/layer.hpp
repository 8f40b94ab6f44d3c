/// @file
/// One layer, forwards and backwards. A layer of n nodes with m inputs, for s samples, a column each:
///
///     x (m x s)  inputs        W (n x m)  weights       z (n x s)  weighted sums, y = f(z) outputs
///     e (n x s)  error         b (n)      biases        d (n x s)  delta: the step's direction in z
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/products.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

#include <algorithm>

namespace backquery {

/// Where the weighted sums start: the biases, or 0 without. Padding and all.
template <typename Scalar>
void start_sums(Eigen::Map<const detail::VectorX<Scalar>> b, detail::ColumnsMap<Scalar> z) {
  for (Index column = 0; column < z.cols(); ++column) {
    Scalar* sums = z.data() + column * z.outerStride();
    if (b.size() != 0) {
      std::copy_n(b.data(), detail::padded<Scalar>(z.rows()), sums);
    } else {
      std::fill_n(sums, detail::padded<Scalar>(z.rows()), Scalar(0));
    }
  }
}

// W and b are of Parameters; z, e and e_below lie in a Workspace, padded with zeros as the columns of W are.
// x may lie anywhere, each column contiguous.

/// Many samples at once.
template <typename Scalar>
struct ManySamples {
  using Columns = detail::ColumnsMap<Scalar>;
  using ConstColumns = detail::ConstColumnsMap<Scalar>;
  using ConstVector = Eigen::Map<const detail::VectorX<Scalar>>;

  /// z = W x + b 1'.
  static void weighted_sums(ConstColumns w, ConstVector b, ConstColumns x, Columns z) {
    start_sums<Scalar>(b, z);
    detail::add_product<Scalar>(w, x, z);
  }

  /// e_below = W' e: each node gives its error back to its inputs by the weights of their links.
  static void propagate_error(ConstColumns w, ConstColumns e, Columns e_below) {
    detail::dot_product<Scalar>(w, e, e_below);
  }
};

/// One sample.
template <typename Scalar>
struct OneSample {
  using Columns = detail::ColumnsMap<Scalar>;
  using ConstColumns = detail::ConstColumnsMap<Scalar>;
  using ConstVector = Eigen::Map<const detail::VectorX<Scalar>>;

  /// z = W x + b.
  static void weighted_sums(ConstColumns w, ConstVector b, ConstColumns x, Columns z) {
    start_sums<Scalar>(b, z);
    detail::add_columns<Scalar>(detail::EveryColumn<const Scalar>{w.data(), w.outerStride()}, w.cols(),
                                x.data(), z.data(), w.outerStride());
  }

  /// e_below = W' e.
  static void propagate_error(ConstColumns w, ConstColumns e, Columns e_below) {
    detail::dot_columns<Scalar>({w.data(), w.outerStride()}, w.cols(), e.data(), e_below.data(),
                                w.outerStride());
  }

  /// W += d x', b += d.
  static void update(ConstColumns d, ConstColumns x, Columns w, Eigen::Map<detail::VectorX<Scalar>> b) {
    detail::update_columns<Scalar>(detail::EveryColumn<Scalar>{w.data(), w.outerStride()}, w.cols(),
                                   {x.data()}, d.data(), w.outerStride());
    update_biases(d, b);
  }

  static void update_biases(ConstColumns d, Eigen::Map<detail::VectorX<Scalar>> b) {
    for (Index i = 0; i < b.size(); ++i) {
      b[i] += d.data()[i];
    }
  }
};

}  // namespace backquery
