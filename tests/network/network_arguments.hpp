/// @file
/// Arguments of networks, for the tests of misuse.
#pragma once

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"

#include <limits>

namespace network_arguments {

using Network = backquery::NeuralNetwork<double>;

inline constexpr double infinity = std::numeric_limits<double>::infinity();

inline Matrix<double> matrix(Eigen::Index rows, Eigen::Index cols) {
  return Matrix<double>::Constant(rows, cols, 0.5);
}

inline backquery::NetworkOptions classifier_with(backquery::Loss loss, backquery::Activation output) {
  auto options = backquery::NetworkOptions::classifier();
  options.loss = loss;
  options.output_activation = output;
  return options;
}

}  // namespace network_arguments
