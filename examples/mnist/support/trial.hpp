/// @file
/// One trial of a sweep: the training of a network on digits, and its performance on test digits.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/training/query_images.hpp>
#include <cstdint>

#include "copies.hpp"

namespace mnist {

enum class Flip { none, horizontal, vertical, both };

/// Settings of a trial. With copies, the network is trained on each digit three times: as it is, and as two
/// altered copies. Copies are made even if nothing alters them, so that all trials of a sweep take the same
/// number of steps.
struct Settings {
  float learning_rate = 0.1f;
  int epochs = 5;
  Eigen::Index hidden = 200;
  bool copies = false;
  double degrees = 0;  ///< the copies are rotated by + and by - this angle
  double percent = 0;  ///< the first copy is enlarged, the second reduced by the same factor
  Flip flip =
      Flip::none;  ///< horizontal: left and right of the first copy; vertical: top and bottom of the second
};

struct Digits {
  backquery::LabeledImages training;
  backquery::LabeledImages test;
};

using Image = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The first (0) or second (1) copy of an image.
inline Image altered(const Image& image, const Settings& settings, Eigen::Index copy) {
  const bool first = copy == 0;
  Image result = image;
  if (settings.degrees != 0) {
    result = backquery::rotate(result, first ? settings.degrees : -settings.degrees);
  }
  if (settings.percent != 0) {
    const double factor = 1 + settings.percent / 100;
    result = backquery::scale(result, first ? factor : 1 / factor);
  }
  const Flip own = first ? Flip::horizontal : Flip::vertical;
  if (settings.flip == own || settings.flip == Flip::both) {
    result = first ? Image(backquery::flip_horizontal(result)) : Image(backquery::flip_vertical(result));
  }
  return result;
}

/// One step for each digit of the block, or three with copies.
inline void train_on(backquery::NeuralNetwork<float>& network, const backquery::LabeledImages& block,
                     const Settings& settings) {
  const Eigen::MatrixXf x = backquery::inputs<float>(block);
  const auto alter = [&](Eigen::Index copy, Columns columns) {
    for (Eigen::Index digit = 0; digit < x.cols(); ++digit) {
      const Eigen::Map<const Image> image(x.col(digit).data(), block.rows, block.cols);
      Eigen::Map<Image>(columns.col(digit).data(), block.rows, block.cols) = altered(image, settings, copy);
    }
  };
  Samples samples;
  make_samples(x, backquery::targets<float>(block), settings.copies ? 2 : 0, alter, samples);
  network.train(samples.x, samples.t);  // one call for many steps is the fastest
}

/// Share of correct test digits after training. Only the initial weights are random; the seed determines
/// them.
inline double performance(const Digits& digits, const Settings& settings, std::uint64_t seed) {
  backquery::NetworkOptions options;
  options.seed = seed;
  backquery::NeuralNetwork<float> network(digits.training.pixels.rows(), settings.hidden,
                                          digits.training.classes, settings.learning_rate, options);
  constexpr Eigen::Index block_size = 256;  // a block as floats, not the whole set
  const Eigen::Index samples = digits.training.labels.size();
  for (int epoch = 0; epoch < settings.epochs; ++epoch) {
    for (Eigen::Index first = 0; first < samples; first += block_size) {
      train_on(network, digits.training.block(first, std::min(block_size, samples - first)), settings);
    }
  }
  return backquery::accuracy(backquery::query_images(network, digits.test), digits.test.labels);
}

/// Number of steps of a trial, for the progress bar.
inline long long steps(const Digits& digits, const Settings& settings) {
  return static_cast<long long>(digits.training.labels.size()) * settings.epochs * (settings.copies ? 3 : 1);
}

}  // namespace mnist
