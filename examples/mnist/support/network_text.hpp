/// @file
/// A network in words.
#pragma once

#include <string>

#include "digits.hpp"

namespace mnist {

/// "784-200-10"
inline std::string sizes_text(const Network& network) {
  std::string text;
  for (const Index size : network.layer_sizes()) {
    text += (text.empty() ? "" : "-") + std::to_string(size);
  }
  return text;
}

/// "sigmoid, sigmoid": of the hidden layers and of the output layer, or one for each layer if they differ.
inline std::string activations_text(const Network& network) {
  const backquery::NetworkOptions& options = network.options();
  if (options.activations.empty()) {
    return std::string(name(options.hidden_activation)) + ", " + std::string(name(options.output_activation));
  }
  std::string text;
  for (const auto activation : options.activations) {
    text.append(text.empty() ? "" : ", ").append(name(activation));
  }
  return text;
}

}  // namespace mnist
