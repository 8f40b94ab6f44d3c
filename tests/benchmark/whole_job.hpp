/// @file
/// The notes' whole job from the files to the score, as their program does it: load the CSV, train 784-200-10 on every
/// digit as it is and turned by +10 and -10 degrees, score the test digits. One thread.
#pragma once

#include "data_contests.hpp"
#include "rivals.hpp"

#include <backquery/images/read_csv.hpp>
#include <backquery/images/scaling.hpp>
#include <backquery/metrics.hpp>
#include <backquery/network/neural_network.hpp>

#include <Eigen/Core>

#include <string>
#include <utility>

namespace bench {

/// Bytes become numbers for a block of images at a time, so memory stays that of the bytes.
class WholeJob {
 public:
  WholeJob(std::string train_csv, std::string test_csv, int epochs)
      : train_csv_(std::move(train_csv)), test_csv_(std::move(test_csv)), epochs_(epochs) {}

  /// @return the performance
  double run() {
    const backquery::LabelledImages training = backquery::read_csv(train_csv_);
    for (int epoch = 0; epoch < epochs_; ++epoch) {
      for (Index first = 0; first < training.labels.size(); first += block_) train_block(training, first);
    }
    return score(backquery::read_csv(test_csv_));
  }

 private:
  void train_block(const backquery::LabelledImages& training, Index first) {
    const auto samples = digit_samples<float>(training, first, block_);
    const Index count = samples.x.cols();
    x_.resize(samples.x.rows(), 3 * count);
    t_.resize(samples.t.rows(), 3 * count);
    turned_.resize(samples.x.rows(), count);
    for (Index copy = 0; copy < 3; ++copy) {
      const auto every_third = Eigen::seqN(copy, count, 3);
      if (copy > 0) turn(samples.x, training, copy == 1 ? 10 : -10);
      x_(Eigen::all, every_third) = copy == 0 ? samples.x : turned_;
      t_(Eigen::all, every_third) = samples.t;
    }
    network_.train(x_, t_);
  }

  void turn(const Eigen::MatrixXf& images, const backquery::LabelledImages& shape, double degrees) {
#ifdef BENCHMARK_WITH_ROTATION
    backquery::Rotation<float>(shape.rows, shape.cols, degrees, 0.01f)(images, turned_);
#else
    rotate_each(images, shape.rows, degrees, turned_);
#endif
  }

  double score(const backquery::LabelledImages& test) const {
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
  Eigen::MatrixXf x_, t_, turned_;
};

}  // namespace bench
