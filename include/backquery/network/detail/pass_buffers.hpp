/// @file
/// The buffers of forward and backward passes.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/loss.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace backquery::detail {

/// An input, and a mask of the samples in a block where this input is not the background.
struct ForegroundColumn {
  Index input;
  std::uint32_t samples;
};

/// Values of every layer for some samples, one column per sample, and named buffers for parts of the
/// computation. Buffers grow and never shrink. Their contents have no meaning between calls of the network.
template <typename Scalar>
class PassBuffers {
 public:
  /// Lays out buffers for `columns` samples of a network with these layer sizes. The padding of every column
  /// is 0 and stays 0.
  /// @param with_inputs  whether inputs() is needed
  /// @param with_rows    whether weight_rows() is needed
  void shape(const std::vector<Index>& layer_sizes, Index columns, bool with_inputs, bool with_rows = false) {
    if (sizes_ == layer_sizes && columns_ == columns && with_inputs_ == with_inputs &&
        with_rows_ == with_rows) {
      return;
    }
    sizes_.clear();  // if an allocation fails, no layout is valid
    columns_ = columns;
    with_inputs_ = with_inputs;
    with_rows_ = with_rows;
    starts_.resize(layer_sizes.size());
    row_starts_.resize(layer_sizes.size());
    Index size = with_inputs ? columns * padded<Scalar>(layer_sizes.front()) : 0;
    for (std::size_t l = 0; l + 1 < layer_sizes.size(); ++l) {
      starts_[l] = size;
      size += (2 * columns + 1) * padded<Scalar>(layer_sizes[l + 1]);
      const Index nodes = layer_sizes[l + 1], inputs = layer_sizes[l];
      const bool has_rows = with_rows && l > 0 && nodes <= inputs && inputs > padded<Scalar>(1);
      row_starts_[l] = has_rows ? size : 0;
      size += has_rows ? nodes * padded<Scalar>(inputs) : 0;
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
  /// The sum of a layer's deltas over the samples, padded. For steps by rows: the errors of one sample.
  Scalar* delta_sums(Index layer) { return columns_of_layer(layer, 2 * columns_, 1).data(); }

  /// Whether the layer has weight_rows(). The first layer, layers with more nodes than inputs, and layers
  /// whose inputs fit into a single line have none, because their steps would not be faster.
  [[nodiscard]] bool has_rows(Index layer) const { return row_starts_[static_cast<std::size_t>(layer)] != 0; }
  /// Memory for a copy of the layer's weights by rows: a row in each column.
  ColumnsMap<Scalar> weight_rows(Index layer) {
    const auto l = static_cast<std::size_t>(layer);
    return {values_.data() + row_starts_[l], sizes_[l], sizes_[l + 1],
            Eigen::OuterStride<>(padded<Scalar>(sizes_[l]))};
  }

  /// Replaces the layout of shape() by one buffer of this size.
  Scalar* reserve(Index size) {
    sizes_.clear();
    if (static_cast<Index>(values_.size()) < size) {
      values_.resize(static_cast<std::size_t>(size));
    }
    return values_.data();
  }

  LineVector<Scalar> foreground;                     // s of a block of samples, transposed
  std::vector<ForegroundColumn> foreground_columns;  // inputs where an s is not 0
  std::vector<std::uint64_t> sample_masks;           // where s is not 0: 64 inputs of a sample
  LineVector<Scalar> shift;                          // u of the first layer
  LineVector<Scalar> input_products;                 // x_i'x_k of the samples of a delayed step
  std::vector<LossSum<Scalar>> block_losses;

 private:
  ColumnsMap<Scalar> columns_of_layer(Index layer, Index column, Index count) {
    const auto l = static_cast<std::size_t>(layer);
    const Index nodes = sizes_[l + 1], step = padded<Scalar>(nodes);
    return {values_.data() + starts_[l] + column * step, nodes, count, Eigen::OuterStride<>(step)};
  }

  LineVector<Scalar> values_;
  std::vector<Index> sizes_, starts_, row_starts_;
  Index columns_ = 0;
  bool with_inputs_ = false, with_rows_ = false;
};

}  // namespace backquery::detail
