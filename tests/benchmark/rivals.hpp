/// @file
/// A network of backquery and a network of the plain Eigen port with equal weights, and their difference
/// after equal work.
#pragma once

#include "digits.hpp"
#include "plain_network.hpp"

#include <backquery/metrics.hpp>
#include <backquery/network/neural_network.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace bench {

inline const std::vector<Index> book_network{784, 200, 10};
constexpr double learning_rate = 0.1;

template <typename Scalar>
std::vector<typename PlainNetwork<Scalar>::Weights> weights_of(
    const backquery::NeuralNetwork<Scalar>& network) {
  std::vector<typename PlainNetwork<Scalar>::Weights> weights;
  for (Index layer = 0; layer < network.layers(); ++layer) weights.emplace_back(network.weights(layer));
  return weights;
}

template <typename Scalar>
struct Rivals {
  explicit Rivals(const std::vector<Index>& sizes = book_network)
      : network(sizes, Scalar(learning_rate)),
        start(weights_of(network)),
        plain(start, Scalar(learning_rate)),
        output(network.outputs()) {}

  void reset_network() {
    for (Index layer = 0; layer < network.layers(); ++layer) network.set_weights(layer, at(layer));
  }
  void reset_plain() {
    for (std::size_t layer = 0; layer < start.size(); ++layer) plain.weights(layer) = start[layer];
  }

  void train_plain(const Samples<Scalar>& samples) {
    for (Index i = 0; i < samples.x.cols(); ++i) plain.train(samples.x.col(i), samples.t.col(i));
  }

  backquery::NeuralNetwork<Scalar> network;
  std::vector<typename PlainNetwork<Scalar>::Weights> start;
  PlainNetwork<Scalar> plain;
  typename backquery::NeuralNetwork<Scalar>::Gradients gradients;
  typename backquery::NeuralNetwork<Scalar>::Workspace workspace;
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> output;                ///< of one sample
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> outputs;  ///< of many samples

 private:
  const auto& at(Index layer) const { return start[static_cast<std::size_t>(layer)]; }
};

/// |a - b| / |b|
template <typename A, typename B>
double relative_difference(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  return static_cast<double>((a - b).norm() / b.norm());
}

/// Prints a difference and its bound. @return whether the difference is within the bound
inline bool agrees(const std::string& what, double difference, double bound) {
  const bool within = difference <= bound;  // false for NaN
  std::printf("    %-44s %.2e, must be <= %.0e%s\n", what.c_str(), difference, bound,
              within ? "" : "  WRONG");
  return within;
}

template <typename Scalar>
bool gradients_and_outputs_agree(Rivals<Scalar>& rivals, const Samples<Scalar>& samples, double bound) {
  const Index count = std::min<Index>(128, samples.x.cols());
  const auto x = samples.x.leftCols(count);
  backquery::ThreadPool pool(2);
  rivals.network.gradients(x, samples.t.leftCols(count), rivals.gradients, rivals.workspace, pool);
  rivals.plain.compute_gradients(x, samples.t.leftCols(count));
  double worst = 0;
  for (Index layer = 0; layer < rivals.network.layers(); ++layer) {
    const auto& expected = rivals.plain.gradients(static_cast<std::size_t>(layer));
    worst = std::max(worst, relative_difference(rivals.gradients.weights(layer), expected));
  }
  bool agree = agrees("gradients of a batch of " + samples.name, worst, bound);
  agree &= agrees("outputs for a batch of " + samples.name,
                  relative_difference(rivals.network.query(x), rivals.plain.query_batch(x)), bound);
  return agrees("output for one sample of " + samples.name,
                relative_difference(rivals.network.query(x.col(0)), rivals.plain.query(x.col(0))), bound) &&
         agree;
}

/// Trains both for one epoch: weights and accuracy must be the same up to rounding.
template <typename Scalar>
bool epochs_agree(Rivals<Scalar>& rivals, const Digits& digits, double bound) {
  constexpr Index block = 3000;  // all digits as floating-point numbers take 376 MB
  for (Index first = 0; first < digits.training.labels.size(); first += block) {
    const auto samples = digit_samples<Scalar>(digits.training, first, block);
    rivals.network.train(samples.x, samples.t);
    rivals.train_plain(samples);
  }
  bool agree = true;
  for (Index layer = 0; layer < rivals.network.layers(); ++layer) {
    agree &= agrees("weights " + std::to_string(layer) + " after an epoch of MNIST",
                    relative_difference(rivals.network.weights(layer),
                                        rivals.plain.weights(static_cast<std::size_t>(layer))),
                    bound);
  }
  const auto test = digit_samples<Scalar>(digits.test, 0, digits.test.labels.size());
  const double ours = backquery::accuracy(rivals.network.query(test.x), digits.test.labels);
  const double plain = backquery::accuracy(rivals.plain.query_batch(test.x), digits.test.labels);
  std::printf("    performance                                  %.4f, plain %.4f\n", ours, plain);
  // 0.1 %, or one image if there are fewer than 1,000
  return agrees("difference in performance", std::abs(ours - plain),
                std::max(0.001, 1.0 / static_cast<double>(test.x.cols()))) &&
         agree;
}

/// Compares every fast path of backquery with the plain port.
template <typename Scalar>
bool all_agree(const Digits& digits, const char* scalar, double bound) {
  std::printf("agreement with the plain port, %s, %d training digits\n", scalar,
              static_cast<int>(digits.training.labels.size()));
  bool agree = true;
  Rivals<Scalar> rivals;
  agree &= gradients_and_outputs_agree(
      rivals, dense_samples<Scalar>(rivals.network.inputs(), rivals.network.outputs(), 128), bound);
  agree &= gradients_and_outputs_agree(rivals, digit_samples<Scalar>(digits.training, 0, 128), bound);
  return epochs_agree(rivals, digits, bound) && agree;
}

}  // namespace bench
