/// @file
/// What a Trainer is told, and what it tells.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/training/optimization_methods.hpp>
#include <backquery/training/schedule.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>

namespace backquery {

/// Options of a Trainer. The learning rate is optimizer.learning_rate; the network's own is for
/// NeuralNetwork::train.
struct TrainerOptions {
  int epochs = 10;         ///< passes over the samples, at least 1
  Index batch_size = 128;  ///< samples a step, at least 1; the last batch of an epoch may have fewer

  ScheduleOptions schedule;    ///< factor of the learning rate, over all steps of all epochs
  OptimizerOptions optimizer;  ///< with the learning rate

  /// s, 0 to below 1: the targets t become (1 - s) t + s mean(t), column by column. Szegedy et al.,
  /// "Rethinking the Inception architecture for computer vision" (2016), section 7. Not for a single output,
  /// whose mean it is itself
  double label_smoothing = 0;

  /// Share of the nodes of every hidden layer, if there is one, that are dropped, for each sample anew, 0 to
  /// below 1; see Dropout. The network must have ErrorPropagation::gradient. 0.5 is usual where samples are
  /// few, 0 to 0.1 where they are deformed anew in every epoch.
  double dropout = 0;

  /// Of every hidden layer, if there is one; see BatchNormalization. It helps deep networks of relu,
  /// leaky_relu or identity; with sigmoid and tanh it keeps the nodes near the middle of their range. The
  /// network gets weights and biases that need no normalization. Before training only its weights' directions
  /// count: a network that is trained already would start anew. It must have biases, and
  /// ErrorPropagation::gradient. batch_size is at least 2, and best a multiple of 64, the samples that are
  /// normalized together: of what is left over, 2 samples become -1 and 1, and one alone becomes 0 whatever
  /// it was, from which hidden layers learn nothing but biases.
  bool batch_normalization = false;

  /// After so many epochs without a smaller validation loss training stops, and the network is the one of the
  /// smallest. 0: it goes on to the end, and the network is the last.
  int patience = 0;

  /// Training of a classifier fails if nothing has been learned when for so many epochs the loss has not
  /// fallen by a hundredth, when patience is at its end, or at the end of so many epochs or more; all but
  /// patience take at least 50 steps. Stretches of so many epochs follow each other, and the loss of the last
  /// one of each is compared with that of the first. Nothing has been learned if of up to 1,000 training
  /// samples no more are answered rightly than are of the most frequent class, or so few more that it may be
  /// luck (three standard deviations), and their loss is not a thousandth (if no class has a fifth of the
  /// samples, a twentieth) below that of the best answer to all alike; or, but for squared_error, if the loss
  /// is twice that of an answer that takes all classes for equally likely. This last is looked at in the end
  /// of fewer epochs as well, if these take 50 steps. 0: it never fails. Deep sigmoid networks may need more.
  /// Not judged are networks with one output, fewer than 10 samples for each output, targets that do not name
  /// one class in each column, and with squared_error targets of more than two values.
  int stuck_epochs = 5;

  std::uint64_t seed = 0;  ///< of the order of the samples, and of dropout
  /// Total number of threads of a fit, at least 1; the weights do not depend on it, bit for bit. With more
  /// than one, the next batch is made while the network trains on the current one.
  int threads = 1;
};

/// What an epoch came to.
struct EpochRecord {
  int epoch = 0;  ///< 1 for the first
  /// Mean over the training samples as they were trained on: each by the weights before its step, deformed,
  /// with dropout, normalized by its block, toward smoothed targets, where there is such. Nothing of it is in
  /// validation_loss.
  double loss = 0;
  double accuracy = 0;       ///< of the same answers; what is right is said at validation_accuracy
  double learning_rate = 0;  ///< of the last step
  double seconds = 0;        ///< with validation, without the report

  // Without validation samples there are none of these.
  std::optional<double> validation_loss;
  /// Share whose largest output is where the largest target is; of a single output, where both are above 0.5
  /// or neither.
  std::optional<double> validation_accuracy;
};

/// The training came to nothing; what() says what to look at. The network is as it was before.
class TrainingFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

inline void check_trainer(const TrainerOptions& options) {
  const auto check = [](bool right, const char* field, auto value, const char* expected) {
    if (!right) {
      detail::throw_invalid_argument("Trainer: options.", field, " is ", value, ", expected ", expected);
    }
  };
  check(options.epochs >= 1, "epochs", options.epochs, "at least 1");
  check(options.batch_size >= 1, "batch_size", options.batch_size, "at least 1");
  check(options.label_smoothing >= 0 && options.label_smoothing < 1, "label_smoothing",
        options.label_smoothing, "0 to below 1");
  check(options.dropout >= 0 && options.dropout < 1, "dropout", options.dropout, "0 to below 1");
  check(!options.batch_normalization || options.batch_size >= 2, "batch_size", options.batch_size,
        "at least 2 for batch_normalization");
  check(options.patience >= 0, "patience", options.patience, "at least 0");
  check(options.stuck_epochs >= 0, "stuck_epochs", options.stuck_epochs, "at least 0");
  check(options.threads >= 1, "threads", options.threads, "at least 1");
}

}  // namespace detail

}  // namespace backquery
