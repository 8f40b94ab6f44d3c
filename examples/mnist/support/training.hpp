/// @file
/// One pass over the images, and hints for a training that does not succeed.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/training/diagnose.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "copies.hpp"
#include "digits.hpp"

namespace mnist {

/// Number of samples for each image: the image and, unless the angle is 0, two rotated copies.
inline Index samples_per_image(double degrees) {
  return degrees == 0 ? 1 : 3;
}

/// Trains on the images in their order, one step for each sample, and passes the number of samples of each
/// block to `report`. Bytes become samples one block at a time, so that no copy of the whole set as floats is
/// needed. A second thread makes the next block while the network trains on the current block.
template <typename Report>
void train_epoch(Network& network, const backquery::LabeledImages& images, double degrees, Report report) {
  constexpr Index block_size = 256;
  const bool softmax = network.options().output_activation == backquery::Activation::softmax;
  const RotatedCopies copies(images.rows, images.cols, degrees);
  const Index end = images.pixels.cols();
  Samples current, next;
  Index made = 0;
  backquery::ThreadPool pool(2);
  backquery::ThreadPool::Background make_next(pool, [&] {
    const auto block = images.block(made, std::min(block_size, end - made));
    const Matrix t =
        softmax ? backquery::targets<float>(block, 0.0f, 1.0f) : backquery::targets<float>(block);
    copies.make(backquery::inputs<float>(block), t, next);
  });
  make_next.start();
  while (made < end) {
    make_next.wait();
    std::swap(current, next);
    made += block_size;
    if (made < end) {
      make_next.start();
    }
    network.train(current.x, current.t);
    report(current.x.cols());
  }
}

/// The probable reason why a network predicts test images no better than by guessing, and a remedy.
inline std::string explain_guessing(const Network& network, const backquery::LabeledImages& training,
                                    int epochs) {
  if (epochs == 0) {
    return "the network was not trained here on such images; try --epochs 5, or a model trained on them";
  }
  const auto sample = training.block(0, std::min<Index>(1000, training.pixels.cols()));
  const std::string finding = backquery::diagnose(network, backquery::image_source<float>(sample));
  if (finding.empty()) {
    return "training images are recognized better; the test file may have other images or wrong labels";
  }
  return finding +
         " Usual values are --learning-rate 0.1, and --epochs 5 for 60,000 images, 10 or more for 1,000.";
}

}  // namespace mnist
