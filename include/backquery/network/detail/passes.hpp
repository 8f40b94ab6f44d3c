/// @file
/// All layers of a network, forwards and backwards.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/layer.hpp>
#include <backquery/network/options.hpp>
#include <backquery/network/parameters.hpp>
#include <backquery/network/workspace.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <optional>

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

/// A network as a pass sees it.
template <typename Scalar>
struct Layers {
  const Parameters<Scalar>& parameters;
  const NetworkOptions& options;
  const Scalar* row_sums;  // of the first layer's weights; null where not known

  [[nodiscard]] Index count() const { return parameters.layers(); }
};

/// z = W x + b of the first layer, by the samples' background where there is one.
template <typename Scalar, typename Samples>
void first_sums(const Layers<Scalar>& layers, ConstColumnsMap<Scalar> x,
                const std::optional<Scalar>& background, ColumnsMap<Scalar> z) {
  const auto w = layers.parameters.weights(0);
  const auto b = layers.parameters.biases(0);
  if (!background || layers.row_sums == nullptr) {
    Samples::weighted_sums(w, b, x, z);
    return;
  }
  for (Index sample = 0; sample < x.cols(); ++sample) {
    ColumnsMap<Scalar> sums(z.data() + sample * z.outerStride(), z.rows(), 1,
                            Eigen::OuterStride<>(z.outerStride()));
    start_sums<Scalar>(b, sums);
    add_weighted_sums<Scalar>(w, layers.row_sums, x.col(sample).data(), *background, sums.data());
  }
}

/// Takes `count` columns of x through the layers, which take turns in two pieces of `memory`, and returns the
/// last.
template <typename Scalar, typename Samples>
ConstColumnsMap<Scalar> answer_block(const Layers<Scalar>& layers, const Strided<const Scalar>& x,
                                     Index first, Index count, Scalar* memory, Index widest) {
  Scalar* piece = memory;
  const auto room = [&](Index rows) {
    piece = piece == memory ? memory + widest * count : memory;
    return ColumnsMap<Scalar>(piece, rows, count, Eigen::OuterStride<>(widest));
  };
  for (Index layer = 0; layer < layers.count(); ++layer) {
    const auto w = layers.parameters.weights(layer);
    ConstColumnsMap<Scalar> below(piece, w.cols(), count, Eigen::OuterStride<>(widest));
    if (layer == 0) {
      const auto inputs = contiguous_columns<Scalar>(x, first, count, [&] { return room(x.rows()); });
      first_sums<Scalar, Samples>(layers, inputs, background_of<Scalar>(x, first, count), room(w.rows()));
    } else {
      Samples::weighted_sums(w, layers.parameters.biases(layer), below, room(w.rows()));
    }
    activate<Scalar>(activation_of(layers.options, layer, layers.count()),
                     {piece, w.rows(), count, Eigen::OuterStride<>(widest)});
  }
  return {piece, layers.parameters.layer_sizes().back(), count, Eigen::OuterStride<>(widest)};
}

/// Answers for the columns of x, at most `columns` at a time. `memory` holds two layers of so many samples.
template <typename Scalar>
void answer_columns(const Layers<Scalar>& layers, const Strided<const Scalar>& x, Strided<Scalar>& y,
                    Scalar* memory, Index widest, Index columns) {
  for (Index first = 0; first < x.cols(); first += columns) {
    const Index count = std::min(columns, x.cols() - first);
    const auto block =
        count == 1 ? answer_block<Scalar, OneSample<Scalar>> : answer_block<Scalar, ManySamples<Scalar>>;
    y.middleCols(first, count) = block(layers, x, first, count, memory, widest);
  }
}

/// What a pass does beside the sums and the activation: nothing. A training has another stage.
template <typename Scalar>
struct PlainStage {
  void before_activation(Index, Eigen::Map<const VectorX<Scalar>>, ColumnsMap<Scalar>) const {}
  void after_activation(Index, ColumnsMap<Scalar>) const {}
  template <typename Derivative>
  void to_delta(Index, ColumnsMap<Scalar>, ColumnsMap<Scalar>, Scalar,
                const Derivative& multiply_by_derivative) const {
    multiply_by_derivative();
  }
  void look_at_outputs(ColumnsMap<Scalar>, ConstColumnsMap<Scalar>) const {}
};

/// A view of columns first .. first + count of a workspace and of everything that a pass computes for them.
/// @tparam Samples  OneSample<Scalar> or ManySamples<Scalar>: how the products are computed
template <typename Scalar, typename Samples, typename Stage = PlainStage<Scalar>>
struct Pass {
  Layers<Scalar> network;
  Workspace<Scalar>& workspace;
  Index first, count;
  Stage stage{};

  [[nodiscard]] ColumnsMap<Scalar> values(Index layer) const { return workspace.values(layer, first, count); }
  [[nodiscard]] ColumnsMap<Scalar> errors(Index layer) const { return workspace.errors(layer, first, count); }

  /// From the weighted sums of the first layer to those of the output layer: y = f(z), z of the next, and so
  /// on.
  void remaining_sums() const {
    for (Index layer = 1; layer < network.count(); ++layer) {
      stage.before_activation(layer, network.parameters.biases(layer - 1), values(layer));
      activate<Scalar>(network.options.hidden_activation, values(layer));
      stage.after_activation(layer, values(layer));
      Samples::weighted_sums(network.parameters.weights(layer), network.parameters.biases(layer),
                             read_only<Scalar>(values(layer)), values(layer + 1));
    }
  }

  void activate_output() const {
    activate<Scalar>(network.options.output_activation, values(network.count()));
  }

  /// The outputs, and the sum of the columns' losses.
  LossSum<Scalar> finish_with_loss(ConstColumnsMap<Scalar> t) const {
    if (!is_fused(network.options.loss)) {
      activate_output();
    }
    const auto output = values(network.count());
    LossSum<Scalar> sum = 0;
    for (Index column = 0; column < count; ++column) {
      sum += sample_loss<Scalar>(network.options.loss, output.col(column).data(), t.col(column).data(),
                                 t.rows());
    }
    if (is_fused(network.options.loss)) {
      activate_output();
    }
    stage.look_at_outputs(output, t);
    return sum;
  }

  /// Leaves in errors(l) the delta of every layer: the step's direction in z for one sample, times `rate`.
  void backward(ConstColumnsMap<Scalar> t, Scalar rate) const {
    const Index layers = network.count();
    const bool gradient = network.options.error_propagation == ErrorPropagation::gradient;
    output_error<Scalar>(network.options.loss, read_only<Scalar>(values(layers)), t, errors(layers));
    for (Index layer = layers; layer >= 1; --layer) {
      const auto multiply_by_derivative_of_layer = [&] {
        if (layer < layers || !is_fused(network.options.loss)) {
          multiply_by_derivative<Scalar>(activation_of(network.options, layer - 1, layers),
                                         read_only<Scalar>(values(layer)), errors(layer));
        }
      };
      const auto to_delta = [&] {
        if (layer < layers) {
          stage.to_delta(layer, values(layer), errors(layer), rate, multiply_by_derivative_of_layer);
        } else {
          multiply_by_derivative_of_layer();
        }
      };
      // The notes hand on the error itself; the gradient hands on the delta.
      if (gradient) {
        to_delta();
      }
      if (layer > 1) {
        Samples::propagate_error(network.parameters.weights(layer - 1), read_only<Scalar>(errors(layer)),
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
