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
#include <optional>
#include <type_traits>

namespace backquery::detail {

/// The number of samples in a block, which one thread takes through the network, and of columns in a tile of
/// a gradient, which one thread sums. It is a constant, so that the bits of the result do not depend on the
/// number of threads.
constexpr Index block_columns = 64;
/// The number of samples in a chunk, whose values are in the buffers at once.
constexpr Index batch_columns = 256;

/// A network, and samples with their targets.
template <typename Scalar>
struct NetworkBatch {
  Layers<Scalar> network;
  const Strided<const Scalar>& x;
  const Strided<const Scalar>& t;
};

/// Returns the sum of the losses of some samples. Their values stay in the buffers.
/// @param first, count   the samples; at most batch_columns
/// @param stage          stage(sample): the stage of the block that begins with this sample
/// @param after_forward  after_forward(pass, t) is called for each block at the end
template <typename Scalar, typename StageOf, typename AfterForward>
LossSum<Scalar> run_blocks(const NetworkBatch<Scalar>& batch, PassBuffers<Scalar>& buffers, Index first,
                           Index count, ThreadPool& pool, const StageOf& stage,
                           const AfterForward& after_forward) {
  using Stage = std::invoke_result_t<StageOf, Index>;
  const Index blocks = ceil_div(count, block_columns);
  buffers.block_losses.assign(static_cast<std::size_t>(blocks), 0);
  pool.run(blocks, [&](Index block) {
    const Index start = block * block_columns, samples = std::min(block_columns, count - start);
    const BufferColumns<Scalar> memory{buffers, start, samples};
    const Pass<Scalar, ManySamples<Scalar>, BufferColumns<Scalar>, Stage> pass{batch.network, memory,
                                                                               stage(first + start)};
    const auto x =
        contiguous_columns<Scalar>(batch.x, first + start, samples, [&] { return memory.inputs(); });
    const auto t = contiguous_columns<Scalar>(batch.t, first + start, samples,
                                              [&] { return memory.deltas(batch.network.last()); });
    pass.first_pre_activations(x, background_of<Scalar>(batch.x, first + start, samples));
    pass.forward_hidden();
    buffers.block_losses[static_cast<std::size_t>(block)] = pass.output_and_loss(t);
    after_forward(pass, t);
  });
  LossSum<Scalar> sum = 0;
  for (const LossSum<Scalar> loss : buffers.block_losses) {
    sum += loss;
  }
  return sum;
}

/// The second phase of the gradients: G_W += d x' and G_b += d 1 for every layer, with the deltas in the
/// buffers. A task is a tile: some columns of one G_W. So no two threads write to the same place.
template <typename Scalar>
class GradientTiles {
 public:
  /// @param first, count  the samples. Sample 0 sets the gradients; later samples are added.
  GradientTiles(const NetworkBatch<Scalar>& batch, PassBuffers<Scalar>& buffers, Index first, Index count,
                Parameters<Scalar>& gradients)
      : batch_(batch),
        buffers_(buffers),
        gradients_(gradients),
        first_(first),
        count_(count),
        background_(background_of<Scalar>(batch.x, first, count)) {}

  /// @param on_weights  called for each finished tile, with its place in the buffer and its size
  template <typename OnWeights>
  void add(ThreadPool& pool, const OnWeights& on_weights) {
    Index tiles = 0;
    for (Index layer = 0; layer < gradients_.layers(); ++layer) {
      add_biases(layer);
      tiles += tiles_of(layer);
    }
    pool.run(tiles, [&](Index tile) {
      Index layer = 0;
      while (tile >= tiles_of(layer)) {
        tile -= tiles_of(layer++);
      }
      const ColumnsMap<Scalar> done = add_tile(layer, tile * block_columns);
      on_weights(done.data() - gradients_.values().data(), done.outerStride() * done.cols());
    });
  }

 private:
  [[nodiscard]] Index tiles_of(Index layer) const {
    return ceil_div(batch_.network.parameters.weights(layer).cols(), block_columns);
  }
  [[nodiscard]] bool fresh() const { return first_ == 0; }
  [[nodiscard]] ConstColumnsMap<Scalar> deltas(Index layer) const {
    return read_only<Scalar>(buffers_.deltas(layer, 0, count_));
  }
  [[nodiscard]] ConstColumnsMap<Scalar> inputs(Index layer) const {
    return layer > 0                         ? read_only<Scalar>(buffers_.outputs(layer - 1, 0, count_))
           : is_contiguous<Scalar>(batch_.x) ? columns_of<Scalar>(batch_.x, first_, count_)
                                             : read_only<Scalar>(buffers_.inputs(0, count_));
  }

  /// Also stores d 1 in the buffers, for the tiles of a first layer whose samples have a background.
  void add_biases(Index layer) {
    const Scalar* const sums = buffers_.delta_sums(layer);
    sum_rows<Scalar>(deltas(layer), buffers_.delta_sums(layer));
    auto b = gradients_.biases(layer);
    for (Index i = 0; i < b.size(); ++i) {
      b[i] = (fresh() ? Scalar(0) : b[i]) + sums[i];
    }
  }

  ColumnsMap<Scalar> add_tile(Index layer, Index start) {
    const auto x = inputs(layer), d = deltas(layer);
    auto g = gradients_.weights(layer);
    const Index n = g.outerStride(), width = std::min(block_columns, g.cols() - start);
    ColumnsMap<Scalar> tile(g.data() + start * n, g.rows(), width, Eigen::OuterStride<>(n));
    if (layer == 0 && background_) {  // column k of G_W is d times input k of all samples
      for (Index k = start; k < start + width; ++k) {
        Scalar* const column = g.data() + k * n;
        if (fresh()) {
          std::fill_n(column, n, Scalar(0));
        }
        add_sparse_product<Scalar>(d, buffers_.delta_sums(0), x.data() + k, x.outerStride(), *background_,
                                   column);
      }
    } else {
      if (fresh()) {
        tile.setZero();
      }
      add_product_transposed<Scalar>(
          d, {x.data() + start, width, count_, Eigen::OuterStride<>(x.outerStride())}, tile);
    }
    return tile;
  }

  const NetworkBatch<Scalar>& batch_;
  PassBuffers<Scalar>& buffers_;
  Parameters<Scalar>& gradients_;
  Index first_, count_;
  std::optional<Scalar> background_;
};

/// Shapes the buffers for chunks of samples, and calls run(first, count) for each chunk.
template <typename Scalar, typename Run>
void for_each_chunk(const NetworkBatch<Scalar>& batch, PassBuffers<Scalar>& buffers, const Run& run) {
  const Index samples = batch.x.cols();
  buffers.shape(batch.network.parameters.layer_sizes(), std::min(samples, batch_columns),
                !is_contiguous<Scalar>(batch.x));
  for (Index first = 0; first < samples; first += batch_columns) {
    run(first, std::min(batch_columns, samples - first));
  }
}

template <typename Scalar>
Scalar mean_of(LossSum<Scalar> sum, Index samples) {
  return static_cast<Scalar>(sum / static_cast<LossSum<Scalar>>(samples));
}

/// Mean loss over the columns.
/// @param stage  as for run_blocks
template <typename Scalar, typename StageOf>
Scalar mean_loss(const NetworkBatch<Scalar>& batch, Workspace<Scalar>& workspace, ThreadPool& pool,
                 const StageOf& stage) {
  auto& buffers = WorkspaceAccess::buffers(workspace);
  LossSum<Scalar> sum = 0;
  for_each_chunk<Scalar>(batch, buffers, [&](Index first, Index count) {
    sum += run_blocks<Scalar>(batch, buffers, first, count, pool, stage,
                              [](const auto&, ConstColumnsMap<Scalar>) {});
  });
  return mean_of<Scalar>(sum, batch.x.cols());
}

/// Mean loss and mean gradient over the columns.
/// @param stage       as for run_blocks
/// @param on_weights  called, by any thread, with the place and size of weights in the buffer of the
///                    gradients, when these gradients are known and in the cache. It is called for all
///                    weights, or for none if the loss is not finite. It may change the weights.
template <typename Scalar, typename StageOf, typename OnWeights>
Scalar mean_loss_and_gradients(const NetworkBatch<Scalar>& batch, Workspace<Scalar>& workspace,
                               Parameters<Scalar>& gradients, ThreadPool& pool, const StageOf& stage,
                               const OnWeights& on_weights) {
  auto& buffers = WorkspaceAccess::buffers(workspace);
  const Index samples = batch.x.cols();
  const Scalar factor = Scalar(-1) / static_cast<Scalar>(samples);
  LossSum<Scalar> sum = 0;
  for_each_chunk<Scalar>(batch, buffers, [&](Index first, Index count) {
    sum += run_blocks<Scalar>(
        batch, buffers, first, count, pool, stage,
        [factor](const auto& pass, ConstColumnsMap<Scalar> t) { pass.backward(t, factor); });
    const bool known = first + count == samples && is_finite(mean_of<Scalar>(sum, samples));
    GradientTiles<Scalar>(batch, buffers, first, count, gradients).add(pool, [&](Index start, Index size) {
      if (known) {
        on_weights(start, size);
      }
    });
  });
  return mean_of<Scalar>(sum, samples);
}

}  // namespace backquery::detail
