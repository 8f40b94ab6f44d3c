/// @file
/// The notes' whole job from the files to the score, as their program does it: load the CSV, train 784-200-10
/// on every digit as it is and turned by +10 and -10 degrees, score the test digits. One thread.
#pragma once

#include "rivals.hpp"

#include <backquery/augmentation/rotation.hpp>
#include <backquery/images/read_csv.hpp>
#include <backquery/images/scaling.hpp>
#include <backquery/metrics.hpp>
#include <backquery/network/neural_network.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Bytes become numbers for a block of images at a time, so memory stays that of the bytes.
class WholeJob {
 public:
  WholeJob(std::string train_csv, std::string test_csv, int epochs)
      : train_csv_(std::move(train_csv)), test_csv_(std::move(test_csv)), epochs_(epochs) {}

  /// @return the performance
  double run() {
    const backquery::LabeledImages training = backquery::read_csv(train_csv_);
    const std::vector<Rotation> rotations{{training.rows, training.cols, 10, 0.01f},
                                          {training.rows, training.cols, -10, 0.01f}};
    for (int epoch = 0; epoch < epochs_; ++epoch) {
      for (Index first = 0; first < training.labels.size(); first += block_) {
        train_block(digit_samples<float>(training, first, block_), rotations);
      }
    }
    return score(backquery::read_csv(test_csv_));
  }

 private:
  using Rotation = backquery::Rotation<float>;
  using Columns = Eigen::Map<Eigen::MatrixXf, 0, Eigen::OuterStride<>>;

  /// Each digit as it is, then turned by each rotation.
  void train_block(const Samples<float>& samples, const std::vector<Rotation>& rotations) {
    const Index copies = 1 + static_cast<Index>(rotations.size());
    x_.resize(samples.x.rows(), copies * samples.x.cols());
    t_.resize(samples.t.rows(), copies * samples.t.cols());
    every(copies, 0, x_) = samples.x;
    every(copies, 0, t_) = samples.t;
    for (Index copy = 1; copy < copies; ++copy) {
      rotations[static_cast<std::size_t>(copy - 1)].apply(samples.x, every(copies, copy, x_));
      every(copies, copy, t_) = samples.t;
    }
    network_.train(x_, t_);
  }

  /// The columns first, first + step, first + 2 step ...
  static Columns every(Index step, Index first, Eigen::MatrixXf& matrix) {
    return {matrix.data() + first * matrix.rows(), matrix.rows(), matrix.cols() / step,
            Eigen::OuterStride<>(step * matrix.rows())};
  }

  double score(const backquery::LabeledImages& test) const {
    Eigen::MatrixXf answers(network_.outputs(), test.labels.size());
    for (Index first = 0; first < test.labels.size(); first += block_) {
      const auto samples = digit_samples<float>(test, first, block_);
      answers.middleCols(first, samples.x.cols()) = network_.query(samples.x);
    }
    return backquery::accuracy(answers, test.labels);
  }

  static constexpr Index block_ = 256;
  std::string train_csv_, test_csv_;
  int epochs_;
  backquery::NeuralNetwork<float> network_{notes_network, float(learning_rate)};
  Eigen::MatrixXf x_, t_;  // of a block, kept from block to block
};

}  // namespace bench
