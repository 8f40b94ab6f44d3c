/// @file
/// Finds classifiers that have learned nothing.
#pragma once

#include <backquery/training/detail/sample_batch.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace backquery {

namespace detail {

/// Predictions of a classifier, compared with the best constant prediction.
struct Comparison {
  double samples;
  double correct, most_frequent;  ///< correct predictions; samples of the most frequent class
  double error, constant_error;   ///< mean squared distance of outputs from targets; of the mean target

  /// Whether nothing was learned: the number of correct predictions exceeds the most frequent class by no
  /// more than chance (three standard deviations, or half of the other samples), and the error is at least
  /// 0.99 of the error of the best constant.
  [[nodiscard]] bool nothing_learned() const {
    const double others = samples - most_frequent;
    const double chance = (std::min)(3 * std::sqrt(most_frequent * others / samples), others / 2);
    return others > 0 && correct <= most_frequent + chance && !(error < 0.99 * constant_error);
  }
};

}  // namespace detail

/// Reports a trained classifier that predicts no better than one constant prediction for all samples. The
/// finding is empty if the classifier predicts better, or if the samples are not sufficient. `Trainer::fit`
/// returns this finding for its training samples.
///
/// ```cpp
/// std::cout << backquery::diagnose(net, backquery::image_source<float>(training)) << '\n';
/// ```
///
/// Two numbers are computed for 128 samples, or 10 for each class if these are more, spread evenly over the
/// source: correct predictions, and the mean squared distance of outputs from targets. There is a finding if
/// neither is better than for a constant. Samples are not sufficient if they are fewer than 10 for each
/// class, if all belong to one class, or if the targets do not represent classes.
/// @throws std::invalid_argument for samples that do not suit the network
template <typename Scalar>
std::string diagnose(const NeuralNetwork<Scalar>& network, const SampleSource<Scalar>& source) {
  const Index least = 10 * detail::classes_of(network.outputs());
  const Index samples = (std::min)(source.samples, std::max<Index>(least, 128));
  if (samples < least || !source.fill) {
    return {};
  }
  detail::SampleBatch<Scalar> batch;
  for (Index i = 0; i < samples; ++i) {
    batch.indices.push_back(i * source.samples / samples);
  }
  batch.fill("diagnose: source", source, 0, network);
  const auto& t = batch.t;
  if (t != detail::class_targets<Scalar>(
               batch.labels, network.outputs(),
               {static_cast<long double>(t.minCoeff()), static_cast<long double>(t.maxCoeff())})) {
    return {};
  }
  const detail::MatrixX<Scalar> outputs = network.query(batch.x);
  const Eigen::MatrixXi counts = confusion_matrix(outputs, batch.labels);
  const auto mean_square = [&](const auto& differences) {
    return static_cast<double>(differences.squaredNorm()) / static_cast<double>(samples);
  };
  const detail::VectorX<Scalar> mean = t.rowwise().mean();
  const detail::Comparison found{static_cast<double>(samples), static_cast<double>(counts.trace()),
                                 static_cast<double>(counts.rowwise().sum().maxCoeff()),
                                 mean_square(outputs - t), mean_square(t.colwise() - mean)};
  if (!found.nothing_learned()) {
    return {};
  }
  return detail::message(
      "nothing was learned: ", found.correct, " of ", samples,
      " predictions are correct, and the most frequent class alone has ", found.most_frequent,
      " samples; their mean squared error is ", found.error, ", and one prediction for all samples reaches ",
      found.constant_error,
      ". Is the learning rate too small or too large, or are the epochs too few? Are the inputs scaled, to "
      "0.01 .. 1 for pixels? Do the labels belong to the samples?");
}

}  // namespace backquery
