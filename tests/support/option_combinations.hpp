/// @file
/// All valid combinations of options, for tests that must hold for all of them.
#pragma once

#include <backquery/network/options.hpp>

#include "enumerators.hpp"

#include <string>
#include <utility>
#include <vector>

inline std::vector<std::pair<backquery::Activation, backquery::Loss>> outputs_with_losses() {
  using A = backquery::Activation;
  using L = backquery::Loss;
  std::vector<std::pair<A, L>> pairs;
  for (const L loss : enumerators<L>()) {
    if (const auto fused = backquery::detail::visit(loss, [](auto l) { return l.fused_with; })) {
      pairs.emplace_back(*fused, loss);
    } else {
      for (const A output : hidden_activations()) pairs.emplace_back(output, loss);
    }
  }
  return pairs;
}

/// Each hidden activation with each output and its loss, without and with biases, under the gradient rule.
inline std::vector<backquery::NetworkOptions> gradient_combinations() {
  std::vector<backquery::NetworkOptions> combinations;
  for (const auto hidden : hidden_activations()) {
    for (const auto& [output, loss] : outputs_with_losses()) {
      for (const bool biases : {false, true}) {
        backquery::NetworkOptions options;
        options.hidden_activation = hidden;
        options.output_activation = output;
        options.loss = loss;
        options.biases = biases;
        options.error_propagation = backquery::ErrorPropagation::gradient;
        combinations.push_back(options);
      }
    }
  }
  return combinations;
}

/// The combinations under split_by_weights, which goes with squared_error only.
inline std::vector<backquery::NetworkOptions> split_combinations() {
  std::vector<backquery::NetworkOptions> combinations;
  for (auto options : gradient_combinations()) {
    if (options.loss != backquery::Loss::squared_error) continue;
    options.error_propagation = backquery::ErrorPropagation::split_by_weights;
    combinations.push_back(options);
  }
  return combinations;
}

inline std::vector<backquery::NetworkOptions> all_combinations() {
  auto combinations = gradient_combinations();
  const auto split = split_combinations();
  combinations.insert(combinations.end(), split.begin(), split.end());
  return combinations;
}

/// Networks of `layers` layers whose hidden layers all have different activations, under both rules.
inline std::vector<backquery::NetworkOptions> layer_combinations(std::size_t layers) {
  const auto hidden = hidden_activations();
  std::vector<backquery::NetworkOptions> combinations;
  for (std::size_t first = 0; first < hidden.size(); ++first) {
    backquery::NetworkOptions options;
    for (std::size_t layer = 0; layer + 1 < layers; ++layer) {
      options.activations.push_back(hidden[(first + layer) % hidden.size()]);
    }
    options.biases = first % 2 == 0;
    options.activations.push_back(hidden[first]);
    options.hidden_activation = backquery::Activation::relu;  // ignored
    combinations.push_back(options);
    options.activations.back() = backquery::Activation::softmax;
    options.loss = backquery::Loss::cross_entropy;
    options.error_propagation = backquery::ErrorPropagation::gradient;
    combinations.push_back(options);
  }
  return combinations;
}

inline std::string description(const backquery::NetworkOptions& options) {
  std::string text;
  for (const auto activation : options.activations) text.append(backquery::name(activation)).append(" ");
  text.append(options.activations.empty() ? "" : "layers instead of ");
  text.append(backquery::name(options.hidden_activation)).append(" hidden, ");
  text.append(backquery::name(options.output_activation)).append(" output, ");
  text.append(backquery::name(options.loss)).append(", ");
  text.append(backquery::name(options.error_propagation)).append(options.biases ? ", biases" : ", no biases");
  return text;
}
