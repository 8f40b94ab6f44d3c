/// @file
/// The layers above the first in online training.
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/layer.hpp>
#include <backquery/network/detail/pass_buffers.hpp>
#include <backquery/network/parameters.hpp>

#include <algorithm>

namespace backquery::detail {

/// The operations of a pass for the sample in column k of the buffers. If the buffers have a copy of a
/// layer's weights by rows, the operations use this copy: z = W x + b has a dot product for each row, which
/// is long, and one pass over the rows computes W' e and W += d x'.
template <typename Scalar>
struct OnlineSample {
  using Columns = ColumnsMap<Scalar>;
  using ConstColumns = ConstColumnsMap<Scalar>;

  Parameters<Scalar>& parameters;
  PassBuffers<Scalar>& buffers;
  Index k;
  /// Whether Pass::backward updates each layer above the first; otherwise the caller calls update. True if
  /// the buffers have copies by rows.
  bool updates_at_once;

  /// z = W x + b
  void pre_activations(Index layer, ConstColumns w, ConstVectorMap<Scalar> b, ConstColumns x,
                       Columns z) const {
    if (!buffers.has_rows(layer)) {
      OneSample<Scalar>::pre_activations(layer, w, b, x, z);
      return;
    }
    const auto rows = buffers.weight_rows(layer);
    dot_columns<Scalar>({rows.data(), rows.outerStride()}, rows.cols(), x.data(), z.data());
    z.col(0).head(b.size()) += b;
  }

  /// e_below = W' e. By rows, update computes e_below from a copy of e, because d overwrites e.
  void propagate_error(Index layer, ConstColumns w, ConstColumns e, Columns e_below) const {
    if (buffers.has_rows(layer)) {
      std::copy_n(e.data(), e.rows(), buffers.delta_sums(layer));
    } else {
      OneSample<Scalar>::propagate_error(layer, w, e, e_below);
    }
  }

  void finish_layer(Index layer) const {
    if (layer > 0 && updates_at_once) {
      update(layer);
    }
  }

  /// W += d x', b += d
  void update(Index layer) const {
    const auto d = read_only(buffers.deltas(layer, k, 1)), x = read_only(buffers.outputs(layer - 1, k, 1));
    if (!buffers.has_rows(layer)) {
      OneSample<Scalar>::update(d, x, parameters.weights(layer), parameters.biases(layer));
      return;
    }
    auto rows = buffers.weight_rows(layer);
    add_and_update_columns<Scalar>({rows.data(), rows.outerStride()}, rows.cols(), buffers.delta_sums(layer),
                                   d.data(), x.data(), buffers.deltas(layer - 1, k, 1).data());
    OneSample<Scalar>::update_biases(d, parameters.biases(layer));
  }
};

}  // namespace backquery::detail
