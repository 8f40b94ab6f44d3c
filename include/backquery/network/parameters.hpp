/// @file
/// Every weight and bias of a network, or their gradients, in one buffer.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace backquery {

namespace detail {

inline void check_layer(Index layer, Index layers) {
  if (layer < 0 || layer >= layers) {
    throw_invalid_argument("NeuralNetwork: layer is ", layer, ", expected 0 to ", layers - 1);
  }
}

/// Throws the exception for a network with a weight or bias that is NaN or infinite.
[[noreturn]] inline void throw_not_finite(const char* where) {
  throw_invalid_argument(where,
                         ": the network has a weight or bias that is NaN or infinite; if its training "
                         "diverged, train again with a smaller learning rate or scaled inputs");
}

/// Throws unless all parameters of a network are finite.
template <typename Scalar>
void check_parameters(const char* where, Eigen::Map<const VectorX<Scalar>> parameters) {
  if (!all_finite(parameters.data(), parameters.size())) {
    throw_not_finite(where);
  }
}

}  // namespace detail

/// One contiguous buffer: the weights of layer 0, its biases, the weights of layer 1, and so on. Weights are
/// stored column by column. Every column, and every vector of biases, is padded with zeros to whole 64-byte
/// lines, for every instruction set. The buffer starts on such a line.
///
/// ```cpp
/// backquery::Parameters<float> gradients({784, 200, 10}, true);  // all zero, with biases
/// gradients.weights(0).col(3).setOnes();                          // weights(0) is 200 x 784
/// gradients.biases(1)(7) = 0.5f;                                  // biases(1) has 10 values
/// const float norm = gradients.values().norm();                   // over all values
/// ```
///
/// Keep the padding 0: a network ignores it, but sums over values() include it.
///
/// @tparam Scalar_  float, double or long double
template <typename Scalar_ = double>
class Parameters {
 public:
  using Scalar = Scalar_;                                   ///< the type of all values
  using Vector = detail::VectorX<Scalar>;                   ///< a column vector
  using Matrix = detail::MatrixX<Scalar>;                   ///< a column-major matrix
  using WeightsMap = detail::ColumnsMap<Scalar>;            ///< weights of a layer
  using ConstWeightsMap = detail::ConstColumnsMap<Scalar>;  ///< weights of a layer, read-only
  using BiasesMap = Eigen::Map<Vector>;                     ///< biases of a layer
  using ConstBiasesMap = Eigen::Map<const Vector>;          ///< biases of a layer, read-only

  /// No layers.
  Parameters() = default;

  /// All zero.
  /// @param layer_sizes  nodes of each layer, each at least 1: inputs, hidden layers if any, outputs
  /// @param biases       whether every node has a bias
  /// @throws std::invalid_argument for fewer than two sizes, a size < 1, or too many values for memory
  Parameters(std::vector<Index> layer_sizes, bool biases)
      : sizes_(std::move(layer_sizes)), has_biases_(biases) {
    check_sizes();
    Index size = 0;
    offsets_.resize(sizes_.size() - 1);
    for (Index layer = 0; layer < layers(); ++layer) {
      offsets_[static_cast<std::size_t>(layer)] = size;
      size += column_step(layer) * (inputs(layer) + (biases ? 1 : 0));
    }
    values_.resize(static_cast<std::size_t>(size));
  }

  /// Number of weight matrices.
  [[nodiscard]] Index layers() const noexcept { return static_cast<Index>(offsets_.size()); }
  /// Nodes of each layer, inputs first.
  [[nodiscard]] const std::vector<Index>& layer_sizes() const noexcept { return sizes_; }
  /// Whether every node has a bias.
  [[nodiscard]] bool has_biases() const noexcept { return has_biases_; }
  /// Whether the layer sizes are equal, and both have biases or neither.
  [[nodiscard]] bool same_layout(const Parameters& other) const noexcept {
    return sizes_ == other.sizes_ && has_biases_ == other.has_biases_;
  }

  /// Weights of the layer, nodes x inputs; layer 0 connects the inputs to the first hidden layer.
  /// @throws std::invalid_argument if there is no such layer (also for biases)
  [[nodiscard]] WeightsMap weights(Index layer) { return weights_of<WeightsMap>(*this, layer); }
  /// Weights of the layer, read-only.
  [[nodiscard]] ConstWeightsMap weights(Index layer) const {
    return weights_of<ConstWeightsMap>(*this, layer);
  }

  /// Biases of the layer's nodes; size 0 without biases.
  [[nodiscard]] BiasesMap biases(Index layer) { return biases_behind<BiasesMap>(weights(layer)); }
  /// Biases of the layer, read-only.
  [[nodiscard]] ConstBiasesMap biases(Index layer) const {
    return biases_behind<ConstBiasesMap>(weights(layer));
  }

  /// The whole buffer, padding included.
  [[nodiscard]] BiasesMap values() { return {values_.data(), static_cast<Index>(values_.size())}; }
  /// The whole buffer, read-only.
  [[nodiscard]] ConstBiasesMap values() const { return {values_.data(), static_cast<Index>(values_.size())}; }

  /// Sets the padding to 0, because a computation with infinite values may leave NaN there.
  void clear_padding() {
    for (Index layer = 0; layer < layers(); ++layer) {
      WeightsMap w = weights(layer);
      for (Index column = 0; column < w.cols() + (has_biases_ ? 1 : 0); ++column) {
        std::fill_n(w.data() + column * w.outerStride() + w.rows(), w.outerStride() - w.rows(), Scalar(0));
      }
    }
  }

 private:
  Index inputs(Index layer) const { return sizes_[static_cast<std::size_t>(layer)]; }
  Index nodes(Index layer) const { return sizes_[static_cast<std::size_t>(layer) + 1]; }
  Index column_step(Index layer) const { return detail::padded<Scalar>(nodes(layer)); }

  void check_sizes() const {
    if (sizes_.size() < 2) {
      detail::throw_invalid_argument("NeuralNetwork: layer_sizes has ", sizes_.size(),
                                     " layers, expected at least inputs and outputs");
    }
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      if (sizes_[i] < 1) {
        detail::throw_invalid_argument("NeuralNetwork: layer_sizes[", i, "] is ", sizes_[i],
                                       ", expected at least 1");
      }
    }
    constexpr Index most = (std::numeric_limits<std::ptrdiff_t>::max)() / static_cast<Index>(sizeof(Scalar));
    Index left = most;  // values available for further layers
    for (std::size_t i = 1; i < sizes_.size(); ++i) {
      const bool fits = sizes_[i] <= most - static_cast<Index>(detail::line_bytes) && sizes_[i - 1] < most &&
                        detail::padded<Scalar>(sizes_[i]) <= left / (sizes_[i - 1] + 1);
      if (!fits) {
        detail::throw_invalid_argument("NeuralNetwork: layer_sizes[", i - 1, "] and [", i, "] are ",
                                       sizes_[i - 1], " and ", sizes_[i],
                                       ": more weights than memory can hold");
      }
      left -= detail::padded<Scalar>(sizes_[i]) * (sizes_[i - 1] + 1);
    }
  }

  template <typename Map, typename Self>
  static Map weights_of(Self& self, Index layer) {
    detail::check_layer(layer, self.layers());
    return {self.values_.data() + self.offsets_[static_cast<std::size_t>(layer)], self.nodes(layer),
            self.inputs(layer), Eigen::OuterStride<>(self.column_step(layer))};
  }

  template <typename Map, typename Weights>
  Map biases_behind(Weights w) const {
    return {w.data() + w.outerStride() * w.cols(), has_biases_ ? w.rows() : 0};
  }

  std::vector<Index> sizes_;    // L + 1 sizes, inputs first
  std::vector<Index> offsets_;  // of the weights of each of the L layers
  detail::LineVector<Scalar> values_;
  bool has_biases_ = false;
};

}  // namespace backquery
