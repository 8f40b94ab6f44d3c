/// @file
/// Online training: one step for each sample, in order.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/kernels.hpp>
#include <backquery/detail/products.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/pass_buffers.hpp>
#include <backquery/network/detail/passes.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace backquery::detail {

/// Takes one step for each column of x and t. For fewer than least_to_scan columns, it stops before the first
/// step that is not finite. All steps taken are applied when run returns. The first layer, which has nearly
/// all weights, is updated in one of three ways, chosen for each chunk of samples. They give the same steps
/// in the same order, up to rounding:
///
/// - one by one: W x, then W += d x'.
/// - delayed: W += D X' applies the steps of a block of samples by one matrix product, so that W is read and
///   written once per block. Until then the pre-activations of sample k include the steps before it:
///   W x_k + sum_(i<k) d_i (x_i'x_k).
/// - by the background: SplitWeights read and write only the columns where x differs from its background.
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
  static Index columns(ConstColumnsMap<Scalar> first_weights, Index samples) {
    return samples < least_samples || is_small(first_weights) ? 1 : (std::min)(delayed_samples, samples);
  }

  /// With fewer columns, run checks every delta. With more, a scan of all weights by the caller is faster.
  static constexpr Index least_to_scan = 32;

  /// Returns false if it stopped before a step that is not finite.
  bool run() {
    constexpr Index chunk_size = 256;  // keeps u of SplitWeights small compared with V
    const bool few = x.cols() < least_samples, in_cache = is_small(read_only(weights));
    bool finite = true;
    for (Index first = 0; finite && first < x.cols(); first += chunk_size) {
      const Index count = (std::min)(chunk_size, x.cols() - first);
      const auto background = background_of<Scalar>(x, first, count);
      if (background && !few) {
        finite = run_by_background(first, count, *background);
      } else if (few || in_cache) {
        finite = run_one_by_one(first, count, background);
      } else {
        finite = run_delayed(first, count);
      }
    }
    return finite;
  }

 private:
  /// Samples in a block of delayed steps. More samples make the matrix products faster; fewer keep the sums
  /// of d_i (x_i'x_k) cheap.
  static constexpr Index delayed_samples = 32;

  /// For fewer samples, the second and third way cost more than they save.
  static constexpr Index least_samples = 8;

  /// Whether the weights stay in the first-level cache from step to step.
  static bool is_small(ConstColumnsMap<Scalar> first_weights) {
    return first_weights.outerStride() * first_weights.cols() * static_cast<Index>(sizeof(Scalar)) <
           Index{32} * 1024;
  }

  // Each of these functions returns false if it stopped before a step that is not finite.

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

  bool run_delayed(Index first, Index count) {
    bool finite = true;
    for (Index start = first; finite && start < first + count; start += delayed_samples) {
      const Index samples = (std::min)(delayed_samples, first + count - start);
      auto inputs = buffers.inputs(0, samples);
      inputs = x.middleCols(start, samples);
      const auto xs = read_only(inputs);
      const auto products = products_between(xs);
      ManySamples<Scalar>::pre_activations(std::as_const(parameters).weights(0), biases(), xs,
                                           buffers.outputs(0, 0, samples));
      const Index n = weights.outerStride();
      Index taken = 0;
      for (; finite && taken < samples; taken += static_cast<Index>(finite)) {
        add_columns<Scalar>(EveryColumn<const Scalar>{delta(0).data(), n}, taken,
                            products.data() + taken * products.outerStride(), pre_activations(taken).data(),
                            n);
        finite = finish_sample(start + taken, taken);
      }
      add_product_transposed<Scalar>(read_only(buffers.deltas(0, 0, taken)), columns_of(xs, 0, taken),
                                     weights);
      for (Index k = 0; k < taken; ++k) {
        OneSample<Scalar>::update_biases(delta(k), parameters.biases(0));
      }
    }
    row_sums.sum(read_only(weights));
    return finite;
  }

  /// x_i'x_k for i < k, plus 1 with biases, which are the weights of a further input that is always 1.
  ColumnsMap<Scalar> products_between(ConstColumnsMap<Scalar> xs) {
    constexpr Index step = padded<Scalar>(delayed_samples);
    buffers.input_products.resize(static_cast<std::size_t>(step * delayed_samples));
    ColumnsMap<Scalar> products(buffers.input_products.data(), xs.cols(), xs.cols(),
                                Eigen::OuterStride<>(step));
    for (Index k = 0; k < xs.cols(); k += tile_columns) {
      const Index width = std::min<Index>(tile_columns, xs.cols() - k);
      dot_product<Scalar>(columns_of(xs, 0, k + width), columns_of(xs, k, width),
                          {products.col(k).data(), k + width, width, Eigen::OuterStride<>(step)});
    }
    if (options.biases) {
      products.array() += Scalar(1);
    }
    return products;
  }

  bool run_by_background(Index first, Index count, Scalar background) {
    const Index inputs = weights.cols();
    buffers.foreground_index.resize(static_cast<std::size_t>(inputs));
    buffers.foreground_difference.resize(static_cast<std::size_t>(inputs));
    const SplitWeights<Scalar> split(weights, row_sums.get(), buffers.split_weights);
    bool finite = true;
    for (Index sample = first; finite && sample < first + count; ++sample) {
      const auto input = contiguous_columns<Scalar>(x, sample, 1, [&] { return buffers.inputs(0, 1); });
      const auto sparse =
          SparseColumn<Scalar>::of(input.data(), 1, inputs, background, buffers.foreground_index.data(),
                                   buffers.foreground_difference.data());
      set_to_biases<Scalar>(biases(), pre_activations(0));
      split.add_product(sparse, pre_activations(0).data());
      finite = finish_sample(sample, 0);
      if (finite) {
        split.add_outer(delta(0).data(), sparse);
        OneSample<Scalar>::update_biases(delta(0), parameters.biases(0));
      }
    }
    split.join();
    row_sums.sum(read_only(weights));
    return finite;
  }

  /// A pass for the sample in column k of the buffers.
  Pass<Scalar, OneSample<Scalar>, BufferColumns<Scalar>> pass(Index k, const Scalar* sums = nullptr) {
    return {{parameters, options, sums}, {buffers, k, 1}};
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
    for (Index layer = last; layer >= 0 && x.cols() < least_to_scan; --layer) {
      const auto deltas = read_only(here.memory.deltas(layer));
      if (!all_finite(deltas.data(), deltas.rows())) {
        return false;
      }
    }
    for (Index layer = 1; layer <= last; ++layer) {
      OneSample<Scalar>::update(read_only(here.memory.deltas(layer)),
                                read_only(here.memory.outputs(layer - 1)), parameters.weights(layer),
                                parameters.biases(layer));
    }
    return true;
  }
};

}  // namespace backquery::detail
