/// @file
/// One pass over the images, and what to say when it taught the network nothing.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "digits.hpp"

namespace mnist {

/// How many samples an image makes: itself, and two turned copies unless the angle is 0.
inline Index samples_per_image(double degrees) {
  return degrees == 0 ? 1 : 3;
}

/// Each column of x three times: as it is, and as an image turned by +degrees and by -degrees.
inline Matrix with_turned(const Matrix& x, Index rows, Index cols, double degrees) {
  using Image = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr float background = 0.01f;  // what inputs() makes of blank paper
  Matrix all(x.rows(), 3 * x.cols());
  for (Index sample = 0; sample < x.cols(); ++sample) {
    all.col(3 * sample) = x.col(sample);
    const Eigen::Map<const Image> image(x.col(sample).data(), rows, cols);
    for (Index copy = 1; copy <= 2; ++copy) {
      Eigen::Map<Image>(all.col(3 * sample + copy).data(), rows, cols) =
          backquery::rotate(image, copy == 1 ? degrees : -degrees, background);
    }
  }
  return all;
}

/// Trains on every image in its order, one step a sample, and tells `report` how many samples a block had.
/// Bytes become inputs, and inputs turned copies, for one block at a time: memory stays that of the bytes.
template <typename Report>
void train_epoch(Network& network, const backquery::LabelledImages& images, double degrees, Report report) {
  constexpr Index block_size = 256;
  const Index copies = samples_per_image(degrees);
  const bool softmax = network.options().output_activation == backquery::Activation::softmax;
  for (Index first = 0; first < images.pixels.cols(); first += block_size) {
    const Index count = std::min(block_size, images.pixels.cols() - first);
    const backquery::LabelledImages part = images.block(first, count);
    const Matrix x = backquery::inputs<float>(part);
    const Matrix t = softmax ? backquery::targets<float>(part, 0.0f, 1.0f) : backquery::targets<float>(part);
    if (copies == 1) {
      network.train(x, t);
    } else {
      Matrix repeated(t.rows(), copies * count);
      for (Index sample = 0; sample < count; ++sample) {
        repeated.middleCols(copies * sample, copies).colwise() = t.col(sample);
      }
      network.train(with_turned(x, images.rows, images.cols, degrees), repeated);
    }
    report(copies * count);
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
inline double saturated_share(const Network& network, const backquery::LabelledImages& images) {
  Matrix z = network.weights(0) * backquery::inputs<float>(images);
  if (network.biases(0).size() > 0) {
    z.colwise() += network.biases(0);
  }
  constexpr float nearly = 4.6f;  // sigmoid(4.6) = 0.99
  return static_cast<double>((z.array().abs() > nearly).count()) / static_cast<double>(z.size());
}

/// Why a network answers no better than by guessing, as far as numbers tell, and what to change.
inline std::string explain_guessing(const Network& network, const backquery::LabelledImages& training,
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
    return "it does recognise training images: the test file is of another kind, or its labels belong to "
           "others; "
           "give the --test FILE that goes with the --train FILE";
  }
  const bool sigmoid = network.options().hidden_activation == backquery::Activation::sigmoid;
  if (sigmoid && saturated_share(network, sample) > 0.5) {
    return "most hidden nodes answer nearly 0 or 1, where the slope is nearly 0 and nothing is learnt: the "
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
