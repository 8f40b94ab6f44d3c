/// @file
/// Makes a FixedNetwork from a NeuralNetwork. Like FixedNetwork, not part of backquery.hpp.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/network/fixed_network.hpp>
#include <backquery/network/neural_network.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace backquery {

namespace detail {

template <typename Sizes>
std::string joined_sizes(const Sizes& sizes) {
  std::string text;
  for (const Index size : sizes) {
    text += (text.empty() ? "" : "-") + std::to_string(size);
  }
  return text;
}

template <typename Scalar, Index... Sizes, Index... Layer>
void copy_layers(const NeuralNetwork<Scalar>& from, FixedNetwork<Scalar, Sizes...>& to,
                 std::integer_sequence<Index, Layer...>) {
  constexpr Index sizes[] = {Sizes...};
  (to.template set_weights<Layer>(
       from.weights(Layer).template topLeftCorner<sizes[Layer + 1], sizes[Layer]>()),
   ...);
  if (from.options().biases) {
    (to.template set_biases<Layer>(from.biases(Layer).template head<sizes[Layer + 1]>()), ...);
  }
}

}  // namespace detail

/// A network with the weights, biases and activations of net, and sizes at compile time. Keep a network with
/// many weights off the stack:
///
/// ```cpp
/// static const auto fixed = backquery::make_fixed_network<784, 200, 10>(net);
/// fixed.query(x.head<784>(), t.head<10>());
/// ```
///
/// @throws std::invalid_argument if the layer sizes of net differ, or for NaN or infinity in its weights
template <Index... Sizes, typename Scalar>
[[nodiscard]] FixedNetwork<Scalar, Sizes...> make_fixed_network(const NeuralNetwork<Scalar>& net) {
  using Fixed = FixedNetwork<Scalar, Sizes...>;
  const auto& found = net.layer_sizes();
  if (!std::equal(found.begin(), found.end(), Fixed::layer_sizes.begin(), Fixed::layer_sizes.end())) {
    detail::throw_invalid_argument("make_fixed_network: net has layers ", detail::joined_sizes(found),
                                   ", expected ", detail::joined_sizes(Fixed::layer_sizes));
  }
  detail::check_parameters<Scalar>("make_fixed_network", net.parameters());
  typename Fixed::Activations activations{};
  for (Index layer = 0; layer < Fixed::layers; ++layer) {
    activations[static_cast<std::size_t>(layer)] = net.activation(layer);
  }
  Fixed fixed(activations);
  detail::copy_layers(net, fixed, std::make_integer_sequence<Index, Fixed::layers>());
  return fixed;
}

}  // namespace backquery
