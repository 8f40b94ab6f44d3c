/// @file
/// The memory that a pass through a network needs beside its parameters.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/loss.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace backquery {

/// Memory for the values and errors of every layer, to be made once and handed to call after call, of any
/// network. It grows when a call needs more, and then allocates; it never shrinks. Its contents mean nothing
/// between calls. One call at a time may use it.
template <typename Scalar_ = double>
class Workspace {
 public:
  using Scalar = Scalar_;

  /// Makes room for `columns` samples of a network of these sizes, layer 0 being the inputs. The padding of
  /// every column is 0 then, and whoever writes to the columns keeps it so.
  void shape(const std::vector<Index>& layer_sizes, Index columns, bool with_inputs) {
    if (sizes_ == layer_sizes && columns_ == columns && with_inputs_ == with_inputs) {
      return;
    }
    sizes_.clear();  // should memory run out on the way, nothing is laid out
    columns_ = columns;
    with_inputs_ = with_inputs;
    starts_.resize(layer_sizes.size());
    steps_.resize(layer_sizes.size());
    Index size = 0;
    for (std::size_t layer = 0; layer < layer_sizes.size(); ++layer) {
      starts_[layer] = size;
      steps_[layer] = detail::padded<Scalar>(layer_sizes[layer]);
      size += layer != 0 ? 2 * columns * steps_[layer] : with_inputs ? columns * steps_[layer] : 0;
    }
    grow(size);
    std::fill_n(memory_.begin(), size, Scalar(0));
    sizes_ = layer_sizes;
  }

  /// Values of a layer, a column a sample: layer 0 the copied inputs, layer l the outputs f(z) of the l-th
  /// matrix.
  detail::ColumnsMap<Scalar> values(Index layer, Index first, Index count) {
    return part(layer, starts_[static_cast<std::size_t>(layer)], first, count);
  }

  /// Errors of layer l >= 1.
  detail::ColumnsMap<Scalar> errors(Index layer, Index first, Index count) {
    const auto l = static_cast<std::size_t>(layer);
    return part(layer, starts_[l] + columns_ * steps_[l], first, count);
  }

  /// Plain memory, for what has no layers.
  Scalar* reserve(Index size) {
    sizes_.clear();  // what shape() laid out is gone
    grow(size);
    return memory_.data();
  }

  /// Where samples differ from their background, and what the first layer needs beside its weights for that.
  struct Foreground {
    std::vector<Index> index;
    detail::LineVector<Scalar> difference, sums;
  };
  Foreground& foreground() { return foreground_; }

  /// A sum of losses for each block of samples.
  std::vector<detail::LossSum<Scalar>>& block_losses() { return block_losses_; }

 private:
  void grow(Index size) {
    if (static_cast<Index>(memory_.size()) < size) {
      memory_.resize(static_cast<std::size_t>(size));
    }
  }

  detail::ColumnsMap<Scalar> part(Index layer, Index start, Index first, Index count) {
    const auto l = static_cast<std::size_t>(layer);
    return {memory_.data() + start + first * steps_[l], sizes_[l], count, Eigen::OuterStride<>(steps_[l])};
  }

  detail::LineVector<Scalar> memory_;
  std::vector<Index> sizes_, starts_, steps_;
  std::vector<detail::LossSum<Scalar>> block_losses_;
  Foreground foreground_;
  Index columns_ = 0;
  bool with_inputs_ = false;
};

}  // namespace backquery
