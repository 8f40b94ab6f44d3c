/// @file
/// One pass over the images, and what to say when it taught the network nothing.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <future>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "digits.hpp"

namespace mnist {

/// How many samples an image makes: itself, and two turned copies unless the angle is 0.
inline Index samples_per_image(double degrees) {
  return degrees == 0 ? 1 : 3;
}

/// What a network trains on: a sample in each column.
struct Samples {
  Matrix x, t;
};

/// Makes samples of a set of images: each image as it is, then, unless the angle is 0, turned by +degrees and
/// by -degrees.
class SampleMaker {
 public:
  SampleMaker(const backquery::LabeledImages& images, double degrees, backquery::Activation output)
      : images_(images), softmax_(output == backquery::Activation::softmax) {
    constexpr float background = 0.01f;  // what inputs() makes of blank paper
    if (degrees != 0) {
      turns_.emplace_back(images.rows, images.cols, degrees, background);
      turns_.emplace_back(images.rows, images.cols, -degrees, background);
    }
  }

  /// The samples of `count` images from image `first` on, in memory that serves block after block.
  void make(Index first, Index count, Samples& samples) const {
    const backquery::LabeledImages part = images_.block(first, count);
    const Matrix x = backquery::inputs<float>(part);
    const Matrix t = softmax_ ? backquery::targets<float>(part, 0.0f, 1.0f) : backquery::targets<float>(part);
    const Index copies = 1 + static_cast<Index>(turns_.size());
    samples.x.resize(x.rows(), copies * count);
    samples.t.resize(t.rows(), copies * count);
    every(copies, 0, samples.x) = x;
    every(copies, 0, samples.t) = t;
    for (Index copy = 1; copy < copies; ++copy) {
      turns_[static_cast<std::size_t>(copy - 1)].apply(x, every(copies, copy, samples.x));
      every(copies, copy, samples.t) = t;
    }
  }

 private:
  /// Columns first, first + step, first + 2 step ...
  static Eigen::Map<Matrix, 0, Eigen::OuterStride<>> every(Index step, Index first, Matrix& all) {
    const Index rows = all.rows();
    return {all.data() + first * rows, rows, all.cols() / step, Eigen::OuterStride<>(step * rows)};
  }

  const backquery::LabeledImages& images_;
  bool softmax_;
  std::vector<backquery::Rotation<float>> turns_;
};

/// Trains on every image in its order, one step a sample, and tells `report` how many samples a block had.
/// Bytes become samples for one block at a time, so that memory stays that of the bytes; the next block is
/// made while the network trains on this one.
template <typename Report>
void train_epoch(Network& network, const backquery::LabeledImages& images, double degrees, Report report) {
  constexpr Index block_size = 256;
  const SampleMaker maker(images, degrees, network.options().output_activation);
  const Index end = images.pixels.cols();
  Samples current, next;
  const auto make = [&](Index first) { maker.make(first, std::min(block_size, end - first), next); };
  std::future<void> made = std::async(std::launch::async, make, 0);
  for (Index first = 0; first < end; first += block_size) {
    made.get();
    std::swap(current, next);
    if (first + block_size < end) {
      made = std::async(std::launch::async, make, first + block_size);
    }
    network.train(current.x, current.t);
    report(current.x.cols());
  }
}

/// @throws std::runtime_error with the likely cause if a weight is NaN or infinite
inline void require_finite_weights(const Network& network, int epoch) {
  if (!network.parameters().allFinite()) {
    std::ostringstream text;
    text << "the weights became infinite or NaN in epoch " << epoch << ": the learning rate "
         << network.learning_rate() << " is too large; try --learning-rate 0.1, or 0.01";
    throw std::runtime_error(text.str());
  }
}

/// The share of first-layer nodes whose sigmoid is nearly 0 or 1, where the slope is nearly 0.
inline double saturated_share(const Network& network, const backquery::LabeledImages& images) {
  Matrix z = network.weights(0) * backquery::inputs<float>(images);
  if (network.biases(0).size() > 0) {
    z.colwise() += network.biases(0);
  }
  constexpr float nearly = 4.6f;  // sigmoid(4.6) = 0.99
  return static_cast<double>((z.array().abs() > nearly).count()) / static_cast<double>(z.size());
}

/// Why a network answers no better than by guessing, as far as numbers tell, and what to change.
inline std::string explain_guessing(const Network& network, const backquery::LabeledImages& training,
                                    int epochs, double performance) {
  if (epochs == 0) {
    return "the network was not trained here on images like these; give --epochs 5, or a model made for them";
  }
  const auto sample = training.block(0, std::min<Index>(1000, training.pixels.cols()));
  const int brightest = sample.pixels.maxCoeff();
  if (brightest <= 1) {
    return "no training pixel is above " + std::to_string(brightest) +
           ": pixels go from 0 to 255, and these were scaled already or are blank";
  }
  const double known = backquery::accuracy(answers(network, sample), sample.labels);
  if (known > performance + 0.3) {
    return "it does recognize training images: the test file is of another kind, or its labels belong to "
           "others; "
           "give the --test FILE that goes with the --train FILE";
  }
  const bool sigmoid = network.options().hidden_activation == backquery::Activation::sigmoid;
  if (sigmoid && saturated_share(network, sample) > 0.5) {
    return "most hidden nodes answer nearly 0 or 1, where the slope is nearly 0 and nothing is learned: the "
           "learning "
           "rate is too large; try --learning-rate 0.1, or 0.01";
  }
  if (network.layers() > 2) {
    return "with several hidden layers a sigmoid network learns slowly at first: try one, as --hidden 200, "
           "or more "
           "--epochs";
  }
  return "the steps were too few, too small or too large, or the labels do not belong to the images; usual "
         "are "
         "--learning-rate 0.1 and --epochs 5 on 60,000 images, 10 and more on 1,000";
}

}  // namespace mnist
