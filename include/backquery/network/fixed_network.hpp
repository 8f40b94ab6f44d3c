/// @file
/// A trained network with layer sizes that are compile-time constants, for audio, control and
/// microcontrollers. Needs Eigen only. Not part of backquery.hpp, because it is for programs without
/// exceptions, run-time type information or a heap.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/activation.hpp>
#include <backquery/network/detail/fixed_layer.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace backquery {

namespace detail {

/// All layers as one value. Unlike std::tuple, it is trivially copyable.
template <Index Number, typename Layer>
struct NumberedLayer {
  Layer layer;
};
template <typename... Layers>
struct FixedLayers : Layers... {};

template <Index Number, typename Layer>
constexpr Layer& layer_at(NumberedLayer<Number, Layer>& numbered) noexcept {
  return numbered.layer;
}
template <Index Number, typename Layer>
constexpr const Layer& layer_at(const NumberedLayer<Number, Layer>& numbered) noexcept {
  return numbered.layer;
}

template <Index... Sizes>
struct FixedSizes {
  static constexpr Index values[] = {Sizes...};
  static constexpr Index layers = sizeof...(Sizes) - 1;

  /// Number of weights and biases of all layers.
  static constexpr std::size_t parameters() {
    Index count = 0;
    for (Index layer = 0; layer < layers; ++layer) {
      count += values[layer + 1] * (values[layer] + 1);
    }
    return static_cast<std::size_t>(count);
  }

  template <typename Scalar, Index... Number>
  static FixedLayers<
      NumberedLayer<Number, FixedLayer<Scalar, values[Number], values[Number + 1],
                                       (Number == 0 && values[0] >= least_inputs_with_background)>>...>
      layers_of(std::integer_sequence<Index, Number...>);
};

}  // namespace detail

/// A network for queries only: FixedNetwork<float, 784, 200, 10>. Made from a NeuralNetwork, it gives the
/// same outputs, up to rounding. No member function throws or allocates. Arguments of a wrong size do not
/// compile.
///
/// make_fixed_network.hpp makes one from a NeuralNetwork. Without NeuralNetwork, the values come from a
/// table. It has, for each layer, the weights, nodes x inputs, column by column (as Eigen stores
/// net.weights(layer)), then a bias for each node (0 if the network has no biases):
///
/// ```cpp
/// constexpr backquery::FixedNetwork<float, 2, 2, 1> network(
///     {0.1f, -0.2f, 0.3f, 0.4f, 0, 0,  // 2 x 2 weights, 2 biases
///      0.5f, -0.6f, 0.7f},             // 1 x 2 weights, 1 bias
///     backquery::Activation::tanh, backquery::Activation::identity);
/// const std::array<float, 1> y = network.query({0.5f, 0.25f});
/// ```
///
/// A constexpr network lies in read-only memory. Keep a network with many weights off the stack; query uses
/// the stack for one value of each node only.
///
/// Layers are padded with zero nodes to whole vector registers. Files that share a FixedNetwork must
/// therefore be compiled for the same processor, as with Eigen's fixed-size matrices.
///
/// @tparam Scalar_  float, double or long double
/// @tparam Sizes    nodes of each layer, each at least 1: inputs, hidden layers if any, outputs
template <typename Scalar_, Index... Sizes>
class FixedNetwork {
  static_assert(std::is_floating_point_v<Scalar_>, "backquery: Scalar must be a floating-point type");
  static_assert(sizeof...(Sizes) >= 2, "backquery: a network needs at least inputs and outputs");
  static_assert(((Sizes >= 1) && ...), "backquery: every layer needs at least 1 node");

  using AllSizes = detail::FixedSizes<Sizes...>;

 public:
  using Scalar = Scalar_;  ///< the type of all values
  /// Number of weight matrices.
  static constexpr Index layers = AllSizes::layers;
  /// Number of inputs.
  static constexpr Index inputs = AllSizes::values[0];
  /// Number of outputs.
  static constexpr Index outputs = AllSizes::values[layers];
  /// Nodes of each layer, inputs first.
  static constexpr std::array<Index, sizeof...(Sizes)> layer_sizes = {Sizes...};

  using Table = std::array<Scalar, AllSizes::parameters()>;              ///< all weights and biases
  using Input = std::array<Scalar, static_cast<std::size_t>(inputs)>;    ///< inputs of one sample
  using Output = std::array<Scalar, static_cast<std::size_t>(outputs)>;  ///< outputs for one sample

  /// All weights and biases 0. Every activation is allowed in every layer.
  constexpr FixedNetwork(Activation hidden, Activation output) noexcept
      : hidden_activation_(hidden), output_activation_(output) {}

  /// Weights and biases from a table: layer by layer, the weights column by column, then the biases.
  constexpr FixedNetwork(const Table& table, Activation hidden, Activation output) noexcept
      : FixedNetwork(hidden, output) {
    read_layer<0>(table, 0);
  }

  /// The outputs for x.
  [[nodiscard]] Output query(const Input& x) const noexcept {
    Output y;
    forward<0>(x.data(), y.data());
    return y;
  }

  /// Writes the outputs for x to y. Both may be Eigen vectors, Maps or blocks, x also an expression, and y
  /// may be x itself. Both have sizes at compile time: x.head<784>(), or Eigen::Map<const
  /// Eigen::Matrix<float, 784, 1>>(data).
  template <typename X, typename Y>
  void query(const Eigen::MatrixBase<X>& x, Y&& y) const noexcept {
    check_sizes<X, inputs, 1>();
    check_sizes<std::decay_t<Y>, outputs, 1>();
    Output values;
    if constexpr (detail::is_in_memory<X> && X::InnerStrideAtCompileTime == 1) {
      forward<0>(x.derived().data(), values.data());
    } else {
      Input copy;
      Eigen::Map<Eigen::Matrix<Scalar, inputs, 1>>(copy.data()) = x;
      forward<0>(copy.data(), values.data());
    }
    y = Eigen::Map<const Eigen::Matrix<Scalar, outputs, 1>>(values.data());
  }

  /// Sets the weights of a layer, nodes x inputs; layer 0 connects the inputs to the first hidden layer. W is
  /// in memory and has its size at compile time: w.topLeftCorner<200, 784>().
  template <Index Number, typename W>
  void set_weights(const Eigen::MatrixBase<W>& w) noexcept {
    auto& own = layer<Number>();
    using Layer = std::decay_t<decltype(own)>;
    check_sizes<W, Layer::nodes, Layer::inputs>();
    set_columns(own, w, 0);
    own.sum_rows();
  }
  /// Sets the biases of a layer, one for each node. b is in memory and has its size at compile time.
  template <Index Number, typename B>
  void set_biases(const Eigen::MatrixBase<B>& b) noexcept {
    auto& own = layer<Number>();
    using Layer = std::decay_t<decltype(own)>;
    check_sizes<B, Layer::nodes, 1>();
    set_columns(own, b, Layer::inputs);
  }

 private:
  template <typename X, Index Rows, Index Columns>
  static constexpr void check_sizes() {
    static_assert(std::is_same_v<typename X::Scalar, Scalar>,
                  "backquery: the argument's scalar type differs from the network's; convert it with "
                  ".cast<Scalar>()");
    static_assert(X::RowsAtCompileTime != Eigen::Dynamic && X::ColsAtCompileTime != Eigen::Dynamic,
                  "backquery: FixedNetwork needs sizes at compile time: pass a fixed-size block or Map");
    static_assert(X::RowsAtCompileTime == Rows && X::ColsAtCompileTime == Columns,
                  "backquery: the argument's size does not fit the layers of the FixedNetwork");
  }

  template <Index Number>
  constexpr auto& layer() noexcept {
    static_assert(Number >= 0 && Number < layers, "backquery: the FixedNetwork has no such layer");
    return detail::layer_at<Number>(layers_);
  }

  template <typename Layer, typename W>
  static void set_columns(Layer& to, const Eigen::MatrixBase<W>& w, Index first) noexcept {
    static_assert(detail::is_in_memory<W>, "backquery: W and b must lie in memory: evaluate them first");
    for (Index column = 0; column < w.cols(); ++column) {
      for (Index row = 0; row < w.rows(); ++row) {
        to.set(row, first + column, w(row, column));
      }
    }
  }

  /// Reads this layer and all later layers from the table.
  template <Index Number>
  constexpr void read_layer(const Table& table, std::size_t from) noexcept {
    auto& own = layer<Number>();
    for (Index column = 0; column <= own.inputs; ++column) {
      for (Index row = 0; row < own.nodes; ++row) {
        own.set(row, column, table[from++]);
      }
    }
    own.sum_rows();
    if constexpr (Number + 1 < layers) {
      read_layer<Number + 1>(table, from);
    }
  }

  /// Computes y from x by this layer and all later layers.
  template <Index Number>
  void forward(const Scalar* x, Scalar* y) const noexcept {
    constexpr bool is_last = Number + 1 == layers;
    const auto& own = detail::layer_at<Number>(layers_);
    using Layer = std::decay_t<decltype(own)>;
    alignas(detail::line_bytes) Scalar z[static_cast<std::size_t>(Layer::rows)];
    own.pre_activations(x, z);
    detail::activate<Scalar>(is_last ? output_activation_ : hidden_activation_,
                             {z, Layer::nodes, 1, Eigen::OuterStride<>(Layer::rows)});
    if constexpr (is_last) {
      std::copy_n(z, outputs, y);
    } else {
      forward<Number + 1>(z, y);
    }
  }

  decltype(AllSizes::template layers_of<Scalar>(std::make_integer_sequence<Index, layers>())) layers_{};
  Activation hidden_activation_, output_activation_;
};

}  // namespace backquery
