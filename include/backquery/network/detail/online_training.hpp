/// @file
/// Online training: one step for each sample, in order.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/kernels.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/online_sample.hpp>
#include <backquery/network/detail/pass_buffers.hpp>
#include <backquery/network/detail/passes.hpp>
#include <backquery/network/detail/sample_block.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace backquery::detail {

/// Takes one step for each column of x and t. For fewer than least_to_scan columns, it stops before the first
/// step that is not finite. All steps taken are applied when run returns. The first layer, which has nearly
/// all weights, is updated in one of two ways, chosen for each chunk of samples. Both ways take the same
/// steps in the same order, up to rounding:
///
/// - one by one: W x, then W += d x'.
/// - delayed: W += D X' applies the steps of a block of samples at once, so that W is read and written once
///   per block. Until then the pre-activations of sample k include the steps before it:
///   W x_k + sum_(i<k) d_i (x_i'x_k). A block computes the three products W x, x_i'x_k and W += D X':
///   SparseBlock for samples with a background, DenseBlock for others.
template <typename Scalar>
struct OnlineTraining {
  Parameters<Scalar>& parameters;
  const NetworkOptions& options;
  FirstLayerRowSums<Scalar>& row_sums;
  PassBuffers<Scalar>& buffers;
  Scalar rate;
  const Strided<const Scalar>& x;
  const Strided<const Scalar>& t;
  ColumnsMap<Scalar> weights = parameters.weights(0);  // of the first layer

  /// The number of columns for which the buffers must be shaped, with inputs.
  static Index columns(Index samples) {
    return samples < least_samples ? 1 : (std::min)(DenseBlock<Scalar>::samples, samples);
  }

  /// With fewer columns, run checks every delta before the step. With this number or more, a scan of all
  /// weights by the caller is faster, and so are copies of the weights by rows.
  static constexpr Index least_to_scan = 32;

  /// Returns false if it stopped before a step that is not finite.
  bool run() {
    const bool few = x.cols() < least_samples, narrow = is_small(weights.outerStride() * weights.cols());
    bool finite = true;
    for_each_layer_by_rows([](auto rows, auto w) { rows = w.transpose(); });
    for (Index first = 0; finite && first < x.cols(); first += chunk_samples) {
      const Index count = (std::min)(chunk_samples, x.cols() - first);
      const auto background = background_of<Scalar>(x, first, count);
      // A SparseBlock is slower than a DenseBlock for columns of one packet.
      const bool sparse =
          background && weights.outerStride() > Packet<Scalar>::size && row_sums.get() != nullptr;
      if (few || (narrow && !sparse)) {
        finite = run_one_by_one(first, count, background);
      } else if (sparse) {
        finite = run_delayed(SparseBlock<Scalar>(weights, *background, row_sums, buffers), first, count);
      } else {
        finite = run_delayed(DenseBlock<Scalar>(weights, buffers), first, count);
      }
    }
    for_each_layer_by_rows([](auto rows, auto w) { w = rows.transpose(); });
    return finite;
  }

 private:
  /// The number of samples in a chunk. The limit keeps u of a SparseBlock small compared with V.
  static constexpr Index chunk_samples = 1024;

  /// For fewer samples, delayed steps cost more than they save.
  static constexpr Index least_samples = 8;

  /// Whether dense steps one by one are faster: the weights stay in the first-level cache from step to step.
  /// The wider the packets, the more a product of matrices saves.
  static bool is_small(Index first_weights) {
    constexpr std::size_t limit = sizeof(Packet<Scalar>) > 16 ? 16 * 1024 : 32 * 1024;
    return static_cast<std::size_t>(first_weights) * sizeof(Scalar) < limit;
  }

  /// Calls use(rows, w) for each layer with a copy `rows` of its weights w.
  template <typename Use>
  void for_each_layer_by_rows(const Use& use) {
    for (Index layer = 1; layer < parameters.layers(); ++layer) {
      if (buffers.has_rows(layer)) {
        use(buffers.weight_rows(layer), parameters.weights(layer));
      }
    }
  }

  // Each of the next two functions returns false if it stopped before a step that is not finite.

  bool run_one_by_one(Index first, Index count, const std::optional<Scalar>& background) {
    for (Index sample = first; sample < first + count; ++sample) {
      const auto input = contiguous_columns<Scalar>(x, sample, 1, [&] { return buffers.inputs(0, 1); });
      pass(0, row_sums.get()).first_pre_activations(input, background);
      if (!finish_sample(sample, 0)) {
        return false;
      }
      OneSample<Scalar>::update(delta(0), input, weights, parameters.biases(0));
      row_sums.step(read_only(weights), delta(0).data(), input.sum());
    }
    return true;
  }

  /// @param block  a DenseBlock or SparseBlock
  template <typename Block>
  bool run_delayed(Block&& block, Index first, Index count) {
    constexpr Index size = std::decay_t<Block>::samples;
    const Index n = weights.outerStride();
    bool finite = true;
    for (Index start = first; finite && start < first + count; start += size) {
      const Index samples = (std::min)(size, first + count - start);
      block.read(x, start, samples);
      const auto z = buffers.outputs(0, 0, samples);
      set_to_biases<Scalar>(biases(), z);
      block.add_product(z);
      const auto products = products_of(block, samples);
      Index taken = 0;
      for (; finite && taken < samples; taken += static_cast<Index>(finite)) {
        add_few_columns<Scalar>({delta(0).data(), n}, taken, products.data() + taken * products.outerStride(),
                                pre_activations(taken).data(), n);
        finite = finish_sample(start + taken, taken);
      }
      block.add_steps(read_only(buffers.deltas(0, 0, taken)));
      for (Index k = 0; k < taken; ++k) {
        OneSample<Scalar>::update_biases(delta(k), parameters.biases(0));
      }
    }
    block.finish();
    row_sums.sum(read_only(weights));
    return finite;
  }

  /// x_i'x_k for i < k, plus 1 with biases, which are the weights of a further input that is always 1.
  template <typename Block>
  ColumnsMap<Scalar> products_of(const Block& block, Index samples) {
    constexpr Index step = padded<Scalar>(Block::samples);
    buffers.input_products.resize(static_cast<std::size_t>(step * Block::samples));
    ColumnsMap<Scalar> products(buffers.input_products.data(), samples, samples, Eigen::OuterStride<>(step));
    block.multiply_inputs(products);
    if (options.biases) {
      products.array() += Scalar(1);
    }
    return products;
  }

  /// A pass for the sample in column k of the buffers.
  Pass<Scalar, OnlineSample<Scalar>, BufferColumns<Scalar>> pass(Index k, const Scalar* sums = nullptr) {
    return {{parameters, options, sums},
            {buffers, k, 1},
            {},
            {parameters, buffers, k, x.cols() >= least_to_scan}};
  }
  /// The pre-activations of the first layer for the sample in column k.
  ColumnsMap<Scalar> pre_activations(Index k) { return buffers.outputs(0, k, 1); }
  ConstColumnsMap<Scalar> delta(Index k) { return read_only(buffers.deltas(0, k, 1)); }
  ConstVectorMap<Scalar> biases() const { return std::as_const(parameters).biases(0); }

  /// Computes the deltas of all layers from the first layer's pre-activations, and updates the other layers.
  /// Returns false, and updates nothing, if it found a delta that is not finite.
  bool finish_sample(Index sample, Index k) {
    const auto here = pass(k);
    const Index last = here.network.last();
    here.forward_hidden();
    here.activate_output();
    here.backward(contiguous_columns<Scalar>(t, sample, 1, [&] { return here.memory.deltas(last); }), rate);
    if (here.samples.updates_at_once) {
      return true;
    }
    for (Index layer = last; layer >= 0; --layer) {
      const auto deltas = read_only(here.memory.deltas(layer));
      if (!all_finite(deltas.data(), deltas.rows())) {
        return false;
      }
    }
    for (Index layer = 1; layer <= last; ++layer) {
      here.samples.update(layer);
    }
    return true;
  }
};

}  // namespace backquery::detail
