/// @file
/// Losses and gradients summed over many samples, on several threads.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/products.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/pass_buffers.hpp>
#include <backquery/network/detail/passes.hpp>
#include <backquery/network/workspace.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <type_traits>

namespace backquery::detail {

/// The number of samples in a block, which one thread takes through the network, and of columns in a tile of
/// a gradient, which one thread sums. It is a constant, so that the bits of the result do not depend on the
/// number of threads.
constexpr Index block_columns = 64;
/// The number of samples in a chunk, whose values are in the buffers at once.
constexpr Index batch_columns = 256;

/// A network, samples with their targets and weights, and the memory and threads for their passes.
template <typename Scalar>
struct NetworkBatch {
  Layers<Scalar> network;
  const Strided<const Scalar>& x;
  const Strided<const Scalar>& t;
  PassBuffers<Scalar>& buffers;
  ThreadPool& pool;
  const Scalar* weights = nullptr;  // of the losses of the samples; null: all 1

  /// The weights from a sample on.
  [[nodiscard]] const Scalar* weights_from(Index sample) const {
    return weights == nullptr ? nullptr : weights + sample;
  }
  [[nodiscard]] LossSum<Scalar> total_weight() const {
    return weights == nullptr ? static_cast<LossSum<Scalar>>(x.cols())
                              : std::accumulate(weights, weights + x.cols(), LossSum<Scalar>(0));
  }
};

/// Returns the sum of the losses of some samples. Their values stay in the buffers.
/// @param first, count   the samples; at most batch_columns
/// @param stage          stage(sample): the stage of the block that begins with this sample
/// @param after_forward  after_forward(pass, t, weights) is called for each block at the end
template <typename Scalar, typename StageOf, typename AfterForward>
LossSum<Scalar> run_blocks(const NetworkBatch<Scalar>& batch, Index first, Index count, const StageOf& stage,
                           const AfterForward& after_forward) {
  using Stage = std::invoke_result_t<StageOf, Index>;
  const Index blocks = ceil_div(count, block_columns);
  auto& losses = batch.buffers.block_losses;
  losses.assign(static_cast<std::size_t>(blocks), 0);
  batch.pool.run(blocks, [&](Index block) {
    const Index start = block * block_columns, samples = (std::min)(block_columns, count - start);
    const BufferColumns<Scalar> memory{batch.buffers, start, samples};
    const Pass<Scalar, ManySamples<Scalar>, BufferColumns<Scalar>, Stage> pass{batch.network, memory,
                                                                               stage(first + start)};
    const auto x =
        contiguous_columns<Scalar>(batch.x, first + start, samples, [&] { return memory.inputs(); });
    const auto t = contiguous_columns<Scalar>(batch.t, first + start, samples,
                                              [&] { return memory.deltas(batch.network.last()); });
    pass.first_pre_activations(x, background_of<Scalar>(batch.x, first + start, samples));
    pass.forward_hidden();
    const Scalar* const weights = batch.weights_from(first + start);
    losses[static_cast<std::size_t>(block)] = pass.output_and_loss(t, weights);
    after_forward(pass, t, weights);
  });
  return std::accumulate(losses.begin(), losses.end(), LossSum<Scalar>(0));
}

/// The second phase of the gradients: G_W += d x' and G_b += d 1 for every layer, with the deltas in the
/// buffers. A task is a tile: some columns of one G_W. So no two threads write to the same place.
template <typename Scalar>
struct GradientTiles {
  const NetworkBatch<Scalar>& batch;
  Parameters<Scalar>& gradients;
  Index first, count;  // the samples. Sample 0 sets the gradients; later samples are added.
  std::optional<Scalar> background = background_of<Scalar>(batch.x, first, count);

  /// @param on_weights  called for each finished tile, with its place in the buffer and its size
  template <typename OnWeights>
  void add(const OnWeights& on_weights) const {
    Index tiles = 0;
    for (Index layer = 0; layer < gradients.layers(); ++layer) {
      add_biases(layer);
      tiles += tiles_of(layer);
    }
    batch.pool.run(tiles, [&](Index tile) {
      Index layer = 0;
      while (tile >= tiles_of(layer)) {
        tile -= tiles_of(layer++);
      }
      const ColumnsMap<Scalar> done = add_tile(layer, tile * block_columns);
      on_weights(done.data() - gradients.values().data(), done.outerStride() * done.cols());
    });
  }

 private:
  [[nodiscard]] Index tiles_of(Index layer) const {
    return ceil_div(batch.network.parameters.weights(layer).cols(), block_columns);
  }
  [[nodiscard]] bool fresh() const { return first == 0; }
  [[nodiscard]] ConstColumnsMap<Scalar> deltas(Index layer) const {
    return read_only(batch.buffers.deltas(layer, 0, count));
  }
  [[nodiscard]] ConstColumnsMap<Scalar> inputs(Index layer) const {
    return layer > 0                        ? read_only(batch.buffers.outputs(layer - 1, 0, count))
           : is_contiguous<Scalar>(batch.x) ? columns_of(batch.x, first, count)
                                            : read_only(batch.buffers.inputs(0, count));
  }

  /// Also stores d 1 in the buffers, for the tiles of a first layer whose samples have a background.
  void add_biases(Index layer) const {
    const Scalar* const sums = batch.buffers.delta_sums(layer);
    sum_rows<Scalar>(deltas(layer), batch.buffers.delta_sums(layer));
    auto b = gradients.biases(layer);
    for (Index i = 0; i < b.size(); ++i) {
      b[i] = (fresh() ? Scalar(0) : b[i]) + sums[i];
    }
  }

  ColumnsMap<Scalar> add_tile(Index layer, Index start) const {
    const auto x = inputs(layer), d = deltas(layer);
    auto g = gradients.weights(layer);
    const Index n = g.outerStride(), width = (std::min)(block_columns, g.cols() - start);
    ColumnsMap<Scalar> tile(g.data() + start * n, g.rows(), width, Eigen::OuterStride<>(n));
    if (fresh()) {
      std::fill_n(tile.data(), n * width, Scalar(0));  // with the padding, where infinite deltas leave NaN
    }
    if (layer == 0 && background) {  // column k of G_W is d times input k of all samples
      for (Index k = start; k < start + width; ++k) {
        add_sparse_product<Scalar>(d, batch.buffers.delta_sums(0), x.data() + k, x.outerStride(), *background,
                                   g.data() + k * n);
      }
    } else {
      add_product_transposed<Scalar>(
          d, {x.data() + start, width, count, Eigen::OuterStride<>(x.outerStride())}, tile);
    }
    return tile;
  }
};

/// Returns the mean loss over the columns; 0 if all weights are 0.
/// @param stage        as for run_blocks
/// @param after_block  as after_forward for run_blocks
/// @param after_chunk  after_chunk(first, count, mean) is called for each chunk, while its values are in the
///                     buffers; after the last chunk, mean is the result
template <typename Scalar, typename StageOf, typename AfterBlock, typename AfterChunk>
Scalar mean_loss(const NetworkBatch<Scalar>& batch, const StageOf& stage, const AfterBlock& after_block,
                 const AfterChunk& after_chunk) {
  const Index samples = batch.x.cols();
  const LossSum<Scalar> total = batch.total_weight();
  batch.buffers.shape(batch.network.parameters.layer_sizes(), (std::min)(samples, batch_columns),
                      !is_contiguous<Scalar>(batch.x));
  LossSum<Scalar> sum = 0;
  Scalar mean = 0;
  for (Index first = 0; first < samples; first += batch_columns) {
    const Index count = (std::min)(batch_columns, samples - first);
    sum += run_blocks<Scalar>(batch, first, count, stage, after_block);
    mean = total == 0 ? Scalar(0) : static_cast<Scalar>(sum / total);
    after_chunk(first, count, mean);
  }
  return mean;
}
template <typename Scalar, typename StageOf>
Scalar mean_loss(const NetworkBatch<Scalar>& batch, const StageOf& stage) {
  return mean_loss<Scalar>(
      batch, stage, [](const auto&, ConstColumnsMap<Scalar>, const Scalar*) {}, [](Index, Index, Scalar) {});
}

/// Returns the mean loss, and computes the mean gradient, over the columns.
/// @param stage       as for run_blocks
/// @param on_weights  called, by any thread, with the place and size of weights in the buffer of the
///                    gradients, when these gradients are known and in the cache. It is called for all
///                    weights, or for none if the loss is not finite. It may change the weights.
template <typename Scalar, typename StageOf, typename OnWeights>
Scalar mean_loss_and_gradients(const NetworkBatch<Scalar>& batch, Parameters<Scalar>& gradients,
                               const StageOf& stage, const OnWeights& on_weights) {
  const auto total = static_cast<Scalar>(batch.total_weight());
  const Scalar factor = total == 0 ? Scalar(0) : Scalar(-1) / total;
  return mean_loss<Scalar>(
      batch, stage,
      [factor](const auto& pass, ConstColumnsMap<Scalar> t, const Scalar* weights) {
        pass.backward(t, factor, weights);
      },
      [&](Index first, Index count, Scalar mean) {
        const bool known = first + count == batch.x.cols() && is_finite(mean);
        GradientTiles<Scalar>{batch, gradients, first, count}.add([&](Index start, Index size) {
          if (known) {
            on_weights(start, size);
          }
        });
      });
}

/// result = d mean loss / dx, which is W_0' d_0, for the gradient rule.
template <typename Scalar, typename Result>
void input_gradients(const NetworkBatch<Scalar>& given, Result& result) {
  NetworkOptions options = given.network.options;
  options.error_propagation = ErrorPropagation::gradient;
  const Layers<Scalar> network{given.network.parameters, options, given.network.row_sums};
  const NetworkBatch<Scalar> batch{network, given.x, given.t, given.buffers, given.pool};
  const Scalar factor = Scalar(-1) / static_cast<Scalar>(batch.x.cols());
  mean_loss<Scalar>(
      batch, plain_stage<Scalar>,
      [factor](const auto& pass, ConstColumnsMap<Scalar> t, const Scalar*) { pass.backward(t, factor); },
      [&](Index first, Index count, Scalar) {
        result.middleCols(first, count).noalias() =
            network.parameters.weights(0).transpose() * batch.buffers.deltas(0, 0, count);
      });
}

}  // namespace backquery::detail
