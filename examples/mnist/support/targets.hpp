/// @file
/// The targets of labeled images, and the loss for them. Needs backquery only.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>

namespace mnist {

/// The targets of the images: 0.01 and 0.99, or 0 and 1 for outputs that are probabilities.
inline Eigen::MatrixXf training_targets(const backquery::NeuralNetwork<float>& network,
                                        const backquery::LabeledImages& images) {
  const bool softmax = network.options().output_activation == backquery::Activation::softmax;
  return softmax ? backquery::targets<float>(images, 0.0f, 1.0f) : backquery::targets<float>(images);
}

/// The mean loss of the images, with the targets of the training.
inline double mean_loss(const backquery::NeuralNetwork<float>& network,
                        const backquery::LabeledImages& images) {
  constexpr Eigen::Index block_size = 1024;
  double sum = 0;
  for (Eigen::Index first = 0; first < images.pixels.cols(); first += block_size) {
    const auto block = images.block(first, std::min(block_size, images.pixels.cols() - first));
    sum +=
        static_cast<double>(network.loss(backquery::inputs<float>(block), training_targets(network, block))) *
        static_cast<double>(block.pixels.cols());
  }
  return sum / static_cast<double>(images.pixels.cols());
}

}  // namespace mnist
