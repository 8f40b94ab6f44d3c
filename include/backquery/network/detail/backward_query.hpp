/// @file
/// The question asked backwards: from a target to what the network would like to see.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/passes.hpp>
#include <backquery/network/options.hpp>
#include <backquery/network/parameters.hpp>

#include <Eigen/Core>

namespace backquery::detail {

/// Moves and stretches a column linearly to low .. high. A column whose values are all equal becomes the
/// middle.
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

/// x from t, layer by layer: z = f^-1(y), then W' (z - b), rescaled into what the layer below can give. t has
/// been checked to lie inside the range of the output.
template <typename Scalar>
MatrixX<Scalar> backward_query(const Parameters<Scalar>& parameters, const NetworkOptions& options,
                               const Strided<const Scalar>& t) {
  const Index layers = parameters.layers();
  MatrixX<Scalar> y = t;
  for (Index layer = layers - 1; layer >= 0; --layer) {
    const Activation f = activation_of(options, layer, layers);
    MatrixX<Scalar> z = y.unaryExpr([f](Scalar value) { return inverse<Scalar>(f, value); });
    const auto b = parameters.biases(layer);
    if (b.size() != 0) {
      z.colwise() -= b;
    }
    y.noalias() = parameters.weights(layer).transpose() * z;

    // What the layer below can give: the inputs lie in 0.01 .. 0.99, the values of f a little inside its open
    // range.
    const auto below =
        layer == 0 ? ActivationRange<Scalar>{true, 0, 1, true} : range_of<Scalar>(options.hidden_activation);
    if (below.rescaled) {
      const Scalar margin = Scalar(0.01L) * (below.high - below.low);
      for (Index column = 0; column < y.cols(); ++column) {
        rescale<Scalar>(y.col(column), below.low + margin, below.high - margin);
      }
    }
  }
  return y;
}

}  // namespace backquery::detail
