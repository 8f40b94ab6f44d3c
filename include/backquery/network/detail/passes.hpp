/// @file
/// All layers of a network, forward and backward. Layer 0 is the first weight matrix.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/activation.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/layer.hpp>
#include <backquery/network/detail/pass_buffers.hpp>
#include <backquery/network/loss.hpp>
#include <backquery/network/options.hpp>
#include <backquery/network/parameters.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace backquery::detail {

template <typename Scalar>
bool is_contiguous(const Strided<const Scalar>& x) {
  return x.innerStride() == 1 || x.rows() == 1;
}

/// Columns first .. first + count of x. They are copied to buffer() unless each is contiguous.
template <typename Scalar, typename Buffer>
ConstColumnsMap<Scalar> contiguous_columns(const Strided<const Scalar>& x, Index first, Index count,
                                           const Buffer& buffer) {
  if (is_contiguous<Scalar>(x)) {
    return columns_of(x, first, count);
  }
  ColumnsMap<Scalar> copy = buffer();
  copy = x.middleCols(first, count);
  return read_only(copy);
}

/// The parts of a network that a pass uses.
template <typename Scalar>
struct Layers {
  const Parameters<Scalar>& parameters;
  const NetworkOptions& options;
  const Scalar* row_sums;  // of the first layer's weights; null if not known

  [[nodiscard]] Index last() const { return parameters.layers() - 1; }
  [[nodiscard]] Activation activation(Index layer) const {
    return activation_of(options, layer, parameters.layers());
  }
};

/// A stage without operations. A training adds operations to a pass by a stage with these functions.
template <typename Scalar>
struct PlainStage {
  void before_activation(Index, ConstVectorMap<Scalar>, ColumnsMap<Scalar>) const {}
  void after_activation(Index, ColumnsMap<Scalar>) const {}
  /// The share of the nodes that after_activation keeps: f(z) = kept_share() y for a kept node.
  [[nodiscard]] Scalar kept_share() const { return Scalar(1); }
  /// The backward operations of after_activation and before_activation. Deltas are multiplied by `factor`
  /// later.
  void before_derivative(Index, ColumnsMap<Scalar>) const {}
  void after_derivative(Index, ColumnsMap<Scalar>, Scalar /*factor*/) const {}
  void observe_outputs(ColumnsMap<Scalar>, ConstColumnsMap<Scalar>) const {}
};

/// Returns a PlainStage for every block of samples.
template <typename Scalar>
constexpr auto plain_stage = [](Index) { return PlainStage<Scalar>(); };

/// Columns first .. first + count of the buffers, for forward and backward passes.
template <typename Scalar>
struct BufferColumns {
  PassBuffers<Scalar>& buffers;
  Index first, count;

  [[nodiscard]] ColumnsMap<Scalar> inputs() const { return buffers.inputs(first, count); }
  [[nodiscard]] ColumnsMap<Scalar> outputs(Index layer) const { return buffers.outputs(layer, first, count); }
  [[nodiscard]] ColumnsMap<Scalar> deltas(Index layer) const { return buffers.deltas(layer, first, count); }
};

/// Two buffers of `step` x `count` that the layers use in turn, for forward passes alone.
template <typename Scalar>
struct AlternatingColumns {
  const std::vector<Index>& layer_sizes;
  Scalar* values;
  Index step, count;

  /// The buffer that layer 0 does not use for its outputs.
  [[nodiscard]] ColumnsMap<Scalar> inputs() const { return outputs(-1); }
  [[nodiscard]] ColumnsMap<Scalar> outputs(Index layer) const {
    return {values + (layer % 2 == 0 ? 0 : step * count), layer_sizes[static_cast<std::size_t>(layer + 1)],
            count, Eigen::OuterStride<>(step)};
  }
};

/// Forward and backward passes of some samples.
/// @tparam Samples  OneSample<Scalar>, ManySamples<Scalar> or OnlineSample<Scalar>, which compute products
/// @tparam Memory   BufferColumns<Scalar> or AlternatingColumns<Scalar>
template <typename Scalar, typename Samples, typename Memory, typename Stage = PlainStage<Scalar>>
struct Pass {
  Layers<Scalar> network;
  Memory memory;
  Stage stage{};
  Samples samples{};

  /// z_0 = W_0 x + b_0. Uses the background of the samples, if there is one.
  void first_pre_activations(ConstColumnsMap<Scalar> x, const std::optional<Scalar>& background) const {
    const auto w = network.parameters.weights(0);
    const auto b = network.parameters.biases(0);
    ColumnsMap<Scalar> z = memory.outputs(0);
    if (!background || network.row_sums == nullptr) {
      samples.pre_activations(0, w, b, x, z);
      return;
    }
    set_to_biases<Scalar>(b, z);
    for (Index sample = 0; sample < x.cols(); ++sample) {
      add_sparse_product<Scalar>(w, network.row_sums, x.col(sample).data(), 1, *background,
                                 z.col(sample).data());
    }
  }

  /// Computes z_last from z_0: y_l = f(z_l), z_l+1 = W_l+1 y_l + b_l+1.
  void forward_hidden() const {
    const auto& parameters = network.parameters;
    for (Index layer = 0; layer < network.last(); ++layer) {
      const ColumnsMap<Scalar> y = memory.outputs(layer);
      stage.before_activation(layer, parameters.biases(layer), y);
      activate<Scalar>(network.activation(layer), y);
      stage.after_activation(layer, y);
      samples.pre_activations(layer + 1, parameters.weights(layer + 1), parameters.biases(layer + 1),
                              read_only(y), memory.outputs(layer + 1));
    }
  }

  void activate_output() const {
    activate<Scalar>(network.options.output_activation, memory.outputs(network.last()));
  }

  /// Computes the outputs. Returns the sum of the losses of the columns.
  /// @param weights  of the losses; null: all 1
  LossSum<Scalar> output_and_loss(ConstColumnsMap<Scalar> t, const Scalar* weights = nullptr) const {
    const bool fused = is_fused(network.options.loss);
    const ColumnsMap<Scalar> output = memory.outputs(network.last());
    if (!fused) {
      activate_output();
    }
    LossSum<Scalar> sum = 0;
    for (Index column = 0; column < output.cols(); ++column) {
      const LossSum<Scalar> loss(sample_loss<Scalar>(network.options.loss, output.col(column).data(),
                                                     t.col(column).data(), t.rows()));
      sum += weights == nullptr ? loss : LossSum<Scalar>(weights[column]) * loss;
    }
    if (fused) {
      activate_output();
    }
    stage.observe_outputs(output, t);
    return sum;
  }

  /// Computes deltas(l), the delta of every layer times `factor`.
  /// @param weights  of the losses; null: all 1
  void backward(ConstColumnsMap<Scalar> t, Scalar factor, const Scalar* weights = nullptr) const {
    const Index last = network.last();
    const bool gradient = network.options.error_propagation == ErrorPropagation::gradient;
    output_error<Scalar>(network.options.loss, read_only(memory.outputs(last)), t, memory.deltas(last));
    for (Index column = 0; weights != nullptr && column < t.cols(); ++column) {
      array_of(memory.deltas(last), column) *= weights[column];
    }
    for (Index layer = last; layer >= 0; --layer) {
      const ColumnsMap<Scalar> e = memory.deltas(layer);
      if (gradient) {  // propagates W' d; the book's rule propagates W' e
        error_to_delta(layer, factor);
      }
      if (layer > 0) {
        samples.propagate_error(layer, network.parameters.weights(layer), read_only(e),
                                memory.deltas(layer - 1));
      }
      if (!gradient) {
        error_to_delta(layer, factor);
      }
      for (Index sample = 0; sample < e.cols(); ++sample) {
        array_of(e, sample) *= factor;
      }
      samples.finish_layer(layer);
    }
  }

 private:
  void error_to_delta(Index layer, Scalar factor) const {
    const auto y = read_only(memory.outputs(layer));
    const ColumnsMap<Scalar> e = memory.deltas(layer);
    if (layer < network.last()) {
      stage.before_derivative(layer, e);
      multiply_by_derivative<Scalar>(network.activation(layer), y, e, stage.kept_share());
      stage.after_derivative(layer, e, factor);
    } else if (!is_fused(network.options.loss)) {
      multiply_by_derivative<Scalar>(network.activation(layer), y, e);
    }
  }
};

/// Computes the outputs y for the columns of x, at most memory.count at a time. memory.step holds a column of
/// the widest layer.
template <typename Scalar>
void forward(const Layers<Scalar>& network, const Strided<const Scalar>& x, Strided<Scalar>& y,
             const AlternatingColumns<Scalar>& memory) {
  const auto run = [&](auto samples, Index first, Index count) {
    const AlternatingColumns<Scalar> block{memory.layer_sizes, memory.values, memory.step, count};
    const Pass<Scalar, decltype(samples), AlternatingColumns<Scalar>> pass{network, block};
    pass.first_pre_activations(contiguous_columns<Scalar>(x, first, count, [&] { return block.inputs(); }),
                               background_of<Scalar>(x, first, count));
    pass.forward_hidden();
    pass.activate_output();
    y.middleCols(first, count) = block.outputs(network.last());
  };
  for (Index first = 0; first < x.cols(); first += memory.count) {
    const Index count = (std::min)(memory.count, x.cols() - first);
    if (count == 1) {
      run(OneSample<Scalar>(), first, count);
    } else {
      run(ManySamples<Scalar>(), first, count);
    }
  }
}

}  // namespace backquery::detail
