/// @file
/// One pass over the images by NeuralNetwork::train.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <utility>

#include "copies.hpp"
#include "digits.hpp"
#include "image_blocks.hpp"
#include "targets.hpp"

namespace mnist {

/// Trains on the images in their order, one step for each sample, and passes the number of samples of each
/// block to `report`. Bytes become samples one block at a time, so that no copy of the whole set as floats is
/// needed. A second thread makes the next block while the network trains on the current block.
/// @param first  the first block; 0 for a whole pass
template <typename Report>
void train_epoch(Network& network, const backquery::LabeledImages& images, double degrees, Report report,
                 Index first = 0) {
  const RotatedCopies copies(images.rows, images.cols, degrees);
  const Index end = images.pixels.cols();
  Samples current, next;
  Index made = first * images_per_block;
  backquery::ThreadPool pool(2);
  backquery::ThreadPool::Background make_next(pool, [&] {
    const auto block = images.block(made, std::min(images_per_block, end - made));
    copies.make(backquery::inputs<float>(block), training_targets(network, block), next);
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
