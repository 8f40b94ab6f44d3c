/// @file
/// Losses and gradients summed over many samples, on several threads.
#pragma once

#include <backquery/detail/parallel.hpp>
#include <backquery/detail/passes.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>

namespace backquery::detail {

/// Samples that one thread takes through the network at once, and columns of a gradient that one thread sums.
/// Both are fixed, so that the bits of the result do not depend on the number of threads.
constexpr Index block_columns = 64;
/// Samples whose values are kept at once.
constexpr Index batch_columns = 512;

template <typename Scalar>
struct Batch {
  Layers<Scalar> network;
  const Strided<const Scalar>& x;
  const Strided<const Scalar>& t;
};

/// Takes the samples forwards, and backwards where `rate` is not 0; the sum of their losses. `first` is the
/// first of at most batch_columns samples in the workspace.
template <typename Scalar>
LossSum<Scalar> run_passes(const Batch<Scalar>& batch, Workspace<Scalar>& workspace, Index first, Index count,
                           Scalar rate, int threads) {
  const Index blocks = (count + block_columns - 1) / block_columns;
  auto& losses = workspace.block_losses();
  losses.assign(static_cast<std::size_t>(blocks), 0);
  parallel_for(blocks, threads, [&](Index block) {
    const Index start = block * block_columns;
    const Pass<Scalar, ManySamples<Scalar>> pass{batch.network, workspace, start,
                                                 std::min(block_columns, count - start)};
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

/// G = mean gradient over the columns, phase two: for each layer  G_W = d x' + ...,  G_b = d 1 + ...  from
/// the deltas in the workspace. Each block of columns of a G_W is one task, so no two threads write to the
/// same place.
template <typename Scalar>
void add_gradients(const Batch<Scalar>& batch, Workspace<Scalar>& workspace, Index first, Index count,
                   Parameters<Scalar>& gradients, int threads) {
  const bool fresh = first == 0;
  for (Index layer = 0; layer < gradients.layers(); ++layer) {
    const auto below = layer == 0 && is_contiguous<Scalar>(batch.x)
                           ? columns_of<Scalar>(batch.x, first, count)
                           : read_only<Scalar>(workspace.values(layer, 0, count));
    const auto delta = read_only<Scalar>(workspace.errors(layer + 1, 0, count));
    auto g = gradients.weights(layer);
    parallel_for((g.cols() + block_columns - 1) / block_columns, threads, [&](Index block) {
      const Index start = block * block_columns;
      const Index width = std::min(block_columns, g.cols() - start);
      auto tile = g.middleCols(start, width);
      if (fresh) {
        tile.noalias() = delta * below.middleRows(start, width).transpose();
      } else {
        tile.noalias() += delta * below.middleRows(start, width).transpose();
      }
    });
    auto b = gradients.biases(layer);
    if (b.size() != 0) {
      if (fresh) {
        b.setZero();
      }
      b += delta.rowwise().sum();
    }
  }
}

/// Mean loss over the columns; where `gradients` is given, also the mean gradient.
template <typename Scalar>
Scalar mean_over(const Batch<Scalar>& batch, Workspace<Scalar>& workspace, Parameters<Scalar>* gradients,
                 int threads) {
  const Index samples = batch.x.cols();
  const Scalar rate = gradients != nullptr ? Scalar(-1) / static_cast<Scalar>(samples) : Scalar(0);
  workspace.shape(batch.network.parameters.layer_sizes(), std::min(samples, batch_columns),
                  !is_contiguous<Scalar>(batch.x));
  LossSum<Scalar> sum = 0;
  for (Index first = 0; first < samples; first += batch_columns) {
    const Index count = std::min(batch_columns, samples - first);
    sum += run_passes<Scalar>(batch, workspace, first, count, rate, threads);
    if (gradients != nullptr) {
      add_gradients<Scalar>(batch, workspace, first, count, *gradients, threads);
    }
  }
  return static_cast<Scalar>(sum / static_cast<LossSum<Scalar>>(samples));
}

}  // namespace backquery::detail
