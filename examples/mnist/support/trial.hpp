/// @file
/// One training of a network on digits, and how well it reads digits it has not seen: a point of a sweep.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <cstdint>

#include "copies.hpp"

namespace lesson {

enum class Flip { none, horizontal, vertical, both };

/// What is swept. With copies, every digit is trained on three times: as it is, and as two altered copies.
/// The copies are there even where nothing alters them, so that all trials of a sweep take equally many steps
/// and only the altering differs.
struct Settings {
  float learning_rate = 0.1f;
  int epochs = 5;
  Eigen::Index hidden = 200;
  bool copies = false;
  double degrees = 0;      ///< the copies are turned by as much one way and the other
  double percent = 0;      ///< the first copy is enlarged by as much, the second shrunk by the same factor
  Flip flip = Flip::none;  ///< horizontal: the first copy has left and right exchanged; vertical: the second
                           ///< top and bottom
};

struct Digits {
  backquery::LabeledImages training;
  backquery::LabeledImages test;
};

using Image = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline constexpr float blank = 0.01f;  ///< what inputs() makes of paper without ink

/// The first (0) or second (1) copy of an image.
inline Image altered(const Image& image, const Settings& settings, Eigen::Index copy) {
  const bool first = copy == 0;
  Image result = image;
  if (settings.degrees != 0) {
    result = backquery::rotate(result, first ? settings.degrees : -settings.degrees, blank);
  }
  if (settings.percent != 0) {
    const double factor = 1 + settings.percent / 100;
    result = backquery::scale(result, first ? factor : 1 / factor, blank);
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
  const auto alter = [&](Eigen::Index copy, mnist::Columns columns) {
    for (Eigen::Index digit = 0; digit < x.cols(); ++digit) {
      const Eigen::Map<const Image> image(x.col(digit).data(), block.rows, block.cols);
      Eigen::Map<Image>(columns.col(digit).data(), block.rows, block.cols) = altered(image, settings, copy);
    }
  };
  mnist::Samples samples;
  mnist::make_samples(x, backquery::targets<float>(block), settings.copies ? 2 : 0, alter, samples);
  network.train(samples.x, samples.t);  // one call for many steps is the fastest
}

/// The share of test digits read rightly after training. The seed draws the starting weights and is all that
/// chance has a say in.
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
  return backquery::accuracy(network.query(backquery::inputs<float>(digits.test)), digits.test.labels);
}

/// How many steps a trial takes, to tell how long it will last.
inline long long steps(const Digits& digits, const Settings& settings) {
  return static_cast<long long>(digits.training.labels.size()) * settings.epochs * (settings.copies ? 3 : 1);
}

}  // namespace lesson
