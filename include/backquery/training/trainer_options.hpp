/// @file
/// Options and results of a Trainer.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/training/optimization_methods.hpp>
#include <backquery/training/schedule.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace backquery {

/// Options of a Trainer. The learning rate is optimizer.learning_rate. The learning rate of the network is
/// for NeuralNetwork::train only.
struct TrainerOptions {
  int epochs = 10;         ///< passes over the samples, at least 1
  Index batch_size = 128;  ///< samples per step, at least 1; the last batch of an epoch may have fewer

  ScheduleOptions schedule;    ///< factor of the learning rate, over all steps of all epochs
  OptimizerOptions optimizer;  ///< the method and its learning rate

  /// Label smoothing s, 0 to below 1; 0.1 is usual. The targets t become (1 - s) t + s mean(t), column by
  /// column. Label smoothing needs more than one output. C. Szegedy et al., "Rethinking the Inception
  /// architecture for computer vision" (2016), section 7.
  double label_smoothing = 0;

  /// Probability, 0 to below 1, that a node of a hidden layer is dropped, sampled anew for each sample. 0.5
  /// is usual for few samples, 0 to 0.1 for samples that are deformed in every epoch. Dropout needs
  /// ErrorPropagation::gradient. N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
  /// overfitting", JMLR 15 (2014).
  double dropout = 0;

  /// Normalizes the pre-activations of every hidden layer over blocks of 64 samples. After the training, the
  /// normalization is folded into weights and biases. It helps deep networks with relu, leaky_relu or
  /// identity. With sigmoid and tanh, it keeps the nodes near the middle of their range. It needs biases,
  /// ErrorPropagation::gradient and a batch_size of at least 2. A multiple of 64 is advised: a last block of
  /// 2 samples is normalized to -1 and 1, and a single sample to 0, so that hidden weights learn nothing from
  /// these samples. At the start, only the directions of the weights have an effect, so the training of a
  /// trained network starts anew.
  bool batch_normalization = false;

  /// Early stopping: training ends after this number of epochs without a smaller validation loss, and gives
  /// the network with the smallest validation loss. 0: all epochs are trained, and the last network is the
  /// result.
  int patience = 0;

  std::uint64_t seed = 0;  ///< for the order of the samples and for dropout
  /// Total number of threads of one fit, at least 1. The result does not depend on the number of threads, bit
  /// for bit. The threads share the preparation of a batch, with its augmentation, and the step.
  int threads = 1;
};

/// Results of one epoch.
///
/// Samples with classes have an accuracy; samples without have a root mean squared error and R2. Samples have
/// classes if they have labels, if the output activation is softmax, or if the targets name classes: in each
/// column of t, one target is `on` and all others are `off`, with the same two values `off` < `on` for all
/// samples. A single target is `off` for class 0 and `on` for class 1, with `off` <= 0.5 < `on`, and both
/// classes must occur. Validation samples without labels must have the same two values as the training
/// samples.
struct EpochRecord {
  int epoch = 0;  ///< 1 for the first epoch
  /// Mean loss of the training samples in their steps: with the parameters before the step, augmentation,
  /// dropout, normalization by blocks and smoothed targets. The validation loss includes none of these. The
  /// mean is weighted if the samples have weights; all other results count every sample once.
  double loss = 0;
  std::optional<double> accuracy;  ///< accuracy of the training samples, from the outputs that give the loss
  /// sqrt(mean (t - o)^2) over the training samples, from the outputs that give the loss; the mean over the
  /// outputs.
  std::optional<double> root_mean_squared_error;
  /// 1 - sum (t - o)^2 / sum (t - mean(t))^2 over the training samples; the mean over the outputs. It is 1
  /// for perfect predictions, 0 for predictions that are no better than the mean of the targets, and negative
  /// for worse ones. If an output has the same target for all samples, its R2 is 1 for perfect predictions
  /// and 0 for others, as in scikit-learn.
  std::optional<double> r2;
  double learning_rate = 0;  ///< learning rate of the last step
  double seconds = 0;        ///< time of training and validation, without callbacks

  std::optional<double> validation_loss;  ///< mean over the validation samples; unset if there are none
  /// Share of the validation samples with a correct predicted class (see metrics.hpp). For samples with
  /// targets, the class of the largest target is correct.
  std::optional<double> validation_accuracy;
  std::optional<double> validation_root_mean_squared_error;  ///< as root_mean_squared_error
  std::optional<double> validation_r2;                       ///< as r2
};

/// Result of a training.
struct FitResult {
  std::vector<EpochRecord> history;  ///< one record for each epoch
  /// The faults of the trained network and its samples in words; empty if there are none. See diagnose.
  std::string finding;
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
