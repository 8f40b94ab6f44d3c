/// @file
/// The division of a pass over the images: samples for each image, order, blocks.
#pragma once

#include <backquery/detail/random.hpp>
#include <backquery/images/labeled_images.hpp>
#include <cstdint>
#include <utility>

namespace mnist {

/// Number of samples for each image: the image and, unless the angle is 0, two rotated copies.
inline Eigen::Index samples_per_image(double degrees) {
  return degrees == 0 ? 1 : 3;
}

/// Puts the images into a random order.
inline void shuffle(backquery::LabeledImages& images, backquery::detail::RandomEngine& random) {
  for (Eigen::Index last = images.pixels.cols() - 1; last > 0; --last) {
    const auto other = static_cast<Eigen::Index>(
        backquery::detail::uniform_below(random, static_cast<std::uint64_t>(last) + 1));
    images.pixels.col(last).swap(images.pixels.col(other));
    std::swap(images.labels(last), images.labels(other));
  }
}

/// The number of images that become samples at once, and are trained in one call of NeuralNetwork::train.
constexpr Eigen::Index images_per_block = 256;

}  // namespace mnist
