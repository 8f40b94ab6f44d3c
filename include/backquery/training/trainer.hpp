/// @file
/// Training in shuffled mini-batches, epoch after epoch.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/detail/batch.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/training/detail/evaluation.hpp>
#include <backquery/training/detail/fused_step.hpp>
#include <backquery/training/detail/regularizer.hpp>
#include <backquery/training/detail/sample_batch.hpp>
#include <backquery/training/optimizer.hpp>
#include <backquery/training/sample_source.hpp>
#include <backquery/training/schedule.hpp>
#include <backquery/training/trainer_options.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace backquery {

/// Trains networks by mini-batches: every epoch takes each sample once, in an order of its own.
///
///     TrainerOptions options;
///     options.optimizer.method = OptimizationMethod::adam;
///     options.optimizer.learning_rate = 0.002;
///     options.schedule = ScheduleOptions::one_cycle();
///     Trainer<float> trainer(options);
///     trainer.fit(network, image_source<float>(images, 0, 1));
///
/// The network's options.error_propagation should be gradient; the notes' rule works too, but is no gradient.
template <typename Scalar_ = double>
class Trainer {
 public:
  using Scalar = Scalar_;
  using Network = NeuralNetwork<Scalar>;
  using Source = SampleSource<Scalar>;
  using History = std::vector<EpochRecord>;

  /// @throws std::invalid_argument naming the option that is wrong
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

  /// `report` is called after every epoch, unless fit throws in it, with the network as it is by then: the
  /// one that fit was given does not change before the end. Training stops where it returns false.
  void on_epoch(std::function<bool(const EpochRecord&, const Network&)> report) {
    report_ = std::move(report);
  }

  /// Trains the network, which changes when all is over and not before. Orders of samples, and who rests by
  /// dropout, are those of the seed: a second call has the same again.
  /// @param validation  samples to judge by, which are not trained on; none if it has none
  /// @return a record of every epoch
  /// @throws TrainingFailed if the loss or a weight becomes NaN or infinite, or nothing is learned
  /// (stuck_epochs)
  /// @throws std::invalid_argument for no samples, no `fill`, samples that do not suit the network, and
  /// options that do not: see TrainerOptions
  History fit(Network& network, const Source& training, const Source& validation = {}) const {
    check_source("training", training, 1);
    if (options_.label_smoothing > 0 && network.outputs() == 1) {
      detail::throw_invalid_argument("Trainer::fit: options.label_smoothing is ", options_.label_smoothing,
                                     ", but a single output is its own mean; expected 0");
    }
    check_source("validation", validation, 0);
    if (options_.patience > 0 && validation.samples == 0) {
      detail::throw_invalid_argument("Trainer::fit: options.patience is ", options_.patience,
                                     ", which waits for the validation loss, but validation has 0 samples");
    }
    check_regularization(network.options());
    Run run(network, options_);
    std::optional<Network> best;
    double best_loss = 0;
    History history;
    for (int epoch = 1; epoch <= options_.epochs; ++epoch) {
      const auto start = Clock::now();
      history.push_back(train_epoch(run, training, epoch));
      EpochRecord& record = history.back();
      run.update_network();
      for (const Scalar value : run.network.parameters()) {
        check_finite(value, "a weight", record);
      }
      if (validation.samples > 0) {
        validate(run, validation, record);
      }
      record.seconds = std::chrono::duration<double>(Clock::now() - start).count();
      if (options_.patience > 0 && (!best || *record.validation_loss < best_loss)) {
        best = run.network;
        best_loss = *record.validation_loss;
        run.best_epoch = epoch;
      }
      const bool stops_early = options_.patience > 0 && epoch - run.best_epoch >= options_.patience;
      const bool ends = epoch == options_.epochs && run.steps >= least_steps;
      if (options_.stuck_epochs > 0 && (stops_early || ends || stands_still(run, history))) {
        const bool had_time = stops_early || epoch >= options_.stuck_epochs;
        check_progress(best ? *best : run.network, training, history, had_time);
      }
      const bool goes_on = !report_ || report_(record, run.network);
      if (stops_early || !goes_on) {
        break;
      }
    }
    const Network& trained = best ? *best : run.network;
    network.update_parameters([&](auto parameters) { parameters = trained.parameters(); });
    return history;
  }

 private:
  using Matrix = detail::MatrixX<Scalar>;
  using Clock = std::chrono::steady_clock;

  using Batch = detail::SampleBatch<Scalar>;

  static constexpr Index least_steps = 50;  // before a training is called stuck

  /// What one call of fit changes.
  struct Run {
    Run(const Network& start, const TrainerOptions& options)
        : network(start),
          parameters(start.layer_sizes(), start.options().biases),
          gradients(parameters),
          optimizer(options.optimizer),
          regularizer(options.batch_normalization, options.dropout, options.seed),
          pool(options.threads) {
      parameters.values() = start.parameters();
    }

    void update_network() {
      network.update_parameters([&](auto values) { values = regularizer.folded(parameters).values(); });
    }

    Network network;  // by the parameters of the last epoch
    Parameters<Scalar> parameters, gradients;
    detail::FirstLayerRowSums<Scalar> row_sums;
    Optimizer<Scalar> optimizer;
    detail::Regularizer<Scalar> regularizer;
    Workspace<Scalar> workspace;
    ThreadPool pool;
    Index steps = 0;
    int best_epoch = 0;
  };

  /// One step, by all threads; returns what the batch came to before it.
  detail::BatchResult<Scalar> step(Run& run, const Batch& batch, double rate) const {
    detail::FusedStep<Scalar> fused(run.optimizer, run.parameters.values(), run.gradients,
                                    static_cast<Scalar>(rate));
    const auto result =
        detail::regularized_gradients<Scalar>({run.parameters, run.network.options(), run.row_sums.get()},
                                              run.regularizer, static_cast<std::uint64_t>(run.steps), batch.x,
                                              batch.t, run.gradients, run.workspace, run.pool, fused);
    ++run.steps;
    if (detail::is_finite(result.loss)) {
      fused.finish(run.pool);
    }
    return result;
  }

  EpochRecord train_epoch(Run& run, const Source& source, int epoch) const {
    const Index samples = source.samples, size = std::min(options_.batch_size, samples),
                batches = (samples + size - 1) / size;
    const std::vector<Index> order = shuffled(samples, epoch);
    Batch current, next;
    Index prepared = 0;  // batches
    ThreadPool::Background prepare_next(run.pool, [&] {
      const auto first = order.begin() + prepared * size;
      next.numbers.assign(first, first + std::min(size, samples - prepared * size));
      next.fill("training", source, epoch, run.network);
      smooth(next.t);
      ++prepared;
    });
    prepare_next.start();
    EpochRecord record;
    record.epoch = epoch;
    detail::LossSum<Scalar> sum = 0;
    Index right = 0;
    for (Index batch = 0; batch < batches; ++batch) {
      prepare_next.wait();
      std::swap(current, next);
      run.row_sums.sum(std::as_const(run.parameters).weights(0));
      if (batch + 1 < batches) {
        prepare_next.start();  // right before the step: its first region is to come before the next batch
      }
      record.learning_rate = learning_rate_ * schedule_.factor(run.steps, batches * options_.epochs);
      const auto result = step(run, current, record.learning_rate);
      check_finite(result.loss, "the loss", record);
      sum += detail::LossSum<Scalar>(result.loss) * detail::LossSum<Scalar>(current.x.cols());
      right += result.right;
    }
    record.loss = static_cast<double>(sum / detail::LossSum<Scalar>(samples));
    record.accuracy = static_cast<double>(right) / static_cast<double>(samples);
    return record;
  }

  void validate(Run& run, const Source& source, EpochRecord& record) const {
    const detail::Evaluation result = detail::evaluate(run.network, source, run.pool);
    record.validation_loss = result.loss;
    record.validation_accuracy = result.accuracy;
    check_finite(static_cast<Scalar>(result.loss), "the validation loss", record);
  }

  /// The loss has not fallen by a hundredth in stuck_epochs, nor in least_steps where these are more. Such a
  /// stretch is looked at when it is over, not after each of its epochs: to judge a small source may take as
  /// long as an epoch.
  bool stands_still(const Run& run, const History& history) const {
    const auto epochs = static_cast<Index>(history.size()), steps = run.steps / epochs;
    const Index window = std::max<Index>(options_.stuck_epochs, (least_steps + steps - 1) / steps);
    return epochs % window == 0 &&
           history.back().loss >= 0.99 * history[static_cast<std::size_t>(epochs - window)].loss;
  }

  /// @throws TrainingFailed if the network, a classifier, is no better than one constant answer; or far
  /// worse, if it has not had time for more
  void check_progress(const Network& network, const Source& training, const History& history,
                      bool had_time) const {
    if (network.outputs() < 2) {  // as of XOR, which may stand still for thousands of steps
      return;
    }
    const auto baseline = detail::compare_with_baseline(network, training, [this](Matrix& t) { smooth(t); });
    if (had_time ? baseline.at_chance() : baseline.is_far()) {
      std::ostringstream text;
      text << "backquery::Trainer::fit: ";
      if (baseline.is_far()) {
        text << "the loss of training samples is " << baseline.loss << " after " << history.size()
             << " epochs, where an answer that takes all classes for equally likely has "
             << baseline.far_loss / 2;
      } else {
        text << "nothing was learned in " << history.size() << " epochs: " << baseline.right << " of "
             << baseline.samples
             << " answers to training samples are right, where the most frequent class alone has "
             << baseline.most_frequent << ", and their loss is " << baseline.loss
             << ", where one answer to all would reach " << baseline.constant_loss;
      }
      text << ". Is the learning rate, up to " << learning_rate_
           << ", too small or too large? Are the inputs scaled, to 0.01 .. 1 for pixels? Do the labels "
              "belong to the samples? options.stuck_epochs "
           << (baseline.is_far() ? "= 0 lets it pass" : "allows more time");
      throw TrainingFailed(text.str());
    }
  }

  /// Fisher and Yates. The engine's bits and this arithmetic are the same everywhere; std::shuffle's are not.
  std::vector<Index> shuffled(Index samples, int epoch) const {
    std::vector<Index> order(static_cast<std::size_t>(samples));
    std::iota(order.begin(), order.end(), 0);
    std::seed_seq mixed{options_.seed & 0xffffffffu, options_.seed >> 32, static_cast<std::uint64_t>(epoch)};
    detail::RandomEngine engine(mixed);
    for (std::size_t left = order.size(); left > 1; --left) {
      std::swap(order[left - 1], order[detail::uniform_below(engine, left)]);
    }
    return order;
  }

  void smooth(Matrix& t) const {
    if (options_.label_smoothing > 0) {
      const auto s = static_cast<Scalar>(options_.label_smoothing);
      t = ((1 - s) * t).rowwise() + s * t.colwise().mean().eval();
    }
  }

  /// @param value  of `what`, which has become NaN or infinite if it is not finite
  void check_finite(Scalar value, const char* what, const EpochRecord& record) const {
    if (!detail::is_finite(value)) {
      std::ostringstream text;
      text << "backquery::Trainer::fit: " << what << " became "
           << (detail::is_nan(value) ? "NaN" : "infinite") << " in epoch " << record.epoch
           << ": is the learning rate, up to " << learning_rate_
           << ", too large? Are the inputs scaled, to 0.01 .. 1 for pixels?";
      throw TrainingFailed(text.str());
    }
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

  void check_source(const char* argument, const Source& source, Index least) const {
    if (source.samples < least || (source.samples > 0 && !source.fill)) {
      detail::throw_invalid_argument("Trainer::fit: ", argument, " has ", source.samples, " samples",
                                     source.fill ? "" : " and no fill", ", expected at least ", least,
                                     " and a fill");
    }
  }

  TrainerOptions options_;
  double learning_rate_;
  Schedule schedule_;
  std::function<bool(const EpochRecord&, const Network&)> report_;
};

}  // namespace backquery
