/// @file
/// One layer, forward and backward: n nodes with m inputs, for s samples, one per column.
///
///     x (m x s)  inputs        W (n x m)  weights       z (n x s)  pre-activations, y = f(z) outputs
///     e (n x s)  error         b (n)      biases        d (n x s)  delta: the step's direction in z
///
/// W and b are in Parameters; z, e and e_below are in a Workspace. All columns are padded with zeros. x may
/// be anywhere in memory, but each of its columns is contiguous.
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/products.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>

namespace backquery::detail {

template <typename Scalar>
using ConstVectorMap = Eigen::Map<const VectorX<Scalar>>;

/// z = b 1', or 0 without biases; padding included.
template <typename Scalar>
void set_to_biases(ConstVectorMap<Scalar> b, ColumnsMap<Scalar> z) {
  for (Index column = 0; column < z.cols(); ++column) {
    Scalar* sums = z.data() + column * z.outerStride();
    if (b.size() != 0) {
      std::copy_n(b.data(), padded<Scalar>(z.rows()), sums);
    } else {
      std::fill_n(sums, padded<Scalar>(z.rows()), Scalar(0));
    }
  }
}

/// The operations of a pass for many samples at once. The first argument is the index of the layer. A pass
/// calls finish_layer when the deltas of the layer are known.
template <typename Scalar>
struct ManySamples {
  using Columns = ColumnsMap<Scalar>;
  using ConstColumns = ConstColumnsMap<Scalar>;

  /// z = W x + b 1'
  static void pre_activations(Index, ConstColumns w, ConstVectorMap<Scalar> b, ConstColumns x, Columns z) {
    set_to_biases<Scalar>(b, z);
    add_product<Scalar>(w, x, z);
  }

  /// e_below = W' e
  static void propagate_error(Index, ConstColumns w, ConstColumns e, Columns e_below) {
    dot_product<Scalar>(w, e, e_below);
  }

  static void finish_layer(Index) {}
};

/// The operations of a pass for one sample.
template <typename Scalar>
struct OneSample {
  using Columns = ColumnsMap<Scalar>;
  using ConstColumns = ConstColumnsMap<Scalar>;

  /// z = W x + b
  static void pre_activations(Index, ConstColumns w, ConstVectorMap<Scalar> b, ConstColumns x, Columns z) {
    set_to_biases<Scalar>(b, z);
    add_columns<Scalar>(EveryColumn<const Scalar>{w.data(), w.outerStride()}, w.cols(), x.data(), z.data(),
                        w.outerStride());
  }

  /// e_below = W' e
  static void propagate_error(Index, ConstColumns w, ConstColumns e, Columns e_below) {
    dot_columns<Scalar>({w.data(), w.outerStride()}, w.cols(), e.data(), e_below.data());
  }

  static void finish_layer(Index) {}

  /// W += d x', b += d
  static void update(ConstColumns d, ConstColumns x, Columns w, Eigen::Map<VectorX<Scalar>> b) {
    update_columns<Scalar>({w.data(), w.outerStride()}, w.cols(), x.data(), d.data(), w.outerStride());
    update_biases(d, b);
  }

  /// b += d
  static void update_biases(ConstColumns d, Eigen::Map<VectorX<Scalar>> b) {
    for (Index i = 0; i < b.size(); ++i) {
      b[i] += d.data()[i];
    }
  }
};

}  // namespace backquery::detail
