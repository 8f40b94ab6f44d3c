/// @file
/// The training of mnist_train in portions of any size, so that a page can show it while it runs.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/detail/random.hpp>
#include <cstdint>
#include <stdexcept>

#include "../../mnist/support/copies.hpp"
#include "../../mnist/support/image_blocks.hpp"
#include "../../mnist/support/targets.hpp"

namespace web {

using Network = backquery::NeuralNetwork<float>;
using Index = Eigen::Index;

struct TrainingOptions {
  double degrees = 0;  ///< of the two rotated copies of each image; 0: no copies
  backquery::DeformationRanges
      deformation{};       ///< each image is replaced by a deformed copy, anew in each epoch
  std::uint64_t seed = 1;  ///< of the order and of the deformation
  bool shuffle = false;    ///< the images are put into a random order before each epoch
};

/// Passes over the images, one step of NeuralNetwork::train for each sample. Without deformation, the network
/// is that of mnist_train up to rounding.
class BookTraining {
 public:
  /// @param images  at least one; are copied
  BookTraining(const backquery::LabeledImages& images, const TrainingOptions& options)
      : images_(images),
        options_(options),
        copies_(images.rows, images.cols, options.degrees),
        deformation_(images.rows, images.cols, options.deformation),
        random_(options.seed) {
    if (images.pixels.cols() == 0) {
      throw std::invalid_argument("training: there are 0 images, expected at least 1");
    }
  }

  /// Completed epochs.
  [[nodiscard]] Index epoch() const { return epoch_; }
  /// Samples of the current epoch that have been trained.
  [[nodiscard]] Index position() const { return position_; }
  [[nodiscard]] Index samples_per_epoch() const {
    return images_.pixels.cols() * mnist::samples_per_image(options_.degrees);
  }

  /// The sample that `run` trains next. The copies of an image follow each other.
  struct Next {
    Eigen::VectorXf x, t;
    int label;
    Index copy;  ///< 0: the image as it is; 1 and 2: its rotated copies
  };
  [[nodiscard]] Next next(const Network& network) {
    if (used_ == block_.x.cols()) {
      make_block(network);
    }
    const Index copies = mnist::samples_per_image(options_.degrees);
    return {block_.x.col(used_), block_.t.col(used_), images_.labels(position_ / copies), position_ % copies};
  }

  /// Trains on the next samples; the epochs follow each other. Returns the number of trained samples.
  Index run(Network& network, Index samples) {
    for (Index left = samples; left > 0;) {
      if (used_ == block_.x.cols()) {
        make_block(network);
      }
      const Index count = std::min(left, block_.x.cols() - used_);
      network.train(block_.x.middleCols(used_, count), block_.t.middleCols(used_, count));
      left -= count;
      used_ += count;
      position_ += count;
      if (used_ == block_.x.cols()) {
        network.update_parameters([](auto) {});  // sums the weights anew, as mnist_train does
      }
      if (position_ == samples_per_epoch()) {
        position_ = 0;
        ++epoch_;
      }
    }
    return samples;
  }

 private:
  /// Makes the samples of the next block of images.
  void make_block(const Network& network) {
    if (position_ == 0 && options_.shuffle) {
      mnist::shuffle(images_, random_);
    }
    const Index first = position_ / mnist::samples_per_image(options_.degrees);
    const auto block = images_.block(first, std::min(mnist::images_per_block, images_.pixels.cols() - first));
    Eigen::MatrixXf x = backquery::inputs<float>(block);
    if (!backquery::is_identity(options_.deformation)) {
      const Eigen::MatrixXf whole = x;
      deformation_.apply(whole, block.labels, x, options_.seed + static_cast<std::uint64_t>(epoch_), first);
    }
    copies_.make(x, mnist::training_targets(network, block), block_);
    used_ = 0;
  }

  backquery::LabeledImages images_;
  TrainingOptions options_;
  mnist::RotatedCopies copies_;
  backquery::Deformation<float> deformation_;
  backquery::detail::RandomEngine random_;
  mnist::Samples block_;
  Index used_ = 0;  // samples of the block that have been trained
  Index epoch_ = 0, position_ = 0;
};

}  // namespace web
