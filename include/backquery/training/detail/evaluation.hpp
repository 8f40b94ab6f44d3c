/// @file
/// What a network's answers to the samples of a source are worth.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/metrics.hpp>
#include <backquery/network/loss.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/training/detail/sample_batch.hpp>
#include <backquery/training/sample_source.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace backquery::detail {

struct Evaluation {
  double loss = 0;      ///< mean over the samples
  double accuracy = 0;  ///< share of the samples whose answer, as metrics have it, is that of the targets
};

/// Of all samples of the source, whatever the number of threads.
template <typename Scalar>
Evaluation evaluate(const NeuralNetwork<Scalar>& network, const SampleSource<Scalar>& validation,
                    ThreadPool& pool) {
  constexpr Index piece = 4000;      // of the samples that are there at once
  constexpr Index block_size = 250;  // of columns that one thread judges
  SampleBatch<Scalar> batch;
  Evaluation sums;
  for (Index start = 0; start < validation.samples; start += piece) {
    const Index columns = std::min(piece, validation.samples - start),
                blocks = (columns + block_size - 1) / block_size;
    batch.numbers.resize(static_cast<std::size_t>(columns));
    std::iota(batch.numbers.begin(), batch.numbers.end(), start);
    batch.fill("validation", validation, 0, network);
    std::vector<Evaluation> parts(static_cast<std::size_t>(blocks));
    pool.run(blocks, [&](Index block) {
      const Index first = block * block_size, count = std::min(block_size, columns - first);
      const auto x = batch.x.middleCols(first, count), t = batch.t.middleCols(first, count);
      const MatrixX<Scalar> answers = network.query(x);
      Evaluation& part = parts[static_cast<std::size_t>(block)];
      part.loss = static_cast<double>(network.loss(x, t)) * static_cast<double>(count);
      part.accuracy = static_cast<double>(count_correct(answers, t));
    });
    for (const Evaluation& part : parts) {
      sums.loss += part.loss;
      sums.accuracy += part.accuracy;
    }
  }
  const auto samples = static_cast<double>(validation.samples);
  return {sums.loss / samples, sums.accuracy / samples};
}

/// A classifier beside the best constant answer, which names the most frequent class by the mean of the
/// targets.
struct BaselineComparison {
  Index samples = 0;
  Index right = 0, most_frequent = 0;  ///< answers that are right: the network's, and the constant one's
  double loss = 0, constant_loss = 0;  ///< mean over the samples, likewise
  double far_loss = 0;                 ///< far from what any sensible answers have
  bool classification = false;         ///< every sample has one class, and there are several of them

  /// Neither the right answers, but for the luck of three standard deviations, nor the loss are better than
  /// the constant answer's; or it is far off. No constant has a smaller loss than constant_loss: a thousandth
  /// is for rounding, or a twentieth where no class has a fifth of the samples, so that ten digits of which
  /// 12 % are read rightly count as not learned.
  [[nodiscard]] bool at_chance() const {
    const auto n = static_cast<double>(samples), often = static_cast<double>(most_frequent);
    const double luck = std::min(3 * std::sqrt(often * (n - often) / n), (n - often) / 2);
    const bool by_luck = right < samples && static_cast<double>(right) <= often + luck;
    const bool no_less = loss >= (often < n / 5 ? 0.95 : 0.999) * constant_loss;
    return (classification && by_luck && no_less) || is_far();
  }

  /// The loss, of samples that are trained on, is far too great, whatever the answers.
  [[nodiscard]] bool is_far() const { return classification && loss >= far_loss; }
};

/// Of the best answer to all samples alike: the mean of the targets, which for softmax is made to sum to 1.
inline double least_constant_loss(Loss loss, const Eigen::ArrayXXd& t) {
  const Eigen::ArrayXd mean = t.rowwise().mean();
  const auto entropy = [](const Eigen::ArrayXd& p) { return -(p > 0).select(p * p.log(), 0.).sum(); };
  switch (loss) {
    case Loss::squared_error:
      return (t.colwise() - mean).square().sum() / 2 / static_cast<double>(t.cols());
    case Loss::binary_cross_entropy:
      return entropy(mean) + entropy(1 - mean);
    default:
      return entropy(mean / mean.sum()) * mean.sum();
  }
}

/// Twice that of an answer that takes every class for as likely as the others. Squared errors have no such
/// bound: what an output cannot reach, as a sigmoid cannot -1, costs its share in the best network too.
/// @param target_sum  mean over the samples, 1 for most
inline double far_loss(Loss loss, Index outputs, double target_sum) {
  switch (loss) {
    case Loss::squared_error:
      return std::numeric_limits<double>::max();
    case Loss::binary_cross_entropy:
      return 2 * static_cast<double>(outputs) * std::log(2);
    default:
      return 2 * target_sum * std::log(static_cast<double>(outputs));
  }
}

/// Of at most 1,000 training samples, spread over all.
/// @param smooth  makes of the targets those that the network is trained toward
template <typename Scalar, typename Smooth>
BaselineComparison compare_with_baseline(const NeuralNetwork<Scalar>& network,
                                         const SampleSource<Scalar>& training, const Smooth& smooth) {
  BaselineComparison result;
  result.samples = std::min<Index>(training.samples, 1000);
  SampleBatch<Scalar> batch;
  for (Index i = 0; i < result.samples; ++i) {
    batch.numbers.push_back(i * training.samples / result.samples);
  }
  batch.fill("training", training, 0, network);
  const MatrixX<Scalar> answers = network.query(batch.x);
  std::vector<Index> frequency(static_cast<std::size_t>(network.outputs()));
  Index classified = 0;
  for (Index column = 0; column < answers.cols(); ++column) {
    const auto t = batch.t.col(column);
    if (const Index wanted = predicted_class(t); wanted >= 0 && (t.array() == t(wanted)).count() == 1) {
      ++classified;
      ++frequency[static_cast<std::size_t>(wanted)];
      result.right += predicted_class(answers.col(column)) == wanted ? 1 : 0;
    }
  }
  result.most_frequent = *std::max_element(frequency.begin(), frequency.end());
  // Of a few samples for each class one cannot tell: chance is at home there, and a constant may fit them
  // well.
  result.classification = classified == result.samples && result.most_frequent < result.samples &&
                          result.samples >= 10 * network.outputs();
  const Loss loss = network.options().loss;
  if (loss == Loss::squared_error) {  // other tasks have it too, and there targets have more than two values
    const Scalar off = batch.t.minCoeff(), on = batch.t.maxCoeff();
    result.classification &= (batch.t.array() == off || batch.t.array() == on).all();
  }

  smooth(batch.t);
  result.loss = static_cast<double>(network.loss(batch.x, batch.t));
  result.far_loss = far_loss(loss, network.outputs(),
                             static_cast<double>(batch.t.sum()) / static_cast<double>(batch.t.cols()));
  result.constant_loss = least_constant_loss(loss, batch.t.array().template cast<double>());
  return result;
}

}  // namespace backquery::detail
