/// @file
/// Hints of mnist_train for a network that does not recognize the images.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/training/diagnose.hpp>
#include <backquery/training/query_images.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "digits.hpp"
#include "terminal.hpp"
#include "train_options.hpp"

namespace mnist {

/// A hint if the network recognizes the test images after they are inverted, transposed or scaled by another
/// pixel_max; otherwise an empty text. The performance must reach 0.5 and more than double, by 10 images or
/// more, because a few images can be recognized by chance.
inline std::string missing_change(const Network& network, const backquery::LabeledImages& test,
                                  const TrainOptions& options, double performance) {
  const int largest = test.pixels.maxCoeff();
  std::vector<std::pair<std::string, backquery::LabeledImages>> changes(
      3, {"each pixel p replaced by " + std::to_string(test.pixel_max) + " - p: exchange bright and dark",
          test});
  changes[0].second.pixels = static_cast<std::uint8_t>(test.pixel_max) - test.pixels.array();
  changes[1].first = options.read.transpose ? "rows and columns as in the file: omit --transpose"
                                            : "rows and columns exchanged: --transpose";
  changes[1].second.transpose();
  changes[2].first = "the largest pixel as the largest possible one: --pixel-max " + std::to_string(largest);
  changes[2].second.pixel_max = std::max(largest, 1);
  for (const auto& [change, images] : changes) {
    const double changed = backquery::accuracy(backquery::query_images(network, images), images.labels);
    const double gain = (changed - performance) * static_cast<double>(images.labels.size());
    if (changed >= 0.5 && changed > 2 * performance && gain > 9.5) {
      return four_digits(changed) + " of the test images are recognized with " + change +
             (options.trains() ? "; the files of --train and --test differ in this\n" : "\n");
    }
  }
  return {};
}

/// The faults of the training, and the likely reason if the network recognizes few test images: lines of
/// text, or an empty text.
/// @param training     not used without a training
/// @param performance  1 if the test images have no labels
inline std::string explain(const Network& network, const backquery::LabeledImages& training,
                           const backquery::LabeledImages& test, const TrainOptions& options,
                           double performance) {
  const std::string finding =
      !options.trains()
          ? ""
          : backquery::diagnose(network, backquery::image_source<float>(training), options.read.first_label);
  // The limit of guessing is 0.6 for two classes, and 0.2 for ten classes. For ten classes without a training
  // it is 0.28, because the performance on transposed digits of MNIST is about 0.25.
  const double chance = 1 / static_cast<double>(test.classes);
  const bool is_guessing =
      performance < chance + std::min((options.trains() ? 1 : 2) * chance, (1 - chance) / 5);
  const std::string change = performance < 0.5 ? missing_change(network, test, options, performance) : "";
  // A finding that has a cause begins with the cause.
  const bool has_cause =
      !change.empty() || (!finding.empty() && finding.rfind("nothing was learned", 0) != 0);
  if (has_cause || !is_guessing) {
    return finding + (finding.empty() || change.empty() ? "" : "\n") + change;
  }
  const char* remedy =
      !options.trains()
          ? "this run did not train the network; try --epochs 5, or a model trained on such images"
      : finding.empty() && training.pixels.cols() >= 10 * training.classes
          ? "training images are recognized better; the test file may have other images or wrong labels"
          : "usual values are --learning-rate 0.1, and --epochs 5 for 60,000 images, 10 or more for 1,000";
  return (finding.empty() ? "the performance is little better than guessing: " : finding + "\n") + remedy;
}

}  // namespace mnist
