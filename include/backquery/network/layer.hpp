/// @file
/// One layer, forwards and backwards. A layer of n nodes with m inputs, for s samples, a column each:
///
///     x (m x s)  inputs        W (n x m)  weights       z (n x s)  weighted sums, y = f(z) outputs
///     e (n x s)  error         b (n)      biases        d (n x s)  delta: the step's direction in z
#pragma once

#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

namespace backquery {

/// z = W x + b 1'. Without biases b has size 0.
template <typename Scalar>
void weighted_sums(detail::ConstColumnsMap<Scalar> w, Eigen::Map<const detail::VectorX<Scalar>> b,
                   detail::ConstColumnsMap<Scalar> x, detail::ColumnsMap<Scalar> z) {
  if (x.cols() == 1) {
    z.col(0).noalias() = w * x.col(0);
  } else {
    z.noalias() = w * x;
  }
  if (b.size() != 0) {
    z.colwise() += b;
  }
}

/// e_below = W' e: each node gives its error back to its inputs by the weights of their links.
template <typename Scalar>
void propagate_error(detail::ConstColumnsMap<Scalar> w, detail::ConstColumnsMap<Scalar> e,
                     detail::ColumnsMap<Scalar> e_below) {
  if (e.cols() == 1) {
    e_below.col(0).noalias() = w.transpose() * e.col(0);
  } else {
    e_below.noalias() = w.transpose() * e;
  }
}

/// W += d x',  b += d, for one sample.
template <typename Scalar>
void add_outer_product(detail::ConstColumnsMap<Scalar> d, detail::ConstColumnsMap<Scalar> x,
                       detail::ColumnsMap<Scalar> w, Eigen::Map<detail::VectorX<Scalar>> b) {
  w.noalias() += d.col(0) * x.col(0).transpose();
  if (b.size() != 0) {
    b += d.col(0);
  }
}

}  // namespace backquery
