/// @file
/// One pass over the images by NeuralNetwork::train.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "copies.hpp"
#include "digits.hpp"

namespace mnist {

/// Number of samples for each image: the image and, unless the angle is 0, two rotated copies.
inline Index samples_per_image(double degrees) {
  return degrees == 0 ? 1 : 3;
}

/// Puts the images into a random order.
inline void shuffle(backquery::LabeledImages& images, backquery::detail::RandomEngine& random) {
  for (Index last = images.pixels.cols() - 1; last > 0; --last) {
    const auto other =
        static_cast<Index>(backquery::detail::uniform_below(random, static_cast<std::uint64_t>(last) + 1));
    images.pixels.col(last).swap(images.pixels.col(other));
    std::swap(images.labels(last), images.labels(other));
  }
}

/// The number of images that become samples at once, and are trained in one call of NeuralNetwork::train.
constexpr Index images_per_block = 256;

/// Trains on the images in their order, one step for each sample, and passes the number of samples of each
/// block to `report`. Bytes become samples one block at a time, so that no copy of the whole set as floats is
/// needed. A second thread makes the next block while the network trains on the current block.
/// @param first  the first block; 0 for a whole pass
template <typename Report>
void train_epoch(Network& network, const backquery::LabeledImages& images, double degrees, Report report,
                 Index first = 0) {
  const bool softmax = network.options().output_activation == backquery::Activation::softmax;
  const RotatedCopies copies(images.rows, images.cols, degrees);
  const Index end = images.pixels.cols();
  Samples current, next;
  Index made = first * images_per_block;
  backquery::ThreadPool pool(2);
  backquery::ThreadPool::Background make_next(pool, [&] {
    const auto block = images.block(made, std::min(images_per_block, end - made));
    const Matrix t =
        softmax ? backquery::targets<float>(block, 0.0f, 1.0f) : backquery::targets<float>(block);
    copies.make(backquery::inputs<float>(block), t, next);
  });
  make_next.start();
  while (made < end) {
    make_next.wait();
    std::swap(current, next);
    made += images_per_block;
    if (made < end) {
      make_next.start();
    }
    network.train(current.x, current.t);
    report(current.x.cols());
  }
}

}  // namespace mnist
