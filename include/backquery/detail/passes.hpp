/// @file
/// All layers of a network, forwards and backwards.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/layer.hpp>
#include <backquery/network/options.hpp>
#include <backquery/network/parameters.hpp>
#include <backquery/network/workspace.hpp>

#include <Eigen/Core>

#include <algorithm>

namespace backquery::detail {

inline Activation activation_of(const NetworkOptions& options, Index layer, Index layers) {
  return layer + 1 == layers ? options.output_activation : options.hidden_activation;
}

template <typename Scalar>
ConstColumnsMap<Scalar> read_only(const ColumnsMap<Scalar>& m) {
  return {m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(m.outerStride())};
}

/// Columns first .. first + count of x where they lie, if each is contiguous.
template <typename Scalar>
ConstColumnsMap<Scalar> columns_of(const Strided<const Scalar>& x, Index first, Index count) {
  return {x.data() + first * x.outerStride(), x.rows(), count, Eigen::OuterStride<>(x.outerStride())};
}

template <typename Scalar>
bool is_contiguous(const Strided<const Scalar>& x) {
  return x.innerStride() == 1 || x.rows() == 1;
}

/// The same as contiguous columns, copied to room() where they are not.
template <typename Scalar, typename Room>
ConstColumnsMap<Scalar> contiguous_columns(const Strided<const Scalar>& x, Index first, Index count,
                                           const Room& room) {
  if (is_contiguous<Scalar>(x)) {
    return columns_of<Scalar>(x, first, count);
  }
  ColumnsMap<Scalar> copy = room();
  copy = x.middleCols(first, count);
  return read_only<Scalar>(copy);
}

/// Takes `count` columns of x through the layers, which take turns in two pieces of `memory`, and returns the
/// last.
template <typename Scalar, typename Samples>
ConstColumnsMap<Scalar> answer_block(const Parameters<Scalar>& parameters, const NetworkOptions& options,
                                     const Strided<const Scalar>& x, Index first, Index count, Scalar* memory,
                                     Index widest) {
  Scalar* piece = memory;
  const auto room = [&](Index rows) {
    piece = piece == memory ? memory + widest * count : memory;
    return ColumnsMap<Scalar>(piece, rows, count, Eigen::OuterStride<>(widest));
  };
  const auto through = [&](Index layer, ConstColumnsMap<Scalar> below) {
    const auto w = parameters.weights(layer);
    const ColumnsMap<Scalar> z = room(w.rows());
    Samples::weighted_sums(w, parameters.biases(layer), below, z);
    activate<Scalar>(activation_of(options, layer, parameters.layers()), z);
  };
  through(0, contiguous_columns<Scalar>(x, first, count, [&] { return room(x.rows()); }));
  for (Index layer = 1; layer < parameters.layers(); ++layer) {
    through(layer, {piece, parameters.weights(layer).cols(), count, Eigen::OuterStride<>(widest)});
  }
  return {piece, parameters.layer_sizes().back(), count, Eigen::OuterStride<>(widest)};
}

/// Answers for the columns of x, at most `columns` at a time. `memory` holds two layers of so many samples.
template <typename Scalar>
void answer(const Parameters<Scalar>& parameters, const NetworkOptions& options,
            const Strided<const Scalar>& x, Strided<Scalar>& y, Scalar* memory, Index widest, Index columns) {
  for (Index first = 0; first < x.cols(); first += columns) {
    const Index count = std::min(columns, x.cols() - first);
    const auto block =
        count == 1 ? answer_block<Scalar, OneSample<Scalar>> : answer_block<Scalar, ManySamples<Scalar>>;
    y.middleCols(first, count) = block(parameters, options, x, first, count, memory, widest);
  }
}

/// A view of columns first .. first + count of a batch and of everything that a pass computes for them.
/// @tparam Samples  OneSample<Scalar> or ManySamples<Scalar>: how the products are computed
template <typename Scalar, typename Samples>
struct Pass {
  const Parameters<Scalar>& parameters;
  const NetworkOptions& options;
  Workspace<Scalar>& workspace;
  Index first, count;

  [[nodiscard]] ColumnsMap<Scalar> values(Index layer) const { return workspace.values(layer, first, count); }
  [[nodiscard]] ColumnsMap<Scalar> errors(Index layer) const { return workspace.errors(layer, first, count); }

  /// The weighted sums of the first layer.
  void first_sums(ConstColumnsMap<Scalar> x) const {
    Samples::weighted_sums(parameters.weights(0), parameters.biases(0), x, values(1));
  }

  /// From there y = f(z) and z of the next, up to the weighted sums of the output layer.
  void remaining_sums() const {
    for (Index layer = 1; layer < parameters.layers(); ++layer) {
      activate<Scalar>(options.hidden_activation, values(layer));
      Samples::weighted_sums(parameters.weights(layer), parameters.biases(layer),
                             read_only<Scalar>(values(layer)), values(layer + 1));
    }
  }

  void activate_output() const { activate<Scalar>(options.output_activation, values(parameters.layers())); }

  /// The outputs, and the sum of the columns' losses.
  LossSum<Scalar> finish_with_loss(ConstColumnsMap<Scalar> t) const {
    if (options.loss == Loss::squared_error) {
      activate_output();
    }
    const auto output = values(parameters.layers());
    LossSum<Scalar> sum = 0;
    for (Index column = 0; column < count; ++column) {
      sum += sample_loss<Scalar>(options.loss, output.col(column).data(), t.col(column).data(), t.rows());
    }
    if (options.loss != Loss::squared_error) {
      activate_output();
    }
    return sum;
  }

  /// Leaves in errors(l) the delta of every layer: the step's direction in z for one sample, times `rate`.
  void backward(ConstColumnsMap<Scalar> t, Scalar rate) const {
    const Index layers = parameters.layers();
    const bool gradient = options.error_propagation == ErrorPropagation::gradient;
    output_error<Scalar>(options.loss, read_only<Scalar>(values(layers)), t, errors(layers));
    for (Index layer = layers; layer >= 1; --layer) {
      const auto to_delta = [&] {
        const bool has_slope = layer == layers && options.loss != Loss::squared_error;
        if (!has_slope) {
          multiply_by_slope<Scalar>(activation_of(options, layer - 1, layers),
                                    read_only<Scalar>(values(layer)), errors(layer));
        }
      };
      // The notes hand on the error itself; the gradient hands on the delta.
      if (gradient) {
        to_delta();
      }
      if (layer > 1) {
        Samples::propagate_error(parameters.weights(layer - 1), read_only<Scalar>(errors(layer)),
                                 errors(layer - 1));
      }
      if (!gradient) {
        to_delta();
      }
      errors(layer) *= rate;
    }
  }
};

}  // namespace backquery::detail
