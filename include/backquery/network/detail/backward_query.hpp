/// @file
/// backquery: inputs that correspond to given outputs.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/passes.hpp>

#include <algorithm>
#include <cstddef>

namespace backquery::detail {

/// Rescales a column linearly to low .. high. A column of equal values becomes the middle.
template <typename Scalar>
void rescale(typename MatrixX<Scalar>::ColXpr column, Scalar low, Scalar high) {
  const Scalar smallest = column.minCoeff();
  const Scalar spread = column.maxCoeff() - smallest;
  if (spread == Scalar(0)) {
    column.setConstant((low + high) / Scalar(2));
  } else {
    column.array() = (column.array() - smallest) / spread * (high - low) + low;
  }
}

/// W' Y. The columns are padded for dot_product.
template <typename Scalar>
MatrixX<Scalar> transposed_product(const ConstColumnsMap<Scalar>& w, const MatrixX<Scalar>& y) {
  const auto zeros = [&y](LineVector<Scalar>& values, Index rows) -> ColumnsMap<Scalar> {
    const Index step = padded<Scalar>(rows);
    values.assign(static_cast<std::size_t>(step * y.cols()), Scalar(0));
    return {values.data(), rows, y.cols(), Eigen::OuterStride<>(step)};
  };
  LineVector<Scalar> factor_values, product_values;
  ColumnsMap<Scalar> factor = zeros(factor_values, y.rows()), product = zeros(product_values, w.cols());
  factor = y;
  dot_product<Scalar>(w, read_only(factor), product);
  return product;
}

/// Computes the inputs x for the targets t, from the output layer to the first layer: W' (f^-1(y) - b),
/// rescaled to values that the layer below can have. check_backward_targets must have accepted t.
template <typename Scalar>
MatrixX<Scalar> backward_query(const Layers<Scalar>& network, const Strided<const Scalar>& t) {
  constexpr ActivationRange inputs{0.01L, 0.99L};
  MatrixX<Scalar> y = t;
  for (Index layer = network.last(); layer >= 0; --layer) {
    visit(network.activation(layer), [&y](auto described) {  // y <- f^-1(y)
      if constexpr (described.no_inverse == nullptr) {
        std::transform(y.data(), y.data() + y.size(), y.data(),
                       [](Scalar value) { return decltype(described)::inverse(value); });
      }
    });
    const auto b = network.parameters.biases(layer);
    if (b.size() != 0) {
      y.colwise() -= b;
    }
    y = transposed_product<Scalar>(network.parameters.weights(layer), y);

    const auto below =
        layer == 0 ? inputs
                   : visit(network.activation(layer - 1), [](auto hidden) { return hidden.rescaled; });
    for (Index column = 0; column < y.cols() && below.low < below.high; ++column) {
      rescale<Scalar>(y.col(column), Scalar(below.low), Scalar(below.high));
    }
  }
  return y;
}

}  // namespace backquery::detail
