/// @file
/// backquery's network and the plain Eigen port with the same weights, and how far apart they are after the
/// same work.
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

inline const std::vector<Index> notes_network{784, 200, 10};
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
  explicit Rivals(const std::vector<Index>& sizes = notes_network)
      : network(sizes, Scalar(learning_rate)),
        start(weights_of(network)),
        plain(start, Scalar(learning_rate)),
        answer(network.outputs()) {}

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
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> answer;                ///< of one sample
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> answers;  ///< of many

 private:
  const auto& at(Index layer) const { return start[static_cast<std::size_t>(layer)]; }
};

/// |a - b| / |b|
template <typename A, typename B>
double relative_difference(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b) {
  return static_cast<double>((a - b).norm() / b.norm());
}

/// Prints a difference beside its bound and tells whether it keeps it.
inline bool agrees(const std::string& what, double difference, double bound) {
  const bool kept = difference <= bound;  // false for NaN
  std::printf("    %-44s %.2e, must be <= %.0e%s\n", what.c_str(), difference, bound, kept ? "" : "  WRONG");
  return kept;
}

template <typename Scalar>
bool gradients_and_answers_agree(Rivals<Scalar>& rivals, const Samples<Scalar>& samples, double bound) {
  const Index count = std::min<Index>(128, samples.x.cols());
  const auto x = samples.x.leftCols(count);
  backquery::ThreadPool pool(2);
  rivals.network.gradients(x, samples.t.leftCols(count), rivals.gradients, rivals.workspace, pool);
  rivals.plain.find_gradients(x, samples.t.leftCols(count));
  double worst = 0;
  for (Index layer = 0; layer < rivals.network.layers(); ++layer) {
    const auto& expected = rivals.plain.gradients(static_cast<std::size_t>(layer));
    worst = std::max(worst, relative_difference(rivals.gradients.weights(layer), expected));
  }
  bool right = agrees("gradients of a batch of " + samples.name, worst, bound);
  right &= agrees("answers to a batch of " + samples.name,
                  relative_difference(rivals.network.query(x), rivals.plain.query_batch(x)), bound);
  return agrees("answer to one of " + samples.name,
                relative_difference(rivals.network.query(x.col(0)), rivals.plain.query(x.col(0))), bound) &&
         right;
}

/// One pass over the training digits by both: the same weights up to rounding, and as good a reader.
template <typename Scalar>
bool epochs_agree(Rivals<Scalar>& rivals, const Digits& digits, double bound) {
  constexpr Index block = 3000;  // as floating-point numbers all digits take 376 MB
  for (Index first = 0; first < digits.training.labels.size(); first += block) {
    const auto samples = digit_samples<Scalar>(digits.training, first, block);
    rivals.network.train(samples.x, samples.t);
    rivals.train_plain(samples);
  }
  bool right = true;
  for (Index layer = 0; layer < rivals.network.layers(); ++layer) {
    right &= agrees("weights " + std::to_string(layer) + " after an epoch of MNIST",
                    relative_difference(rivals.network.weights(layer),
                                        rivals.plain.weights(static_cast<std::size_t>(layer))),
                    bound);
  }
  const auto test = digit_samples<Scalar>(digits.test, 0, digits.test.labels.size());
  const double ours = backquery::accuracy(rivals.network.query(test.x), digits.test.labels);
  const double plain = backquery::accuracy(rivals.plain.query_batch(test.x), digits.test.labels);
  std::printf("    performance                                  %.4f, plain %.4f\n", ours, plain);
  // a tenth of a point, and one image where that is less
  return agrees("difference in performance", std::abs(ours - plain),
                std::max(0.001, 1.0 / static_cast<double>(test.x.cols()))) &&
         right;
}

/// Fast paths against plain ones.
template <typename Scalar>
bool all_agree(const Digits& digits, const char* scalar, double bound) {
  std::printf("agreement with the plain port, %s, %d training digits\n", scalar,
              static_cast<int>(digits.training.labels.size()));
  bool right = true;
  Rivals<Scalar> rivals;
  right &= gradients_and_answers_agree(
      rivals, dense_samples<Scalar>(rivals.network.inputs(), rivals.network.outputs(), 128), bound);
  right &= gradients_and_answers_agree(rivals, digit_samples<Scalar>(digits.training, 0, 128), bound);
  return epochs_agree(rivals, digits, bound) && right;
}

}  // namespace bench
