/// @file
/// Loss and correct predictions: of a batch, with the gradients of a training step, or of a whole source.
#pragma once

#include <backquery/network/detail/batch.hpp>
#include <backquery/training/detail/regularizer.hpp>
#include <backquery/training/detail/sample_batch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace backquery::detail {

/// A stage that also counts the correct predictions of its block of samples.
template <typename Scalar, typename Stage>
struct CountingStage : Stage {
  const int* labels;
  Index* correct;

  void observe_outputs(ColumnsMap<Scalar> y, ConstColumnsMap<Scalar>) const {
    for (Index column = 0; column < y.cols(); ++column) {
      *correct += predicted_class(y.col(column)) == labels[column];
    }
  }
};

template <typename Scalar>
struct BatchResult {
  Scalar loss;    // mean over the samples
  Index correct;  // number of correct predictions
};

/// The mean loss that mean_of(batch, stage) returns, with the number of correct predictions.
template <typename Scalar, typename StageOf, typename MeanOf>
BatchResult<Scalar> counted_mean(const Layers<Scalar>& network, const SampleBatch<Scalar>& samples,
                                 Workspace<Scalar>& workspace, ThreadPool& pool, const StageOf& stage_of,
                                 const MeanOf& mean_of) {
  std::vector<Index> correct(static_cast<std::size_t>(ceil_div(samples.x.cols(), block_columns)));
  const auto counting = [&](Index first) {
    return CountingStage<Scalar, decltype(stage_of(first))>{
        stage_of(first), samples.labels.data() + first,
        &correct[static_cast<std::size_t>(first / block_columns)]};
  };
  const Scalar loss = mean_of(
      NetworkBatch<Scalar>{network, strided(samples.x), strided(samples.t), buffers_of(workspace), pool},
      counting);
  return {loss, std::accumulate(correct.begin(), correct.end(), Index(0))};
}

/// The mean gradient of a batch, with the regularization of this training step.
/// @param on_weights  as for mean_loss_and_gradients
template <typename Scalar, typename OnWeights>
BatchResult<Scalar> regularized_gradients(const Layers<Scalar>& network, Regularizer<Scalar>& regularizer,
                                          std::uint64_t step, const SampleBatch<Scalar>& samples,
                                          Parameters<Scalar>& gradients, Workspace<Scalar>& workspace,
                                          ThreadPool& pool, const OnWeights& on_weights) {
  regularizer.start_batch(network.parameters.layer_sizes(), samples.x.cols(), block_columns, step);
  const auto result = counted_mean<Scalar>(
      network, samples, workspace, pool, [&](Index first) { return regularizer.stage(first); },
      [&](const auto& batch, const auto& stage) {
        return mean_loss_and_gradients<Scalar>(batch, gradients, stage, on_weights);
      });
  regularizer.finish_batch(gradients);
  return result;
}

/// Mean loss and accuracy over the samples of a source. Only one chunk of samples is in memory at a time.
template <typename Scalar>
std::pair<double, double> evaluate(const NeuralNetwork<Scalar>& network, const SampleSource<Scalar>& source,
                                   Workspace<Scalar>& workspace, ThreadPool& pool) {
  constexpr Index chunk = 4096;
  SampleBatch<Scalar> batch;
  double loss = 0;
  Index correct = 0;
  for (Index start = 0; start < source.samples; start += chunk) {
    batch.indices.resize(static_cast<std::size_t>((std::min)(chunk, source.samples - start)));
    std::iota(batch.indices.begin(), batch.indices.end(), start);
    batch.fill("Trainer::fit: validation", source, 0, network);
    const auto result = counted_mean<Scalar>(
        layers_of(network), batch, workspace, pool, plain_stage<Scalar>,
        [](const auto& samples, const auto& stage) { return mean_loss<Scalar>(samples, stage); });
    loss += static_cast<double>(result.loss) * static_cast<double>(batch.x.cols());
    correct += result.correct;
  }
  const auto samples = static_cast<double>(source.samples);
  return {loss / samples, static_cast<double>(correct) / samples};
}

}  // namespace backquery::detail
