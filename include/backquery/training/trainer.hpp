/// @file
/// Training in shuffled mini-batches.
#pragma once

#include <backquery/detail/random.hpp>
#include <backquery/training/detail/evaluation.hpp>
#include <backquery/training/diagnose.hpp>
#include <backquery/training/optimizer.hpp>
#include <backquery/training/trainer_options.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
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
  FitResult fit(Network& network, const Source& training, const Source& validation = {}) const {
    check_sources(network, training, validation);
    check_regularization(network.options());
    Run run(network, options_);
    FitResult result;
    const Network* trained = nullptr;
    bool goes_on = true;
    for (int epoch = 1; epoch <= options_.epochs && goes_on; ++epoch) {
      const auto start = Clock::now();
      EpochRecord record = train_epoch(run, training, epoch);
      trained = &run.evaluated();
      for (const Scalar value : trained->parameters()) {
        check_finite(value, "a weight", record);
      }
      if (validation.samples > 0) {
        const auto score = detail::evaluate(*trained, validation, run.targets, run.workspace, run.pool);
        check_finite(static_cast<Scalar>(score.loss), "the validation loss", record);
        record.validation_loss = score.loss;
        record.validation_accuracy = score.accuracy;
        record.validation_root_mean_squared_error = score.root_mean_squared_error;
        record.validation_r2 = score.r2;
      }
      record.seconds = std::chrono::duration<double>(Clock::now() - start).count();
      if (options_.patience > 0) {
        goes_on = keep_best(run, *trained, record);
      }
      for (const Callback& callback : callbacks_) {
        goes_on &= callback(record, *trained);
      }
      result.history.push_back(record);
    }
    if (run.best) {
      trained = &*run.best;
    }
    result.finding = examine(*trained, training);
    network.update_parameters([&](auto parameters) { parameters = trained->parameters(); });
    return result;
  }

 private:
  using Matrix = detail::MatrixX<Scalar>;
  using Clock = std::chrono::steady_clock;

  /// Data of one call of fit.
  struct Run {
    Run(const Network& start, const TrainerOptions& options)
        : network(start),
          gradients(layers_of(start).parameters),
          optimizer(options.optimizer),
          regularizer(options.batch_normalization, options.dropout, options.seed),
          pool(options.threads) {
      if (options.batch_normalization) {
        folded = start;
      }
    }

    /// The network for queries, after an epoch.
    const Network& evaluated() {
      if (folded) {
        folded->update_parameters(
            [&](auto values) { values = regularizer.folded(layers_of(network).parameters).values(); });
      }
      return folded ? *folded : network;
    }

    Network network;                // in training
    std::optional<Network> folded;  // network for queries, if there is batch normalization
    std::optional<Network> best;    // network with the smallest validation loss, if options.patience > 0
    EpochRecord best_record;
    detail::ClassTargets<Scalar> targets;  // of the training samples so far
    Parameters<Scalar> gradients;
    Optimizer<Scalar> optimizer;
    detail::Regularizer<Scalar> regularizer;
    Workspace<Scalar> workspace;
    ThreadPool pool;
  };

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

  EpochRecord train_epoch(Run& run, const Source& source, int epoch) const {
    const Index samples = source.samples, size = (std::min)(options_.batch_size, samples),
                batches = detail::ceil_div(samples, size);
    const std::vector<Index> order = shuffled(samples, epoch);
    detail::SampleBatch<Scalar> batch;
    EpochRecord record;
    record.epoch = epoch;
    detail::ScoreSums<Scalar> sums;
    for (Index first = 0; first < samples; first += size) {
      const auto indices = order.begin() + first;
      batch.indices.assign(indices, indices + (std::min)(size, samples - first));
      batch.fill("Trainer::fit: training", source, epoch, run.network, run.pool);
      run.targets.add(batch, run.network.options().output_activation);
      smooth(batch.t);
      record.learning_rate =
          learning_rate_ * schedule_.factor(run.optimizer.steps(), batches * options_.epochs);
      const auto result = step(run, batch, record.learning_rate);
      check_finite(result.loss, "the loss", record);
      sums.add(result, batch.t);
    }
    const detail::Score score = sums.score(run.targets.name_classes());
    record.loss = score.loss;
    record.accuracy = score.accuracy;
    record.root_mean_squared_error = score.root_mean_squared_error;
    record.r2 = score.r2;
    return record;
  }

  /// Keeps the network with the smallest validation loss. Returns false when options.patience is exceeded.
  bool keep_best(Run& run, const Network& trained, const EpochRecord& record) const {
    if (!run.best || *record.validation_loss < *run.best_record.validation_loss) {
      run.best = trained;
      run.best_record = record;
    }
    return record.epoch - run.best_record.epoch < options_.patience;
  }

  /// A Fisher-Yates shuffle. Unlike std::shuffle it gives the same order with every standard library.
  std::vector<Index> shuffled(Index samples, int epoch) const {
    std::vector<Index> order(static_cast<std::size_t>(samples));
    std::iota(order.begin(), order.end(), 0);
    std::seed_seq mixed{options_.seed & 0xffffffffu, options_.seed >> 32, static_cast<std::uint64_t>(epoch)};
    detail::RandomEngine engine(mixed);
    for (std::size_t left = order.size(); left > 1; --left) {
      const auto other = order.begin() + static_cast<std::ptrdiff_t>(detail::uniform_below(engine, left));
      std::swap(order[left - 1], *other);
    }
    return order;
  }

  void smooth(Matrix& t) const {
    if (options_.label_smoothing > 0) {
      const auto s = static_cast<Scalar>(options_.label_smoothing);
      t = ((1 - s) * t).rowwise() + s * t.colwise().mean().eval();
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

  void check_regularization(const NetworkOptions& network) const {
    const bool by_gradient = network.error_propagation == ErrorPropagation::gradient;
    if (options_.batch_normalization && !(network.biases && by_gradient)) {
      detail::throw_invalid_argument(
          "Trainer::fit: options.batch_normalization is true, which needs a network with biases and "
          "ErrorPropagation::gradient");
    }
    if (options_.dropout > 0 && !by_gradient) {
      detail::throw_invalid_argument("Trainer::fit: options.dropout is ", options_.dropout,
                                     ", which needs a network with ErrorPropagation::gradient");
    }
  }

  void check_sources(const Network& network, const Source& training, const Source& validation) const {
    const auto check = [](const char* argument, const Source& source, Index least) {
      if (source.samples < least || (source.samples > 0 && !source.fill)) {
        detail::throw_invalid_argument("Trainer::fit: ", argument, " has ", source.samples, " samples",
                                       source.fill ? "" : " and no fill", ", expected at least ", least,
                                       " and a fill");
      }
    };
    check("training", training, 1);
    check("validation", validation, 0);
    if (options_.label_smoothing > 0 && network.outputs() == 1) {
      detail::throw_invalid_argument("Trainer::fit: options.label_smoothing is ", options_.label_smoothing,
                                     ", but a single output is its own mean; expected 0");
    }
    if (options_.patience > 0 && validation.samples == 0) {
      detail::throw_invalid_argument("Trainer::fit: options.patience is ", options_.patience,
                                     ", which waits for the validation loss, but validation has 0 samples");
    }
  }

  TrainerOptions options_;
  double learning_rate_;
  Schedule schedule_;
  std::vector<Callback> callbacks_;
};

}  // namespace backquery
