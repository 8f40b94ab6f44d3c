/// @file
/// A small training with checkpoints, for the tests of checkpoints.
#pragma once

#include <backquery/training/trainer.hpp>

#include "catch.hpp"
#include "model_files.hpp"
#include "temporary_folder.hpp"
#include "training_problem.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace training_problem {

using backquery::CheckpointOptions;
using backquery::FitResult;
using backquery::Trainer;

/// A training of 3 epochs with 3 batches each, and its checkpoint.
template <typename Scalar>
struct CheckpointedTraining {
  TrainerOptions options = adam(3, 0.05);
  Problem<Scalar> problem{70}, validation{40, 2};
  NeuralNetwork<Scalar> start{{6, 5, 4, 3}, Scalar(1), classifier()}, net = start;
  TemporaryFolder folder;
  CheckpointOptions checkpoint;

  CheckpointedTraining() {
    checkpoint.path = folder.file("training.bqm");
    checkpoint.recipe = {{"degrees", "15"}};
  }

  static constexpr int batches = 9;

  FitResult fit_without_checkpoint() {
    net = start;
    return Trainer<Scalar>(options).fit(net, problem.source(), validation.source());
  }
  /// @param most_batches  after which the training is stopped
  FitResult fit(int most_batches = batches + 1) {
    int done = 0;
    checkpoint.stop = [&done, most_batches] { return ++done == most_batches; };
    net = start;
    Trainer<Scalar> trainer(options);
    trainer.set_checkpoint(checkpoint);
    return trainer.fit(net, problem.source(), validation.source());
  }
  FitResult resume() {
    checkpoint.resume = true;
    return fit();
  }
  /// Whether the training was stopped after this number of batches, before its end.
  bool is_stopped_after(int most_batches) {
    try {
      fit(most_batches);
    } catch (const backquery::TrainingStopped&) {
      CHECK(same_parameters(net, start));
      return true;
    }
    return false;
  }
  /// The message of the exception of a fit that resumes, without the path at its beginning.
  std::string rejection() {
    try {
      resume();
    } catch (const std::runtime_error& error) {
      const std::string path = checkpoint.path.string() + ": ", text = error.what();
      CHECK(text.substr(0, path.size()) == path);
      CHECK(same_parameters(net, start));
      return text.substr(std::min(path.size(), text.size()));
    }
    return "nothing was thrown";
  }
  std::string file() const { return read_bytes(checkpoint.path.string()); }
  std::string stopped_file(int most_batches) {
    CHECK(is_stopped_after(most_batches));
    return file();
  }
  void write(const std::string& bytes) const { folder.write("training.bqm", bytes); }
};

/// Options of trainings whose checkpoints have different parts.
inline const std::vector<void (*)(TrainerOptions&)> checkpoint_variants = {
    [](TrainerOptions& options) {
      options.batch_normalization = true;
      options.dropout = 0.3;
      options.schedule = backquery::ScheduleOptions::one_cycle();
    },
    [](TrainerOptions& options) {
      options.optimizer.method = OptimizationMethod::nadam;
      options.label_smoothing = 0.1;
      options.patience = 1;
      options.optimizer.learning_rate = 0.5;  // the validation loss rises
    },
    [](TrainerOptions& options) {
      options.optimizer.method = OptimizationMethod::rmsprop;
      options.optimizer.momentum = 0.5;
      options.optimizer.clip_norm = 0.5;
      options.patience = 2;
      options.batch_normalization = true;
    },
    [](TrainerOptions& options) { options.optimizer.method = OptimizationMethod::sgd; }};

}  // namespace training_problem
