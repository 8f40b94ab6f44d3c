/// @file
/// Some samples of a source and the predictions of a network for them, from which diagnose finds
/// causes.
#pragma once

#include <backquery/network/detail/batch.hpp>
#include <backquery/training/detail/sample_batch.hpp>
#include <backquery/training/detail/scores.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace backquery::detail {

/// Predictions, compared with the best constant prediction: the mean of the targets.
struct Comparison {
  double samples;
  double correct, most_frequent;  ///< number of correct predictions; of samples of the most frequent class
  double error, constant_error;   ///< mean loss of the predictions; mean loss of the mean target
  double zero_error = 0;          ///< mean loss of the output 0

  /// Whether the error is at least this share of the error of the mean target.
  [[nodiscard]] bool no_better_than_constant(double share = 0.99) const {
    return constant_error > 0 && !(error < share * constant_error);
  }
  /// Whether the number of correct predictions exceeds the number of samples of the most frequent class by at
  /// most three standard deviations, or half of the other samples.
  [[nodiscard]] bool correct_by_chance() const {
    const double others = samples - most_frequent;
    const double chance = (std::min)(3 * std::sqrt(most_frequent * others / samples), others / 2);
    return others > 0 && correct <= most_frequent + chance;
  }
};

/// Samples of a source, and their predictions: 128 samples, or 10 for each class or output if these are more,
/// but at most 1280. The samples are pairs of neighbors, spread evenly from the first to the last sample.
template <typename Scalar>
struct Examination {
  const NeuralNetwork<Scalar>& network;
  const SampleSource<Scalar>& source;
  int first_label;  // label of class 0 in messages
  SampleBatch<Scalar> batch;
  bool have_classes = false;  // see EpochRecord
  MatrixX<Scalar> outputs;
  std::vector<int> predicted;  // classes
  Comparison comparison{};

  /// @param source  has at least 1 sample and a fill
  Examination(const NeuralNetwork<Scalar>& examined, const SampleSource<Scalar>& given, int label_of_class_0)
      : network(examined), source(given), first_label(label_of_class_0) {
    const Index all = source.samples, count = std::clamp<Index>(samples_for_classes(), 128, 1280);
    for (Index i = 0; i < (std::min)(all, count); ++i) {
      batch.indices.push_back(all <= count ? i : (i / 2) * (all - 2) / (count / 2 - 1) + i % 2);
    }
    batch.fill("diagnose: source", source, 0, network);
    ClassTargets<Scalar> targets;
    targets.add(batch, network.options().output_activation);
    have_classes = targets.name_classes();
    outputs = network.query(batch.x);
    compare();
  }

  /// Whether the source has enough samples to tell correct predictions from chance.
  [[nodiscard]] bool has_enough_samples() const {
    return !have_classes || source.samples >= samples_for_classes();
  }
  [[nodiscard]] Index samples() const { return batch.x.cols(); }
  /// The loss of `comparison`: the loss of the network, or squared_error instead of a fused loss, which needs
  /// pre-activations.
  [[nodiscard]] Loss compared_loss() const {
    const Loss loss = network.options().loss;
    return is_fused(loss) ? Loss::squared_error : loss;
  }

  /// Whether the error is at least 0.99 times the error of the mean target, and the number of correct
  /// predictions of a classifier is explained by chance. A factor of 0.9 is sufficient if no class of a
  /// classifier has half of the samples. False for weighted samples, because the comparison has no weights.
  [[nodiscard]] bool nothing_learned() const {
    const Comparison& c = comparison;
    if (!batch.weights.empty()) {
      return false;
    }
    return have_classes ? c.correct_by_chance() &&
                              c.no_better_than_constant(2 * c.most_frequent < c.samples ? 0.9 : 0.99)
                        : c.no_better_than_constant();
  }
  /// Whether the error is at least 0.9 times the error of the mean target and, for a classifier, the number
  /// of correct predictions exceeds the number of samples of the most frequent class by at most half of the
  /// other samples. False for weighted samples.
  [[nodiscard]] bool little_learned() const {
    const Comparison& c = comparison;
    return batch.weights.empty() && c.no_better_than_constant(0.9) &&
           (!have_classes || 2 * (c.correct - c.most_frequent) <= c.samples - c.most_frequent);
  }

  /// Whether the loss is above 100 times the loss of the mean of the targets, and above the loss of the
  /// output 0, where a training of targets far from 0 begins. Fused losses are excluded: for a class of fewer
  /// than 1 in 400 samples, a prediction of 1/2 is enough to exceed the factor. Weighted samples are
  /// excluded, because outputs for samples of weight 0 may be far from their targets.
  [[nodiscard]] bool diverged() const {
    return nothing_learned() && !is_fused(network.options().loss) &&
           !(comparison.error <= (std::max)(100 * comparison.constant_error, comparison.zero_error));
  }

 private:
  [[nodiscard]] Index samples_for_classes() const { return 10 * classes_of(network.outputs()); }

  /// The mean loss of the outputs o.
  [[nodiscard]] double mean_error(const MatrixX<Scalar>& o) const {
    double sum = 0;
    for (Index i = 0; i < samples(); ++i) {
      sum += static_cast<double>(
          sample_loss<Scalar>(compared_loss(), o.col(i).data(), batch.t.col(i).data(), o.rows()));
    }
    return sum / static_cast<double>(samples());
  }

  void compare() {
    std::vector<double> counts(static_cast<std::size_t>(classes_of(network.outputs())));
    double correct = 0;
    for (Index i = 0; i < samples(); ++i) {
      const int label = batch.labels[static_cast<std::size_t>(i)];
      predicted.push_back(predicted_class(outputs.col(i)));
      correct += predicted.back() == label ? 1 : 0;
      ++counts[static_cast<std::size_t>(label)];
    }
    // The subtraction makes the mean of equal targets exact, so that constant_error is 0.
    const VectorX<Scalar> first = batch.t.col(0);
    const VectorX<Scalar> mean = first + (batch.t.colwise() - first).rowwise().mean();
    comparison = {static_cast<double>(samples()),
                  correct,
                  *std::max_element(counts.begin(), counts.end()),
                  mean_error(outputs),
                  mean_error(mean.replicate(1, samples())),
                  mean_error(MatrixX<Scalar>::Zero(mean.size(), samples()))};
  }
};

/// The state of every layer after a backward pass of at most 128 samples.
struct LayerStates {
  /// Root mean square of the gradients of the loss with respect to the pre-activations of each layer.
  std::vector<double> gradients;
  /// Share of the outputs of each layer where |f'|, with f' the derivative of the activation, is below 0.005.
  std::vector<double> flat;
};

template <typename Scalar>
LayerStates layer_states(const Examination<Scalar>& e) {
  NetworkOptions options = e.network.options();
  options.error_propagation = ErrorPropagation::gradient;
  const Layers<Scalar> given = layers_of(e.network), layers{given.parameters, options, given.row_sums};
  const Index step = ceil_div(e.samples(), 128), count = ceil_div(e.samples(), step);
  const auto every = [&](const MatrixX<Scalar>& m) {
    return Strided<const Scalar>(m.data(), m.rows(), count, {step * m.rows(), 1});
  };
  const Strided<const Scalar> x = every(e.batch.x), t = every(e.batch.t);
  PassBuffers<Scalar> buffers;
  ThreadPool caller;
  mean_loss<Scalar>(
      {layers, x, t, buffers, caller}, plain_stage<Scalar>,
      [](const auto& pass, ConstColumnsMap<Scalar> targets, const Scalar*) {
        pass.backward(targets, Scalar(1));
      },
      [](Index, Index, Scalar) {});
  LayerStates states;
  for (Index layer = 0; layer <= layers.last(); ++layer) {
    ColumnsMap<Scalar> y = buffers.outputs(layer, 0, count), d = buffers.deltas(layer, 0, count);
    states.gradients.push_back(
        std::sqrt(d.template cast<double>().squaredNorm() / static_cast<double>(d.size())));
    d.setOnes();
    multiply_by_derivative<Scalar>(layers.activation(layer), read_only(y), d);
    const auto flat = (d.array().abs() < Scalar(0.005)).count();
    states.flat.push_back(static_cast<double>(flat) / static_cast<double>(d.size()));
  }
  return states;
}

}  // namespace backquery::detail
