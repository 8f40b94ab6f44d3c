/// @file
/// The report of mnist_train: collects the results of each epoch and the options.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "digits.hpp"
#include "report.hpp"
#include "targets.hpp"
#include "terminal.hpp"
#include "train_options.hpp"

namespace mnist {

/// Images that are evenly spaced in a set, at most `most`.
inline backquery::LabeledImages some_images(const backquery::LabeledImages& images, Index most) {
  const Index all = images.pixels.cols(), count = std::min(all, most);
  backquery::LabeledImages some = images.block(0, count);
  for (Index i = 0; i < count; ++i) {
    some.pixels.col(i) = images.pixels.col(i * all / count);
    some.labels(i) = images.labels(i * all / count);
  }
  return some;
}

class TrainReport {
 public:
  /// @param training  without images if nothing is trained
  TrainReport(const TrainOptions& options, const backquery::LabeledImages& training)
      : options_(options),
        all_training_(training.pixels.cols()),
        rows_(training.rows),
        cols_(training.cols),
        training_(all_training_ > 0 ? some_images(training, 10000) : training) {}

  /// Adds an epoch.
  /// @param outputs  of the test images
  void add_epoch(int epoch, double seconds, const Network& network, const backquery::LabeledImages& test,
                 const Matrix& outputs) {
    backquery::EpochRecord record;
    record.epoch = epoch;
    record.seconds = seconds;
    record.learning_rate = static_cast<double>(network.learning_rate());
    record.loss = mean_loss(network, training_);
    record.accuracy = backquery::accuracy(backquery::query_images(network, training_), training_.labels);
    if (test.labels.size() > 0) {
      record.validation_loss = mean_loss(network, test);
      record.validation_accuracy = backquery::accuracy(outputs, test.labels);
    }
    history_.push_back(record);
  }

  void write(const Network& network, const backquery::LabeledImages& test) const {
    ReportFacts facts;
    facts.subject =
        (options_.trains() ? "Trained on " + file_name(options_.train) + ", tested" : std::string("Tested")) +
        " on " + file_name(options_.test) + '.';
    facts.first_label = options_.read.first_label;
    facts.settings = settings(network, test);
    facts.command = options_.command;
    facts.notes = notes();
    const Index count = training_.pixels.cols();
    facts.training_curve = "The training curve has " +
                           (count < all_training_ ? grouped(count) + " of the " : std::string("all ")) +
                           grouped(all_training_) +
                           " training images, evaluated after each epoch as the test images are.";
    write_report(options_.report, history_, network, test, facts);
  }

 private:
  std::vector<std::pair<std::string, std::string>> settings(const Network& network,
                                                            const backquery::LabeledImages& test) const {
    const auto images = [](Index count, Index rows, Index cols, const std::string& path) {
      return grouped(count) + " images of " + std::to_string(rows) + " x " + std::to_string(cols) + " from " +
             path;
    };
    std::vector<std::pair<std::string, std::string>> rows;
    if (options_.trains()) {
      rows.emplace_back("Epochs", grouped(options_.epochs));
      rows.emplace_back("Learning rate", short_number(static_cast<double>(network.learning_rate())));
      rows.emplace_back("Training images", images(all_training_, rows_, cols_, options_.train));
      rows.emplace_back("Rotated copies", options_.rotate == 0
                                              ? "none"
                                              : "two of each image, by +" + short_number(options_.rotate) +
                                                    " and by -" + short_number(options_.rotate) + " degrees");
      rows.emplace_back("Order", options_.shuffle ? "shuffled before each epoch" : "as in the file");
    }
    const backquery::ReadOptions& read = options_.read;
    rows.emplace_back("Labels", std::to_string(read.first_label) + " to " +
                                    std::to_string(read.first_label + network.outputs() - 1));
    rows.emplace_back("Largest pixel value", std::to_string(read.pixel_max));
    if (read.transpose) {
      rows.emplace_back("Rows and columns", "exchanged");
    }
    if (!read.label_column.empty()) {
      rows.emplace_back("Column of the labels", read.label_column);
    }
    rows.emplace_back("Test images", images(test.pixels.cols(), test.rows, test.cols, options_.test));
    if (options_.load.empty()) {
      rows.emplace_back("Initial weights", std::string(name(options_.network.initializer)));
    } else {
      rows.emplace_back("Initial weights", "the network in " + options_.load);
    }
    if (options_.load.empty() || options_.shuffle) {
      rows.emplace_back("Seed", std::to_string(options_.network.seed));
    }
    return rows;
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes = {"The command was run in the folder " +
                                      backquery::detail::path_text(std::filesystem::current_path()) + '.'};
    if (!options_.load.empty() && options_.save == options_.load) {
      notes.push_back("The training replaced " + options_.load + "; the command needs the earlier file.");
    }
    if (options_.checkpoint.resume && history_.size() < static_cast<std::size_t>(options_.epochs)) {
      notes.push_back(
          "The training was resumed from a checkpoint, so the curves lack the earlier epochs. The command "
          "trains all epochs and gives the same network.");
    }
    return notes;
  }

  const TrainOptions& options_;
  Index all_training_, rows_, cols_;
  backquery::LabeledImages training_;
  History history_;
};

}  // namespace mnist
