/// @file
/// Results of a batch, with the gradients of a training step, and scores of a whole source.
#pragma once

#include <backquery/network/detail/batch.hpp>
#include <backquery/training/detail/regularizer.hpp>
#include <backquery/training/detail/sample_batch.hpp>
#include <backquery/training/detail/scores.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace backquery::detail {

/// A stage that also compares the outputs of its block of samples with labels and targets.
template <typename Scalar, typename Stage>
struct ComparingStage : Stage {
  const int* labels;
  Index* correct;
  double* squared_errors;  // of each output

  void observe_outputs(ColumnsMap<Scalar> y, ConstColumnsMap<Scalar> t) const {
    for (Index column = 0; column < y.cols(); ++column) {
      *correct += predicted_class(y.col(column)) == labels[column];
      for (Index row = 0; row < y.rows(); ++row) {
        const auto error = static_cast<double>(t(row, column) - y(row, column));
        squared_errors[row] += error * error;
      }
    }
  }
};

/// The results of a batch; mean_of(batch, stage) computes the mean loss.
template <typename Scalar, typename StageOf, typename MeanOf>
BatchResult<Scalar> compared(const Layers<Scalar>& network, const SampleBatch<Scalar>& samples,
                             Workspace<Scalar>& workspace, ThreadPool& pool, const StageOf& stage_of,
                             const MeanOf& mean_of) {
  const Index blocks = ceil_div(samples.x.cols(), block_columns);
  std::vector<Index> correct(static_cast<std::size_t>(blocks));
  MatrixX<double> squared_errors = MatrixX<double>::Zero(samples.t.rows(), blocks);
  const auto comparing = [&](Index first) {
    const Index block = first / block_columns;
    return ComparingStage<Scalar, decltype(stage_of(first))>{stage_of(first), samples.labels.data() + first,
                                                             &correct[static_cast<std::size_t>(block)],
                                                             squared_errors.col(block).data()};
  };
  const Scalar loss =
      mean_of(NetworkBatch<Scalar>{network, strided(samples.x), strided(samples.t), buffers_of(workspace),
                                   pool, samples.weights.empty() ? nullptr : samples.weights.data()},
              comparing);
  return {loss, samples.total_weight(), std::accumulate(correct.begin(), correct.end(), Index(0)),
          squared_errors.rowwise().sum()};
}

/// The mean gradient of a batch, with the regularization of this training step.
/// @param on_weights  as for mean_loss_and_gradients
template <typename Scalar, typename OnWeights>
BatchResult<Scalar> regularized_gradients(const Layers<Scalar>& network, Regularizer<Scalar>& regularizer,
                                          std::uint64_t step, const SampleBatch<Scalar>& samples,
                                          Parameters<Scalar>& gradients, Workspace<Scalar>& workspace,
                                          ThreadPool& pool, const OnWeights& on_weights) {
  regularizer.start_batch(network.parameters.layer_sizes(), samples.x.cols(), block_columns, step);
  auto result = compared<Scalar>(
      network, samples, workspace, pool, [&](Index first) { return regularizer.stage(first); },
      [&](const auto& batch, const auto& stage) {
        return mean_loss_and_gradients<Scalar>(batch, gradients, stage, on_weights);
      });
  regularizer.finish_batch(gradients);
  return result;
}

/// Scores of the samples of a source. Only one chunk of samples is in memory at a time.
/// @param targets  the targets of the training
template <typename Scalar>
Score evaluate(const NeuralNetwork<Scalar>& network, const SampleSource<Scalar>& source,
               ClassTargets<Scalar> targets, Workspace<Scalar>& workspace, ThreadPool& pool) {
  constexpr Index chunk = 4096;
  SampleBatch<Scalar> batch;
  ScoreSums<Scalar> sums;
  for (Index start = 0; start < source.samples; start += chunk) {
    batch.indices.resize(static_cast<std::size_t>((std::min)(chunk, source.samples - start)));
    std::iota(batch.indices.begin(), batch.indices.end(), start);
    batch.fill("Trainer::fit: validation", source, 0, network, pool);
    targets.add(batch, network.options().output_activation);
    sums.add(compared<Scalar>(
                 layers_of(network), batch, workspace, pool, plain_stage<Scalar>,
                 [](const auto& samples, const auto& stage) { return mean_loss<Scalar>(samples, stage); }),
             batch.t);
  }
  return sums.score("Trainer::fit: validation", targets.name_classes());
}

}  // namespace backquery::detail
