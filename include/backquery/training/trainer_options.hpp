/// @file
/// Options and results of a Trainer.
#pragma once

#include <backquery/training/optimization_methods.hpp>
#include <backquery/training/schedule.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace backquery {

/// Options of a Trainer. The learning rate is optimizer.learning_rate; the network's own is for
/// NeuralNetwork::train.
struct TrainerOptions {
  int epochs = 10;         ///< passes over the samples, at least 1
  Index batch_size = 128;  ///< samples a step, at least 1; the last batch of an epoch may have fewer

  ScheduleOptions schedule;    ///< factor of the learning rate, over all steps of all epochs
  OptimizerOptions optimizer;  ///< with the learning rate

  /// Label smoothing s, 0 to below 1; 0.1 is usual. The targets t become (1 - s) t + s mean(t), column by
  /// column. It needs more than one output. C. Szegedy et al., "Rethinking the Inception architecture for
  /// computer vision" (2016), section 7.
  double label_smoothing = 0;

  /// Probability, 0 to below 1, with which each node of every hidden layer is dropped, for each sample anew.
  /// 0.5 is usual for few samples, 0 to 0.1 for samples that are deformed in every epoch. It needs
  /// ErrorPropagation::gradient. N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
  /// overfitting", JMLR 15 (2014).
  double dropout = 0;

  /// Normalizes the pre-activations of every hidden layer over blocks of 64 samples. After the training it is
  /// folded into weights and biases. It helps deep networks of relu, leaky_relu or identity; with sigmoid and
  /// tanh it keeps the nodes near the middle of their range. It needs biases, ErrorPropagation::gradient and
  /// a batch_size of at least 2, best a multiple of 64: a last block of 2 samples is normalized to -1 and 1,
  /// and a single sample to 0, so that hidden weights learn nothing from it. Only the directions of the
  /// weights count at the start: the training of a network that is already trained starts anew.
  bool batch_normalization = false;

  /// Early stopping: training ends after this number of epochs without a smaller validation loss, and returns
  /// the network of the smallest one. 0: training goes through all epochs and returns the last network.
  int patience = 0;

  std::uint64_t seed = 0;  ///< for the order of the samples and for dropout
  /// Number of threads of one fit, the caller included, at least 1. The result is the same, bit for bit, for
  /// any number. With more than one thread the next batch is made while the network trains on the current
  /// one.
  int threads = 1;
};

/// Results of one epoch.
struct EpochRecord {
  int epoch = 0;  ///< 1 for the first epoch
  /// Mean loss of the training samples as they were trained on: each by the parameters before its step, with
  /// augmentation, dropout, block normalization and smoothed targets. The validation loss is free of all
  /// these.
  double loss = 0;
  double accuracy = 0;       ///< of the training samples, by the same outputs; see validation_accuracy
  double learning_rate = 0;  ///< of the last step
  double seconds = 0;        ///< training and validation, without callbacks

  std::optional<double> validation_loss;  ///< mean over the validation samples; unset if there are none
  /// Share of the validation samples whose predicted class, by the rule of metrics.hpp, is their label, or
  /// for a source with targets the class of the largest target.
  std::optional<double> validation_accuracy;
};

/// Result of a training.
struct FitResult {
  std::vector<EpochRecord> history;  ///< one record for each epoch
  /// What is wrong with the trained classifier, in words for the user; empty if nothing was found. See
  /// diagnose.
  std::string finding;
};

/// Thrown when a training diverges; the text says what to look at. The network is as it was before.
class TrainingFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

inline void check_trainer(const TrainerOptions& options) {
  const OptionCheck check{"Trainer"};
  check(options.epochs >= 1, "epochs", options.epochs, "at least 1");
  check(options.batch_size >= 1, "batch_size", options.batch_size, "at least 1");
  check.share("label_smoothing", options.label_smoothing);
  check.share("dropout", options.dropout);
  check(!options.batch_normalization || options.batch_size >= 2, "batch_size", options.batch_size,
        "at least 2 for batch_normalization");
  check(options.patience >= 0, "patience", options.patience, "at least 0");
  check(options.threads >= 1, "threads", options.threads, "at least 1");
}

}  // namespace detail

}  // namespace backquery
