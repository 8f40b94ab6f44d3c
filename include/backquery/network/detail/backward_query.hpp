/// @file
/// backquery: inputs that correspond to given outputs.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/passes.hpp>

namespace backquery::detail {

/// Rescales a column linearly to low .. high. A column of equal values becomes the middle.
template <typename Scalar>
void rescale(Eigen::Ref<VectorX<Scalar>> column, Scalar low, Scalar high) {
  const Scalar smallest = column.minCoeff();
  const Scalar spread = column.maxCoeff() - smallest;
  if (spread == Scalar(0)) {
    column.setConstant((low + high) / Scalar(2));
  } else {
    column.array() = (column.array() - smallest) / spread * (high - low) + low;
  }
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
        y = y.unaryExpr([described](Scalar value) { return described.inverse(value); });
      }
    });
    const auto b = network.parameters.biases(layer);
    if (b.size() != 0) {
      y.colwise() -= b;
    }
    y = network.parameters.weights(layer).transpose() * y;

    const auto below =
        layer == 0 ? inputs
                   : visit(network.options.hidden_activation, [](auto hidden) { return hidden.rescaled; });
    for (Index column = 0; column < y.cols() && below.low < below.high; ++column) {
      rescale<Scalar>(y.col(column), Scalar(below.low), Scalar(below.high));
    }
  }
  return y;
}

}  // namespace backquery::detail
