/// @file
/// One pass over the images, and hints for a training without success.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/training/query_images.hpp>
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

/// Trains on every image in its order, one step for each sample, and passes the number of samples of each
/// block to `report`. Bytes become samples one block at a time, so that no copy of the whole set as floats is
/// needed; a second thread makes the next block while the network trains on the current one.
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

/// @throws std::runtime_error naming the probable cause, if a weight is NaN or infinite
inline void require_finite_weights(const Network& network, int epoch) {
  if (!network.parameters().allFinite()) {
    std::ostringstream text;
    text << "the weights became infinite or NaN in epoch " << epoch << ": the learning rate "
         << network.learning_rate() << " is too large; try --learning-rate 0.1, or 0.01";
    throw std::runtime_error(text.str());
  }
}

/// Share of the first hidden layer's outputs that are nearly 0 or 1, where the derivative of the sigmoid is
/// nearly 0.
inline double saturated_share(const Network& network, const backquery::LabeledImages& images) {
  Matrix z = network.weights(0) * backquery::inputs<float>(images);
  if (network.biases(0).size() > 0) {
    z.colwise() += network.biases(0);
  }
  constexpr float nearly = 4.6f;  // sigmoid(4.6) = 0.99
  return static_cast<double>((z.array().abs() > nearly).count()) / static_cast<double>(z.size());
}

/// The probable reason why a network predicts no better than by guessing, and what to change.
inline std::string explain_guessing(const Network& network, const backquery::LabeledImages& training,
                                    int epochs, double performance) {
  if (epochs == 0) {
    return "the network was not trained here on images like these; try --epochs 5, or a model trained on "
           "them";
  }
  const auto sample = training.block(0, std::min<Index>(1000, training.pixels.cols()));
  const int brightest = sample.pixels.maxCoeff();
  if (brightest <= 1) {
    return "no training pixel is above " + std::to_string(brightest) +
           ": pixels range from 0 to 255; these are scaled already, or blank";
  }
  const double training_accuracy =
      backquery::accuracy(backquery::query_images(network, sample), sample.labels);
  if (training_accuracy > performance + 0.3) {
    return "it does recognize training images: the test file has images of another kind, or labels of other "
           "images; name the --test FILE that belongs to the --train FILE";
  }
  const bool sigmoid = network.options().hidden_activation == backquery::Activation::sigmoid;
  if (sigmoid && saturated_share(network, sample) > 0.5) {
    return "most hidden outputs are nearly 0 or 1, where the derivative is nearly 0 and nothing is learned: "
           "the "
           "learning rate is too large; try --learning-rate 0.1, or 0.01";
  }
  if (network.layers() > 2) {
    return "a sigmoid network with several hidden layers learns slowly at first; try one layer, --hidden "
           "200, or "
           "more --epochs";
  }
  return "the steps were too few, too small or too large, or the labels belong to other images; usual values "
         "are "
         "--learning-rate 0.1 and --epochs 5 for 60,000 images, 10 or more for 1,000";
}

}  // namespace mnist
