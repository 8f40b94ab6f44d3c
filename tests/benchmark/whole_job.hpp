/// @file
/// The book's whole program, from the files to the accuracy: reads the CSV, trains 784-200-10 on every digit,
/// unrotated and rotated by +10 and -10 degrees, and evaluates the test digits. One thread.
#pragma once

#include "rivals.hpp"

#include <backquery/images/read_csv.hpp>
#include <backquery/images/scaling.hpp>
#include <backquery/metrics.hpp>
#include <backquery/network/neural_network.hpp>

#include <Eigen/Core>

#include <mnist/support/copies.hpp>

#include <string>
#include <utility>

namespace bench {

/// Converts one block of images at a time. The whole set is in memory as bytes only.
class WholeJob {
 public:
  WholeJob(std::string train_csv, std::string test_csv, int epochs)
      : train_csv_(std::move(train_csv)), test_csv_(std::move(test_csv)), epochs_(epochs) {}

  /// @return the accuracy on the test digits
  double run() {
    const backquery::LabeledImages training = backquery::read_csv(train_csv_);
    const mnist::RotatedCopies copies(training.rows, training.cols, 10);
    for (int epoch = 0; epoch < epochs_; ++epoch) {
      for (Index first = 0; first < training.labels.size(); first += block_) {
        const auto block = digit_samples<float>(training, first, block_);
        copies.make(block.x, block.t, samples_);
        network_.train(samples_.x, samples_.t);
      }
    }
    return evaluate(backquery::read_csv(test_csv_));
  }

 private:
  double evaluate(const backquery::LabeledImages& test) const {
    Eigen::MatrixXf outputs(network_.outputs(), test.labels.size());
    for (Index first = 0; first < test.labels.size(); first += block_) {
      const auto samples = digit_samples<float>(test, first, block_);
      outputs.middleCols(first, samples.x.cols()) = network_.query(samples.x);
    }
    return backquery::accuracy(outputs, test.labels);
  }

  static constexpr Index block_ = 256;
  std::string train_csv_, test_csv_;
  int epochs_;
  backquery::NeuralNetwork<float> network_{book_network, float(learning_rate)};
  mnist::Samples samples_;  // of one block; the memory is reused
};

}  // namespace bench
