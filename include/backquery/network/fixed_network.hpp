/// @file
/// A trained network with layer sizes that are compile-time constants, for audio, control and
/// microcontrollers. Needs Eigen only. Not part of backquery.hpp, because it is for programs without
/// exceptions, run-time type information or a heap.
#pragma once

#include <backquery/network/activation.hpp>
#include <backquery/network/detail/fixed_layer.hpp>

#include <array>
#include <type_traits>

namespace backquery {

/// A network for queries only: FixedNetwork<float, 784, 200, 10>. Made from a NeuralNetwork, it gives the
/// same outputs, up to rounding. No member function throws or allocates. Eigen arguments of a wrong
/// size, and too many numbers in braces, do not compile; too few numbers in braces count as 0.
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

  using Layers = detail::FixedLayers<Scalar_, true, Sizes...>;

 public:
  using Scalar = Scalar_;  ///< the type of all values
  /// Number of weight matrices.
  static constexpr Index layers = sizeof...(Sizes) - 1;
  /// Nodes of each layer, inputs first.
  static constexpr std::array<Index, sizeof...(Sizes)> layer_sizes = {Sizes...};
  /// Number of inputs.
  static constexpr Index inputs = layer_sizes.front();
  /// Number of outputs.
  static constexpr Index outputs = layer_sizes.back();

  using Table = std::array<Scalar, Layers::parameters>;                          ///< all weights and biases
  using Input = std::array<Scalar, static_cast<std::size_t>(inputs)>;            ///< inputs of one sample
  using Output = std::array<Scalar, static_cast<std::size_t>(outputs)>;          ///< outputs for one sample
  using Activations = std::array<Activation, static_cast<std::size_t>(layers)>;  ///< of each layer

  /// All weights and biases 0. Every activation is allowed in every layer.
  constexpr explicit FixedNetwork(const Activations& activations) noexcept : activations_(activations) {}

  /// One activation for all hidden layers.
  constexpr FixedNetwork(Activation hidden, Activation output) noexcept
      : FixedNetwork(all_but_last(hidden, output)) {}

  /// Weights and biases from a table: layer by layer, the weights column by column, then the biases.
  constexpr FixedNetwork(const Table& table, Activation hidden, Activation output) noexcept
      : FixedNetwork(table, all_but_last(hidden, output)) {}

  /// A table, and an activation for each layer.
  constexpr FixedNetwork(const Table& table, const Activations& activations) noexcept
      : FixedNetwork(activations) {
    layers_.read(table.data());
  }

  /// The outputs for x.
  [[nodiscard]] Output query(const Input& x) const noexcept {
    Output y;
    layers_.forward(x.data(), y.data(), activations_.data());
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
      layers_.forward(x.derived().data(), values.data(), activations_.data());
    } else {
      Input copy;
      Eigen::Map<Eigen::Matrix<Scalar, inputs, 1>>(copy.data()) = x;
      values = query(copy);
    }
    y = Eigen::Map<const Eigen::Matrix<Scalar, outputs, 1>>(values.data());
  }

  /// Sets the weights of a layer, nodes x inputs; layer 0 connects the inputs to the first hidden layer. W is
  /// in memory and has its size at compile time: w.topLeftCorner<200, 784>().
  template <Index Number, typename W>
  void set_weights(const Eigen::MatrixBase<W>& w) noexcept {
    set<Number, false>(w);
  }
  /// Sets the biases of a layer, one for each node. b is in memory and has its size at compile time.
  template <Index Number, typename B>
  void set_biases(const Eigen::MatrixBase<B>& b) noexcept {
    set<Number, true>(b);
  }

 private:
  static constexpr Activations all_but_last(Activation hidden, Activation output) noexcept {
    Activations activations{};
    for (Activation& activation : activations) {
      activation = hidden;
    }
    activations.back() = output;
    return activations;
  }

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

  /// Sets the weights, or the biases, of a layer.
  template <Index Number, bool Biases, typename W>
  void set(const Eigen::MatrixBase<W>& w) noexcept {
    static_assert(Number >= 0 && Number < layers, "backquery: the FixedNetwork has no such layer");
    static_assert(detail::is_in_memory<W>, "backquery: W and b must lie in memory: evaluate them first");
    constexpr Index layer_inputs = layer_sizes[Number];
    check_sizes<W, layer_sizes[Number + 1], Biases ? 1 : layer_inputs>();
    layers_.template at<Number>().set(Biases ? layer_inputs : 0, w.cols(), w.derived());
  }

  Layers layers_{};
  Activations activations_;
};

}  // namespace backquery
