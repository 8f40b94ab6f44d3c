/// @file
/// Questions about the layers of a network.
#pragma once

#include <backquery/backquery.hpp>
#include <vector>

#include "book_training.hpp"

namespace web {

/// Whether the network can answer backquery.
inline bool has_inverse(const Network& network) {
  for (Index layer = 0; layer < network.layers(); ++layer) {
    const bool invertible = backquery::detail::visit(
        network.activation(layer), [](auto activation) { return activation.no_inverse == nullptr; });
    if (!invertible) {
      return false;
    }
  }
  return true;
}

/// The outputs of the first layers: a network of these layers alone is queried.
inline Eigen::VectorXf query_first_layers(const Network& network, Index layers,
                                          const Eigen::VectorXf& inputs) {
  backquery::NetworkOptions options = network.options();
  options.activations.clear();
  std::vector<Network::Matrix> weights;
  for (Index layer = 0; layer < layers; ++layer) {
    options.activations.push_back(network.activation(layer));
    weights.emplace_back(network.weights(layer));
  }
  Network first(weights, network.learning_rate(), options);
  for (Index layer = 0; options.biases && layer < layers; ++layer) {
    first.set_biases(layer, network.biases(layer));
  }
  return first.query(inputs);
}

}  // namespace web
