/// @file
/// Outputs of a network for a set of images.
#pragma once

#include <backquery/images/scaling.hpp>
#include <backquery/network/neural_network.hpp>

#include <algorithm>
#include <cstdint>

namespace backquery {

/// The network's outputs, outputs x images, equal to network.query(inputs<Scalar>(images)). Converts one
/// block of images at a time, because the inputs of the whole set would take 4 or 8 times the memory of the
/// bytes.
///
/// ```cpp
/// const double performance = backquery::accuracy(backquery::query_images(net, test), test.labels);
/// ```
///
/// @throws std::invalid_argument unless the number of pixels is the number of the network's inputs
template <typename Scalar>
detail::MatrixX<Scalar> query_images(const NeuralNetwork<Scalar>& network, const LabeledImages& images) {
  constexpr Index block_size = 1024;
  const auto levels = detail::pixel_levels<Scalar>("query_images", images);
  const auto& pixels = images.pixels;
  detail::MatrixX<Scalar> x(pixels.rows(), (std::min)(block_size, pixels.cols()));
  detail::MatrixX<Scalar> outputs(network.outputs(), pixels.cols());
  Workspace<Scalar> workspace;
  for (Index first = 0; first < pixels.cols(); first += block_size) {
    const Index count = (std::min)(block_size, pixels.cols() - first);
    x.leftCols(count) =
        pixels.middleCols(first, count).unaryExpr([&](std::uint8_t pixel) { return levels[pixel]; });
    auto y = outputs.middleCols(first, count);
    network.query(x.leftCols(count), y, workspace);
  }
  return outputs;
}

}  // namespace backquery
