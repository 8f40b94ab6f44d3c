/// @file
/// Training in shuffled mini-batches.
#pragma once

#include <backquery/training/checkpoint_options.hpp>
#include <backquery/training/detail/checkpoints.hpp>
#include <backquery/training/detail/fit_arguments.hpp>
#include <backquery/training/detail/training_run.hpp>
#include <backquery/training/diagnose.hpp>
#include <backquery/training/trainer_options.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery {

/// Trains networks in shuffled mini-batches. Every epoch takes each sample once.
///
/// ```cpp
/// backquery::NeuralNetwork<float> network({784, 800, 10}, backquery::NetworkOptions::classifier());
/// backquery::TrainerOptions options;
/// options.optimizer.method = backquery::OptimizationMethod::adam;
/// options.optimizer.learning_rate = 0.002;
/// options.schedule = backquery::ScheduleOptions::one_cycle();
/// backquery::Trainer<float> trainer(options);
/// trainer.on_epoch([](const auto& record, const auto&) {
///   std::cout << "epoch " << record.epoch << ": loss " << record.loss << '\n';
///   return true;
/// });
/// const backquery::FitResult result = trainer.fit(network, backquery::image_source<float>(training));
/// std::cout << result.finding << '\n';  // empty, or the faults and their remedies
/// ```
///
/// The network should have ErrorPropagation::gradient. The book's rule also works, although it is not the
/// gradient of any loss.
template <typename Scalar_ = double>
class Trainer {
 public:
  using Scalar = Scalar_;                 ///< the type of all values
  using Network = NeuralNetwork<Scalar>;  ///< the type of networks
  using Source = SampleSource<Scalar>;    ///< the type of sources of samples
  /// Called after each epoch; false ends the training.
  using Callback = std::function<bool(const EpochRecord&, const Network&)>;

  /// @throws std::invalid_argument that names the wrong option
  explicit Trainer(const TrainerOptions& options = {})
      : options_(options),
        learning_rate_(Optimizer<Scalar>(options.optimizer).learning_rate()),
        schedule_(options.schedule) {
    detail::check_trainer(options);
    const double least = learning_rate_ * detail::least_factor(options.schedule);
    if (static_cast<Scalar>(least) == 0) {
      detail::throw_invalid_argument("Trainer: options.optimizer.learning_rate is ", learning_rate_,
                                     " and falls to, or starts from, ", least,
                                     ", expected rates that the network's Scalar can hold");
    }
  }

  /// Adds a callback. fit calls all callbacks after every epoch, in the order in which they were added. If
  /// one returns false, training stops after this epoch. A callback receives the current network; the
  /// argument of fit changes only when fit returns.
  void on_epoch(Callback callback) { callbacks_.push_back(std::move(callback)); }

  /// Saves the state of a fit in a file, from which another fit with the same options, network and samples
  /// continues it, in this process or another one:
  ///
  /// ```cpp
  /// backquery::CheckpointOptions checkpoint;
  /// checkpoint.path = "training.bqm";
  /// checkpoint.resume = true;  // if the file exists
  /// backquery::Trainer<float> trainer;
  /// trainer.set_checkpoint(checkpoint);
  /// trainer.fit(net, backquery::image_source<float>(training));
  /// ```
  ///
  /// The result has the same bits as a fit without checkpoints, even if the program is killed at any moment
  /// and continued, any number of times. Only the seconds of the history differ. The number of threads may
  /// change. The file has the network, the moments of the optimizer, the averages of batch normalization, the
  /// position, the scores of the epoch so far, the history and the network of early stopping. It does not
  /// have variables of callbacks and transforms. A callback is called again for an epoch that ended after
  /// the checkpoint.
  ///
  /// The file also has the options, CheckpointOptions::recipe, checksums of the network before the training
  /// and of all samples without their transforms, and the numbers of samples. fit computes the checksums from
  /// one more pass over the samples. It throws for the file of another training, and names the first value
  /// that differs.
  ///
  /// @throws std::invalid_argument for an empty path, or a negative number of batches
  void set_checkpoint(CheckpointOptions options) {
    static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                  "backquery::Trainer::set_checkpoint: files hold float or double, no long double");
    detail::check_checkpoint(options);
    checkpoint_ = std::move(options);
  }

  /// Trains the network. The network changes only when the training is complete; after an exception it is
  /// unchanged. The order of the samples and dropout depend on options.seed alone, so that calls are
  /// reproducible.
  /// @param training    at least 1 sample
  /// @param validation  samples that are evaluated after every epoch and not used for training; may be empty
  /// @throws TrainingFailed if the loss or a parameter becomes NaN or infinite. Unless the loss is a
  /// cross-entropy, also if the loss of the samples that diagnose examines ends above 100 times the loss of a
  /// constant prediction, the mean of the targets, and above the loss of the output 0, and the correct
  /// predictions of a classifier are explained by chance
  /// @throws std::invalid_argument for no samples, no `fill`, samples that do not suit the network, or a
  /// network that does not suit the options (see TrainerOptions)
  /// @throws std::runtime_error "path: reason" for a checkpoint that cannot be saved, or continued. The old
  /// file is unchanged
  /// @throws TrainingStopped if CheckpointOptions::stop stopped the training
  FitResult fit(Network& network, const Source& training, const Source& validation = {}) const {
    detail::check_sources(options_, network, training, validation);
    detail::check_regularization(options_, network.options());
    Run run(network, options_, training.samples);
    const auto checkpoints = resume(run, training, validation);
    while (!run.is_complete()) {
      train_epoch(run, training, validation, checkpoints);
    }
    const Network& trained = run.best ? *run.best : run.evaluated();
    FitResult result{run.history, examine(trained, training)};
    network.update_parameters([&](auto parameters) { parameters = trained.parameters(); });
    return result;
  }

 private:
  using Matrix = detail::MatrixX<Scalar>;
  using Run = detail::TrainingRun<Scalar>;
  using Checkpoints = std::optional<detail::Checkpoints<Scalar>>;

  /// Sets the run to the checkpoint, if there is one. The result is empty without checkpoints.
  Checkpoints resume(Run& run, const Source& training, const Source& validation) const {
    Checkpoints checkpoints;
    if constexpr (!std::is_same_v<Scalar, long double>) {
      if (checkpoint_) {
        detail::Recipe recipe("backquery::Trainer");
        recipe.add(run.network);
        recipe.add(options_);
        recipe.add("training", training, run.pool);
        recipe.add("validation", validation, run.pool);
        checkpoints.emplace(*checkpoint_, recipe);
        checkpoints->resume(run.network, run);
      }
    }
    return checkpoints;
  }

  /// Trains the rest of an epoch, evaluates the network and calls the callbacks.
  void train_epoch(Run& run, const Source& training, const Source& validation,
                   const Checkpoints& checkpoints) const {
    const std::vector<Index> order = detail::epoch_order(training.samples, options_.seed, run.epoch());
    EpochRecord record;
    record.epoch = run.epoch();
    while (run.epoch() == record.epoch) {
      train_batch(run, training, order, record);
      if (run.batch() == run.shape.batches) {
        finish_epoch(run, validation, record);
      }
      save_checkpoint(run, checkpoints, record);
    }
  }

  void train_batch(Run& run, const Source& source, const std::vector<Index>& order,
                   EpochRecord& record) const {
    const Index first = run.batch() * run.shape.batch_size;
    const auto indices = order.begin() + first;
    detail::SampleBatch<Scalar>& batch = run.samples;
    batch.indices.assign(indices, indices + (std::min)(run.shape.batch_size, run.shape.samples - first));
    batch.fill("Trainer::fit: training", source, record.epoch, run.network, run.pool);
    run.targets.add(batch, run.network.options().output_activation);
    smooth(batch.t);
    record.learning_rate = learning_rate_ * schedule_.factor(run.optimizer.steps(), run.all_batches());
    const auto result = step(run, batch, record.learning_rate);
    check_finite(result.loss, "the loss", record);
    run.sums.add(result, batch.t);
  }

  /// Takes one step. Returns the results of the batch before the step.
  detail::BatchResult<Scalar> step(Run& run, const detail::SampleBatch<Scalar>& batch, double rate) const {
    detail::BatchResult<Scalar> result;
    const auto steps_before = static_cast<std::uint64_t>(run.optimizer.steps());
    const auto compute = [&](const auto& on_weights) {
      result =
          detail::regularized_gradients<Scalar>(layers_of(run.network), run.regularizer, steps_before, batch,
                                                run.gradients, run.workspace, run.pool, on_weights);
    };
    run.network.update_parameters([&](auto parameters) {
      run.optimizer.fused_step(parameters, run.gradients, static_cast<Scalar>(rate), run.pool, compute);
    });
    return result;
  }

  /// Completes the record of an epoch and adds it to the history.
  void finish_epoch(Run& run, const Source& validation, EpochRecord& record) const {
    const detail::Score score = run.sums.score("Trainer::fit: training", run.targets.name_classes());
    record.loss = score.loss;
    record.accuracy = score.accuracy;
    record.root_mean_squared_error = score.root_mean_squared_error;
    record.r2 = score.r2;
    const Network& trained = run.evaluated();
    check_weights(trained, record);
    if (validation.samples > 0) {
      const auto result = detail::evaluate(trained, validation, run.targets, run.workspace, run.pool);
      check_finite(static_cast<Scalar>(result.loss), "the validation loss", record);
      record.validation_loss = result.loss;
      record.validation_accuracy = result.accuracy;
      record.validation_root_mean_squared_error = result.root_mean_squared_error;
      record.validation_r2 = result.r2;
    }
    record.seconds = run.seconds();
    if (options_.patience > 0) {
      run.ended = !keep_best(run, trained, record);
    }
    for (const Callback& callback : callbacks_) {
      run.ended |= !callback(record, trained);
    }
    run.add(record);
  }

  /// Saves a checkpoint if one is due. Throws if the training is stopped.
  void save_checkpoint(Run& run, const Checkpoints& checkpoints, const EpochRecord& record) const {
    if constexpr (!std::is_same_v<Scalar, long double>) {
      if (checkpoints) {
        const auto network = [&]() -> const Network& {
          const Network& evaluated = run.evaluated();
          check_weights(evaluated, record);
          return evaluated;
        };
        checkpoints->after_batch({run.optimizer.steps(), run.shape.batches, record.epoch, run.is_complete()},
                                 network, run);
      }
    }
  }

  /// Keeps the network with the smallest validation loss. Returns false when options.patience is exceeded.
  bool keep_best(Run& run, const Network& trained, const EpochRecord& record) const {
    if (!run.best || *record.validation_loss < *run.best_record.validation_loss) {
      run.best = trained;
      run.best_record = record;
    }
    return record.epoch - run.best_record.epoch < options_.patience;
  }

  void smooth(Matrix& t) const {
    if (options_.label_smoothing > 0) {
      const auto s = static_cast<Scalar>(options_.label_smoothing);
      t = ((1 - s) * t).rowwise() + s * t.colwise().mean().eval();
    }
  }

  void check_weights(const Network& trained, const EpochRecord& record) const {
    for (const Scalar value : trained.parameters()) {
      check_finite(value, "a weight", record);
    }
  }

  /// @param what  the name of the value in the message
  void check_finite(Scalar value, const char* what, const EpochRecord& record) const {
    if (!detail::is_finite(value)) {
      detail::throw_training_failed(
          "Trainer::fit",
          detail::message(what, " became ", detail::is_nan(value) ? "NaN" : "infinite", " in epoch ",
                          record.epoch),
          detail::message("up to ", learning_rate_));
    }
  }

  /// Returns the finding on a trained network. Throws if the training diverged.
  std::string examine(const Network& trained, const Source& training) const {
    const detail::Examination<Scalar> examination(trained, training, 0);
    std::string finding = detail::Findings<Scalar>{examination}.text(false);
    if (examination.diverged()) {
      throw TrainingFailed(detail::message(
          "backquery::Trainer::fit: the loss ended above 100 times the loss of the mean of the targets: is "
          "the learning rate, up to ",
          learning_rate_, ", too large, or are the epochs too few?\n", finding));
    }
    return finding;
  }

  TrainerOptions options_;
  double learning_rate_;
  Schedule schedule_;
  std::vector<Callback> callbacks_;
  std::optional<CheckpointOptions> checkpoint_;
};

}  // namespace backquery
