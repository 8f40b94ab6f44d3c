/// @file
/// Losses and gradients summed over many samples, on several threads.
#pragma once

#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/passes.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <type_traits>

namespace backquery::detail {

/// Samples that one thread takes through the network at once, and columns of a gradient that one thread sums.
/// Both are fixed, so that the bits of the result do not depend on the number of threads.
constexpr Index block_columns = 64;
/// Samples whose values are kept at once.
constexpr Index batch_columns = 256;

template <typename Scalar>
struct Batch {
  Layers<Scalar> network;
  const Strided<const Scalar>& x;
  const Strided<const Scalar>& t;
};

/// Takes the samples forwards, and backwards where `rate` is not 0; the sum of their losses. `first` is the
/// first of at most batch_columns samples in the workspace.
/// @param stage  the stage of a block of samples, by the number of its first
template <typename Scalar, typename StageOf>
LossSum<Scalar> run_passes(const Batch<Scalar>& batch, Workspace<Scalar>& workspace, Index first, Index count,
                           Scalar rate, ThreadPool& pool, const StageOf& stage) {
  const Index blocks = (count + block_columns - 1) / block_columns;
  auto& losses = workspace.block_losses();
  losses.assign(static_cast<std::size_t>(blocks), 0);
  pool.run(blocks, [&](Index block) {
    const Index start = block * block_columns;
    const Pass<Scalar, ManySamples<Scalar>, std::invoke_result_t<StageOf, Index>> pass{
        batch.network, workspace, start, std::min(block_columns, count - start), stage(first + start)};
    const auto x =
        contiguous_columns<Scalar>(batch.x, first + start, pass.count, [&] { return pass.values(0); });
    const Index layers = batch.network.count();
    const auto t =
        contiguous_columns<Scalar>(batch.t, first + start, pass.count, [&] { return pass.errors(layers); });
    first_sums<Scalar, ManySamples<Scalar>>(
        batch.network, x, background_of<Scalar>(batch.x, first + start, pass.count), pass.values(1));
    pass.remaining_sums();
    losses[static_cast<std::size_t>(block)] = pass.finish_with_loss(t);
    if (rate != Scalar(0)) {
      pass.backward(t, rate);
    }
  });
  LossSum<Scalar> sum = 0;
  for (const LossSum<Scalar> loss : losses) {
    sum += loss;
  }
  return sum;
}

/// The second phase of the gradients:  G_W += d x',  G_b += d 1  for every
/// layer, from the deltas in the workspace. A task is a tile, some of the
/// columns of one G_W, so that no two threads write to the same place.
template <typename Scalar>
class GradientTiles {
 public:
  /// @param first  the first of the `count` samples; the gradients are set by
  /// the first 0, and added to by the rest
  GradientTiles(const Batch<Scalar>& batch, Workspace<Scalar>& workspace, Index first, Index count,
                Parameters<Scalar>& gradients)
      : batch_(batch),
        workspace_(workspace),
        gradients_(gradients),
        first_(first),
        count_(count),
        background_(background_of<Scalar>(batch.x, first, count)) {}

  /// @param on_weights  called with the place in the buffer, and the size, of each tile when it is done
  template <typename OnWeights>
  void add(ThreadPool& pool, const OnWeights& on_weights) {
    for (Index layer = gradients_.layers() - 1; layer >= 0; --layer) {
      add_biases(layer);
    }
    Index tiles = 0;
    for (Index layer = 0; layer < gradients_.layers(); ++layer) {
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
    return (batch_.network.parameters.weights(layer).cols() + block_columns - 1) / block_columns;
  }
  [[nodiscard]] bool fresh() const { return first_ == 0; }
  [[nodiscard]] ConstColumnsMap<Scalar> deltas(Index layer) const {
    return read_only<Scalar>(workspace_.errors(layer + 1, 0, count_));
  }
  [[nodiscard]] ConstColumnsMap<Scalar> inputs(Index layer) const {
    return layer == 0 && is_contiguous<Scalar>(batch_.x)
               ? columns_of<Scalar>(batch_.x, first_, count_)
               : read_only<Scalar>(workspace_.values(layer, 0, count_));
  }

  /// Leaves d 1 of the layer, padded, in the workspace: the first layer's is of use for its background.
  void add_biases(Index layer) {
    const auto d = deltas(layer);
    auto& sums = workspace_.foreground().sums;
    sums.resize(static_cast<std::size_t>(d.outerStride()));
    sum_rows<Scalar>(d, sums.data());
    auto b = gradients_.biases(layer);
    for (Index i = 0; i < b.size(); ++i) {
      b[i] = (fresh() ? Scalar(0) : b[i]) + sums[static_cast<std::size_t>(i)];
    }
  }

  ColumnsMap<Scalar> add_tile(Index layer, Index start) {
    const auto x = inputs(layer);
    auto g = gradients_.weights(layer);
    const Index width = std::min(block_columns, g.cols() - start);
    ColumnsMap<Scalar> tile(g.data() + start * g.outerStride(), g.rows(), width,
                            Eigen::OuterStride<>(g.outerStride()));
    if (layer == 0 && background_) {
      for (Index column = start; column < start + width; ++column) {
        add_foreground(x, column, g.data() + column * g.outerStride());
      }
    } else {
      if (fresh()) {
        tile.setZero();
      }
      add_product_transposed<Scalar>(
          deltas(layer), {x.data() + start, width, count_, Eigen::OuterStride<>(x.outerStride())}, tile);
    }
    return tile;
  }

  /// One column of the first layer's gradient, by the samples in which its input differs from the background:
  /// g = d x' = b d 1 + d s'.
  void add_foreground(ConstColumnsMap<Scalar> x, Index input, Scalar* g) const {
    Index index[batch_columns];
    Scalar difference[batch_columns];
    const auto d = deltas(0);
    const Index n = d.outerStride();
    if (fresh()) {
      std::fill_n(g, n, Scalar(0));
    }
    add_columns<Scalar>(EveryColumn<const Scalar>{workspace_.foreground().sums.data(), n}, 1, &*background_,
                        g, n);
    const Index places =
        list_foreground<Scalar>(x.data() + input, x.outerStride(), count_, *background_, index, difference);
    add_columns<Scalar>(ListedColumns<const Scalar>{d.data(), n, index}, places, difference, g, n);
  }

  const Batch<Scalar>& batch_;
  Workspace<Scalar>& workspace_;
  Parameters<Scalar>& gradients_;
  Index first_, count_;
  std::optional<Scalar> background_;
};

/// Mean loss over the columns; where `gradients` is given, also the mean gradient.
/// @param on_weights  called, by any thread, with the place and size of weights in the buffer of the
/// gradients when theirs are known, while they are in the cache; for all of them, or for none if the loss is
/// not finite. The weights may change then
template <typename Scalar, typename StageOf, typename OnWeights>
Scalar mean_over(const Batch<Scalar>& batch, Workspace<Scalar>& workspace, Parameters<Scalar>* gradients,
                 ThreadPool& pool, const StageOf& stage, const OnWeights& on_weights) {
  const Index samples = batch.x.cols();
  const Scalar rate = gradients != nullptr ? Scalar(-1) / static_cast<Scalar>(samples) : Scalar(0);
  workspace.shape(batch.network.parameters.layer_sizes(), std::min(samples, batch_columns),
                  !is_contiguous<Scalar>(batch.x));
  const auto mean = [samples](LossSum<Scalar> sum) {
    return static_cast<Scalar>(sum / static_cast<LossSum<Scalar>>(samples));
  };
  LossSum<Scalar> sum = 0;
  for (Index first = 0; first < samples; first += batch_columns) {
    const Index count = std::min(batch_columns, samples - first);
    sum += run_passes<Scalar>(batch, workspace, first, count, rate, pool, stage);
    if (gradients != nullptr) {
      const bool known = first + count == samples && is_finite(mean(sum));
      GradientTiles<Scalar>(batch, workspace, first, count, *gradients)
          .add(pool, [&](Index start, Index size) {
            if (known) {
              on_weights(start, size);
            }
          });
    }
  }
  return mean(sum);
}

template <typename Scalar>
Scalar mean_over(const Batch<Scalar>& batch, Workspace<Scalar>& workspace, Parameters<Scalar>* gradients,
                 ThreadPool& pool) {
  return mean_over<Scalar>(
      batch, workspace, gradients, pool, [](Index) { return PlainStage<Scalar>(); }, [](Index, Index) {});
}

}  // namespace backquery::detail
