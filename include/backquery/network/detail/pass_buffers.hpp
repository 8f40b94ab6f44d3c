/// @file
/// The buffers of forward and backward passes.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/loss.hpp>

#include <algorithm>
#include <vector>

namespace backquery::detail {

/// Values of every layer for some samples, one column per sample, and named buffers for parts of the
/// computation. Buffers grow and never shrink. Their contents have no meaning between calls of the network.
template <typename Scalar>
class PassBuffers {
 public:
  /// Lays out buffers for `columns` samples of a network with these layer sizes. The padding of every column
  /// is 0 and stays 0.
  /// @param with_inputs  whether inputs() is needed
  void shape(const std::vector<Index>& layer_sizes, Index columns, bool with_inputs) {
    if (sizes_ == layer_sizes && columns_ == columns && with_inputs_ == with_inputs) {
      return;
    }
    sizes_.clear();  // if an allocation fails, no layout is valid
    columns_ = columns;
    with_inputs_ = with_inputs;
    starts_.resize(layer_sizes.size());
    Index size = with_inputs ? columns * padded<Scalar>(layer_sizes.front()) : 0;
    for (std::size_t l = 0; l + 1 < layer_sizes.size(); ++l) {
      starts_[l] = size;
      size += (2 * columns + 1) * padded<Scalar>(layer_sizes[l + 1]);
    }
    std::fill_n(reserve(size), size, Scalar(0));
    sizes_ = layer_sizes;
  }

  /// Copies of samples.
  ColumnsMap<Scalar> inputs(Index first, Index count) {
    const Index step = padded<Scalar>(sizes_.front());
    return {values_.data() + first * step, sizes_.front(), count, Eigen::OuterStride<>(step)};
  }
  /// Pre-activations z of a layer, later its outputs f(z).
  ColumnsMap<Scalar> outputs(Index layer, Index first, Index count) {
    return columns_of_layer(layer, first, count);
  }
  /// Errors of a layer, later its deltas.
  ColumnsMap<Scalar> deltas(Index layer, Index first, Index count) {
    return columns_of_layer(layer, columns_ + first, count);
  }
  /// The sum of a layer's deltas over the samples, padded.
  Scalar* delta_sums(Index layer) { return columns_of_layer(layer, 2 * columns_, 1).data(); }

  /// Replaces the layout of shape() by one buffer of this size.
  Scalar* reserve(Index size) {
    sizes_.clear();
    if (static_cast<Index>(values_.size()) < size) {
      values_.resize(static_cast<std::size_t>(size));
    }
    return values_.data();
  }

  std::vector<Index> foreground_index;       // foreground of a sample: indices
  LineVector<Scalar> foreground_difference;  // foreground of a sample: differences
  LineVector<Scalar> split_weights;          // V 1 and u of the first layer
  LineVector<Scalar> input_products;         // x_i'x_k of the samples of a delayed step
  std::vector<LossSum<Scalar>> block_losses;

 private:
  ColumnsMap<Scalar> columns_of_layer(Index layer, Index column, Index count) {
    const auto l = static_cast<std::size_t>(layer);
    const Index nodes = sizes_[l + 1], step = padded<Scalar>(nodes);
    return {values_.data() + starts_[l] + column * step, nodes, count, Eigen::OuterStride<>(step)};
  }

  LineVector<Scalar> values_;
  std::vector<Index> sizes_, starts_;
  Index columns_ = 0;
  bool with_inputs_ = false;
};

}  // namespace backquery::detail
