/// @file
/// Data of one training by a Trainer.
#pragma once

#include <backquery/detail/random.hpp>
#include <backquery/training/detail/evaluation.hpp>
#include <backquery/training/optimizer.hpp>
#include <backquery/training/trainer_options.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The number of batches of an epoch, and their sizes.
struct EpochShape {
  Index samples, batch_size, batches;

  EpochShape(Index all, Index largest)
      : samples(all), batch_size((std::min)(largest, all)), batches(ceil_div(all, batch_size)) {}
};

/// The order of the samples in an epoch, from 1.
inline std::vector<Index> epoch_order(Index samples, std::uint64_t seed, int epoch) {
  std::seed_seq mixed{seed & 0xffffffffu, seed >> 32, static_cast<std::uint64_t>(epoch)};
  return shuffled(samples, RandomEngine(mixed));
}

/// Data of one call of Trainer::fit.
template <typename Scalar>
struct TrainingRun {
  using Network = NeuralNetwork<Scalar>;
  using Clock = std::chrono::steady_clock;

  TrainingRun(const Network& begin, const TrainerOptions& options, Index all_samples)
      : shape(all_samples, options.batch_size),
        epochs(options.epochs),
        network(begin),
        gradients(layers_of(begin).parameters),
        optimizer(options.optimizer),
        regularizer(options.batch_normalization, options.dropout, options.seed),
        pool(options.threads) {
    if (options.batch_normalization) {
      folded = begin;
    }
  }

  /// Ends an epoch and begins the next one.
  void add(const EpochRecord& record) {
    history.push_back(record);
    sums = {};
    earlier_seconds = 0;
    start = Clock::now();
  }

  [[nodiscard]] Index all_batches() const { return shape.batches * epochs; }
  /// The epoch of the next batch, 1 for the first.
  [[nodiscard]] int epoch() const { return static_cast<int>(history.size()) + 1; }
  /// The index of the next batch in its epoch.
  [[nodiscard]] Index batch() const {
    return optimizer.steps() - static_cast<Index>(history.size()) * shape.batches;
  }

  /// Whether all epochs are complete, or early stopping or a callback ended the training.
  [[nodiscard]] bool is_complete() const { return ended || epoch() > epochs; }
  /// The time of this epoch so far.
  [[nodiscard]] double seconds() const {
    return earlier_seconds + std::chrono::duration<double>(Clock::now() - start).count();
  }

  /// The network for queries.
  const Network& evaluated() {
    if (folded) {
      folded->update_parameters(
          [&](auto values) { values = regularizer.folded(layers_of(network).parameters).values(); });
    }
    return folded ? *folded : network;
  }

  /// Everything that the rest of the training depends on, besides the parameters of evaluated(). Epoch and
  /// batch follow from the steps and the history.
  template <typename Archive>
  void visit_state(Archive& archive) {
    optimizer.visit_state(archive, gradients, all_batches());
    regularizer.visit_state(archive, network.layer_sizes(), all_batches());
    targets.visit_state(archive);
    sums.visit_state(archive, network.outputs(), shape.samples);
    earlier_seconds = seconds();
    start = Clock::now();
    archive(earlier_seconds, ended);
    auto epochs_so_far = history.size();
    archive.count(epochs_so_far, epochs);
    history.resize(epochs_so_far);
    for (EpochRecord& record : history) {
      visit_record(archive, record);
    }
    bool has_best = best.has_value();
    archive(has_best);
    if (has_best) {
      if (!best) {
        best = network;
      }
      visit_parameters(archive, *best);
      visit_record(archive, best_record);
    }
    if (folded) {
      visit_parameters(archive, network);
    }
    if constexpr (Archive::reads) {
      if (batch() < 0 || batch() >= shape.batches) {
        archive.fail();
      }
    }
  }

  EpochShape shape;
  int epochs;                     // the largest number
  Network network;                // in training
  std::optional<Network> folded;  // network for queries, if there is batch normalization
  std::optional<Network> best;    // network with the smallest validation loss, if patience > 0
  EpochRecord best_record;
  std::vector<EpochRecord> history;  // of complete epochs
  bool ended = false;                // whether early stopping or a callback ended the training
  ScoreSums<Scalar> sums;            // of the batches of this epoch so far
  double earlier_seconds = 0;        // time of this epoch before `start`
  Clock::time_point start = Clock::now();
  ClassTargets<Scalar> targets;  // of the training samples so far
  Parameters<Scalar> gradients;
  Optimizer<Scalar> optimizer;
  Regularizer<Scalar> regularizer;
  SampleBatch<Scalar> samples;  // of the current batch
  Workspace<Scalar> workspace;
  ThreadPool pool;

 private:
  template <typename Archive>
  static void visit_parameters(Archive& archive, Network& of) {
    of.update_parameters([&](auto values) { archive(values); });
  }

  /// Structured bindings, so that a new field does not compile until it is added here.
  template <typename Archive>
  void visit_record(Archive& archive, EpochRecord& record) {
    auto& [epoch, loss, accuracy, root_mean_squared_error, r2, learning_rate, time, validation_loss,
           validation_accuracy, validation_root_mean_squared_error, validation_r2] = record;
    archive.count(epoch, epochs);
    archive(loss, accuracy, root_mean_squared_error, r2, learning_rate, time, validation_loss,
            validation_accuracy, validation_root_mean_squared_error, validation_r2);
  }
};

}  // namespace backquery::detail
