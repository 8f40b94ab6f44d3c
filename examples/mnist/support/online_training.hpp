/// @file
/// Several passes over the images by NeuralNetwork::train, with checkpoints.
#pragma once

#include <backquery/backquery.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/training/detail/checkpoints.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "checkpoint.hpp"
#include "digits.hpp"
#include "terminal.hpp"
#include "training.hpp"

namespace mnist {

/// Options that determine the result of the training of a network on images.
struct OnlineRecipe {
  int epochs = 0;
  double degrees = 0;                         ///< of the rotated copies; 0: none
  std::optional<std::uint64_t> shuffle_seed;  ///< unset: the images are not shuffled
};

/// Trains a network. A checkpoint has the number of trained blocks; epoch, image and the order of the images
/// follow from it.
class OnlineTraining {
 public:
  /// @param images  shuffled before each epoch, if the recipe asks for it
  OnlineTraining(Network& network, backquery::LabeledImages& images, const OnlineRecipe& recipe)
      : network_(network),
        images_(images),
        recipe_(recipe),
        blocks_per_epoch_(backquery::detail::ceil_div(images.pixels.cols(), images_per_block)) {}

  /// Saves checkpoints, and continues the training of the file if `arguments` ask for it.
  /// @param program  the name of the program
  /// @throws std::runtime_error for a file that cannot be saved, or the checkpoint of another training
  void use_checkpoints(const std::string& program, const std::string& file,
                       const CheckpointArguments& arguments) {
    backquery::detail::Recipe recipe(program);
    recipe.add(network_);
    recipe.add("learning_rate", network_.learning_rate());
    recipe.add("epochs", recipe_.epochs);
    recipe.add("rotate", recipe_.degrees);
    recipe.add("shuffle", recipe_.shuffle_seed ? "by seed " + std::to_string(*recipe_.shuffle_seed) : "no");
    recipe.add("training images", std::to_string(images_.pixels.cols()) + " of " +
                                      std::to_string(images_.rows) + " x " + std::to_string(images_.cols) +
                                      " pixels up to " + std::to_string(images_.pixel_max));
    recipe.add("checksum of the training images",
               backquery::detail::checksum_text(
                   backquery::detail::checksum_text(backquery::detail::bytes_of(images_.pixels)) +
                   backquery::detail::checksum_text(backquery::detail::bytes_of(images_.labels))));
    checkpoints_.emplace(checkpoint_options(file, arguments), recipe);
    checkpoints_->resume(network_, *this);
  }

  /// The epoch of the next block, from 1; epochs + 1 if the training is complete.
  int epoch() const { return static_cast<int>(blocks_ / blocks_per_epoch_) + 1; }
  bool is_complete() const { return epoch() > recipe_.epochs; }
  /// Images of this epoch before the next block.
  Index images() const { return blocks_ % blocks_per_epoch_ * images_per_block; }
  /// Samples that are left to train.
  long long samples_left() const {
    return (static_cast<long long>(recipe_.epochs - epoch() + 1) * images_.pixels.cols() - images()) *
           samples_per_image(recipe_.degrees);
  }
  /// Time of the training, including earlier processes.
  double seconds() const { return earlier_seconds_ + watch_.seconds(); }

  /// @param report     report(epoch, samples) after each block
  /// @param end_epoch  end_epoch(epoch), before the checkpoint of the end of the epoch
  /// @throws backquery::TrainingStopped after a signal
  template <typename Report, typename EndEpoch>
  void run(Report report, EndEpoch end_epoch) {
    backquery::detail::RandomEngine random(recipe_.shuffle_seed.value_or(0));
    for (int number = 1; number <= recipe_.epochs; ++number) {
      if (recipe_.shuffle_seed) {
        shuffle(images_, random);  // also in complete epochs, for the order of the later ones
      }
      if (number < epoch()) {
        continue;
      }
      const auto after_block = [&](Index samples) {
        ++blocks_;
        // Sums the weights anew, as for a network that was loaded. After a block of few samples, the network
        // would have sums with the rounding errors of single steps.
        network_.update_parameters([](auto) {});
        report(number, samples);
        if (epoch() == number) {
          save_checkpoint(number);
        }
      };
      train_epoch(network_, images_, recipe_.degrees, after_block, blocks_ % blocks_per_epoch_);
      end_epoch(number);
      save_checkpoint(number);
    }
  }

  // For checkpoints.
  template <typename Archive>
  void visit_state(Archive& archive) {
    archive.count(blocks_, blocks_per_epoch_ * recipe_.epochs);
    earlier_seconds_ = seconds();
    watch_ = Stopwatch();
    archive(earlier_seconds_);
  }

 private:
  void save_checkpoint(int number) {
    if (checkpoints_) {
      checkpoints_->after_batch(
          {blocks_, blocks_per_epoch_, number, is_complete()},
          [this]() -> const Network& { return network_; }, *this);
    }
  }

  Network& network_;
  backquery::LabeledImages& images_;
  OnlineRecipe recipe_;
  Index blocks_per_epoch_;
  Index blocks_ = 0;  // trained so far
  std::optional<backquery::detail::Checkpoints<float>> checkpoints_;
  double earlier_seconds_ = 0;
  Stopwatch watch_;
};

}  // namespace mnist
