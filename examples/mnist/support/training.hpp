/// @file
/// One pass over the images, and hints for a training that does not succeed.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/training/diagnose.hpp>
#include <cstdint>
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

/// Puts the images into a random order.
inline void shuffle(backquery::LabeledImages& images, backquery::detail::RandomEngine& random) {
  for (Index last = images.pixels.cols() - 1; last > 0; --last) {
    const auto other =
        static_cast<Index>(backquery::detail::uniform_below(random, static_cast<std::uint64_t>(last) + 1));
    images.pixels.col(last).swap(images.pixels.col(other));
    std::swap(images.labels(last), images.labels(other));
  }
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

/// The faults of the training, and the likely reason if the network predicts test images little better than
/// by guessing: lines of text, or an empty text.
inline std::string explain(const Network& network, const backquery::LabeledImages& training, int epochs,
                           bool is_guessing) {
  const std::string finding =
      epochs == 0 ? "" : backquery::diagnose(network, backquery::image_source<float>(training));
  if (!is_guessing) {
    return finding;
  }
  const char* remedy =
      epochs == 0
          ? "the network was not trained here on such images; try --epochs 5, a model trained on them, or "
            "--transpose for images of EMNIST"
      : finding.empty() && training.pixels.cols() >= 10 * training.classes
          ? "training images are recognized better; the test file may have other images or wrong labels"
          : "usual values are --learning-rate 0.1, and --epochs 5 for 60,000 images, 10 or more for 1,000";
  return "this is little better than guessing\n" + finding + (finding.empty() ? "" : "\n") + remedy;
}

}  // namespace mnist
